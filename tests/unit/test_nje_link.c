/*
 * A line that is NJE over TCP: the device on its channel, and the test as the other node,
 * friendly and not.
 */
#include "devices/nje_link.h"

#include <errno.h>
#include <fcntl.h>

#include "base/compiler.h"
#include "devices/nje_frame.h"
#include "devices/tcp_link.h"
#include "tests/unit/line_rig.h"

#define NAMES	  "lnode=HERE rnode=THERE "
#define LISTENING NAMES "lport=0 lhost=127.0.0.1 connect=0 rto=0 "

#define SIGN_ON(what)                                                                    \
	"1002808FCF F0" what "29 C1C1C1C1C1C1C1C1 01 00000000 0000 0400"                 \
	"4040404040404040 4040404040404040 00 00000000 00 "
#define NOTHING "1002908FCF00 1026" /* the station's own block */
#define IS_OFF	"1002908FCFF0C200 1026"

static struct device *nje(uint16_t address, const char *words)
{
	struct error err = { 0 };
	struct device *d = attach_as("TCPNJE", address, words, &err);

	ck_assert_msg(d, "%s", err.text);
	return d;
}

/* ---- the other node */

static void control(uint8_t bytes[NJE_CONTROL], enum nje_type type, uint8_t reason)
{
	struct nje_control c = { .type = type,
				 .from_ip = INADDR_LOOPBACK,
				 .to_ip = INADDR_LOOPBACK,
				 .reason = reason };

	ck_assert(nje_name_put("THERE", c.from) && nje_name_put("HERE", c.to));
	nje_control_put(&c, bytes);
}

static void send_control(int fd, enum nje_type type, uint8_t reason)
{
	uint8_t bytes[NJE_CONTROL];

	control(bytes, type, reason);
	ck_assert_int_eq(send(fd, bytes, NJE_CONTROL, MSG_NOSIGNAL), NJE_CONTROL);
}

static void expect_control(int fd, enum nje_type type, uint8_t reason)
{
	uint8_t bytes[NJE_CONTROL], name[NJE_NAME];
	struct nje_control c;

	receive(fd, bytes, NJE_CONTROL);
	nje_control_get(&c, bytes);
	ck_assert_msg(c.type == type && c.reason == reason, "type %d, reason %u", c.type,
		      c.reason);
	ck_assert(nje_name_put("HERE", name));
	ck_assert_mem_eq(c.from, name, NJE_NAME);
	ck_assert(nje_name_put("THERE", name));
	ck_assert_mem_eq(c.to, name, NJE_NAME);
	ck_assert(c.from_ip == INADDR_LOOPBACK && c.to_ip == INADDR_LOOPBACK);
}

