/*
 * NJE over TCP without sockets: its control records and blocks, and the station that a
 * machine talks to.
 */
#include "devices/nje_station.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "devices/nje_frame.h"
#include "devices/nje_words.h"
#include "tests/unit/hex.h"
#include "tests/unit/runner.h"

/* ---- frames */

START_TEST(a_control_record)
{
	static const char wire[] = "D6D7C5D540404040 C1D3D7C8C1404040 7F000001 "
				   "C2C5E3C140404040 7F000002 00";
	struct nje_control c = { .type = NJE_OPEN,
				 .from_ip = 0x7F000001,
				 .to_ip = 0x7F000002 },
			   back;
	uint8_t bytes[NJE_CONTROL], want[NJE_CONTROL];

	ck_assert_uint_eq(from_hex(wire, want), NJE_CONTROL);
	ck_assert(nje_name_put("alpha", c.from) && nje_name_put("BETA", c.to));
	nje_control_put(&c, bytes);
	ck_assert_mem_eq(bytes, want, NJE_CONTROL);
	nje_control_get(&back, bytes);
	ck_assert(back.type == NJE_OPEN && back.to_ip == c.to_ip && back.reason == 0);
	ck_assert_mem_eq(back.from, c.from, NJE_NAME);
	ck_assert_mem_eq(back.to, c.to, NJE_NAME);
	c.type = NJE_NAK;
	c.reason = NJE_LINK_OPENING;
	nje_control_put(&c, bytes);
	nje_control_get(&back, bytes);
	ck_assert(back.type == NJE_NAK && back.reason == NJE_LINK_OPENING);
	bytes[4] = 0; /* "NAK" and what is no blank */
	nje_control_get(&back, bytes);
	ck_assert(back.type == NJE_UNKNOWN);
}
END_TEST

START_TEST(node_names)
{
	static const uint8_t odd[NJE_NAME] = { 0xC1, 0x00, 0xFF, 0x4B, 0x40, 0xC2 };
	uint8_t name[NJE_NAME];
	char text[NJE_NAME + 1];

	ck_assert(nje_name_put("Node1234", name));
	nje_name_text(name, text);
	ck_assert_str_eq(text, "NODE1234");
	ck_assert(!nje_name_put("", name) && !nje_name_put("NODE12345", name));
	ck_assert(!nje_name_put("A B", name) && !nje_name_put("\xE9", name));
	nje_name_text(odd, text);
	ck_assert_str_eq(text, "A....B..");
}
END_TEST

static const struct block_case {
	const char *what, *block;
	const char *records; /* "R2 R3 END": their lengths */
} block_cases[] = {
	{"one record",			"0000 0012 00000000 0000 0002 012D 0000 0000",		       "R2 END"},
	{ "two",			   "0000 0018 00000000 0000 0002 1070 8000 0002 323D 0000 0000",
	  "R2 R2 END"											     },
	{ "none",			  "0000 000C 00000000 0000 0000",				  "END"	},
	{ "not even an end",		     "0000 0008 00000000",					   "END"	 },
	{ "without an end",		    "0000 000E 00000000 0000 0002 012D",				 "R2 END"},
	{ "something behind the end",      "0000 000E 00000000 0000 0000 C1C2",			   "END"	 },
	{ "half a header",		   "0000 000A 00000000 0000",				      "BROKEN"},
	{ "beyond its block",	      "0000 000E 00000000 0000 0003 012D",			   "BROKEN"},
	{ "far beyond",			"0000 000E 00000000 0000 FFFF 012D",			     "BROKEN"},
	{ "half a header behind a record", "0000 0010 00000000 0000 0002 012D 0000",
	  "R2 BROKEN"											     },
	{ "length 0",		      "0000 0000 00000000",					    "NONE"  },
	{ "shorter than its header",	     "0000 0007 00000000",					   "NONE"  },
	{ "longer than agreed",		"0000 0401 00000000",					      "NONE"  },
};

START_TEST(blocks)
{
	const struct block_case *c = &block_cases[_i];
	char got[80] = "";
	uint8_t text[64], *block, *record, flags;
	size_t n = from_hex(c->block, text), length = nje_block_length(text, 1024),
	       at = 8, size;
	enum nje_next next = NJE_RECORD;

	block = malloc(n); /* so that a sanitizer sees what goes beyond */
	memcpy(block, text, n);
	if (length == 0)
		strcpy(got, "NONE");
	else
		ck_assert_uint_eq(length, n);
	while (length && next == NJE_RECORD) {
		next = nje_block_next(block, length, &at, &record, &size, &flags);
		if (next == NJE_RECORD)
			sprintf(got + strlen(got), "R%zu ", size);
		else
			strcat(got, next == NJE_END ? "END" : "BROKEN");
	}
	ck_assert_msg(strcmp(got, c->records) == 0, "%s: %s", c->what, got);
	free(block);
}
END_TEST

