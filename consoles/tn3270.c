#include "consoles/tn3270.h"

#include <ctype.h>
#include <libtelnet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/ebcdic.h"
#include "base/error.h"
#include "consoles/bytebuf.h"

#define OPT_TN3270E   40
#define OPT_START_TLS 46

#define RECORD_MAX 65536 /* bytes of one record; a 62x160 screen full is 20,000 */
#define TYPES_MAX  8	 /* terminal types a client may list */

/* libtelnet parses; what is agreed is kept here, for it does not tell refusals. */
static const telnet_telopt_t nothing[] = {
	{-1, 0, 0}
};

/* Sub-commands of TN3270E: RFC 2355, "TN3270E Sub-negotiation". */
enum {
	E_ASSOCIATE = 0,
	E_CONNECT = 1,
	E_DEVICE_TYPE = 2,
	E_FUNCTIONS = 3,
	E_IS = 4,
	E_REASON = 5,
	E_REJECT = 6,
	E_REQUEST = 7,
	E_SEND = 8,
};
enum { FUNCTION_RESPONSES = 2, FUNCTION_SYSREQ = 4 };
enum { TYPE_3270_DATA = 0, TYPE_RESPONSE = 2, TYPE_NVT_DATA = 5, TYPE_SSCP_DATA = 7 };
enum { RESPONSE_NONE = 0, RESPONSE_ALWAYS = 2 };
#define HEADER 5

/* What is being asked, in this order. */
enum stage {
	ASK_TLS,
	ASK_EXTENDED,
	ASK_DEVICE,
	ASK_FUNCTIONS,
	ASK_TYPE,
	ASK_3270,
	SETTLED
};

struct tn3270 {
	const struct tn3270_events *ev;
	void *arg;
	struct tn3270_options options;
	telnet_t *telnet;
	enum stage stage;
	enum tn3270_mode mode;
	bool dead;	    /* failed() was called */
	bool skip_extended; /* refused, or nothing could be agreed */
	bool tls_begins, tls_done;
	bool sscp;	    /* SYSREQ was pressed: SSCP-LU session */
	unsigned agreed;    /* AGREED_* of classic TN3270 */
	unsigned types;	    /* TERMINAL-TYPE answers so far */
	unsigned functions; /* mask of agreed TN3270E functions */
	unsigned refusals;  /* rejected DEVICE-TYPE requests and FUNCTIONS rounds */
	uint16_t number;    /* of the last message that wants a response */
	unsigned rows, columns;
	bool structured;
	char type[41];
	char lu[9];
	uint8_t us[256], them[256]; /* enum option */
	struct bytebuf record;
	struct bytebuf frame; /* an outbound message with its header */
};

enum {
	AGREED_THEIR_EOR = 1,
	AGREED_OUR_EOR = 2,
	AGREED_THEIR_BINARY = 4,
	AGREED_OUR_BINARY = 8,
	AGREED_ALL = 15,
};

/* One direction of an option: refused or not spoken of, asked for, agreed. */
enum option { OPTION_NO, OPTION_ASKED, OPTION_YES };

static void fail(struct tn3270 *t, const char *why)
{
	if (t->dead)
		return;
	t->dead = true;
	t->ev->failed(t->arg, why);
}

/* ---- options: each is asked once, and nothing agreed is answered again */

static void ask_them(struct tn3270 *t, uint8_t option)
{
	if (t->them[option] != OPTION_NO)
		return;
	t->them[option] = OPTION_ASKED;
	telnet_negotiate(t->telnet, TELNET_DO, option);
}

static void offer(struct tn3270 *t, uint8_t option)
{
	if (t->us[option] != OPTION_NO)
		return;
	t->us[option] = OPTION_ASKED;
	telnet_negotiate(t->telnet, TELNET_WILL, option);
}

