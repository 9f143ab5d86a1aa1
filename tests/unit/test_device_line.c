/*
 * The lines of a 2703: BSC and the codes of terminals byte by byte, and the device with
 * the test, or another line, at the other end. The test carries the wake-ups that a
 * machine's queue would.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "devices/line_bsc.h"
#include "devices/line_cable.h"
#include "devices/line_tty.h"
#include "tests/unit/channel_rig.h"

#define FAR_END	 0x320u
#define PATIENCE 30 /* seconds until a test gives up */
#define INTO	 0x3000u

enum {
	WRITE = 0x01,
	READ = 0x02,
	SENSE = 0x04,
	PREPARE = 0x06,
	POLL = 0x09,
	INHIBIT = 0x0A,
	SET_MODE = 0x23,
	ENABLE = 0x27,
	DIAL = 0x29,
	DISABLE = 0x2F
};

/* Unit status as tests write it */
enum { OK = 0x0C, UX = 0x0D, UC = 0x0E, SM = 0x4C };

/* ---- BSC without a line */

/* Text of cases: hexadecimal with spaces. */
static size_t unhex(const char *text, uint8_t *bytes)
{
	size_t n = 0;

	for (char *end; *text; text = end) {
		unsigned long v = strtoul(text, &end, 16);

		if (end == text)
			break;
		bytes[n++] = (uint8_t)v;
	}
	return n;
}

static const struct receive_case {
	const char *what, *wire, *message;
	enum bsc_progress end;
	bool error_byte;
} receive_cases[] = {
	{"bid",			 "32 32 2D",		     "2D",		   BSC_END,	    false},
	{ "ACK 0",		      "32 32 10 70",		  "10 70",		   BSC_END,	    false},
	{ "ACK 1",		      "10 61",		    "10 61",		     BSC_END,     false},
	{ "WACK",		       "10 6B",		   "10 6B",		    BSC_END,     false},
	{ "NAK",			"32 3D",			  "3D",			BSC_END,	 false},
	{ "EOT",			"37",		       "37",		     BSC_END_EOT, false},
	{ "DLE EOT",		     "10 37",		      "10 37",		       BSC_END_EOT, false},
	{ "identification",		    "C1 C2 2D",		"C1 C2 2D",		    BSC_END,     false},
	{ "text",		       "02 C1 32 C2 03",	    "02 C1 C2 03",	   BSC_END,	    false},
	{ "heading",		     "01 C1 02 C2 26",	       "01 C1 02 C2 26",	 BSC_END,	  false},
	{ "EOT is a character of text", "02 37 03",		    "02 37 03",		BSC_END,	 false},
	{ "text given up",		   "02 C1 2D",		       "02 C1 2D",		   BSC_END,	    false},
	{ "index byte",			"02 C1 03",		    "02 C1 03 00",	   BSC_END,	    true },
	{ "index bytes",		 "02 C1 1F C2 26",	   "02 C1 1F 00 C2 26 00", BSC_END,	    true },
	{ "transparent",		 "10 02 03 10 10 26 10 03", "10 02 03 10 26 10 03", BSC_END,
	  false											       },
	{ "SYN in transparent text",    "10 02 32 10 32 C1 10 26", "10 02 32 C1 10 26",
	  BSC_END,										       false},
	{ "transparent, index byte",    "10 02 C1 10 03",	       "10 02 C1 10 03 00",    BSC_END,
	  true												},
	{ "transparent, then text",	    "10 02 C1 10 1F C2 03",    "10 02 C1 10 1F C2 03",
	  BSC_END,										       false},
	{ "transparent, given up",	   "10 02 C1 10 2D",	     "10 02 C1 10 2D",       BSC_END,	false},
	{ "nothing",		     "32 32 32",		 "",		     BSC_MORE,    false},
	{ "half a sequence",	     "10",			   "",		       BSC_MORE,	 false},
};

START_TEST(received_messages)
{
	const struct receive_case *c = &receive_cases[_i];
	struct bsc_message *m = calloc(1, sizeof(*m));
	enum bsc_progress end = BSC_MORE;
	uint8_t wire[64], message[64];
	size_t n = unhex(c->wire, wire), want = unhex(c->message, message), i;

	for (i = 0; i < n && end == BSC_MORE; i++)
		end = bsc_receive(m, wire[i], c->error_byte);
	ck_assert_msg(i == n, "%s: ended after %zu bytes", c->what, i);
	ck_assert_msg(end == c->end, "%s: %d", c->what, end);
	ck_assert_msg(m->length == want, "%s: %zu bytes", c->what, m->length);
	ck_assert_msg(memcmp(m->data, message, want) == 0, "%s: other bytes", c->what);
	free(m);
}
END_TEST

