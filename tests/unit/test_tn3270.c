#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "consoles/bytebuf.h"
#include "consoles/tn3270.h"
#include "tests/unit/runner.h"

/*
 * Dialogues: the client's bytes and what has to be answered, in hexadecimal,
 * and what the owner was told at the end. A step without an answer: nothing may
 * be sent.
 */
struct peer {
	struct tn3270 *t;
	struct bytebuf out;
	char log[1000];
};

static void note(struct peer *p, const char *text)
{
	snprintf(p->log + strlen(p->log), sizeof(p->log) - strlen(p->log), "%s ", text);
}

static void note_bytes(struct peer *p, const char *text, const uint8_t *bytes, size_t n)
{
	char line[200];
	size_t at = (size_t)snprintf(line, sizeof(line), "%s=", text);

	for (size_t i = 0; i < n && at + 3 < sizeof(line); i++)
		at += (size_t)sprintf(line + at, "%02X", bytes[i]);
	note(p, line);
}

static void got_send(void *arg, const uint8_t *bytes, size_t n)
{
	bytebuf_put(&((struct peer *)arg)->out, bytes, n);
}

static void got_ready(void *arg)
{
	static const char *const modes[] = { "?", "nvt", "classic", "extended" };
	struct peer *p = arg;
	char text[100];

	snprintf(text, sizeof(text), "ready:%s,%s,%ux%u%s", modes[tn3270_mode(p->t)],
		 tn3270_type(p->t), tn3270_rows(p->t), tn3270_columns(p->t),
		 tn3270_structured(p->t) ? ",wsf" : "");
	note(p, text);
}

static void got_record(void *arg, const uint8_t *bytes, size_t n)
{
	note_bytes(arg, "record", bytes, n);
}

static void got_text(void *arg, const uint8_t *bytes, size_t n)
{
	note_bytes(arg, "text", bytes, n);
}

static void got_window(void *arg, unsigned columns, unsigned rows)
{
	char text[50];

	snprintf(text, sizeof(text), "window:%ux%u", columns, rows);
	note(arg, text);
}

static void got_attention(void *arg)
{
	note(arg, "attention");
}

static void got_sysreq(void *arg)
{
	note(arg, "sysreq");
}

static void got_logoff(void *arg)
{
	note(arg, "logoff");
}

static void got_response(void *arg, unsigned number, int sense)
{
	char text[50];

	snprintf(text, sizeof(text), "response:%u,%d", number, sense);
	note(arg, text);
}

static int got_lu(void *arg, char name[9])
{
	char text[20];

	snprintf(text, sizeof(text), "lu:%s", name);
	note(arg, text);
	if (strcmp(name, "TAKEN") == 0)
		return TN3270_DEVICE_IN_USE;
	if (!name[0])
		strcpy(name, "LU1");
	return TN3270_LU_OK;
}

static void got_failed(void *arg, const char *why)
{
	(void)why;
	note(arg, "failed");
}

static const struct tn3270_events events = {
	.send = got_send,
	.ready = got_ready,
	.record = got_record,
	.text = got_text,
	.window = got_window,
	.attention = got_attention,
	.sysreq = got_sysreq,
	.logoff = got_logoff,
	.response = got_response,
	.lu = got_lu,
	.failed = got_failed,
};

/* clang-format off */
#define IBM_3278_2_E "49424D2D333237382D322D45"
#define IBM_3278_4   "49424D2D333237382D34"
#define ANSI         "616E7369"
#define VT100        "7674313030"
/* The way to classic TN3270 once TN3270E is refused. */
#define TO_CLASSIC(type)                                                       \
	{ "FFFC28", "FFFD18" }, { "FFFB18", "FFFA1801FFF0" },                  \
	{ "FFFA1800" type "FFF0", "FFFD19FFFB19FFFD00FFFB00" }