static void withdraw(struct tn3270 *t, uint8_t option)
{
	if (t->us[option] == OPTION_NO)
		return;
	t->us[option] = OPTION_NO;
	telnet_negotiate(t->telnet, TELNET_WONT, option);
}

/* The mode is known. What was typed too early is an NVT's first text. */
static void settle(struct tn3270 *t, enum tn3270_mode mode)
{
	struct bytebuf early;

	t->stage = SETTLED;
	t->mode = mode;
	if (mode == TN3270_NVT) {
		t->structured = false;
		t->rows = 24;
		t->columns = 80;
	}
	early = t->record;
	t->record = (struct bytebuf){ 0 };
	t->ev->ready(t->arg);
	if (mode == TN3270_NVT)
		ask_them(t, TELNET_TELOPT_NAWS);
	if (mode == TN3270_NVT && early.length)
		t->ev->text(t->arg, early.data, early.length);
	bytebuf_free(&early);
}

/* ---- terminal types */

static bool starts(const char *s, const char *with)
{
	return strncasecmp(s, with, strlen(with)) == 0;
}

static void set_size(struct tn3270 *t, char model)
{
	static const uint8_t sizes[][2] = {
		{24,  80 },
		    { 32, 80 },
		{ 43, 80 },
		    { 27, 132}
	};
	unsigned m = model >= '2' && model <= '5' ? (unsigned)(model - '2') : 0;

	t->rows = sizes[m][0];
	t->columns = sizes[m][1];
}

/*
 * Take a terminal's type: IBM-327x-n[-E] with x 7, 8 or 9, or IBM-DYNAMIC, and
 * perhaps @LUNAME. Returns false if it is no 3270 display.
 */
static bool take_type(struct tn3270 *t, const char *type)
{
	const char *at = strchr(type, '@');
	size_t n = at ? (size_t)(at - type) : strlen(type);

	if (n >= sizeof(t->type))
		n = sizeof(t->type) - 1;
	for (size_t i = 0; i < n; i++)
		t->type[i] = isgraph((unsigned char)type[i]) ? type[i] : '?';
	t->type[n] = '\0';
	if (at && strlen(at + 1) < sizeof(t->lu))
		strcpy(t->lu, at + 1);
	if (strcasecmp(t->type, "IBM-DYNAMIC") == 0) {
		set_size(t, '2');
		t->structured = true;
		return true;
	}
	if (!(starts(t->type, "IBM-3277-") || starts(t->type, "IBM-3278-") ||
	      starts(t->type, "IBM-3279-")) ||
	    !isdigit((unsigned char)t->type[9]))
		return false;
	set_size(t, t->type[9]);
	t->structured = strcasecmp(t->type + 10, "-E") == 0;
	return true;
}

/* ---- the questions, one after the other */

static void ask_type(struct tn3270 *t)
{
	t->stage = ASK_TYPE;
	t->types = 0;
	ask_them(t, TELNET_TELOPT_TTYPE);
}

static void ask_next(struct tn3270 *t)
{
	if (t->options.start_tls && !t->tls_done) {
		t->stage = ASK_TLS;
		ask_them(t, OPT_START_TLS);
	} else if (!t->options.no_extended && !t->skip_extended) {
		t->stage = ASK_EXTENDED;
		ask_them(t, OPT_TN3270E);
	} else {
		ask_type(t);
	}
}

static void ask_3270(struct tn3270 *t)
{
	t->stage = ASK_3270;
	ask_them(t, TELNET_TELOPT_EOR);
	offer(t, TELNET_TELOPT_EOR);
	ask_them(t, TELNET_TELOPT_BINARY);
	offer(t, TELNET_TELOPT_BINARY);
	if (t->agreed == AGREED_ALL)
		settle(t, TN3270_CLASSIC);
}