START_TEST(a_message_without_end)
{
	struct bsc_message *m = calloc(1, sizeof(*m));
	enum bsc_progress end = bsc_receive(m, BSC_STX, true);

	for (size_t i = 0; i < BSC_MESSAGE_MAX - 1; i++) {
		ck_assert_int_eq(end, BSC_MORE);
		end = bsc_receive(m, 0xC1, true);
	}
	ck_assert_int_eq(bsc_receive(m, BSC_ETX, true), BSC_TOO_LONG);
	free(m);
}
END_TEST

static const struct transmit_case {
	const char *what, *data, *wire;
	bool transparent;
} transmit_cases[] = {
	{"text",			    "32 32 02 C1 03",    "32 32 02 C1 03",	      false},
	{ "behind the end",		    "02 C1 26 C2 C3",    "02 C1 26",		  false},
	{ "reply",			  "10 61",		    "10 61",		     false},
	{ "transparent",			 "10 02 C1 10 03 C2", "10 02 C1 10 10 03 C2", true },
	{ "end of transparent text",	     "10 03",	      "10 03",		       false},
	{ "DLE DLE STX is not transparent", "10 10 02 C1 03 C2", "10 10 02 C1 03",
	  false										},
	{ "nothing",			"",			 "",		     false},
};

START_TEST(transmitted_data)
{
	const struct transmit_case *c = &transmit_cases[_i];
	uint8_t data[64], want[64], wire[128];
	size_t n = unhex(c->data, data), wanted = unhex(c->wire, want);
	bool transparent = !c->transparent;

	ck_assert_msg(bsc_transmit(data, n, wire, &transparent) == wanted, "%s: length",
		      c->what);
	ck_assert_msg(memcmp(wire, want, wanted) == 0, "%s: other bytes", c->what);
	ck_assert_msg(transparent == c->transparent, "%s: transparent", c->what);
}
END_TEST

/* ---- terminals without a line */

static const struct code_case {
	const char *what;
	struct tty_options o;
	char ascii;
	uint8_t code;
} code_cases[] = {
	/* GA24-3415 (2741), "Transmission Codes"; ASCII, mirrored, with even parity. */
	{"TTY A",		   { 0 },				       'A',  0x82},
	{ "TTY C",		   { 0 },				       'C',  0xC3},
	{ "TTY return",	{ 0 },				       '\r', 0xB1},
	{ "TTY small a",	 { 0 },				       'a',  0x87},
	{ "EBCD a",	    { .ibm = true, .code = TTY_EBCD },	       'a',  0x62},
	{ "EBCD A",	    { .ibm = true, .code = TTY_EBCD },	       'A',  0xE2},
	{ "EBCD 1",	    { .ibm = true, .code = TTY_EBCD },	       '1',  0x02},
	{ "EBCD 0",	    { .ibm = true, .code = TTY_EBCD },	       '0',  0x15},
	{ "EBCD space",	{ .ibm = true, .code = TTY_EBCD },	   ' ',	0x01},
	{ "EBCD new line",	   { .ibm = true, .code = TTY_EBCD },	      '\r', 0x5B},
	{ "EBCD backspace",   { .ibm = true, .code = TTY_EBCD },	       '\b', 0x5D},
	{ "EBCD tab",	      { .ibm = true, .code = TTY_EBCD },		 '\t', 0x7A},
	{ "EBCD (",	    { .ibm = true, .code = TTY_EBCD },	       '(',  0x93},
	{ "correspondence a", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'a',	0x4F},
	{ "correspondence A", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'A',	0xCF},
	{ "correspondence 4", { .ibm = true, .code = TTY_CORRESPONDENCE }, '4',	0x10},
	{ "correspondence z", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'z',	0x15},
	{ "correspondence y", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'y',	0x73},
	{ "correspondence ?", { .ibm = true, .code = TTY_CORRESPONDENCE }, '?',	0xF0},
	{ "correspondence @", { .ibm = true, .code = TTY_CORRESPONDENCE }, '@',	0x84},
};

START_TEST(codes_of_terminals)
{
	const struct code_case *c = &code_cases[_i];

	ck_assert_msg(tty_to_machine(&c->o, (uint8_t)c->ascii) == c->code, "%s: %02X",
		      c->what, (unsigned)tty_to_machine(&c->o, (uint8_t)c->ascii));
	ck_assert_msg(tty_from_machine(&c->o, c->code) == c->ascii, "%s: back", c->what);
}
END_TEST

START_TEST(codes_there_and_back)
{
	static const enum tty_code all[] = { TTY_ASCII, TTY_EBCD, TTY_CORRESPONDENCE };

	for (unsigned n = 0; n < 3; n++) {
		struct tty_options o = { .ibm = n > 0, .code = all[n] };

		for (int c = 0; c < 128; c++) {
			int code = tty_to_machine(&o, (uint8_t)c);

			if (code >= 0)
				ck_assert_int_eq(tty_from_machine(&o, (uint8_t)code), c);
			else /* a 2741 has all letters and digits */
				ck_assert(n && (c == 0 || !strchr("09azAZ", c)));
		}
	}
}
END_TEST