#define CLASSIC(type) TO_CLASSIC(type), { "FFFB19FFFD19FFFB00FFFD00", "" }
#define TO_EXTENDED   { "FFFB28", "FFFA280802FFF0" }
#define EXTENDED                                                               \
	TO_EXTENDED,                                                           \
	{ "FFFA280207" IBM_3278_2_E "FFF0",                                    \
	  "FFFA280204" IBM_3278_2_E "014C5531FFF0" },                          \
	{ "FFFA2803070204FFF0", "FFFA2803040204FFF0" }

#define UNRECOGNIZED                                                           \
	"0700000000C3D6D4D4C1D5C440E4D5D9C5C3D6C7D5C9E9C5C415FFEF"

#define READY_CLASSIC_4 "ready:classic,IBM-3278-4,43x80 "
#define READY_EXTENDED  "lu: ready:extended,IBM-3278-2-E,24x80,wsf "
/* clang-format on */

/* clang-format off */
static const struct dialogue {
	const char *what;
	struct {
		const char *in, *out;
	} steps[12];
	const char *log;
} dialogues[] = {
	{ "classic", { CLASSIC(IBM_3278_4) }, READY_CLASSIC_4 },
	{ "classic, answers in another order",
	  { TO_CLASSIC(IBM_3278_4), { "FFFD00FFFB00FFFD19", "" }, { "FFFB19", "" } },
	  READY_CLASSIC_4 },
	{ "classic, agreed before it was asked",
	  { { "FFFB00FFFD00FFFB19FFFD19", "FFFD00FFFB00FFFD19FFFB19" },
	    { "FFFC28", "FFFD18" },
	    { "FFFB18", "FFFA1801FFF0" },
	    { "FFFA1800" IBM_3278_4 "FFF0", "" } },
	  READY_CLASSIC_4 },
	{ "classic: one byte at a time is the same as all at once",
	  { { "FFFC28FFFB18FFFA1800" IBM_3278_4 "FFF0FFFB19FFFD19FFFB00FFFD00",
	      "FFFD18FFFA1801FFF0FFFD19FFFB19FFFD00FFFB00" } },
	  READY_CLASSIC_4 },
	{ "classic: agreeing twice is not answered",
	  { CLASSIC(IBM_3278_4), { "FFFB00FFFD00FFFB19FFFD19FFFB18", "" } },
	  READY_CLASSIC_4 },
	{ "classic: record", { CLASSIC(IBM_3278_4), { "7D4040FFEF", "" } },
	  READY_CLASSIC_4 "record=7D4040 " },
	{ "classic: doubled FF", { CLASSIC(IBM_3278_4), { "7DFFFF40FFEF", "" } },
	  READY_CLASSIC_4 "record=7DFF40 " },
	{ "classic: record in pieces",
	  { CLASSIC(IBM_3278_4), { "7D", "" }, { "4040FF", "" }, { "EF6CFFEF", "" } },
	  READY_CLASSIC_4 "record=7D4040 record=6C " },
	{ "classic: empty record", { CLASSIC(IBM_3278_4), { "FFEF", "" } },
	  READY_CLASSIC_4 "record= " },
	{ "classic: BREAK, IP, AO",
	  { CLASSIC(IBM_3278_4), { "FFF3FFF4FFF5", "" } },
	  READY_CLASSIC_4 "attention attention sysreq " },
	{ "classic: NOP and unknown commands", { CLASSIC(IBM_3278_4), { "FFF1FFF2FFF9",
	  "" } },
	  READY_CLASSIC_4 },
	{ "classic: timing mark is refused, which is the mark",
	  { CLASSIC(IBM_3278_4), { "FFFD06", "FFFC06" }, { "FFFD06", "FFFC06" } },
	  READY_CLASSIC_4 },
	{ "classic: LU name in the type",
	  { TO_CLASSIC(IBM_3278_4 "40424F58"), { "FFFB19FFFD19FFFB00FFFD00", "" } },
	  READY_CLASSIC_4 },
	{ "classic: binary refused", { TO_CLASSIC(IBM_3278_4), { "FFFC00", "FFFD1F" } },
	  "ready:nvt,IBM-3278-4,24x80 " },
	{ "nvt: no terminal type", { { "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" } },
	  "ready:nvt,,24x80 " },
	{ "nvt: type asked until it repeats",
	  { { "FFFC28", "FFFD18" },
	    { "FFFB18", "FFFA1801FFF0" },
	    { "FFFA1800" ANSI "FFF0", "FFFA1801FFF0" },
	    { "FFFA1800" VT100 "FFF0", "FFFA1801FFF0" },
	    { "FFFA1800" VT100 "FFF0", "FFFD1F" } },
	  "ready:nvt,vt100,24x80 " },
	{ "nvt: a 3270 second in the list",
	  { { "FFFC28", "FFFD18" },
	    { "FFFB18", "FFFA1801FFF0" },
	    { "FFFA1800" ANSI "FFF0", "FFFA1801FFF0" },
	    { "FFFA1800" IBM_3278_4 "FFF0", "FFFD19FFFB19FFFD00FFFB00" },
	    { "FFFB19FFFD19FFFB00FFFD00", "" } },
	  READY_CLASSIC_4 },
	{ "nvt: text", { { "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" }, { "41FFFF0D0A",
	  "" } },
	  "ready:nvt,,24x80 text=41 text=FF text=0D0A " },
	{ "nvt: typed too early", { { "4142", "" }, { "FFFC28", "FFFD18" }, { "FFFC18",
	  "FFFD1F" } },
	  "ready:nvt,,24x80 text=4142 " },
	{ "nvt: window",
	  { { "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" },
	    { "FFFB1FFFFA1F00780028FFF0", "" }, { "FFFA1FFFFF00FFF0", "" } },
	  "ready:nvt,,24x80 window:120x40 " },
	{ "nvt: are you there",
	  { { "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" }, { "FFF6",
	  "0D0A5B7965735D0D0A" } },
	  "ready:nvt,,24x80 " },
	{ "nvt: options of a PC's client are refused",
	  { { "FFFB1FFFFD03FFFB03FFFD01", "FFFE1FFFFC03FFFE03FFFC01" },
	    { "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" } },
	  "ready:nvt,,24x80 " },
	{ "extended", { EXTENDED }, READY_EXTENDED },
	{ "extended: CONNECT",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "01626F7831FFF0",
	      "FFFA280204" IBM_3278_2_E "01424F5831FFF0" },
	    { "FFFA280307FFF0", "FFFA280304FFF0" } },
	  "lu:BOX1 ready:extended,IBM-3278-2-E,24x80,wsf " },
	{ "extended: name in use, then another",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "0154414B454EFFF0", "FFFA2802060501FFF0" },
	    { "FFFA280207" IBM_3278_2_E "0158FFF0",
	  "FFFA280204" IBM_3278_2_E "0158FFF0" },
	    { "FFFA280307FFF0", "FFFA280304FFF0" } },
	  "lu:TAKEN lu:X ready:extended,IBM-3278-2-E,24x80,wsf " },
	{ "extended: bad names",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "01414243444546474849FFF0",
	  "FFFA2802060503FFF0" },
	    { "FFFA280207" IBM_3278_2_E "012FFFF0", "FFFA2802060503FFF0" } },
	  "" },
	{ "extended: printer, ASSOCIATE, no terminal at all",
	  { TO_EXTENDED,
	    { "FFFA28020749424D2D333238372D31FFF0", "FFFA2802060504FFF0" },
	    { "FFFA280207" IBM_3278_2_E "0058FFF0", "FFFA2802060502FFF0" },
	    { "FFFA280207" ANSI "FFF0", "FFFA2802060504FFF0" } },
	  "" },
	{ "extended: gives up after a refusal, goes on in classic",
	  { TO_EXTENDED,
	    { "FFFA28020749424D2D333238372D31FFF0", "FFFA2802060504FFF0" },
	    { "FFFC28", "FFFE28FFFD18" },
	    { "FFFB18", "FFFA1801FFF0" },
	    { "FFFA1800" IBM_3278_4 "FFF0", "FFFD19FFFB19FFFD00FFFB00" },
	    { "FFFB19FFFD19FFFB00FFFD00", "" } },
	  READY_CLASSIC_4 },
	{ "extended: more functions than we have",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "FFF0",
	  "FFFA280204" IBM_3278_2_E "014C5531FFF0" },
	    { "FFFA2803070002030405FFF0", "FFFA2803070204FFF0" },
	    { "FFFA2803040204FFF0", "" } },
	  READY_EXTENDED },
	{ "extended: the client wants fewer",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "FFF0",
	  "FFFA280204" IBM_3278_2_E "014C5531FFF0" },
	    { "FFFA28030700FFF0", "FFFA280307FFF0" },
	    { "FFFA280304FFF0", "" } },
	  READY_EXTENDED },
	{ "extended: record", { EXTENDED, { "00000000017D4040FFEF", "" } },
	  READY_EXTENDED "record=7D4040 " },
	{ "extended: responses",
	  { EXTENDED, { "020000000500FFEF", "" }, { "020001000602FFEF", "" } },
	  READY_EXTENDED "response:5,-1 response:6,2 " },
	{ "extended: header too short", { EXTENDED, { "0000FFEF", "" } },
	  READY_EXTENDED },
	{ "extended: other data types", { EXTENDED, { "0700000001C1FFEF", "" } },
	  READY_EXTENDED },
	{ "extended: SYSREQ", { EXTENDED, { "FFF5", "" } }, READY_EXTENDED "sysreq " },
	{ "extended: session with the system",
	  { EXTENDED, { "FFF5", "" }, { "0700000000C1C2FFEF", UNRECOGNIZED },
	    { "0700000000FFEF", UNRECOGNIZED }, { "FFF5", "" },
	    { "00000000007D4040FFEF", "" } },
	  READY_EXTENDED "sysreq sysreq record=7D4040 " },
	{ "extended: LOGOFF to the system",
	  { EXTENDED, { "FFF5", "" }, { "0700000000009396870040D6C6C6FFEF", "" } },
	  READY_EXTENDED "sysreq logoff " },
	{ "extended: no session, no answer",
	  { EXTENDED, { "0700000000D3D6C7D6C6C6FFEF", "" } }, READY_EXTENDED },
	{ "extended: SYSREQ that was not agreed",
	  { TO_EXTENDED,
	    { "FFFA280207" IBM_3278_2_E "FFF0",
	      "FFFA280204" IBM_3278_2_E "014C5531FFF0" },
	    { "FFFA28030702FFF0", "FFFA28030402FFF0" }, { "FFF5", "" },
	    { "0700000000C1FFEF", "" } },
	  READY_EXTENDED "sysreq " },
	{ "extended: sub-negotiation out of turn",
	  { { "FFFA280207" IBM_3278_2_E "FFF0", "" }, EXTENDED,
	    { "FFFA2803070204FFF0FFFA28FFF0FFFA2808FFF0", "" } },
	  READY_EXTENDED },
	{ "compression nobody agreed to", { { "FFFA56FFF0", "" } }, "failed " },
};
/* clang-format on */

