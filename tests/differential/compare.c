/* Are two results the same, and if not, is it known why? */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "tests/differential/batch.h"

static const struct field {
	const char *name;
	unsigned at, length, unit;
} fields[] = {
	{"class",	   R_CLASS,	    4,	       4},
	{ "GR",		R_GPR,	       64,	   4},
	{ "FPR",	 R_FPR,	32,	    8},
	{ "CR",		R_CR,	      64,	  4},
	{ "KEYS",	  R_KEYS,	  BLOCKS,	  1},
	{ "LOW",	 R_LOW,	LOW_BYTES, 4},
	{ "COMPARATOR", R_COMPARATOR, 8,	 8},
	{ "CPU TIMER",  R_TIMER,	8,	   8},
	{ "PREFIX",	    R_PREFIX,     4,	 4},
	{ "CHUNKS",	    R_CHUNKS,     4,	 4},
};

static const uint8_t *template; /* what chunks hold that no case has changed */

void compare_template(const uint8_t *window)
{
	template = window;
}

enum { KEY_R = 0x04, KEY_C = 0x02 };
enum {
	PROTECTION = 4,
	ADDRESSING = 5,
	SPECIFICATION = 6,
	DATA = 7,
	DECIMAL_DIVIDE = 11,
	MONITOR = 0x40
};

#define RESULT_BYTES sizeof(((struct comparison *)0)->ours)

/* ---- what a clock makes different */

#define CLOCK_TOLERANCE (UINT64_C(60) << 32) /* a minute, and the host may be busy */

static void neutralise_clock(uint8_t *theirs, uint8_t *ours)
{
	uint64_t a = be64(theirs), b = be64(ours);

	if (a - b < CLOCK_TOLERANCE || b - a < CLOCK_TOLERANCE)
		put_be64(ours, a);
}

/* The interval timer, and the CPU timer as it has run on since SPT. */
static void neutralise(uint8_t *theirs, uint8_t *ours)
{
	memset(theirs + R_LOW + 0x50, 0, 4);
	memset(ours + R_LOW + 0x50, 0, 4);
	neutralise_clock(theirs + R_TIMER, ours + R_TIMER);
}

/* ---- parts of a result */

static unsigned class_of(const uint8_t *result)
{
	return be32(result + R_CLASS);
}

static bool old_is_ec(const uint8_t *result, unsigned old_psw)
{
	return result[R_LOW + old_psw + 1] & 0x08;
}

/* Without the PER bit. */
static unsigned program_code(const uint8_t *result)
{
	const uint8_t *low = result + R_LOW;

	if (class_of(result) != 1)
		return 0;
	return be16(low + (old_is_ec(result, 0x28) ? 0x8E : 0x2A)) & 0x7F;
}

static bool is_access(unsigned code)
{
	return code == 4 || code == 5 || (code >= 0x10 && code <= 0x12);
}

static bool is_suppressed(unsigned code)
{
	return (code >= 1 && code <= 7) || code == 9 || code == 0xB || code == 0xF ||
	       (code >= 0x10 && code <= 0x1B) || (code >= 0x1F && code <= 0x25);
}

/* Instruction-length code of the program old PSW, in halfwords. */
static unsigned program_ilc(const uint8_t *result)
{
	const uint8_t *low = result + R_LOW;

	return old_is_ec(result, 0x28) ? low[0x8D] >> 1 & 3 : low[0x2C] >> 6;
}

static uint32_t program_ia(const uint8_t *result)
{
	return be32(result + R_LOW + 0x2C) & 0xFFFFFF;
}

static void take_length(const uint8_t *theirs, uint8_t *ours)
{
	uint8_t *at = ours + R_LOW + 0x2C;

	if (old_is_ec(ours, 0x28))
		ours[R_LOW + 0x8D] = theirs[R_LOW + 0x8D];
	else
		*at = (uint8_t)((*at & 0x3F) | (theirs[R_LOW + 0x2C] & 0xC0));
}

static void take_address(const uint8_t *theirs, uint8_t *ours)
{
	memcpy(ours + R_LOW + 0x2D, theirs + R_LOW + 0x2D, 3);
}