static void send_record(int fd, const char *text)
{
	uint8_t record[128], block[256];
	size_t n = nje_block_put(block, record, from_hex(text, record));

	ck_assert_int_eq(send(fd, block, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void expect_record(int fd, const char *text)
{
	uint8_t record[128], want[256], got[256];
	size_t n = nje_block_put(want, record, from_hex(text, record));

	receive(fd, got, n);
	ck_assert_msg(memcmp(got, want, n) == 0, "not %s", text);
}

/* Until they have hung up; what they say before is not looked at. */
static void expect_end(int fd)
{
	time_t end = time(NULL) + PATIENCE;
	uint8_t bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) != 0) {
		if (n < 0 && errno == ECONNRESET)
			break;
		ck_assert(n > 0 || errno == EAGAIN);
		ck_assert_msg(time(NULL) < end, "still connected");
		wake_both();
	}
	close(fd);
}

static int opened(void)
{
	int fd = connect_to(port_of(dev));

	send_control(fd, NJE_OPEN, 0);
	expect_control(fd, NJE_ACK, 0);
	return fd;
}

/* An enabled line, and a link that the test has opened. */
static int linked(const char *words)
{
	char text[200];

	snprintf(text, sizeof(text), LISTENING "%s", words);
	dev = nje(DEV, text);
	ck_assert_uint_eq(command(DEV, ENABLE, 0, 1), OK);
	return opened();
}

static void reads(const char *text)
{
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read(text);
}

/* Before the sign-on a READ may time out: what was sent can still be on its way. */
static void reads_at_last(const char *text)
{
	time_t end = time(NULL) + PATIENCE;

	while (command(DEV, READ, INTO, 128) == UC)
		ck_assert_msg(time(NULL) < end, "not %s", text);
	check_read(text);
}

/* A block of the machine, as RSCS writes it. */
static void writes_block(const char *text)
{
	ck_assert_uint_eq(write_bytes(DEV, "32323232"), OK);
	ck_assert_uint_eq(write_bytes(DEV, text), OK);
	ck_assert_uint_eq(write_bytes(DEV, "1026"), OK);
}

static int signed_on(const char *words)
{
	int fd = linked(words);

	send_record(fd, "01 2D");
	reads_at_last("01 2D");
	ck_assert_uint_eq(write_bytes(DEV, "1070"), OK);
	expect_record(fd, "1070");
	send_record(fd, SIGN_ON("C9"));
	reads_at_last(SIGN_ON("C9") "1026");
	writes_block(SIGN_ON("D1"));
	expect_record(fd, SIGN_ON("D1"));
	reads(NOTHING);
	until_state(dev, "signed on");
	return fd;
}

/* ---- they call */

START_TEST(they_call)
{
	int fd = signed_on("");

	send_record(fd, "1002818FCF9880C11000");
	reads("1002818FCF9880C11000 1026");
	writes_block("1002818FCF9880C21000");
	expect_record(fd, "1002818FCF9880C21000");
	reads(NOTHING);
	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	expect_end(fd);
	until_state(dev, "disabled, down");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
}
END_TEST

START_TEST(two_records_and_a_half)
{
	uint8_t block[64];
	size_t n = from_hex("0000 0022 00000000 0000 0007 1002818FCF0100 "
			    "0000 0007 1002828FCF0200 0000 0000",
			    block);
	int fd = linked("");

	ck_assert_uint_eq(n, 0x22);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(send(fd, block + i, 1, 0), 1);
		wake_both();
	}
	reads("1002818FCF0100 1026");
	reads("1002828FCF0200 1026");
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	send_record(fd, "1002838FCF0300");
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("1002838FCF0300 1026");
	close(fd);
}
END_TEST

START_TEST(an_open_in_pieces)
{
	uint8_t bytes[NJE_CONTROL];
	int fd;

	dev = nje(DEV, LISTENING);
	ck_assert_uint_eq(command(DEV, ENABLE, 0, 1), OK);
	fd = connect_to(port_of(dev));
	control(bytes, NJE_OPEN, 0);
	for (unsigned i = 0; i < NJE_CONTROL; i++) {
		ck_assert_int_eq(send(fd, bytes + i, 1, 0), 1);
		sched_yield();
	}
	expect_control(fd, NJE_ACK, 0);
	close(fd);
}
END_TEST

START_TEST(a_line_that_is_not_enabled)
{
	int fd;

	dev = nje(DEV, LISTENING);
	fd = connect_to(port_of(dev));
	send_control(fd, NJE_OPEN, 0);
	expect_control(fd, NJE_NAK, NJE_NOT_NOW);
	expect_end(fd);
}
END_TEST

START_TEST(no_such_link)
{
	uint8_t bytes[NJE_CONTROL];
	struct nje_control c;
	int fd, good = linked("");

	control(bytes, NJE_OPEN, 0);
	bytes[8 + _i * 12] ^= 1; /* a letter of either name */
	fd = connect_to(port_of(dev));
	ck_assert_int_eq(send(fd, bytes, NJE_CONTROL, 0), NJE_CONTROL);
	receive(fd, bytes, NJE_CONTROL);
	nje_control_get(&c, bytes);
	ck_assert(c.type == NJE_NAK && c.reason == NJE_NO_LINK);
	expect_end(fd);
	send_record(good, "012D"); /* that one is not disturbed */
	reads("012D");
	close(good);
}
END_TEST