static void play(struct peer *p, const struct dialogue *d, bool single)
{
	for (size_t i = 0; i < ARRAY_SIZE(d->steps) && d->steps[i].in; i++) {
		const char *in = d->steps[i].in, *out = d->steps[i].out;
		uint8_t bytes[400], want[400];
		size_t n = 0, m = 0;
		unsigned b;

		for (; sscanf(in, "%2x", &b) == 1; in += 2)
			bytes[n++] = (uint8_t)b;
		for (; sscanf(out, "%2x", &b) == 1; out += 2)
			want[m++] = (uint8_t)b;
		p->out.length = 0;
		for (size_t k = 0; single && k < n; k++)
			tn3270_receive(p->t, bytes + k, 1);
		if (!single)
			tn3270_receive(p->t, bytes, n);
		ck_assert_msg(p->out.length == m && (!m || !memcmp(p->out.data, want, m)),
			      "%s: wrong answer of %zu bytes to step %zu", d->what,
			      p->out.length, i);
	}
}

static void begin(struct peer *p, bool start_tls)
{
	const struct tn3270_options options = { .start_tls = start_tls };

	memset(p, 0, sizeof(*p));
	p->t = tn3270_new(&options, &events, p);
	tn3270_start(p->t);
}

static void end(struct peer *p)
{
	tn3270_free(p->t);
	bytebuf_free(&p->out);
}