START_TEST(made_blocks)
{
	static const uint8_t record[] = { 0x01, 0x2D };
	uint8_t block[64], want[64];
	size_t n = from_hex(block_cases[0].block, want);

	memset(block, 0xEE, sizeof(block));
	ck_assert_uint_eq(nje_block_put(block, record, 2), n);
	ck_assert_mem_eq(block, want, n);
	n = from_hex("0000 000C 00000000 0000 0000", want);
	ck_assert_uint_eq(nje_block_put(block, NULL, 0), n);
	ck_assert_mem_eq(block, want, n);
}
END_TEST

/* ---- the station */

static struct nje_station *s;

static void station_setup(void)
{
	s = calloc(1, sizeof(*s));
	nje_station_reset(s);
}

static void station_teardown(void)
{
	free(s);
}

static void check_bytes(const char *what, const uint8_t *got, size_t n, const char *text)
{
	uint8_t want[256];

	ck_assert_msg(from_hex(text, want) == n && memcmp(got, want, n) == 0,
		      "%s: not %s: %zu bytes, %02X%02X%02X", what, text, n,
		      n ? got[0] : 0, n > 1 ? got[1] : 0, n > 2 ? got[2] : 0);
}

/* The machine sends that, one message; then it goes out so (NULL: not at all). */
static void machine_sends(const char *text, const char *out)
{
	enum nje_heard heard = NJE_HEARD_MORE;
	const uint8_t *record = NULL;
	uint8_t bytes[256];
	size_t n = from_hex(text, bytes), length = 0;

	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(heard == NJE_HEARD_MORE, "%s: ends before", text);
		heard = nje_station_hear(s, bytes[i], &record, &length);
	}
	ck_assert_msg(heard == (out ? NJE_HEARD_RECORD : NJE_HEARD_NOTHING), "%s: %d",
		      text, heard);
	if (out)
		check_bytes(text, record, length, out);
}

/* The machine reads that; "": nothing. */
static void machine_reads(const char *text)
{
	uint8_t bytes[256];

	nje_station_answer(s, false);
	check_bytes("machine reads", bytes, nje_station_give(s, bytes, sizeof(bytes)),
		    text);
}

static void arrives_with(uint8_t flags, const char *text)
{
	uint8_t bytes[256];
	size_t n = from_hex(text, bytes);
	const char *fault = "";

	ck_assert(nje_station_wants(s));
	ck_assert_msg(nje_station_take(s, bytes, n, flags, &fault), "%s: %s", text,
		      fault);
}

static void arrives(const char *text)
{
	arrives_with(0, text);
}

#define I_RECORD "1002808FCF F0C929 D7C9D5C740404040 01 00000000 0000 0400 " NO_PASS "00 "
#define J_RECORD "1002808FCF F0D129 D7D6D5C740404040 01 00000000 0000 0400 " NO_PASS "00 "
#define NO_PASS	 "4040404040404040 4040404040404040 "

/* Two stations' sign-on from either side. */
static void signed_on(bool primary)
{
	nje_station_link(s, primary);
	if (primary) {
		machine_sends("01 2D", "01 2D");
		arrives("10 70");
		machine_reads("10 70");
		machine_sends(I_RECORD "80000000 00 1026", I_RECORD "00000000 00");
		ck_assert(!s->signed_on);
		machine_reads("");
		arrives(J_RECORD "80000000 00");
		machine_reads(J_RECORD "00000000 00 1026");
	} else {
		machine_sends("32 32 01 2D", NULL); /* the other side bids */
		arrives("01 2D");
		machine_reads("01 2D");
		machine_sends("10 70", "10 70");
		machine_reads("");
		arrives(I_RECORD "C0000000 00");
		machine_reads(I_RECORD "40000000 00 1026");
		ck_assert(!s->signed_on);
		machine_sends(J_RECORD "80000000 00 1026", J_RECORD "00000000 00");
		machine_reads("1002908FCF001026"); /* J is acknowledged here */
	}
	ck_assert(s->signed_on);
}

START_TEST(sign_on)
{
	signed_on(_i);
	machine_reads("");
	machine_sends("10 70", NULL); /* stays here */
}
END_TEST