START_TEST(no_open)
{
	static const char *const calls[] = {
		"D5C1D24040404040", /* NAK */
		"C1C3D24040404040", /* ACK */
		"D6D7C5D540404000", /* nearly OPEN */
		"4745542F20485454", /* what somebody else says */
	};
	uint8_t bytes[NJE_CONTROL];
	int fd, good = linked("");

	control(bytes, NJE_OPEN, 0);
	from_hex(calls[_i], bytes);
	fd = connect_to(port_of(dev));
	ck_assert_int_eq(send(fd, bytes, NJE_CONTROL, 0), NJE_CONTROL);
	expect_end(fd);
	send_record(good, "012D");
	reads("012D");
	close(good);
}
END_TEST

/* Who calls again has lost the connection that we think is there. */
START_TEST(they_call_again)
{
	int fd = signed_on(""), second = connect_to(port_of(dev));

	send_control(second, NJE_OPEN, 0);
	expect_control(second, NJE_NAK, NJE_LINK_ACTIVE);
	expect_end(second);
	expect_end(fd);
	reads(IS_OFF);
	close(opened());
}
END_TEST

/* More silent callers than there is room for: the oldest go, a real one is served. */
START_TEST(silent_callers)
{
	int fds[20];

	dev = nje(DEV, LISTENING);
	ck_assert_uint_eq(command(DEV, ENABLE, 0, 1), OK);
	for (int i = 0; i < 20; i++)
		fds[i] = connect_to(port_of(dev));
	close(opened());
	expect_end(fds[0]);
	for (int i = 1; i < 20; i++)
		close(fds[i]);
}
END_TEST

/* ---- what is no NJE: the link breaks, and can be made again */

static const struct hostile_case {
	const char *what, *bytes;
	bool read; /* it is found when the machine reads */
} hostile_cases[] = {
	{"length 0",		       "0000 0000 00000000",				    false},
	{ "shorter than a header",	   "0000 0007 00000000",				 false},
	{ "longer than agreed",		"0000 0401 00000000",			      false},
	{ "longest",		       "FFFF FFFF FFFFFFFF",				   false},
	{ "a record beyond its block",     "0000 0010 00000000 0000 0005 C1C1C1C1",		true },
	{ "half a header",		   "0000 000A 00000000 0000",			      true },
	{ "no control sequence",		 "0000 0012 00000000 0000 0002 C1C2 00000000",     true },
	{ "half a block",		  "0000 0014 00000000 0000 0004 1002808F 00000000", true },
	{ "a good record, then a bad one",
	  "0000 0018 00000000 0000 0002 1061 0000 0002 4040 0000 0000",			true },
};

START_TEST(what_is_no_nje)
{
	const struct hostile_case *c = &hostile_cases[_i];
	int fd = signed_on("bufsize=1024");

	send_bytes(fd, c->bytes);
	if (strstr(c->what, "good"))
		reads("1061");
	if (c->read)
		reads(IS_OFF);
	expect_end(fd);
	if (!c->read)
		reads(IS_OFF);
	until_state(dev, "enabled, down");
	fd = opened();
	send_record(fd, "012D");
	reads("012D");
	close(fd);
}
END_TEST

/* They hang up in the middle of a block, or with a reset, or while the machine waits. */
START_TEST(they_hang_up)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int fd = signed_on("rto=0");

	if (_i == 0)
		send_bytes(fd, "0000 0030 00000000 0000");
	if (_i == 1)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (_i == 2)
		ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	close(fd);
	if (_i != 2)
		reads(IS_OFF);
	else
		ck_assert_uint_eq(status_of(DEV), OK);
	check_read(IS_OFF);
	close(opened());
}
END_TEST

/* What came whole before the end is read, and then the end. */
START_TEST(last_words)
{
	int fd = signed_on("");

	send_record(fd, "1002818FCF9880C100");
	close(fd);
	reads("1002818FCF9880C100 1026");
	reads(IS_OFF);
}
END_TEST

/* ---- we call */