START_TEST(dialogue_goes_as_written)
{
	struct peer p;

	begin(&p, false);
	ck_assert_mem_eq(p.out.data, "\xFF\xFD\x28", 3);
	play(&p, &dialogues[_i], false);
	ck_assert_msg(strcmp(p.log, dialogues[_i].log) == 0,
		      "%s: log is \"%s\", not \"%s\"", dialogues[_i].what, p.log,
		      dialogues[_i].log);
	end(&p);
}
END_TEST

/* Text comes in smaller pieces then, so the logs of the NVT are not compared. */
START_TEST(dialogue_byte_by_byte)
{
	struct peer p;

	begin(&p, false);
	play(&p, &dialogues[_i], true);
	if (!strstr(dialogues[_i].log, "nvt"))
		ck_assert_str_eq(p.log, dialogues[_i].log);
	end(&p);
}
END_TEST

static const struct dialogue to_classic = { "", { CLASSIC(IBM_3278_4) }, "" };
static const struct dialogue to_extended = { "", { EXTENDED }, "" };

START_TEST(records_are_framed)
{
	struct peer p;

	begin(&p, false);
	play(&p, &to_classic, false);
	p.out.length = 0;
	ck_assert_uint_eq(tn3270_send(p.t, (const uint8_t *)"\xF1\xFF\xC1", 3, true), 0);
	ck_assert_uint_eq(p.out.length, 6);
	ck_assert_mem_eq(p.out.data, "\xF1\xFF\xFF\xC1\xFF\xEF", 6);
	end(&p);
}
END_TEST