/* NAK instead of a bid: who has opened the link would be the secondary. */
START_TEST(a_primary_that_will_not)
{
	nje_station_link(s, true);
	machine_sends("32 3D", "32 3D");
	arrives("01 2D");
	machine_reads("01 2D");
	machine_sends("10 70", "10 70");
	arrives(I_RECORD "00000000 00");
	machine_reads(I_RECORD "00000000 00 1026");
	machine_sends(J_RECORD "00000000 00 1026", J_RECORD "00000000 00");
	ck_assert(s->signed_on);
}
END_TEST

START_TEST(a_secondary_that_must)
{
	nje_station_link(s, false);
	arrives("32 3D");
	machine_reads("32 3D");
	machine_sends("01 2D", "01 2D");
	arrives("10 70");
	machine_reads("10 70");
	machine_sends(I_RECORD "00000000 00 1026", I_RECORD "00000000 00");
	arrives(J_RECORD "00000000 00");
	ck_assert(s->signed_on);
}
END_TEST

START_TEST(blocks_both_ways)
{
	signed_on(true);
	/* DLE within text: doubled to and from the machine, not outside. */
	machine_sends("3232 1002818FCF9880C11010261010 00 1026",
		      "1002818FCF9880C1102610 00");
	machine_reads("1002908FCF001026");
	machine_reads("");
	arrives("1002818FCF9880C1102610 00");
	machine_reads("1002818FCF9880C11010261010 00 1026");
	/* What arrives answers a block: nothing of our own then. */
	machine_sends("1002828FCF9880C200 1026", "1002828FCF9880C200");
	arrives("1002828FCF9880C300");
	machine_reads("1002828FCF9880C300 1026");
	machine_reads("");
}
END_TEST

START_TEST(what_stays_here_is_not_counted)
{
	signed_on(true);
	machine_sends("1002818FCF00 1026", NULL);
	machine_reads("1002908FCF001026");
	machine_sends("10028F8FCF9880C100 1026", "1002A08FCF9880C100"); /* 15, then 0 */
	machine_sends("1002808FCF9880C100 1026", "1002808FCF9880C100");
	machine_sends("1002918FCF00 1026", NULL);
	machine_sends("1002918FCF9880C100 1026", "1002918FCF9880C100"); /* not counted */
}
END_TEST

START_TEST(a_machine_that_wants_no_data)
{
	signed_on(true);
	machine_sends("100281C0809880C100 1026", "100281C0809880C100");
	ck_assert(!nje_station_wants(s));
	machine_reads("1002908FCF001026");
	machine_reads("1002908FCF001026"); /* as often as it asks */
	machine_sends("1002828FCF9880C100 1026", "1002828FCF9880C100");
	ck_assert(nje_station_wants(s));
}
END_TEST

START_TEST(a_machine_that_shall_wait)
{
	signed_on(false);
	s->hold = true;
	arrives("1002818FCF9880C100");
	machine_reads("100281C0809880C100 1026");
	machine_sends("1002818FCF9880C100 1026", "1002818FCF9880C100");
	machine_reads("100290C080001026");
}
END_TEST

START_TEST(a_stream_opened_without_asking)
{
	signed_on(false);
	arrives_with(NJE_FLAG_FASTOPEN, "1002818FCF90A9C100");
	machine_reads("1002818FCF90A9C100 1026");
	machine_sends("1002818FCFA0A900 1026", NULL); /* permission is not sent */
	machine_sends("1002828FCFA0A900 1026", "1002A38FCFA0A900");
}
END_TEST

START_TEST(time_and_silence)
{
	uint8_t bytes[16];

	nje_station_link(s, true);
	nje_station_answer(s, true);
	ck_assert_uint_eq(nje_station_give(s, bytes, 16), 0); /* a time-out */
	signed_on(true);
	nje_station_answer(s, true);
	check_bytes("late", bytes, nje_station_give(s, bytes, 16), "1002908FCF001026");
}
END_TEST

START_TEST(a_link_that_breaks)
{
	signed_on(_i);
	nje_station_unlink(s);
	machine_reads("1002908FCFF0C2001026");
	machine_reads("");
	nje_station_link(s, true); /* not signed on: nobody has to be told */
	nje_station_unlink(s);
	machine_reads("");
	machine_sends("1002818FCF9880C100 1026", NULL); /* it thinks there is a link */
	machine_reads("1002908FCFF0C2001026");
}
END_TEST

START_TEST(a_sign_off_is_one)
{
	signed_on(true);
	if (_i)
		machine_sends("1002818FCFF0C200 1026", "1002818FCFF0C200");
	else
		arrives("1002818FCFF0C200");
	machine_reads(_i ? "1002908FCF001026" : "1002818FCFF0C200 1026");
	nje_station_unlink(s);
	machine_reads("");
}
END_TEST