/* Which program interruption: code, length, address, translation-exception address. */
static void take_program(const uint8_t *theirs, uint8_t *ours)
{
	if (class_of(theirs) != 1 || old_is_ec(theirs, 0x28) != old_is_ec(ours, 0x28))
		return;
	take_length(theirs, ours);
	take_address(theirs, ours);
	if (old_is_ec(ours, 0x28))
		memcpy(ours + R_LOW + 0x8E, theirs + R_LOW + 0x8E, 6);
	else
		memcpy(ours + R_LOW + 0x2A, theirs + R_LOW + 0x2A, 2);
	memcpy(ours + R_LOW + 0x90, theirs + R_LOW + 0x90, 4);
}

static void take_all(const uint8_t *theirs, uint8_t *ours)
{
	memcpy(ours, theirs, RESULT_BYTES);
}

/* Key bits of the blocks in a set, where only those differ. */
static void take_marks(const uint8_t *theirs, uint8_t *ours, uint16_t blocks,
		       uint8_t bits)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		if (blocks >> i & 1 && !((theirs[R_KEYS + i] ^ ours[R_KEYS + i]) & ~bits))
			ours[R_KEYS + i] = theirs[R_KEYS + i];
}

/* Bits that are on there and off here. */
static void take_more(const uint8_t *theirs, uint8_t *ours, uint16_t blocks, uint8_t bits)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		if (blocks >> i & 1 &&
		    (theirs[R_KEYS + i] & bits) > (ours[R_KEYS + i] & bits))
			take_marks(theirs, ours, (uint16_t)(1u << i), bits);
}

static void take_less(const uint8_t *theirs, uint8_t *ours, uint16_t blocks, uint8_t bits)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		if (blocks >> i & 1 &&
		    (theirs[R_KEYS + i] & bits) < (ours[R_KEYS + i] & bits))
			take_marks(theirs, ours, (uint16_t)(1u << i), bits);
}

/* The chunk of a result at offset in the window, or NULL. */
static const uint8_t *find_chunk(const uint8_t *result, uint32_t offset)
{
	uint32_t n = be32(result + R_CHUNKS);

	for (uint32_t i = 0; i < n && i < WINDOW_SIZE / CHUNK; i++) {
		const uint8_t *at = result + R_FIRST + i * (4 + CHUNK);

		if (be32(at) == offset)
			return at + 4;
	}
	return NULL;
}

static const uint8_t *chunk_or_template(const uint8_t *result, uint32_t offset)
{
	const uint8_t *chunk = find_chunk(result, offset);

	return chunk ? chunk : template + offset;
}

static bool in_pieces(const struct piece piece[2], uint32_t at)
{
	for (unsigned i = 0; i < 2; i++)
		if (at - piece[i].at < piece[i].length)
			return true;
	return false;
}

/* What the window holds, if it differs only in two pieces. */
static void take_pieces(const struct piece piece[2], const uint8_t *theirs, uint8_t *ours)
{
	for (uint32_t offset = 0; offset < WINDOW_SIZE; offset += CHUNK) {
		const uint8_t *a = chunk_or_template(theirs, offset);
		const uint8_t *b = chunk_or_template(ours, offset);

		for (uint32_t i = 0; i < CHUNK; i++)
			if (a[i] != b[i] && !in_pieces(piece, ST_WINDOW + offset + i))
				return;
	}
	memcpy(ours + R_CHUNKS, theirs + R_CHUNKS, RESULT_BYTES - R_CHUNKS);
}

static bool last_is(const struct facts *f, uint8_t a, uint8_t b)
{
	return f->last[0] == a || f->last[0] == b;
}

/* The bytes of a field in two pieces, as a case left it. */
static uint64_t field(const uint8_t *result, const struct piece piece[2])
{
	uint64_t value = 0;

	for (unsigned p = 0; p < 2; p++)
		for (unsigned i = 0; i < piece[p].length; i++) {
			uint32_t at = piece[p].at + i - ST_WINDOW;

			if (at >= WINDOW_SIZE)
				return 0;
			value = value << 8 |
				chunk_or_template(result, at & ~(CHUNK - 1))[at % CHUNK];
		}
	return value;
}

/* What STCK or STPT stored: near each other, and with a minute's tolerance. */
static void clock_values(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	uint64_t a, b;

	if (!f->clock_read)
		return;
	a = field(theirs, f->clock);
	b = field(ours, f->clock);
	if (a - b < CLOCK_TOLERANCE || b - a < CLOCK_TOLERANCE)
		take_pieces(f->clock, theirs, ours);
}