/* Type text; what came back, for the last byte that got an answer. */
static size_t type(struct tty *t, const char *text, size_t n,
		   uint8_t reply[TTY_REPLY_MAX])
{
	size_t replied = 0;

	for (size_t i = 0; i < n; i++) {
		size_t r = tty_receive(t, (uint8_t)text[i], reply);

		if (r)
			replied = r;
	}
	return replied;
}

#define TYPE(t, text, reply) type(t, text, sizeof(text) - 1, reply)

/* The first line as ASCII; it goes. */
static void expect_line(struct tty *t, const char *want)
{
	const uint8_t *line;
	char text[TTY_LINE_MAX + 1] = "";
	size_t n;

	ck_assert_msg(tty_line(t, &line, &n), "no line, not %s", want);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)tty_from_machine(&t->options, line[i]);
	ck_assert_str_eq(text, want);
	tty_take(t, n);
}

START_TEST(a_line_of_a_telnet_client)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];

	ck_assert_uint_eq(TYPE(&t, "\377\375\001", reply), 3);
	ck_assert_mem_eq(reply, "\377\374\001", 3);
	ck_assert_uint_eq(TYPE(&t, "\377\373\037", reply), 3);
	ck_assert_mem_eq(reply, "\377\376\037", 3);
	ck_assert_uint_eq(TYPE(&t, "\377\372\030\001x\377\360ab\r\ncd\r\0e\r", reply), 0);
	expect_line(&t, "ab\r");
	expect_line(&t, "cd\r");
	expect_line(&t, "e\r");
	ck_assert_uint_eq(t.queued, 0);
}
END_TEST

START_TEST(a_break_empties_the_queue)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];

	TYPE(&t, "one\rtwo\rthr\377\364", reply);
	ck_assert(t.broken);
	ck_assert_uint_eq(t.queued, 0);
	TYPE(&t, "x\r", reply);
	expect_line(&t, "x\r");
}
END_TEST

START_TEST(options_of_a_terminal)
{
	struct tty t = {
		.options = {.upper = true,
			     .backspace = true,
			     .send_return = true,
			     .control_c = true,
			     .prepend = { 0x16 },
			     .prepend_count = 1,
			     .append = { 0x5B, 0x1F },
			     .append_count = 2,
			     .ibm = true,
			     .code = TTY_EBCD}
	};
	static const uint8_t want[] = { 0x16, 0xE2, 0x5B, 0x5B, 0x1F };
	uint8_t reply[TTY_REPLY_MAX];
	const uint8_t *line;
	size_t n;

	t.options.skip_in['x'] = true;
	ck_assert_uint_eq(TYPE(&t, "xbb\b\b\b\ba\r", reply), 1);
	ck_assert_uint_eq(reply[0], '\r');
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, sizeof(want));
	ck_assert_mem_eq(line, want, n);
	TYPE(&t, "\003", reply);
	ck_assert(t.broken && t.queued == 0);
}
END_TEST

START_TEST(lines_too_long_and_too_many)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];
	const uint8_t *line;
	size_t n, lines = 0;

	for (int i = 0; i < 10000; i++)
		tty_receive(&t, 'a', reply);
	TYPE(&t, "\r", reply);
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, TTY_LINE_MAX);
	ck_assert_uint_eq(line[n - 1], 0xB1);
	while (tty_has_room(&t)) {
		TYPE(&t, "\r", reply);
		lines++;
	}
	ck_assert_uint_gt(lines, 100);
	/* In parts, as short reads take it. */
	tty_take(&t, 500);
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, 12);
	ck_assert_uint_eq(line[n - 1], 0xB1);
	tty_take(&t, 12);
	for (; lines; lines--)
		expect_line(&t, "\r");
	ck_assert_uint_eq(t.queued, 0);
}
END_TEST

/* ---- the device */

static struct device *dev, *far_dev;

static struct device *attach(uint16_t address, const char *words, struct error *err)
{
	char text[200], *argv[16];
	struct machine_request req = {
		.address = address,
		.class_name = "2703",
		.argv = argv,
	};

	snprintf(text, sizeof(text), "%s", words);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		argv[req.argc++] = w;
	return channels_attach(cs, device_class_find("2703"), NULL, &req, err);
}

static struct device *attached(uint16_t address, const char *words)
{
	struct error err = { 0 };
	struct device *d = attach(address, words, &err);

	ck_assert_msg(d, "%s", err.text);
	return d;
}

static void wake(struct device *d)
{
	const struct machine_request req = { .kind = MACHINE_WAKE_DEVICE };

	if (d)
		ck_assert(d->class->request(d, &req, NULL));
}

static void wake_both(void)
{
	wake(dev);
	wake(far_dev);
	sched_yield();
}