START_TEST(extended_records_have_a_header)
{
	struct peer p;

	begin(&p, false);
	play(&p, &to_extended, false);
	p.out.length = 0;
	ck_assert_uint_eq(tn3270_send(p.t, (const uint8_t *)"\xF1", 1, false), 0);
	ck_assert_mem_eq(p.out.data, "\0\0\0\0\0\xF1\xFF\xEF", 8);
	p.out.length = 0;
	ck_assert_uint_eq(tn3270_send(p.t, (const uint8_t *)"\xF1", 1, true), 1);
	ck_assert_mem_eq(p.out.data, "\0\0\2\0\1\xF1\xFF\xEF", 8);
	for (unsigned i = 2; i < 0x100; i++)
		ck_assert_uint_eq(tn3270_send(p.t, (const uint8_t *)"\xF1", 1, true), i);
	/* The number's own FF is doubled too. */
	ck_assert_mem_eq(p.out.data + p.out.length - 9, "\0\0\2\0\xFF\xFF\xF1\xFF\xEF",
			 9);
	end(&p);
}
END_TEST

START_TEST(typing_is_hidden_and_shown)
{
	static const struct dialogue nvt = {
		"", {{ "FFFC28", "FFFD18" }, { "FFFC18", "FFFD1F" }},
			""
	};
	struct peer p;

	begin(&p, false);
	play(&p, &nvt, false);
	p.out.length = 0;
	tn3270_hide_typing(p.t, true);
	tn3270_hide_typing(p.t, true);
	tn3270_receive(p.t, (const uint8_t *)"\xFF\xFD\x01", 3);
	tn3270_hide_typing(p.t, false);
	tn3270_hide_typing(p.t, false);
	tn3270_receive(p.t, (const uint8_t *)"\xFF\xFE\x01", 3);
	ck_assert_uint_eq(p.out.length, 6);
	ck_assert_mem_eq(p.out.data, "\xFF\xFB\x01\xFF\xFC\x01", 6);
	end(&p);
}
END_TEST