/* ---- known differences
 *
 * A rule looks at both results and makes ours like theirs in the one respect it
 * excuses; what differs besides still counts. Where the manual demands our value, the
 * rule asks model.c for it. Its text is a row of docs/differences.md.
 */

static void table_reference(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	take_more(theirs, ours, f->table_reference, KEY_R);
}

static void fetch_exception_length(const struct facts *f, const uint8_t *theirs,
				   uint8_t *ours)
{
	unsigned code = program_code(ours);
	bool odd = code == SPECIFICATION && (program_ia(ours) & 1);
	uint32_t distance = program_ia(theirs) - program_ia(ours);

	if (code == 0 || code != program_code(theirs) || distance > 6)
		return;
	if (!odd && !(is_access(code) && model_has(&f->fetch, code)))
		return;
	take_length(theirs, ours);
	take_address(theirs, ours);
}

static void suppressed_marks(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	if (is_suppressed(program_code(ours)) && program_code(theirs))
		take_marks(theirs, ours, f->last_marks, KEY_R | KEY_C);
}

/* Bits of the translation-exception address below the page. */
static void translation_address(const struct facts *f, const uint8_t *theirs,
				uint8_t *ours)
{
	unsigned code = program_code(ours);
	uint32_t mask = (f->before.cr[0] >> 22 & 3) == 2 ? 0xFFF : 0x7FF;
	uint32_t a = be32(theirs + R_LOW + 0x90), b = be32(ours + R_LOW + 0x90);

	if ((code == 0x10 || code == 0x11) && code == program_code(theirs) &&
	    ((a ^ b) & ~mask) == 0)
		put_be32(ours + R_LOW + 0x90, a);
}

/* MVCL and CLCL that an access exception ends: the condition code. */
static void long_condition(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned at = R_LOW + (old_is_ec(ours, 0x28) ? 0x2A : 0x2C);

	if (is_access(program_code(ours)) && program_code(theirs) &&
	    last_is(f, 0x0E, 0x0F))
		ours[at] = (uint8_t)((ours[at] & 0xCF) | (theirs[at] & 0x30));
}

/* BC: the length code of an external or I/O old PSW. */
static void other_length(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned psw = class_of(ours) == 3 ? 0x18 : 0x38;
	uint8_t *at = ours + R_LOW + psw + 4;

	(void)f;
	if ((class_of(ours) == 3 || class_of(ours) == 4) && !old_is_ec(ours, psw))
		*at = (uint8_t)((*at & 0x3F) | (theirs[R_LOW + psw + 4] & 0xC0));
}

/* ED and EDMK that an exception ends: Hercules has stored some bytes. */
static void edit_stores(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned code = program_code(ours);

	if (!last_is(f, 0xDE, 0xDF) || !program_code(theirs) ||
	    (!is_access(code) && code != DATA))
		return;
	if (f->last[0] == 0xDF)
		memcpy(ours + R_GPR + 4, theirs + R_GPR + 4, 4);
	take_pieces(f->first, theirs, ours);
}

/* MONITOR CALL in BC mode: Hercules stores neither class nor code. */
static void monitor_call_bc(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	if (program_code(ours) != MONITOR || program_code(theirs) != MONITOR ||
	    old_is_ec(ours, 0x28))
		return;
	if (be16(ours + R_LOW + 0x94) != (f->last[1] & 15) ||
	    be32(ours + R_LOW + 0x9C) != model_operand(&f->before, f->last, 1))
		return;
	memcpy(ours + R_LOW + 0x94, theirs + R_LOW + 0x94, 2);
	memcpy(ours + R_LOW + 0x9C, theirs + R_LOW + 0x9C, 4);
}

/* A program interruption of the target of EX: the length code is that of EX. */
static void execute_length(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	if (f->under_ex && program_code(ours) &&
	    program_code(ours) == program_code(theirs) && program_ilc(ours) == 2 &&
	    program_ilc(theirs) == length_of(f->last) / 2)
		take_length(theirs, ours);
}

/* SSK on the block that runs: the next instruction's fetch sets the bit again. */
static void fetch_after_ssk(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	take_less(theirs, ours, f->code_reference, KEY_R);
}

/* RRB: the other half's reference bit. */
static void rrb_sibling(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	take_less(theirs, ours, f->rrb_sibling, KEY_R);
}