static const char *state_of(struct device *d)
{
	static char text[100];

	d->class->describe(d, text, sizeof(text));
	return text;
}

static uint16_t port_of(struct device *d)
{
	const char *at = strstr(state_of(d), "port ");

	ck_assert_ptr_nonnull(at);
	return (uint16_t)atoi(at + 5);
}

/* Until its description has these words; the other thread's work. */
static void until_state(struct device *d, const char *words)
{
	time_t end = time(NULL) + PATIENCE;

	while (!strstr(state_of(d), words)) {
		ck_assert_msg(time(NULL) < end, "not %s: %s", words, state_of(d));
		wake_both();
	}
}

static uint32_t channel_bit(uint16_t address)
{
	return UINT32_C(0x80000000) >> (address >> 8);
}

static unsigned start(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	uint32_t at = address == DEV ? PROGRAM : PROGRAM + 0x100;
	uint8_t caw[4];
	unsigned cc;

	ccw(at, op, data, SLI, count);
	put_be32(caw, at);
	poke(0x48, caw, 4);
	cc = channels_io(cs, IO_SIO, address, 0);
	channels_hold(cs, 0, true);
	return cc;
}

/* Its next interruption: unit status. */
static unsigned status_of(uint16_t address)
{
	time_t end = time(NULL) + PATIENCE;
	uint16_t who = 0;
	uint8_t csw[8];

	while (!channels_interruption(cs, channel_bit(address), 0, &who)) {
		ck_assert_msg(time(NULL) < end, "%03X: no interruption", address);
		wake_both();
		channels_hold(cs, 0, true);
	}
	peek(0x40, csw, 8);
	return csw[4];
}

static unsigned command(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	unsigned cc = start(address, op, data, count);
	uint8_t csw[8];

	peek(0x40, csw, 8);
	return cc == 0 ? status_of(address) : csw[4];
}

static unsigned residual(void)
{
	uint8_t csw[8];

	peek(0x40, csw, 8);
	return be16(csw + 6);
}

static void check_sense(uint16_t address, unsigned want)
{
	uint8_t sense;

	ck_assert_uint_eq(command(address, SENSE, 0x3F00, 1), OK);
	peek(0x3F00, &sense, 1);
	ck_assert_uint_eq(sense, want);
}

static unsigned write_bytes(uint16_t address, const char *text)
{
	uint8_t bytes[128];
	size_t n = unhex(text, bytes);

	poke(DATA, bytes, n);
	return command(address, WRITE, DATA, (uint16_t)n);
}

/* What a READ has put to INTO. */
static void check_read(const char *text)
{
	uint8_t want[128], got[128];
	size_t n = unhex(text, want);

	ck_assert_uint_eq(128 - residual(), n);
	peek(INTO, got, n);
	ck_assert_mem_eq(got, want, n);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void send_bytes(int fd, const char *text)
{
	uint8_t bytes[128];
	size_t n = unhex(text, bytes);

	ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
}

static void receive(int fd, void *to, size_t n)
{
	time_t end = time(NULL) + PATIENCE;

	while (recv(fd, to, n, MSG_PEEK | MSG_DONTWAIT) < (ssize_t)n) {
		ck_assert_msg(time(NULL) < end, "not %zu bytes", n);
		wake_both();
	}
	ck_assert_int_eq(recv(fd, to, n, 0), (ssize_t)n);
}

static void expect_bytes(int fd, const char *text)
{
	uint8_t want[128], got[128];
	size_t n = unhex(text, want);

	receive(fd, got, n);
	ck_assert_mem_eq(got, want, n);
}

static void setup(void)
{
	rig_setup();
	dev = far_dev = NULL;
}

/* A line that is enabled, and the test at its other end. */
static int called(const char *words)
{
	int fd;

	dev = attached(DEV, words);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	fd = connect_to(port_of(dev));
	ck_assert_uint_eq(status_of(DEV), OK);
	return fd;
}

/* Two lines with each other; the far one has called. */
static void both_ends(void)
{
	char words[80];

	dev = attached(DEV, "dial=in lport=0 lhost=127.0.0.1");
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	snprintf(words, sizeof(words), "dial=no lport=0 rhost=127.0.0.1 rport=%u",
		 port_of(dev));
	far_dev = attached(FAR_END, words);
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
}

START_TEST(a_conversation)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 32 32 32 2D"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("2D");
	ck_assert_uint_eq(start(FAR_END, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(DEV, "32 10 70"), OK);
	ck_assert_uint_eq(status_of(FAR_END), OK);
	check_read("10 70");
	ck_assert_uint_eq(start(DEV, PREPARE, 0, 1), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 02 C8 C9 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C8 C9 03");
	ck_assert_uint_eq(write_bytes(DEV, "10 61"), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), OK);
	ck_assert_uint_eq(write_bytes(FAR_END, "37"), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UX);
	check_read("37");
}
END_TEST

START_TEST(transparent_text)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "10 02 10 03 32"), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UC);
	check_sense(FAR_END, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(write_bytes(FAR_END, "10 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("10 02 10 03 32 10 03");
}
END_TEST

START_TEST(a_message_in_two_reads)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "02 C1 C2 C3 03 2D");
	ck_assert_uint_eq(command(DEV, READ, INTO + 64, 2), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("C2 C3 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	close(fd);
}
END_TEST

START_TEST(error_index_bytes_on_demand)
{
	int fd = called("dial=in lport=0");
	const uint8_t mode = 0x40;

	poke(DATA, &mode, 1);
	ck_assert_uint_eq(command(DEV, SET_MODE, DATA, 1), OK);
	send_bytes(fd, "02 C1 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C1 03 00");
	close(fd);
}
END_TEST

START_TEST(a_read_times_out)
{
	int fd = called("dial=in lport=0 rto=1");

	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, 0x01);
	close(fd);
}
END_TEST

START_TEST(a_time_limit_below_zero_is_none)
{
	int fd = called("dial=in lport=0 rto=-1 pto=-1");

	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, 0x01);
	close(fd);
}
END_TEST