START_TEST(bids_without_a_link)
{
	const uint8_t *record;
	size_t n;

	ck_assert(nje_station_hear(s, 0x01, &record, &n) == NJE_HEARD_MORE);
	ck_assert(nje_station_hear(s, 0x2D, &record, &n) == NJE_HEARD_BID);
	check_bytes("bid", record, n, "012D");
	ck_assert(nje_station_hear(s, 0x3D, &record, &n) == NJE_HEARD_BID);
	check_bytes("no bid", record, n, "323D");
	machine_sends("10 70", NULL);
	machine_sends("37", NULL);
}
END_TEST

START_TEST(noise_of_the_machine)
{
	enum nje_heard heard = NJE_HEARD_MORE;
	const uint8_t *record;
	uint8_t bytes[16];
	size_t n, count = from_hex("1002808FCF1026", bytes);

	signed_on(true);
	for (size_t i = 0; i < count; i++)
		heard = nje_station_hear(s, bytes[i], &record, &n);
	ck_assert_msg(heard == NJE_HEARD_NOISE, "a block too short: %d", heard);
	heard = nje_station_hear(s, BSC_STX, &record, &n);
	for (size_t i = 0; heard == NJE_HEARD_MORE; i++) {
		ck_assert_uint_lt(i, 2 * BSC_MESSAGE_MAX);
		heard = nje_station_hear(s, 0xC1, &record, &n);
	}
	ck_assert_msg(heard == NJE_HEARD_NOISE, "no end: %d", heard);
	machine_sends("1002818FCF9880C100 1026", "1002818FCF9880C100");
}
END_TEST

static const struct record_case {
	const char *what, *record, *fault;
} record_cases[] = {
	{"ENQ",		 "2D",	       NULL			    },
	{ "EOT",		 "37",	       NULL			    },
	{ "NAK",		 "3D",	       NULL			    },
	{ "ACK1",		  "1061",	  NULL		       },
	{ "WACK",		  "106B",	  NULL		       },
	{ "DLE EOT",	     "1037",	     NULL			  },
	{ "idle characters", "32323232",	 ""			    },
	{ "DLE ETB",	     "1026",	     ""				},
	{ "a byte",	    "C1",	  "neither"		    },
	{ "DLE",		 "10",	       "neither"			 },
	{ "DLE NAK",	     "103D",	     "neither"		       },
	{ "normal text",	 "02C103",	   "neither"		     },
	{ "a heading",       "01C12D",	 "neither"		   },
	{ "DLE STX",	     "1002",	     "without its control bytes"},
	{ "no record",       "1002808FCF", "without its control bytes"},
};

/* fault: NULL it is read as it is, "" it is not read. */
START_TEST(records_from_outside)
{
	const struct record_case *c = &record_cases[_i];
	const char *fault = "";
	uint8_t bytes[16], got[16];
	size_t n = from_hex(c->record, bytes);
	bool ok;

	signed_on(true);
	ok = nje_station_take(s, bytes, n, 0, &fault);
	ck_assert_msg(ok == (!c->fault || !*c->fault), "%s: %s", c->what, fault);
	if (!ok)
		ck_assert_msg(strstr(fault, c->fault), "%s: %s", c->what, fault);
	check_bytes(c->what, got, nje_station_give(s, got, sizeof(got)),
		    c->fault ? "" : c->record);
}
END_TEST

/* The longest record, of bytes that are doubled. */
START_TEST(a_long_record)
{
	uint8_t *record = malloc(NJE_RECORD_MAX + 1), *got = malloc(2 * BSC_MESSAGE_MAX);
	const char *fault = NULL;
	size_t n;

	memset(record, BSC_DLE, NJE_RECORD_MAX + 1);
	record[1] = BSC_STX;
	signed_on(true);
	ck_assert(!nje_station_take(s, record, NJE_RECORD_MAX + 1, 0, &fault));
	ck_assert_ptr_nonnull(strstr(fault, "too long"));
	ck_assert(nje_station_take(s, record, NJE_RECORD_MAX, 0, &fault));
	n = nje_station_give(s, got, 2 * BSC_MESSAGE_MAX);
	/* all but DLE STX and the function control bytes are doubled */
	ck_assert_uint_eq(n, 2 * (NJE_RECORD_MAX - 4) + 4 + 2);
	free(record);
	free(got);
}
END_TEST

/* ---- words */