/* RFC 1091: the client's list ends when it repeats its last answer. */
static void type_answer(struct tn3270 *t, const char *type)
{
	bool repeated = t->types > 0 && strncmp(type, t->type, sizeof(t->type) - 1) == 0;

	if (t->stage != ASK_TYPE)
		return;
	if (take_type(t, type))
		ask_3270(t);
	else if (repeated || ++t->types >= TYPES_MAX)
		settle(t, TN3270_NVT);
	else
		telnet_ttype_send(t->telnet);
}

/* ---- TN3270E */

static void send_extended(struct tn3270 *t, const void *bytes, size_t n)
{
	telnet_subnegotiation(t->telnet, OPT_TN3270E, bytes, n);
}

static void begin_extended(struct tn3270 *t)
{
	static const uint8_t send_type[] = { E_SEND, E_DEVICE_TYPE };

	t->stage = ASK_DEVICE;
	send_extended(t, send_type, sizeof(send_type));
}

static void reject_device(struct tn3270 *t, int reason)
{
	const uint8_t reject[] = { E_DEVICE_TYPE, E_REJECT, E_REASON, (uint8_t)reason };

	send_extended(t, reject, sizeof(reject));
	if (++t->refusals > TYPES_MAX)
		fail(t, "too many device types refused");
}

static void accept_device(struct tn3270 *t)
{
	struct bytebuf is = { 0 };

	bytebuf_put1(&is, E_DEVICE_TYPE);
	bytebuf_put1(&is, E_IS);
	bytebuf_put(&is, t->type, strlen(t->type));
	bytebuf_put1(&is, E_CONNECT);
	bytebuf_put(&is, t->lu, strlen(t->lu));
	send_extended(t, is.data, is.length);
	bytebuf_free(&is);
	t->stage = ASK_FUNCTIONS;
}

/* A LU name: one to eight letters, digits, @ # $; made upper case. */
static bool take_lu(char name[9], const uint8_t *bytes, size_t n)
{
	if (n > 8)
		return false;
	for (size_t i = 0; i < n; i++) {
		int c = toupper(bytes[i]);

		if (!isalnum(c) && !strchr("@#$", c))
			return false;
		name[i] = (char)c;
	}
	name[n] = '\0';
	return true;
}

/* DEVICE-TYPE REQUEST type [CONNECT name | ASSOCIATE name]. */
static void device_request(struct tn3270 *t, const uint8_t *bytes, size_t n)
{
	char type[sizeof(t->type)] = "", lu[9] = "";
	size_t end = 0;
	int reason;

	while (end < n && bytes[end] > E_CONNECT)
		end++;
	if (end >= sizeof(type)) {
		reject_device(t, TN3270_INV_DEVICE_TYPE);
		return;
	}
	memcpy(type, bytes, end);
	if (end < n && bytes[end] == E_ASSOCIATE)
		reason = TN3270_INV_ASSOCIATE;
	else if (strchr(type, '@') || !take_type(t, type))
		reason = TN3270_INV_DEVICE_TYPE;
	else if (end < n && !take_lu(lu, bytes + end + 1, n - end - 1))
		reason = TN3270_INV_NAME;
	else
		reason = t->ev->lu(t->arg, lu);
	if (reason != TN3270_LU_OK) {
		reject_device(t, reason);
		return;
	}
	memcpy(t->lu, lu, sizeof(lu));
	accept_device(t);
}

static unsigned function_mask(const uint8_t *list, size_t n)
{
	unsigned mask = 0;

	for (size_t i = 0; i < n; i++)
		mask |= 1u << (list[i] < 31 ? list[i] : 31);
	return mask;
}

/* Agree to the functions asked for, or ask for fewer: RFC 2355, "Functions". */
static void functions_request(struct tn3270 *t, const uint8_t *list, size_t n)
{
	const unsigned ours = 1u << FUNCTION_RESPONSES | 1u << FUNCTION_SYSREQ;
	unsigned theirs = function_mask(list, n);
	uint8_t answer[4] = { E_FUNCTIONS, theirs & ~ours ? E_REQUEST : E_IS };
	size_t length = 2;

	t->functions = theirs & ours;
	for (uint8_t f = 0; f < 8; f++)
		if (t->functions & 1u << f)
			answer[length++] = f;
	send_extended(t, answer, length);
	if (answer[1] == E_IS)
		settle(t, TN3270_EXTENDED);
	else if (++t->refusals > TYPES_MAX)
		fail(t, "no agreement about TN3270E functions");
}