static const struct halt_case {
	const char *what;
	uint8_t op;
} halt_cases[] = {
	{"READ",	  READ   },
	{ "INHIBIT", INHIBIT},
	{ "PREPARE", PREPARE},
	{ "POLL",	  POLL   },
};

START_TEST(halt_ends_what_waits)
{
	static const uint8_t list[] = { 0xC1, BSC_ENQ, 1 };
	int fd = called("dial=in lport=0 rto=0 pto=0");

	poke(INTO, list, sizeof(list));
	ck_assert_uint_eq(start(DEV, halt_cases[_i].op, INTO, 3), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), OK);
	if (halt_cases[_i].op == POLL)
		expect_bytes(fd, "32 32 C1 2D");
	expect_bytes(fd, "2D");
	close(fd);
}
END_TEST

START_TEST(halt_ends_enable)
{
	int fd;
	char byte;

	dev = attached(DEV, "dial=in lport=0");
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	fd = connect_to(port_of(dev)); /* nobody answers */
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
}
END_TEST

START_TEST(the_other_side_hangs_up)
{
	int fd = called("dial=in lport=0");

	ck_assert_uint_eq(start(DEV, INHIBIT, INTO, 128), 0);
	close(fd);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	/* and calls again */
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	fd = connect_to(port_of(dev));
	ck_assert_uint_eq(status_of(DEV), OK);
	close(fd);
}
END_TEST

START_TEST(last_words_are_heard)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "37 2D");
	close(fd);
	until_state(dev, "disconnected");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UX);
	check_read("37");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(a_second_caller_is_refused)
{
	int fd = called("dial=in lport=0"), second = connect_to(port_of(dev));
	char byte;

	ck_assert_int_le(recv(second, &byte, 1, 0), 0);
	send_bytes(fd, "2D");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	close(second);
	close(fd);
}
END_TEST

START_TEST(a_flood_of_calls)
{
	int fd = called("dial=in lport=0");
	uint16_t port = port_of(dev);

	for (int i = 0; i < 300; i++)
		close(connect_to(port));
	send_bytes(fd, "02 C1 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C1 03");
	close(fd);
}
END_TEST

START_TEST(disable_hangs_up)
{
	int fd = called("dial=in lport=0");
	char byte;

	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
}
END_TEST

START_TEST(a_write_while_the_other_talks)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "2D");
	ck_assert_uint_eq(command(DEV, PREPARE, 0, 1), OK);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), UX);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	close(fd);
}
END_TEST

START_TEST(polling)
{
	static const uint8_t list[] = { 0xC1, 0xC1, BSC_ENQ, 1, 0xC2, BSC_ENQ, 2 };
	int fd = called("dial=in lport=0");

	poke(DATA, list, sizeof(list));
	ck_assert_uint_eq(start(DEV, POLL, DATA, sizeof(list)), 0);
	expect_bytes(fd, "32 32 C1 C1 2D");
	send_bytes(fd, "32 37");
	expect_bytes(fd, "32 32 C2 2D");
	send_bytes(fd, "32 02 E7 03");
	ck_assert_uint_eq(status_of(DEV), SM);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 02 E7 03"); /* the index byte; STX... */
	/* Nobody has anything to say. */
	ck_assert_uint_eq(start(DEV, POLL, DATA + 4, 3), 0);
	expect_bytes(fd, "32 32 C2 2D");
	send_bytes(fd, "37");
	ck_assert_uint_eq(status_of(DEV), OK);
	/* A list that makes no sense. */
	ck_assert_uint_eq(command(DEV, POLL, DATA, 2), UC);
	check_sense(DEV, SENSE0_DATA_CHECK);
	close(fd);
}
END_TEST