static const struct words_case {
	const char *words, *why; /* why: NULL they are good */
} words_cases[] = {
	{"2703 lnode=A rnode=B rhost=h",					  NULL	       },
	{ "lnode=A rnode=B connect=0 debug=1 trace=2",			       NULL		    },
	{ "BISYNC lnode=A rnode=B bufsize=1024 keepalive=5 rto=-1 cto=1 dial=no", NULL	       },
	{ "3088 lnode=A rnode=B",						 "BSC line"	     },
	{ "rnode=B",							      "lnode= is missing"},
	{ "lnode=B",							      "rnode= is missing"},
	{ "lnode=B rnode=NINELONGS",					      "rnode="	      },
	{ "lnode=B rnode=A listen=0",					     "neither"		},
	{ "lnode=B rnode=A listen=0 rhost=*",				      "neither"		},
	{ "lnode=B rnode=A rhost=h connect=0 listen=0",				"neither"	  },
	{ "lnode=B rnode=A bufsize=1023",					  "bufsize="	     },
	{ "lnode=B rnode=A bufsize=32769",					   "bufsize="	      },
	{ "lnode=B rnode=A dial=in",					      "not dialed"	  },
	{ "lnode=B rnode=A switched=yes",					  "not dialed"       },
	{ "lnode=B rnode=A rto=x",						"rto="		  },
	{ "lnode=B rnode=A cto=0",						"cto="		  },
	{ "lnode=B rnode=A listen=maybe",					  "listen="	    },
	{ "lnode=B rnode=A lnctl=bsc",					    "not known"	   },
	{ "lnode=B rnode=A word",						 "KEY=VALUE"	      },
};

START_TEST(words)
{
	const struct words_case *c = &words_cases[_i];
	char text[100], *argv[16];
	struct nje_words w;
	struct error err = { 0 };
	int n = 0;
	bool ok;

	strcpy(text, c->words);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[n++] = word;
	ok = nje_words_take(&w, n, argv, &err);
	ck_assert_msg(ok == !c->why, "%s: %s", c->words, err.text);
	if (!ok)
		ck_assert_msg(strstr(err.text, c->why), "%s: %s", c->words, err.text);
}
END_TEST

START_TEST(words_taken)
{
	char text[] = "lnode=a rnode=b lport=1 lhost=* rport=2 rhost=h rto=5 cto=6 "
		      "keepalive=7 bufsize=2000 debug=1 trace=1",
	     *argv[16];
	struct nje_words w;
	int n = 0;

	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[n++] = word;
	ck_assert(nje_words_take(&w, n, argv, NULL));
	ck_assert(w.here[0] == 0xC1 && w.there[0] == 0xC2 && w.there[1] == 0x40);
	ck_assert_str_eq(w.local_port, "1");
	ck_assert_ptr_null(w.local_host);
	ck_assert_str_eq(w.remote_port, "2");
	ck_assert_str_eq(w.remote_host, "h");
	ck_assert(w.read_ms == 5 && w.connect_ms == 6 && w.keepalive == 7);
	ck_assert_uint_eq(w.buffer, 2000);
	ck_assert_str_eq(w.ignored, " debug= trace=");
	ck_assert(nje_words_take(&w, 2, argv, NULL));
	ck_assert_str_eq(w.local_port, "175");
	ck_assert(w.read_ms == 3000 && w.connect_ms == 30000 && w.buffer == 8192);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nje");
	TCase *tc = tcase_create("frames"), *station = tcase_create("station");

	tcase_add_test(tc, a_control_record);
	tcase_add_test(tc, node_names);
	tcase_add_loop_test(tc, blocks, 0, ARRAY_SIZE(block_cases));
	tcase_add_test(tc, made_blocks);
	tcase_add_loop_test(tc, words, 0, ARRAY_SIZE(words_cases));
	tcase_add_test(tc, words_taken);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(station, station_setup, station_teardown);
	tcase_add_loop_test(station, sign_on, 0, 2);
	tcase_add_test(station, a_primary_that_will_not);
	tcase_add_test(station, a_secondary_that_must);
	tcase_add_test(station, blocks_both_ways);
	tcase_add_test(station, what_stays_here_is_not_counted);
	tcase_add_test(station, a_machine_that_wants_no_data);
	tcase_add_test(station, a_machine_that_shall_wait);
	tcase_add_test(station, a_stream_opened_without_asking);
	tcase_add_test(station, time_and_silence);
	tcase_add_loop_test(station, a_link_that_breaks, 0, 2);
	tcase_add_loop_test(station, a_sign_off_is_one, 0, 2);
	tcase_add_test(station, bids_without_a_link);
	tcase_add_test(station, noise_of_the_machine);
	tcase_add_loop_test(station, records_from_outside, 0, ARRAY_SIZE(record_cases));
	tcase_add_test(station, a_long_record);
	suite_add_tcase(suite, station);
	return run_suite(suite);
}