static void functions_is(struct tn3270 *t, const uint8_t *list, size_t n)
{
	t->functions &= function_mask(list, n);
	settle(t, TN3270_EXTENDED);
}

static void extended_subnegotiation(struct tn3270 *t, const uint8_t *b, size_t n)
{
	if (n < 2)
		return;
	if (t->stage == ASK_DEVICE && b[0] == E_DEVICE_TYPE && b[1] == E_REQUEST)
		device_request(t, b + 2, n - 2);
	else if (t->stage == ASK_FUNCTIONS && b[0] == E_FUNCTIONS && b[1] == E_REQUEST)
		functions_request(t, b + 2, n - 2);
	else if (t->stage == ASK_FUNCTIONS && b[0] == E_FUNCTIONS && b[1] == E_IS)
		functions_is(t, b + 2, n - 2);
}

/* ---- options as the client answers them */

static void agreed(struct tn3270 *t, unsigned which)
{
	t->agreed |= which;
	if (t->stage == ASK_3270 && t->agreed == AGREED_ALL)
		settle(t, TN3270_CLASSIC);
}

static void refused_3270(struct tn3270 *t)
{
	if (t->stage == ASK_3270)
		settle(t, TN3270_NVT);
}

static void they_will(struct tn3270 *t, uint8_t option)
{
	static const char follows[] = { 1 };

	switch (option) {
	case OPT_START_TLS:
		if (t->stage == ASK_TLS)
			telnet_subnegotiation(t->telnet, OPT_START_TLS, follows, 1);
		break;
	case OPT_TN3270E:
		if (t->stage == ASK_EXTENDED)
			begin_extended(t);
		break;
	case TELNET_TELOPT_TTYPE:
		if (t->stage == ASK_TYPE)
			telnet_ttype_send(t->telnet);
		break;
	case TELNET_TELOPT_EOR: agreed(t, AGREED_THEIR_EOR); break;
	case TELNET_TELOPT_BINARY: agreed(t, AGREED_THEIR_BINARY); break;
	default: break;
	}
}

/* The client will not, or no longer. */
static void they_wont(struct tn3270 *t, uint8_t option)
{
	switch (option) {
	case OPT_START_TLS:
		if (t->stage != ASK_TLS)
			break;
		t->tls_done = true;
		ask_next(t);
		break;
	case OPT_TN3270E:
		if (t->stage < ASK_EXTENDED || t->stage > ASK_FUNCTIONS)
			break;
		t->skip_extended = true;
		ask_type(t);
		break;
	case TELNET_TELOPT_TTYPE:
		if (t->stage == ASK_TYPE)
			settle(t, TN3270_NVT);
		break;
	case TELNET_TELOPT_EOR:
	case TELNET_TELOPT_BINARY: refused_3270(t); break;
	default: break;
	}
}

static bool is_3270_option(uint8_t option)
{
	return option == TELNET_TELOPT_EOR || option == TELNET_TELOPT_BINARY;
}

/* WILL: an answer, or an offer; only those that 3270 needs are taken unasked. */
static void got_will(struct tn3270 *t, uint8_t option)
{
	enum option was = t->them[option];

	if (was == OPTION_YES)
		return;
	if (was == OPTION_NO && !is_3270_option(option)) {
		telnet_negotiate(t->telnet, TELNET_DONT, option);
		return;
	}
	t->them[option] = OPTION_YES;
	if (was == OPTION_NO)
		telnet_negotiate(t->telnet, TELNET_DO, option);
	they_will(t, option);
}