/* Several access exceptions, all of them true: which is told. */
static void access_order(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned a = program_code(theirs), b = program_code(ours);
	unsigned r1 = f->last[1] >> 4, r2 = f->last[1] & 15;

	if (!is_access(a) || !is_access(b) || f->operands.count < 2 ||
	    !model_has(&f->operands, a) || !model_has(&f->operands, b))
		return;
	take_program(theirs, ours);
	if (!last_is(f, 0x0E, 0x0F))
		return;
	memcpy(ours + R_GPR + 4 * (r1 & 14), theirs + R_GPR + 4 * (r1 & 14), 8);
	memcpy(ours + R_GPR + 4 * (r2 & 14), theirs + R_GPR + 4 * (r2 & 14), 8);
	take_pieces(f->first, theirs, ours);
}

static void mask_marks(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	take_less(theirs, ours, f->mask_reference, KEY_R);
	take_less(theirs, ours, f->mask_change, KEY_R | KEY_C);
}

/*
 * SSK or LCTL forbids the next fetch, or an operand that was accessed before;
 * Hercules goes on with the translation it has.
 */
static void fetch_after_change(const struct facts *f, const uint8_t *theirs,
			       uint8_t *ours)
{
	unsigned code = program_code(ours);

	if (!is_access(code) || (!f->keys_set && !f->control_loaded) ||
	    (code == program_code(theirs) && program_ia(theirs) == program_ia(ours)))
		return;
	if (model_has(&f->fetch, code) || model_has(&f->operands, code))
		take_all(theirs, ours);
}

/* A page beyond storage in a protected segment, for a store. */
static void addressing_first(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	if (program_code(ours) == ADDRESSING && program_code(theirs) == PROTECTION &&
	    model_has(&f->operands, ADDRESSING))
		take_program(theirs, ours);
}

/* The data exception of an operand that cannot be accessed to its end. */
static void access_before_data(const struct facts *f, const uint8_t *theirs,
			       uint8_t *ours)
{
	unsigned code = program_code(ours);

	if ((program_code(theirs) == DATA || program_code(theirs) == DECIMAL_DIVIDE) &&
	    is_access(code) && model_has(&f->operands, code))
		take_program(theirs, ours);
}

/*
 * A PER event with SVC: after the SVC interruption, a program interruption whose old
 * PSW is the SVC new PSW. Hercules forgets the event.
 */
static void per_with_svc(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	uint8_t *low = ours + R_LOW;

	if (class_of(theirs) != 2 || class_of(ours) != 1 || f->last[0] != 0x0A ||
	    be64(low + 0x28) != be64(low + 0x60) || be16(low + 0x8E) != 0x80 ||
	    be32(low + 0x98) != f->ia)
		return;
	put_be32(ours + R_CLASS, 2);
	memcpy(low + 0x28, theirs + R_LOW + 0x28, 8);
	memcpy(low + 0x8C, theirs + R_LOW + 0x8C, 4);
	memcpy(low + 0x96, theirs + R_LOW + 0x96, 6);
}

/* A PER event of what puts an invalid PSW or mask in place goes first, alone. */
static void per_before_early(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	(void)f;
	if (class_of(ours) != 1 || !old_is_ec(ours, 0x28) || !old_is_ec(theirs, 0x28) ||
	    !(be64(ours + R_LOW + 0x28) & UINT64_C(0xB80040FFFF000000)) ||
	    be16(ours + R_LOW + 0x8E) != 0x80 || be16(theirs + R_LOW + 0x8E) != 0x86)
		return;
	take_length(theirs, ours);
	memcpy(ours + R_LOW + 0x8E, theirs + R_LOW + 0x8E, 2);
}

/*
 * Storage alteration of an instruction that is suppressed or nullified. Hercules takes
 * it back, but not if the next instruction has the operation code X'0E'.
 */
static void per_suppressed_store(const struct facts *f, const uint8_t *theirs,
				 uint8_t *ours)
{
	unsigned code = program_code(ours);
	const uint8_t *low = theirs + R_LOW;
	bool event = be16(ours + R_LOW + 0x8E) & 0x80;

	(void)f;
	if (!is_suppressed(code) || code == SPECIFICATION || !old_is_ec(ours, 0x28) ||
	    !old_is_ec(theirs, 0x28) || be16(low + 0x8E) != (code | 0x80) ||
	    be16(low + 0x96) != ((event ? be16(ours + R_LOW + 0x96) : 0) | 0x2000))
		return;
	memcpy(ours + R_LOW + 0x8E, low + 0x8E, 2);
	memcpy(ours + R_LOW + 0x96, low + 0x96, 6);
}