static int listener(uint16_t *port)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	int fd;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = tcp_listen(&here, port);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static int accepted(int listening)
{
	time_t end = time(NULL) + PATIENCE;
	int fd;

	while ((fd = accept(listening, NULL, NULL)) < 0) {
		ck_assert_msg(time(NULL) < end, "nobody calls");
		wake_both();
	}
	return fd;
}

/* An enabled line that calls the test, and waits in the WRITE of its bid. */
static int bidding(const char *words)
{
	char text[200];
	uint16_t port;
	int listening = listener(&port);

	snprintf(text, sizeof(text), NAMES "rhost=127.0.0.1 rport=%u %s", port, words);
	dev = nje(DEV, text);
	ck_assert_uint_eq(command(DEV, ENABLE, 0, 1), OK);
	poke(DATA, "\x01\x2D", 2);
	ck_assert_uint_eq(start(DEV, WRITE, DATA, 2), 0);
	return listening;
}

START_TEST(we_call)
{
	int listening = bidding("listen=0"), fd = accepted(listening);

	expect_control(fd, NJE_OPEN, 0);
	until_state(dev, "opening");
	send_control(fd, NJE_ACK, 0);
	ck_assert_uint_eq(status_of(DEV), OK);
	expect_record(fd, "012D");
	send_record(fd, "1070");
	reads("1070");
	writes_block(SIGN_ON("C9"));
	expect_record(fd, SIGN_ON("C9"));
	send_record(fd, SIGN_ON("D1"));
	reads(SIGN_ON("D1") "1026");
	until_state(dev, "signed on");
	close(fd);
	close(listening);
}
END_TEST

/* They do not want: we call again. */
START_TEST(a_call_is_refused)
{
	int listening = bidding("listen=0"), fd = accepted(listening);
	uint8_t bytes[NJE_CONTROL];

	expect_control(fd, NJE_OPEN, 0);
	control(bytes, NJE_ACK, 0);
	switch (_i) {
	case 0: control(bytes, NJE_NAK, NJE_LINK_ACTIVE); break;
	case 1: control(bytes, NJE_OPEN, 0); break;
	case 2: bytes[8] ^= 1; break;  /* of another node */
	case 3: bytes[20] ^= 1; break; /* to another node */
	default: memset(bytes, 0, 8); break;
	}
	ck_assert_int_eq(send(fd, bytes, NJE_CONTROL, 0), NJE_CONTROL);
	expect_end(fd);
	fd = accepted(listening);
	expect_control(fd, NJE_OPEN, 0);
	send_control(fd, NJE_ACK, 0);
	ck_assert_uint_eq(status_of(DEV), OK);
	expect_record(fd, "012D");
	close(fd);
	close(listening);
}
END_TEST

/* Both have sent OPEN: neither is taken, and one of us calls again. */
START_TEST(both_call)
{
	int listening = bidding("lport=0 lhost=127.0.0.1"), fd = accepted(listening),
	    ours;

	expect_control(fd, NJE_OPEN, 0);
	if (_i) /* we shall not call again before they do */
		close(listening);
	ours = connect_to(port_of(dev));
	send_control(ours, NJE_OPEN, 0);
	expect_control(ours, NJE_NAK, NJE_LINK_OPENING);
	expect_end(ours);
	expect_end(fd);
	if (_i) {
		ours = opened();
	} else {
		ours = accepted(listening);
		expect_control(ours, NJE_OPEN, 0);
		send_control(ours, NJE_ACK, 0);
	}
	ck_assert_uint_eq(status_of(DEV), OK);
	if (!_i)
		expect_record(ours, "012D");
	close(ours);
	if (!_i)
		close(listening);
}
END_TEST

/* The bid of a machine that nobody hears ends; so does the READ behind it. */
START_TEST(nobody_is_there)
{
	uint16_t port;
	char text[200];

	close(listener(&port));
	snprintf(text, sizeof(text),
		 NAMES "listen=0 rhost=127.0.0.1 rport=%u cto=1 rto=1", port);
	dev = nje(DEV, text);
	ck_assert_uint_eq(command(DEV, ENABLE, 0, 1), OK);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(write_bytes(DEV, "012D"), OK);
		ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
		check_sense(DEV, 0x01);
	}
}
END_TEST