static void got_wont(struct tn3270 *t, uint8_t option)
{
	enum option was = t->them[option];

	t->them[option] = OPTION_NO;
	if (was == OPTION_YES)
		telnet_negotiate(t->telnet, TELNET_DONT, option);
	if (was != OPTION_NO)
		they_wont(t, option);
}

static void got_do(struct tn3270 *t, uint8_t option)
{
	enum option was = t->us[option];

	if (was == OPTION_YES)
		return;
	if (was == OPTION_NO && !is_3270_option(option)) {
		telnet_negotiate(t->telnet, TELNET_WONT, option);
		return;
	}
	t->us[option] = OPTION_YES;
	if (was == OPTION_NO)
		telnet_negotiate(t->telnet, TELNET_WILL, option);
	if (is_3270_option(option))
		agreed(t,
		       option == TELNET_TELOPT_EOR ? AGREED_OUR_EOR : AGREED_OUR_BINARY);
}

static void got_dont(struct tn3270 *t, uint8_t option)
{
	enum option was = t->us[option];

	t->us[option] = OPTION_NO;
	if (was == OPTION_YES)
		telnet_negotiate(t->telnet, TELNET_WONT, option);
	if (was != OPTION_NO && is_3270_option(option))
		refused_3270(t);
}

/* ---- data */

static void data(struct tn3270 *t, const uint8_t *bytes, size_t n)
{
	if (t->mode == TN3270_NVT) {
		t->ev->text(t->arg, bytes, n);
		return;
	}
	if (t->record.length + n > RECORD_MAX)
		fail(t, "record too long");
	else
		bytebuf_put(&t->record, bytes, n);
}

static void response(struct tn3270 *t, const uint8_t *header, size_t n)
{
	bool negative = header[2] == 1;

	t->ev->response(t->arg, be16(header + 3),
			negative ? n > HEADER ? header[HEADER] : 0 : -1);
}

static void send_sscp(struct tn3270 *t, const char *text)
{
	static const uint8_t header[HEADER] = { TYPE_SSCP_DATA };
	size_t n = strlen(text);
	uint8_t line[64];

	ebcdic_from_latin1(&codepage_037, line, text, n);
	line[n++] = 0x15; /* new line */
	t->frame.length = 0;
	bytebuf_put(&t->frame, header, sizeof(header));
	bytebuf_put(&t->frame, line, n);
	telnet_send(t->telnet, (const char *)t->frame.data, t->frame.length);
	telnet_iac(t->telnet, TELNET_EOR);
}

/* RFC 2355, "The SYSREQ Function": LOGOFF is all that a server has to know. */
static void sscp_data(struct tn3270 *t, const uint8_t *b, size_t n)
{
	char text[8] = "", *end = text;

	for (size_t i = 0; i < n && end < text + sizeof(text) - 1; i++) {
		char c = (char)codepage_037.to_latin1[b[i]];

		if (c > ' ')
			*end++ = c;
	}
	if (strcasecmp(text, "LOGOFF") == 0)
		t->ev->logoff(t->arg);
	else
		send_sscp(t, "COMMAND UNRECOGNIZED");
}

static void system_request(struct tn3270 *t)
{
	if (t->mode == TN3270_EXTENDED && t->functions & 1u << FUNCTION_SYSREQ)
		t->sscp = !t->sscp;
	t->ev->sysreq(t->arg);
}

static void extended_record(struct tn3270 *t, const uint8_t *b, size_t n)
{
	if (n < HEADER)
		return;
	if (b[0] == TYPE_3270_DATA)
		t->ev->record(t->arg, b + HEADER, n - HEADER);
	else if (b[0] == TYPE_RESPONSE)
		response(t, b, n);
	else if (b[0] == TYPE_SSCP_DATA && t->sscp)
		sscp_data(t, b + HEADER, n - HEADER);
}