/* Bits 1-7 of entries of ASN, linkage tables: Hercules has 31-bit addresses there. */
static void table_entry_bits(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned code = program_code(ours);

	if ((code == 0x17 || code == 0x1F) && (f->last[0] == 0xB2 || f->last[0] == 0xE5))
		take_all(theirs, ours);
}

/* CLM: exceptions behind the first byte that differs. */
static void mask_access(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	if (f->last[0] == 0xBD && is_access(program_code(ours)) &&
	    program_code(theirs) != program_code(ours) &&
	    model_has(&f->operands, program_code(ours)))
		take_all(theirs, ours);
}

/* The target of EX cannot be fetched to its end: was its first byte fetched? */
static void per_target_fetch(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned code = program_code(ours);
	const uint8_t *low = theirs + R_LOW;

	if (!f->under_ex || !is_access(code) || !model_has(&f->operands, code) ||
	    !old_is_ec(ours, 0x28) || !old_is_ec(theirs, 0x28) ||
	    be16(ours + R_LOW + 0x8E) != code || be16(low + 0x8E) != (code | 0x80) ||
	    be16(low + 0x96) != 0x4000)
		return;
	memcpy(ours + R_LOW + 0x8E, low + 0x8E, 2);
	memcpy(ours + R_LOW + 0x96, low + 0x96, 6);
}

/* Hercules compares the page index with the unshifted length: only 0 is a limit. */
static void page_table_length(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned code = program_code(ours);

	if (is_access(code) &&
	    ((f->operands.page_length && model_has(&f->operands, code)) ||
	     (f->fetch.page_length && model_has(&f->fetch, code))))
		take_all(theirs, ours);
}

/* A block whose reference bit RRB or RRBE reset is referred to again. */
static void reset_reference(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	take_less(theirs, ours, f->reset_reference, KEY_R);
	take_less(theirs, ours, f->key_set, KEY_R | KEY_C);
}

/* The clock comparator of Hercules ends with bit 55. */
static void comparator_bits(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	(void)f;
	if (be64(theirs + R_COMPARATOR) == (be64(ours + R_COMPARATOR) & ~UINT64_C(0xFF)))
		memcpy(ours + R_COMPARATOR, theirs + R_COMPARATOR, 8);
}

/* A PER event at the end of a branch: the length code is that of the branch. */
static void per_branch_length(const struct facts *f, const uint8_t *theirs, uint8_t *ours)
{
	unsigned length = f->under_ex ? 4 : length_of(f->last);

	if (class_of(ours) == 1 && class_of(theirs) == 1 && program_code(ours) == 0 &&
	    program_code(theirs) == 0 && old_is_ec(ours, 0x28) &&
	    old_is_ec(theirs, 0x28) && program_ilc(ours) == length / 2)
		take_length(theirs, ours);
}

/* clang-format off */
static const struct known {
	void (*excuse)(const struct facts *f, const uint8_t *theirs, uint8_t *ours);
	const char *text;
} known[] = {
	{ clock_values, "what STCK and STPT store: within a minute" },
	{ comparator_bits, "bits 56-63 of the clock comparator" },
	{ per_branch_length, "length code of a PER event alone" },
	{ fetch_after_change, "next access forbidden by SSK or LCTL" },
	{ table_reference, "reference bits of blocks with translation tables" },
	{ fetch_exception_length, "length code of an exception on instruction fetch" },
	{ suppressed_marks, "reference and change bits of a suppressed instruction" },
	{ translation_address, "translation-exception address below the page" },
	{ long_condition, "condition code of MVCL and CLCL ended by an access exception" },
	{ other_length, "BC mode: length code in old PSWs other than program and SVC" },
	{ edit_stores, "ED and EDMK store before an exception" },
	{ monitor_call_bc, "MONITOR CALL in BC mode stores class and code" },
	{ execute_length, "length code of a program interruption under EX" },
	{ fetch_after_ssk, "reference bit of code behind SSK" },
	{ per_with_svc, "PER event together with SVC" },
	{ table_entry_bits, "bits 1-7 of ASN and linkage table entries" },
	{ mask_access, "CLM tests its operand to the end" },
	{ per_before_early, "PER event before an early specification exception" },
	{ per_suppressed_store, "PER storage alteration of a suppressed instruction" },
	{ per_target_fetch, "PER fetch of a target of EX that cannot be fetched" },
	{ page_table_length, "length of a page table" },
	{ reset_reference, "reference bit of a block behind SSK, SSKE, RRB, RRBE" },
	{ rrb_sibling, "RRB resets the other half of the 4K block too" },
	{ access_order, "several access exceptions: which is told" },
	{ mask_marks, "CLM refers to all bytes, STCM with mask 0 to one" },
	{ addressing_first, "addressing before segment protection" },
	{ access_before_data, "access exception before data exception" },
};
/* clang-format on */