/* 127.0.0.1 and the port in the digits of a telephone number. */
static uint16_t number_of(uint16_t port)
{
	char text[40];
	uint8_t digits[40];
	size_t n = (size_t)snprintf(text, sizeof(text), "127=0=0=1=%u<", port);

	for (size_t i = 0; i < n; i++)
		digits[i] = text[i] == '='   ? 0x0D
			    : text[i] == '<' ? 0x0C
					     : (uint8_t)text[i];
	poke(DATA, digits, n);
	return (uint16_t)n;
}

START_TEST(dialing)
{
	uint16_t n;

	dev = attached(DEV, "dial=in lport=0");
	far_dev = attached(FAR_END, "dial=out");
	n = number_of(port_of(dev));
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), UC);
	ck_assert_uint_eq(command(DEV, DIAL, DATA, n), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, n), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, n), UC);
	check_sense(FAR_END, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(write_bytes(FAR_END, "2D"), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
}
END_TEST

START_TEST(a_number_that_is_none)
{
	static const char *const numbers[] = { "",
					       "1",
					       "1=2=3=4=",
					       "1=2=3=4=5=6",
					       "256=0=0=1=9",
					       "1=2=3=4=65536",
					       "1=2=3=4=:",
					       "1=2<3=4=5" };

	far_dev = attached(FAR_END, "dial=out");
	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t n = strlen(numbers[i]);
		uint8_t digits[40];

		memcpy(digits, numbers[i], n);
		for (size_t k = 0; k < n; k++)
			if (digits[k] == '=' || digits[k] == '<')
				digits[k] = digits[k] == '=' ? 0x0D : 0x0C;
		poke(DATA, digits, n);
		ck_assert_msg(command(FAR_END, DIAL, DATA, (uint16_t)(n ? n : 1)) == UC,
			      "%s", numbers[i]);
	}
	/* and one where nobody is */
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, number_of(1)), UC);
	check_sense(FAR_END, SENSE0_INTERVENTION);
}
END_TEST

/* Two ports that are free just now. */
static uint16_t free_ports(void)
{
	for (unsigned n = 0; n < 200; n++) {
		uint16_t p = (uint16_t)(20000 +
					4 * ((unsigned)getpid() * 11 + n * 17) % 30000);
		unsigned good = 0;

		for (unsigned i = 0; i < 2; i++) {
			struct sockaddr_in a = { .sin_family = AF_INET,
						 .sin_port = htons((uint16_t)(p + i)) };
			int fd = socket(AF_INET, SOCK_STREAM, 0);

			good += bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
			close(fd);
		}
		if (good == 2)
			return p;
	}
	ck_abort_msg("no free ports");
}

/* Both call, again and again: whatever crosses, they must end up on one connection. */
START_TEST(both_ends_of_a_leased_line_call)
{
	uint16_t port = free_ports();
	unsigned near, far;
	char words[80];

	for (int i = 0; i < 20; i++) {
		snprintf(words, sizeof(words),
			 "dial=no lport=%u rhost=127.0.0.1 rport=%u", port, port + 1);
		dev = attached(DEV, words);
		snprintf(words, sizeof(words),
			 "dial=no lport=%u rhost=127.0.0.1 rport=%u", port + 1, port);
		far_dev = attached(FAR_END, words);
		near = start(DEV, ENABLE, 0, 1); /* 1: there at once */
		far = start(FAR_END, ENABLE, 0, 1);
		ck_assert(near == 1 || status_of(DEV) == OK);
		ck_assert(far == 1 || status_of(FAR_END) == OK);
		ck_assert_uint_eq(write_bytes(i % 2 ? DEV : FAR_END, "2D"), OK);
		ck_assert_uint_eq(command(i % 2 ? FAR_END : DEV, INHIBIT, INTO, 128), OK);
		ck_assert_uint_eq(write_bytes(i % 2 ? FAR_END : DEV, "10 70"), OK);
		ck_assert_uint_eq(command(i % 2 ? DEV : FAR_END, INHIBIT, INTO, 128), OK);
		ck_assert(channels_detach(cs, DEV));
		ck_assert(channels_detach(cs, FAR_END));
	}
}
END_TEST

/* ---- two lines of this process */

static struct device *cabled(uint16_t address, struct line_end *end, const char *word)
{
	char cable[] = "cable=yes", more[40], *argv[] = { cable, more };
	const struct machine_request req = {
		.address = address,
		.class_name = "2703",
		.argc = word ? 2 : 1,
		.argv = argv,
		.line = end,
	};
	struct error err = { 0 };
	struct device *d;

	snprintf(more, sizeof(more), "%s", word ? word : "");
	d = channels_attach(cs, device_class_find("2703"), NULL, &req, &err);
	ck_assert_msg(d, "%s", err.text);
	return d;
}