static void end_of_record(struct tn3270 *t)
{
	struct bytebuf whole = t->record;

	if (t->mode == TN3270_NEGOTIATING || t->mode == TN3270_NVT)
		return;
	/* The events may start a new record only later: nothing is re-entered. */
	if (t->mode == TN3270_CLASSIC)
		t->ev->record(t->arg, whole.data, whole.length);
	else
		extended_record(t, whole.data, whole.length);
	t->record.length = 0;
}

static void command(struct tn3270 *t, unsigned char cmd)
{
	static const uint8_t yes[] = "\r\n[yes]\r\n";

	switch (cmd) {
	case TELNET_EOR: end_of_record(t); break;
	case TELNET_BREAK:
	case TELNET_IP:
		if (t->mode != TN3270_NEGOTIATING)
			t->ev->attention(t->arg);
		break;
	case TELNET_AO:
		if (t->mode != TN3270_NEGOTIATING)
			system_request(t);
		break;
	case TELNET_AYT:
		if (t->mode == TN3270_NVT)
			tn3270_send_text(t, yes, sizeof(yes) - 1);
		break;
	default: break;
	}
}

static void subnegotiation(struct tn3270 *t, unsigned option, const uint8_t *b, size_t n)
{
	if (option == OPT_TN3270E)
		extended_subnegotiation(t, b, n);
	else if (option == TELNET_TELOPT_NAWS && n == 4 && t->mode == TN3270_NVT)
		t->ev->window(t->arg, be16(b), be16(b + 2));
	else if (option == OPT_START_TLS && t->stage == ASK_TLS && n == 1 && b[0] == 1)
		t->tls_begins = true;
}

static void telnet_event(telnet_t *telnet, telnet_event_t *e, void *arg)
{
	struct tn3270 *t = arg;

	(void)telnet;
	if (t->dead)
		return;
	switch (e->type) {
	case TELNET_EV_DATA:
		data(t, (const uint8_t *)e->data.buffer, e->data.size);
		break;
	case TELNET_EV_SEND:
		t->ev->send(t->arg, (const uint8_t *)e->data.buffer, e->data.size);
		break;
	case TELNET_EV_IAC: command(t, e->iac.cmd); break;
	case TELNET_EV_WILL: got_will(t, e->neg.telopt); break;
	case TELNET_EV_WONT: got_wont(t, e->neg.telopt); break;
	case TELNET_EV_DO: got_do(t, e->neg.telopt); break;
	case TELNET_EV_DONT: got_dont(t, e->neg.telopt); break;
	case TELNET_EV_SUBNEGOTIATION:
		subnegotiation(t, e->sub.telopt, (const uint8_t *)e->sub.buffer,
			       e->sub.size);
		break;
	case TELNET_EV_TTYPE:
		if (e->ttype.cmd == TELNET_TTYPE_IS && e->ttype.name)
			type_answer(t, e->ttype.name);
		break;
	case TELNET_EV_COMPRESS:
		/* Never agreed; the library would inflate without a limit. */
		fail(t, "compression that was not agreed");
		break;
	case TELNET_EV_ERROR: fail(t, "telnet protocol error"); break;
	default: break;
	}
}

/* ---- what the owner calls */

static void make_telnet(struct tn3270 *t)
{
	t->telnet = telnet_init(nothing, telnet_event, TELNET_FLAG_PROXY, t);
	if (!t->telnet)
		BUG("out of memory");
}

struct tn3270 *tn3270_new(const struct tn3270_options *options,
			  const struct tn3270_events *events, void *arg)
{
	struct tn3270 *t = calloc(1, sizeof(*t));

	if (!t)
		BUG("out of memory");
	t->options = *options;
	t->ev = events;
	t->arg = arg;
	t->rows = 24;
	t->columns = 80;
	make_telnet(t);
	return t;
}