const char *known_difference(unsigned n)
{
	return n < ARRAY_SIZE(known) ? known[n].text : NULL;
}

static bool equal(const struct comparison *cmp)
{
	return cmp->theirs_length == cmp->ours_length &&
	       !memcmp(cmp->theirs, cmp->ours, sizeof(cmp->ours));
}

void compare(const struct facts *f, struct comparison *cmp)
{
	static struct comparison tried;
	static uint8_t before[RESULT_MAX];

	neutralise(cmp->theirs, cmp->ours);
	cmp->unjustified = f->unjustified;
	cmp->verdict = cmp->unjustified ? DIFFERENT : SAME;
	if (cmp->unjustified || equal(cmp))
		return;
	tried = *cmp;
	for (unsigned n = 0; n < ARRAY_SIZE(known); n++) {
		memcpy(before, tried.ours, sizeof(before));
		known[n].excuse(f, tried.theirs, tried.ours);
		if (memcmp(before, tried.ours, sizeof(before)))
			cmp->known |= 1u << n;
		if (!memcmp(tried.theirs, tried.ours, sizeof(tried.ours)))
			tried.ours_length = tried.theirs_length;
	}
	cmp->verdict = equal(&tried) ? KNOWN : DIFFERENT;
}

unsigned comparison_fields(const struct comparison *cmp)
{
	unsigned bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (memcmp(cmp->theirs + fields[i].at, cmp->ours + fields[i].at,
			   fields[i].length))
			bits |= 1u << i;
	return bits;
}

static void print_unit(const uint8_t *at, unsigned unit)
{
	for (unsigned i = 0; i < unit; i++)
		printf("%02X", at[i]);
}

static void print_field(const struct field *f, const uint8_t *theirs, const uint8_t *ours)
{
	for (unsigned i = 0; i < f->length; i += f->unit) {
		const uint8_t *a = theirs + f->at + i, *b = ours + f->at + i;

		if (!memcmp(a, b, f->unit))
			continue;
		printf("  %s %X: hercules ", f->name,
		       f->unit == 4 && f->at == R_LOW ? i : i / f->unit);
		print_unit(a, f->unit);
		printf(" s370 ");
		print_unit(b, f->unit);
		printf("\n");
	}
}

static void print_chunk(uint32_t offset, const uint8_t *a, const uint8_t *b)
{
	if (!a || !b) {
		if (a || b)
			printf("  storage %06X changed only on %s\n", ST_WINDOW + offset,
			       a ? "hercules" : "s370");
		return;
	}
	for (unsigned i = 0; i < CHUNK; i++)
		if (a[i] != b[i])
			printf("  storage %06X: hercules %02X s370 %02X\n",
			       ST_WINDOW + offset + i, a[i], b[i]);
}

void comparison_print(const struct comparison *cmp)
{
	if (cmp->stray) {
		printf("  storage %06X: hercules %02X s370 %02X\n", cmp->stray,
		       cmp->theirs[0], cmp->ours[0]);
		return;
	}
	if (!cmp->has_results) {
		printf("  %s\n", cmp->verdict == SAME
					 ? "not when it runs alone"
					 : "only one emulator comes to its end");
		return;
	}
	printf("  class %u, PSW old: program %016llX SVC %016llX\n",
	       be32(cmp->theirs + R_CLASS),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x28),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x20));
	if (cmp->unjustified)
		printf("  the access exception of s370 is not what the manual demands\n");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(&fields[i], cmp->theirs, cmp->ours);
	for (uint32_t offset = 0; offset < WINDOW_SIZE; offset += CHUNK)
		print_chunk(offset, find_chunk(cmp->theirs, offset),
			    find_chunk(cmp->ours, offset));
}