START_TEST(an_open_is_not_answered)
{
	int listening = bidding("listen=0 cto=50"), fd = accepted(listening);

	expect_end(fd);
	ck_assert_uint_eq(status_of(DEV), OK);
	close(listening);
}
END_TEST

START_TEST(halt_ends_a_bid)
{
	int listening = bidding("listen=0");

	channels_io(cs, IO_HIO, DEV, 0);
	ck_assert_uint_eq(status_of(DEV), UX);
	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	close(listening);
}
END_TEST

/* ---- the line */

START_TEST(silence_is_a_block_of_nothing)
{
	int fd = signed_on("rto=1");

	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(write_bytes(DEV, "1070"), OK);
		reads(NOTHING);
	}
	close(fd);
}
END_TEST

START_TEST(empty_blocks_keep_it_alive)
{
	int fd = signed_on("keepalive=2");

	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(write_bytes(DEV, "1070"), OK);
	expect_bytes(fd, "0000 000C 00000000 00000000");
	close(fd);
}
END_TEST

START_TEST(an_empty_block_is_nothing_to_read)
{
	int fd = signed_on("");

	send_bytes(fd, "0000 000C 00000000 00000000");
	send_bytes(fd, "0000 0008 00000000");
	send_record(fd, "1002818FCF9880C100");
	reads("1002818FCF9880C100 1026");
	close(fd);
}
END_TEST

START_TEST(prepare_waits_for_a_block)
{
	int fd = signed_on("");

	ck_assert_uint_eq(start(DEV, PREPARE, 0, 1), 0);
	send_record(fd, "1002818FCF9880C100");
	ck_assert_uint_eq(status_of(DEV), OK);
	/* A block that waits does not stop the machine from writing. */
	writes_block("1002818FCF9880C200");
	expect_record(fd, "1002818FCF9880C200");
	reads("1002818FCF9880C100 1026");
	close(fd);
}
END_TEST