void tn3270_free(struct tn3270 *t)
{
	if (!t)
		return;
	telnet_free(t->telnet);
	bytebuf_free(&t->record);
	bytebuf_free(&t->frame);
	free(t);
}

void tn3270_start(struct tn3270 *t)
{
	ask_next(t);
}

void tn3270_restart(struct tn3270 *t)
{
	telnet_free(t->telnet);
	make_telnet(t);
	t->tls_done = true;
	t->tls_begins = false;
	t->record.length = 0;
	t->agreed = t->types = t->refusals = 0;
	memset(t->us, 0, sizeof(t->us));
	memset(t->them, 0, sizeof(t->them));
	ask_next(t);
}

size_t tn3270_receive(struct tn3270 *t, const uint8_t *bytes, size_t n)
{
	size_t done = 0;

	/* TLS may begin at any byte: then what follows is not telnet. */
	while (t->stage == ASK_TLS && !t->tls_begins && !t->dead && done < n)
		telnet_recv(t->telnet, (const char *)bytes + done++, 1);
	if (t->dead)
		return n;
	if (t->tls_begins)
		return done;
	if (done < n)
		telnet_recv(t->telnet, (const char *)bytes + done, n - done);
	return n;
}

void tn3270_give_up(struct tn3270 *t)
{
	if (t->stage != SETTLED && !t->dead)
		settle(t, TN3270_NVT);
}

bool tn3270_wants_tls(const struct tn3270 *t)
{
	return t->tls_begins;
}

enum tn3270_mode tn3270_mode(const struct tn3270 *t)
{
	return t->mode;
}

const char *tn3270_type(const struct tn3270 *t)
{
	return t->type;
}

const char *tn3270_lu(const struct tn3270 *t)
{
	return t->lu;
}

unsigned tn3270_rows(const struct tn3270 *t)
{
	return t->rows;
}

unsigned tn3270_columns(const struct tn3270 *t)
{
	return t->columns;
}

bool tn3270_structured(const struct tn3270 *t)
{
	return t->structured;
}

bool tn3270_in_sscp(const struct tn3270 *t)
{
	return t->sscp;
}

/* Is the function agreed (TN3270E)? */
static bool tn3270_responses(const struct tn3270 *t)
{
	return t->mode == TN3270_EXTENDED && t->functions & 1u << FUNCTION_RESPONSES;
}

unsigned tn3270_send(struct tn3270 *t, const uint8_t *bytes, size_t n, bool want_response)
{
	uint8_t header[HEADER] = { TYPE_3270_DATA };
	unsigned number = 0;

	if (t->dead)
		return 0;
	if (t->mode == TN3270_CLASSIC) {
		telnet_send(t->telnet, (const char *)bytes, n);
		telnet_iac(t->telnet, TELNET_EOR);
		return 0;
	}
	if (want_response && tn3270_responses(t)) {
		t->number = (uint16_t)(t->number == 0x7FFF ? 1 : t->number + 1);
		number = t->number;
		header[2] = RESPONSE_ALWAYS;
		put_be16(header + 3, t->number);
	}
	t->frame.length = 0;
	bytebuf_put(&t->frame, header, sizeof(header));
	bytebuf_put(&t->frame, bytes, n);
	telnet_send(t->telnet, (const char *)t->frame.data, t->frame.length);
	telnet_iac(t->telnet, TELNET_EOR);
	return number;
}

void tn3270_send_text(struct tn3270 *t, const uint8_t *bytes, size_t n)
{
	if (!t->dead)
		telnet_send(t->telnet, (const char *)bytes, n);
}

void tn3270_hide_typing(struct tn3270 *t, bool hide)
{
	if (t->dead)
		return;
	if (hide)
		offer(t, TELNET_TELOPT_ECHO);
	else
		withdraw(t, TELNET_TELOPT_ECHO);
}

void tn3270_probe(struct tn3270 *t)
{
	if (!t->dead)
		telnet_iac(t->telnet, TELNET_NOP);
}