static void cable_setup(struct line_end *ends[2])
{
	ck_assert(line_cable_new(ends));
	dev = cabled(DEV, ends[0], NULL);
	far_dev = cabled(FAR_END, ends[1], NULL);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert(line_end_answers(ends[0]));
	ck_assert(!line_end_answers(ends[1]));
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
}

START_TEST(a_cable)
{
	struct line_end *ends[2];

	cable_setup(ends);
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 02 C1 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("02 C1 03");
	ck_assert_uint_eq(write_bytes(DEV, "10 70 37"), OK);
	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UX);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UC);
	check_sense(FAR_END, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(a_cable_is_pulled_out)
{
	const struct machine_request none = { .kind = MACHINE_MOUNT };
	struct line_end *ends[2];

	cable_setup(ends);
	ck_assert_uint_eq(start(DEV, INHIBIT, INTO, 128), 0);
	ck_assert(far_dev->class->request(far_dev, &none, NULL));
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(write_bytes(FAR_END, "2D"), UC);
	ck_assert(!line_end_answers(ends[0]));
	/* The other line goes with a command waiting. */
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert(channels_detach(cs, DEV));
	dev = NULL;
}
END_TEST

/* A WRITE of more than the line holds ends when the other side has read. */
START_TEST(a_long_write_over_a_cable)
{
	struct line_end *ends[2];
	unsigned unit = OK;

	cable_setup(ends);
	for (int i = 0; i < 30000; i++)
		poke(0x10000 + (uint32_t)i, "\xC1", 1);
	poke(0x10000, "\x02", 1);
	poke(0x10000 + 29999, "\x03", 1);
	ck_assert_uint_eq(start(FAR_END, WRITE, 0x10000, 30000), 0);
	unit = command(DEV, READ, 0x20000, 30000);
	ck_assert_uint_eq(unit, OK);
	ck_assert_uint_eq(residual(), 0);
	ck_assert_uint_eq(status_of(FAR_END), OK);
}
END_TEST

static unsigned clock_set;

static void set_clock(void *arg, unsigned ms)
{
	(void)arg;
	clock_set = ms;
}

START_TEST(a_time_limit_over_a_cable)
{
	struct line_end *ends[2];

	cable_setup(ends);
	line_end_hold(ends[0]);
	line_end_clock(ends[0], set_clock, NULL);
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(clock_set, 3000);
	line_end_expire(ends[0]);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, 0x01);
	ck_assert_uint_eq(clock_set, 0);
	ck_assert(channels_detach(cs, DEV));
	dev = NULL;
	line_end_expire(ends[0]); /* too late, and harmless */
	line_end_release(ends[0]);
}
END_TEST

/* ---- terminals */

static void expect_text(int fd, const char *want)
{
	char got[200] = "";
	size_t n = strlen(want);

	receive(fd, got, n);
	ck_assert_str_eq(got, want);
}

START_TEST(a_teletype)
{
	static const uint8_t hi[] = { 0x12, 0x93, 0xB1,
				      0x50 }; /* "HI" CR LF, no parity */
	int fd = called("dial=in lport=0 lnctl=tele2 uctrans=yes");

	expect_text(fd, "CONNECTED TO LINE 120, TTY\r\n");
	poke(DATA, hi, sizeof(hi));
	ck_assert_uint_eq(command(DEV, WRITE, DATA, sizeof(hi)), OK);
	expect_text(fd, "HI\r\n");
	ck_assert_uint_eq(start(DEV, PREPARE, 0, 1), 0);
	ck_assert_int_eq(send(fd, "ac\r\n", 4, 0), 4);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("82 C3 B1");
	close(fd);
}
END_TEST

START_TEST(a_break_of_a_teletype)
{
	static const uint8_t idle[] = { 0xDF, 0xDF, 0xDF };
	int fd = called("dial=in lport=0 lnctl=tele2");

	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_int_eq(send(fd, "ac\377\364", 4, 0), 4);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	/* Known while nothing waits; time fillers do not end it, output does. */
	ck_assert_int_eq(send(fd, "\377\363", 2, 0), 2);
	ck_assert_uint_eq(command(DEV, PREPARE, 0, 1), OK);
	ck_assert_int_eq(send(fd, "\377\363", 2, 0), 2);
	poke(DATA, idle, sizeof(idle));
	while (command(DEV, WRITE, DATA + 3, 3) == OK)
		wake_both();
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(command(DEV, WRITE, DATA, 3), OK);
	close(fd);
}
END_TEST