START_TEST(no_polling_no_dialing)
{
	int fd = linked("");

	ck_assert_uint_eq(command(DEV, POLL, DATA, 4), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	ck_assert_uint_eq(command(DEV, DIAL, DATA, 4), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
	close(fd);
}
END_TEST

/* They do not listen: the machine is told to wait; if it does not, its WRITE fails. */
START_TEST(they_do_not_listen)
{
	uint8_t block[900] = { 0x10, 0x02, 0x81, 0x8F, 0xCF, 0x98, 0x80 }, got[1024];
	unsigned status = OK, written = 0;
	int fd = signed_on("bufsize=1024");
	bool held = false;

	poke(DATA, block, sizeof(block));
	poke(DATA + 0x800, "\x10\x26", 2);
	for (; status == OK; written++) {
		ck_assert_uint_lt(written, 1000000);
		status = command(DEV, WRITE, DATA, sizeof(block));
		if (status == OK)
			status = command(DEV, WRITE, DATA + 0x800, 2);
		if (status == OK && command(DEV, READ, INTO, 128) == OK) {
			peek(INTO, got, 8);
			held = be16(got + 3) == 0xC080;
		}
	}
	ck_assert(held);
	ck_assert_uint_eq(status, UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	for (unsigned i = 0; i + 1 < written; i++) {
		receive(fd, got, NJE_OVERHEAD + sizeof(block));
		ck_assert_mem_eq(got + NJE_OVERHEAD - NJE_RECORD_HEADER, block,
				 sizeof(block));
	}
	reads(NOTHING);
	close(fd);
}
END_TEST

/* ---- ports */

static void no_wake(void *arg)
{
	(void)arg;
}

static struct nje_link *first;

static struct nje_port *its_port(void *arg, const struct sockaddr_in *at)
{
	(void)arg;
	return nje_port_is(nje_link_port(first), at) ? nje_link_port(first) : NULL;
}

/* A link of ALPHA with that node, perhaps at the same port as the first one. */
static struct nje_link *link_with(const char *node, const char *port, struct error *err)
{
	struct nje_link_config c = {
		.local_host = "127.0.0.1",
		.local_port = port,
		.connect_ms = 1000,
		.buffer = NJE_BUFFER_LEAST,
		.device = DEV,
		.name = "TEST",
		.wake = no_wake,
		.port_at = first ? its_port : NULL,
	};

	ck_assert(nje_name_put("HERE", c.here) && nje_name_put(node, c.there));
	return nje_link_open(&c, err);
}

START_TEST(links_share_a_port)
{
	struct nje_link *second, *third;
	struct line_wire wires[2];
	struct error err = { 0 };
	uint16_t number;
	char port[8];
	int fd;

	first = link_with("OTHER", "0", &err);
	ck_assert_msg(first, "%s", err.text);
	number = nje_port_number(nje_link_port(first));
	snprintf(port, sizeof(port), "%u", number);
	second = link_with("THERE", port, &err);
	ck_assert_msg(second, "%s", err.text);
	ck_assert_ptr_eq(nje_link_port(first), nje_link_port(second));
	third = link_with("THERE", port, &err);
	ck_assert_ptr_null(third);
	ck_assert_str_eq(err.text, "HERE-THERE is another line's");
	wires[0] = nje_link_wire(first);
	wires[1] = nje_link_wire(second);
	wires[1].ops->answer(wires[1].arg, true);
	fd = connect_to(number);
	send_control(fd, NJE_OPEN, 0);
	expect_control(fd, NJE_ACK, 0);
	wires[0].ops->close(wires[0].arg); /* the port stays with the other one */
	first = NULL;
	close(fd);
	fd = connect_to(number);
	send_control(fd, NJE_OPEN, 0);
	receive(fd, port, 8); /* ACK, or NAK where the end is not seen yet */
	wires[1].ops->close(wires[1].arg);
	close(fd);
}
END_TEST

START_TEST(a_port_in_use)
{
	struct error err = { 0 };
	char words[200];
	uint16_t port;
	int fd = listener(&port);

	snprintf(words, sizeof(words), NAMES "connect=0 lhost=127.0.0.1 lport=%u", port);
	ck_assert_ptr_null(attach_as("TCPNJE", DEV, words, &err));
	ck_assert_msg(strstr(err.text, "in use"), "%s", err.text);
	snprintf(words, sizeof(words), NAMES "rhost=127.0.0.1 lhost=127.0.0.1 lport=%u",
		 port);
	dev = nje(DEV, words); /* it can call */
	ck_assert_ptr_null(strstr(state_of(dev), "port"));
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nje link");
	TCase *tc = tcase_create("nje link");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, line_setup, rig_teardown);
	tcase_add_test(tc, they_call);
	tcase_add_test(tc, two_records_and_a_half);
	tcase_add_test(tc, an_open_in_pieces);
	tcase_add_test(tc, a_line_that_is_not_enabled);
	tcase_add_loop_test(tc, no_such_link, 0, 2);
	tcase_add_loop_test(tc, no_open, 0, 4);
	tcase_add_test(tc, they_call_again);
	tcase_add_test(tc, silent_callers);
	tcase_add_loop_test(tc, what_is_no_nje, 0, ARRAY_SIZE(hostile_cases));
	tcase_add_loop_test(tc, they_hang_up, 0, 3);
	tcase_add_test(tc, last_words);
	tcase_add_test(tc, we_call);
	tcase_add_loop_test(tc, a_call_is_refused, 0, 5);
	tcase_add_loop_test(tc, both_call, 0, 2);
	tcase_add_test(tc, nobody_is_there);
	tcase_add_test(tc, an_open_is_not_answered);
	tcase_add_test(tc, halt_ends_a_bid);
	tcase_add_test(tc, silence_is_a_block_of_nothing);
	tcase_add_test(tc, empty_blocks_keep_it_alive);
	tcase_add_test(tc, an_empty_block_is_nothing_to_read);
	tcase_add_test(tc, prepare_waits_for_a_block);
	tcase_add_test(tc, no_polling_no_dialing);
	tcase_add_test(tc, they_do_not_listen);
	tcase_add_test(tc, links_share_a_port);
	tcase_add_test(tc, a_port_in_use);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
