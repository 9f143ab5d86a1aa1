/*
 * tests/differential/case.h - one random case, and where everything lies in the
 * guest's storage.
 *
 * A batch is a storage image with a supervisor (supervisor.c) and many cases.
 * Both emulators load the same image, press restart, run to the disabled wait and
 * save storage; the results are compared (compare.c). For each case the supervisor
 * sets up window, keys and registers, loads the case's PSW, and takes whatever
 * interruption ends it; the last instruction is SVC 255 unless something else
 * happens first.
 */
#ifndef DIFFERENTIAL_CASE_H
#define DIFFERENTIAL_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the guest's storage (absolute = real addresses; there is no prefix) */
#define ST_SIZE	    0x800000u
#define ST_HEADER   0x1000u  /* words: cases, index, in, out, out limit */
#define ST_PREFIX   0x8000u  /* a copy of page 0, for cases that set the prefix */
#define ST_TEMPLATE 0x10000u /* what the window holds before each case */
#define ST_WINDOW   0x20000u /* where the cases work */
#define WINDOW_SIZE 0x5000u  /* 16K of data and code, 4K of translation tables */
#define WINDOW_DATA 0x4000u
#define ST_TABLES   (ST_WINDOW + WINDOW_DATA)
#define ST_IN	    0x40000u
#define ST_OUT	    0x240000u
#define BLOCK	    0x800u /* bytes with one storage key */
#define BLOCKS	    (WINDOW_SIZE / BLOCK)
#define CHUNK	    256u /* window bytes that are compared at a time */

enum header_word { H_CASES, H_INDEX, H_IN, H_OUT, H_OUT_LIMIT };

#define PSW_DONE  UINT64_C(0x000A000000D00E00) /* the batch's last PSW */
#define TOD_BEGIN UINT64_C(0xC000000000000000) /* the TOD clock before each case */

/* ---- a case as the guest reads it, all big-endian */
#define CASE_SIZE   672u
#define BATCH_CASES ((ST_OUT - ST_IN) / CASE_SIZE)
#define PATCHES	    7
#define PATCH_BYTES 36
#define CODE_BYTES  192

enum case_offset {
	C_PSW = 0,
	C_GPR = 8,
	C_FPR = 72,
	C_CR = 104,
	C_KEYS = 168, /* BLOCKS bytes, room for 16 */
	C_COMPARATOR = 184,
	C_TIMER = 192,
	C_PATCHES = 200, /* PATCHES + 1 times: address, length - 1, bytes */
	C_CODE = 200,	 /* the first patch: 8 + CODE_BYTES */
	C_DATA = 400,	 /* the others: 8 + PATCH_BYTES each */
};

_Static_assert(C_DATA == C_CODE + 8 + CODE_BYTES, "patches follow each other");
_Static_assert(C_DATA + (PATCHES - 1) * (8 + PATCH_BYTES) <= CASE_SIZE, "case fits");

/* ---- a result, as the guest writes it */
enum result_offset {
	R_INDEX = 0,
	R_CLASS = 4, /* 1 program, 2 SVC, 3 external, 4 I/O, 5 machine check */
	R_GPR = 8,
	R_FPR = 72,
	R_CR = 104,
	R_KEYS = 168,
	R_LOW = 184, /* real storage 0 to X'BF' */
	R_COMPARATOR = 376,
	R_TIMER = 384,
	R_PREFIX = 392,
	R_CHUNKS = 396, /* how many changed chunks follow */
	R_FIRST = 400,	/* offset in the window, CHUNK bytes */
};

#define LOW_BYTES  192
#define RESULT_MAX (R_FIRST + WINDOW_SIZE / CHUNK * (4 + CHUNK))

/* ---- a case on the host */
#define INSNS_MAX 28

struct patch {
	uint32_t address;
	uint8_t length; /* 0: none */
	uint8_t bytes[PATCH_BYTES];
};

struct test_case {
	uint64_t psw; /* the instruction address is code_at */
	uint32_t gr[16], cr[16];
	uint64_t fpr[4];
	uint8_t keys[BLOCKS];
	uint64_t comparator, timer;
	uint32_t code_at;
	unsigned insns; /* how many the stream has */
	uint8_t insn[INSNS_MAX][6];
	uint8_t target[2][6]; /* behind the SVC: what EX may execute */
	bool has_literal;
	uint32_t literal; /* a word behind them, which only SPX uses */
	struct patch patch[PATCHES - 1];
};

/* Bytes of an instruction by its first two bits. */
static inline unsigned length_of(const uint8_t *insn)
{
	return insn[0] < 0x40 ? 2 : insn[0] < 0xC0 ? 4 : 6;
}

/* generate.c */
struct generator_options {
	uint64_t seed;
	bool no_decimal, no_float;
	const char *only; /* mnemonic: most instructions are that one; NULL: any */
};

/* The window before each case of a run: numbers, characters, tables. */
void generate_template(uint64_t seed, uint8_t window[WINDOW_SIZE]);
/*
 * Case number n of a run; the same options and numbers give the same case. attempt:
 * 0, and more where the ones before it had to be left out.
 */
void generate_case(const struct generator_options *o, uint64_t n, unsigned attempt,
		   struct test_case *c);
/* Why the generator never makes that instruction; NULL: it does. */
struct opcode;
const char *generate_left_out(const struct opcode *row);

/*
 * supervisor.c: the supervisor and assigned storage, into a zeroed image; without
 * floats it leaves the floating-point registers alone.
 */
struct supervisor {
	uint32_t begin;	   /* behind what it does once */
	uint32_t go;	   /* its LPSW into the case */
	uint32_t entry[6]; /* where interruptions of each class arrive; R_CLASS numbers */
};
void supervisor_build(uint8_t *image, bool floats, struct supervisor *where);

/* case.c */
void case_encode(const struct test_case *c, uint8_t bytes[CASE_SIZE]);
/* Bytes from the first instruction to the literal, which lies on a word boundary. */
unsigned case_literal_at(const struct test_case *c);
/* Print what the case starts from and its instructions. */
void case_print(const struct test_case *c);

#endif