START_TEST(a_2741)
{
	static const uint8_t hello[] = { 0xE8, 0x62, 0x5B,
					 0x5E }; /* "Da", new line, idle */
	int fd = called("dial=in lport=0 lnctl=ibm1 term=2741 code=ebcd append=1F");

	expect_text(fd, "CONNECTED TO LINE 120, 2741\r\n");
	poke(DATA, hello, sizeof(hello));
	ck_assert_uint_eq(command(DEV, WRITE, DATA, sizeof(hello)), OK);
	expect_text(fd, "Da\r\n");
	ck_assert_int_eq(send(fd, "Da\r\n", 4, 0), 4);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("E8 62 5B 1F");
	close(fd);
}
END_TEST

/* A client that never listens and never ends a line hurts nobody. */
START_TEST(a_hostile_client)
{
	int fd = called("dial=in lport=0 lnctl=tele2");
	static char asks[65536];

	for (size_t i = 0; i < sizeof(asks); i++)
		asks[i] = "\377\375\001"[i % 3];
	for (int i = 0; i < 200; i++) {
		if (send(fd, asks, sizeof(asks), MSG_DONTWAIT) <= 0)
			wake_both();
	}
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	close(fd);
	until_state(dev, "connected");
}
END_TEST

static const struct word_case {
	const char *words, *why;
} word_cases[] = {
	{"dial=in",				  "lport= is missing"		 },
	{ "dial=no lport=0",			     "needs rhost="		    },
	{ "dial=maybe lport=0",			"dial='maybe'"	       },
	{ "lport=0 nonsense",			      "'nonsense' is not KEY=VALUE"},
	{ "dial=in lport=0 colour=red",		"'colour'"		   },
	{ "dial=in lport=0 rto=soon",		      "'soon' is no number"	    },
	{ "dial=in lport=0 skip=123",		      "'123' is not up to"	   },
	{ "dial=in lport=0 append=0102030405",       "up to 4"			 },
	{ "dial=in lport=0 term=vt100",		"'vt100'"			  },
	{ "dial=in lport=65537",			 "65537 is no port"	    },
	{ "dial=no lport=0 rhost=127.0.0.1 rport=0", "0 is no port"		    },
	{ "dial=in lport=no-such-service",	   "no-such-service"	     },
};

START_TEST(bad_words)
{
	const struct word_case *c = &word_cases[_i];
	struct error err = { 0 };

	ck_assert_msg(!attach(0x500, c->words, &err), "%s: accepted", c->words);
	ck_assert_msg(strstr(err.text, c->why), "%s: %s", c->words, err.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line");
	TCase *codes = tcase_create("codes"), *device = tcase_create("device");

	tcase_add_loop_test(codes, received_messages, 0, ARRAY_SIZE(receive_cases));
	tcase_add_test(codes, a_message_without_end);
	tcase_add_loop_test(codes, transmitted_data, 0, ARRAY_SIZE(transmit_cases));
	tcase_add_loop_test(codes, codes_of_terminals, 0, ARRAY_SIZE(code_cases));
	tcase_add_test(codes, codes_there_and_back);
	tcase_add_test(codes, a_line_of_a_telnet_client);
	tcase_add_test(codes, a_break_empties_the_queue);
	tcase_add_test(codes, options_of_a_terminal);
	tcase_add_test(codes, lines_too_long_and_too_many);
	suite_add_tcase(s, codes);

	tcase_set_timeout(device, 60);
	tcase_add_checked_fixture(device, setup, rig_teardown);
	tcase_add_test(device, a_conversation);
	tcase_add_test(device, transparent_text);
	tcase_add_test(device, a_message_in_two_reads);
	tcase_add_test(device, error_index_bytes_on_demand);
	tcase_add_test(device, a_read_times_out);
	tcase_add_test(device, a_time_limit_below_zero_is_none);
	tcase_add_loop_test(device, halt_ends_what_waits, 0, ARRAY_SIZE(halt_cases));
	tcase_add_test(device, halt_ends_enable);
	tcase_add_test(device, the_other_side_hangs_up);
	tcase_add_test(device, last_words_are_heard);
	tcase_add_test(device, a_second_caller_is_refused);
	tcase_add_test(device, a_flood_of_calls);
	tcase_add_test(device, disable_hangs_up);
	tcase_add_test(device, a_write_while_the_other_talks);
	tcase_add_test(device, polling);
	tcase_add_test(device, dialing);
	tcase_add_test(device, a_number_that_is_none);
	tcase_add_test(device, both_ends_of_a_leased_line_call);
	tcase_add_test(device, a_cable);
	tcase_add_test(device, a_cable_is_pulled_out);
	tcase_add_test(device, a_long_write_over_a_cable);
	tcase_add_test(device, a_time_limit_over_a_cable);
	tcase_add_test(device, a_teletype);
	tcase_add_test(device, a_break_of_a_teletype);
	tcase_add_test(device, a_2741);
	tcase_add_test(device, a_hostile_client);
	tcase_add_loop_test(device, bad_words, 0, ARRAY_SIZE(word_cases));
	suite_add_tcase(s, device);
	return run_suite(s);
}