START_TEST(give_up_makes_an_nvt_once)
{
	struct peer p;

	begin(&p, false);
	tn3270_give_up(p.t);
	tn3270_give_up(p.t);
	ck_assert_str_eq(p.log, "ready:nvt,,24x80 ");
	tn3270_receive(p.t, (const uint8_t *)"\xFF\xFB\x28", 3); /* too late */
	ck_assert_str_eq(p.log, "ready:nvt,,24x80 ");
	end(&p);
}
END_TEST

START_TEST(tls_begins_at_the_right_byte)
{
	static const uint8_t in[] = {
		255, 251, 46, 255, 250, 46, 1, 255, 240, 0x16, 0x03
	};
	struct peer p;

	begin(&p, true);
	ck_assert_mem_eq(p.out.data, "\xFF\xFD\x2E", 3);
	ck_assert_uint_eq(tn3270_receive(p.t, in, sizeof(in)), 9);
	ck_assert(tn3270_wants_tls(p.t));
	ck_assert_mem_eq(p.out.data + 3, "\xFF\xFA\x2E\x01\xFF\xF0", 6);
	p.out.length = 0;
	tn3270_restart(p.t);
	ck_assert(!tn3270_wants_tls(p.t));
	ck_assert_mem_eq(p.out.data, "\xFF\xFD\x28", 3);
	play(&p, &to_extended, false);
	ck_assert_str_eq(p.log, READY_EXTENDED);
	end(&p);
}
END_TEST

START_TEST(tls_refused)
{
	static const struct dialogue refuse = { "", { { "FFFC2E", "FFFD28" } }, "" };
	struct peer p;

	begin(&p, true);
	play(&p, &refuse, false);
	play(&p, &to_extended, false);
	ck_assert_str_eq(p.log, READY_EXTENDED);
	end(&p);
}
END_TEST

START_TEST(endless_record_is_cut_off)
{
	static uint8_t bytes[70000];
	struct peer p;

	begin(&p, false);
	play(&p, &to_classic, false);
	tn3270_receive(p.t, bytes, sizeof(bytes));
	ck_assert_str_eq(p.log, READY_CLASSIC_4 "failed ");
	end(&p);
}
END_TEST

START_TEST(endless_device_requests_are_cut_off)
{
	static const char request[] = "\xFF\xFA\x28\x02\x07X\xFF\xF0";
	static const struct dialogue to = { "", { TO_EXTENDED }, "" };
	struct peer p;

	begin(&p, false);
	play(&p, &to, false);
	for (int i = 0; i < 100; i++)
		tn3270_receive(p.t, (const uint8_t *)request, sizeof(request) - 1);
	ck_assert_str_eq(p.log, "failed ");
	end(&p);
}
END_TEST

static Suite *tn3270_suite(void)
{
	Suite *s = suite_create("tn3270");
	TCase *tc = tcase_create("protocol");

	tcase_add_loop_test(tc, dialogue_goes_as_written, 0, (int)ARRAY_SIZE(dialogues));
	tcase_add_loop_test(tc, dialogue_byte_by_byte, 0, (int)ARRAY_SIZE(dialogues));
	tcase_add_test(tc, records_are_framed);
	tcase_add_test(tc, extended_records_have_a_header);
	tcase_add_test(tc, typing_is_hidden_and_shown);
	tcase_add_test(tc, give_up_makes_an_nvt_once);
	tcase_add_test(tc, tls_begins_at_the_right_byte);
	tcase_add_test(tc, tls_refused);
	tcase_add_test(tc, endless_record_is_cut_off);
	tcase_add_test(tc, endless_device_requests_are_cut_off);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(tn3270_suite());
}
