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
	{ "class", R_CLASS, 4, 4 },
	{ "GR", R_GPR, 64, 4 },
	{ "FPR", R_FPR, 32, 8 },
	{ "CR", R_CR, 64, 4 },
	{ "KEYS", R_KEYS, BLOCKS, 1 },
	{ "LOW", R_LOW, LOW_BYTES, 4 },
	{ "CHUNKS", R_CHUNKS, 4, 4 },
};

static const uint8_t *template; /* what chunks hold that no case has changed */

void compare_template(const uint8_t *window)
{
	template = window;
}

/* What the clock makes different: the interval timer. */
static void neutralise(uint8_t *result)
{
	memset(result + R_LOW + 0x50, 0, 4);
}

/* ---- known differences
 *
 * A rule looks at both results and makes ours like theirs in the one respect it
 * excuses. Its text is a row of docs/differences.md.
 */

enum { KEY_R = 0x04, KEY_C = 0x02 };

static unsigned program_code(const uint8_t *result)
{
	const uint8_t *low = result + R_LOW;

	if (be32(result + R_CLASS) != 1)
		return 0;
	return be16(low + (low[0x29] & 0x08 ? 0x8E : 0x2A)) & 0x7F;
}

static bool is_access(unsigned code)
{
	return code == 4 || code == 5 || (code >= 0x10 && code <= 0x12);
}

static bool is_suppressed(unsigned code)
{
	return (code >= 1 && code <= 7) || code == 9 || code == 0xB || code == 0xF ||
	       (code >= 0x10 && code <= 0x25);
}

/* Instruction-length code of the program old PSW, in halfwords. */
static unsigned program_ilc(const uint8_t *result)
{
	const uint8_t *low = result + R_LOW;

	return low[0x29] & 0x08 ? low[0x8D] >> 1 & 3 : low[0x2C] >> 6;
}

static void table_reference(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	(void)c;
	for (unsigned i = WINDOW_DATA / BLOCK; i < BLOCKS; i++)
		if ((theirs[R_KEYS + i] ^ ours[R_KEYS + i]) == KEY_R)
			ours[R_KEYS + i] = theirs[R_KEYS + i];
}

/* Did the access exception come from fetching the instruction itself? */
static bool at_fetch(const uint8_t *result)
{
	unsigned code = program_code(result);
	uint32_t ia = be32(result + R_LOW + 0x2C) & 0xFFFFFF;
	uint32_t at = be32(result + R_LOW + 0x90) & 0xFFFFFF;

	if (program_ilc(result) == 0)
		return true;
	return (code == 0x10 || code == 0x11) && (at - ia < 6 || (at ^ ia) >> 11 == 0);
}

static void fetch_exception_length(const struct test_case *c, const uint8_t *theirs,
				   uint8_t *ours)
{
	unsigned code = program_code(ours);
	bool odd = code == 6 && (ours[R_LOW + 0x2F] & 1);

	(void)c;
	if (code != program_code(theirs) || (!odd && (!is_access(code) || !at_fetch(ours))))
		return;
	memcpy(ours + R_LOW + 0x2D, theirs + R_LOW + 0x2D, 3);
	if (ours[R_LOW + 0x29] & 0x08)
		ours[R_LOW + 0x8D] = theirs[R_LOW + 0x8D];
	else
		ours[R_LOW + 0x2C] = (uint8_t)((ours[R_LOW + 0x2C] & 0x3F) |
					       (theirs[R_LOW + 0x2C] & 0xC0));
}

/* Reference and change bits where an instruction was suppressed or nullified. */
static void suppressed_marks(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	(void)c;
	if (!is_suppressed(program_code(ours)))
		return;
	for (unsigned i = 0; i < BLOCKS; i++)
		if (!((theirs[R_KEYS + i] ^ ours[R_KEYS + i]) & ~(KEY_R | KEY_C)))
			ours[R_KEYS + i] = theirs[R_KEYS + i];
}

/* The longer result is taken over: nothing else of it can be compared. */
static void decimal_priority(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	unsigned a = program_code(theirs), b = program_code(ours);

	(void)c;
	if ((a == 7 || a == 0xA || a == 0xB) && is_access(b))
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
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

/* A byte of the window's data as a case left it; logical address, DAT on or off. */
static uint8_t byte_after(const uint8_t *result, uint32_t address, bool dat)
{
	uint32_t at = address - ST_WINDOW;
	const uint8_t *chunk;

	if (dat && address >= 0x25000) /* shown a second time */
		at = address - 0x5000 - ST_WINDOW;
	else if (dat) /* the halves are exchanged */
		at += 0x2000;
	at &= WINDOW_DATA - 1;
	chunk = find_chunk(result, at & ~(CHUNK - 1));
	return chunk ? chunk[at % CHUNK] : template ? template[at] : 0;
}

/*
 * The instruction that a program interruption of ours names, as it is in storage
 * after the case; NULL if that is not known. Good until the next call.
 */
static const uint8_t *culprit(const uint8_t *ours)
{
	static uint8_t insn[6];
	const uint8_t *low = ours + R_LOW;
	uint32_t at = be32(low + 0x2C) & 0xFFFFFF;
	unsigned code = program_code(ours);
	bool dat = (low[0x29] & 0x08) && (low[0x28] & 0x04);

	if (code == 0)
		return NULL;
	if (code != 0x10 && code != 0x11)
		at -= 2 * program_ilc(ours);
	if (at < ST_WINDOW || (at >= ST_WINDOW + WINDOW_DATA &&
			       !(dat && at >= 0x25000 && at < 0x27000)))
		return NULL;
	for (unsigned i = 0; i < 6; i++)
		insn[i] = byte_after(ours, at + i, dat);
	return insn;
}

/* The opcode at fault, also where it is the target of an EX. */
static bool culprit_is(const struct test_case *c, const uint8_t *ours, uint8_t a, uint8_t b)
{
	const uint8_t *insn = culprit(ours);

	if (!insn)
		return false;
	if (insn[0] == 0x44)
		return c->target[0][0] == a || c->target[0][0] == b || c->target[1][0] == a ||
		       c->target[1][0] == b;
	return insn[0] == a || insn[0] == b;
}

/* Bits of the translation-exception address below the page. */
static void translation_address(const struct test_case *c, const uint8_t *theirs,
				uint8_t *ours)
{
	unsigned code = program_code(ours);
	bool big = (c->cr[0] & 0x00C00000) == 0x00800000;
	uint32_t mask = big ? 0xFFF : 0x7FF;
	uint32_t a = be32(theirs + R_LOW + 0x90), b = be32(ours + R_LOW + 0x90);

	if ((code == 0x10 || code == 0x11) && ((a ^ b) & ~mask) == 0)
		put_be32(ours + R_LOW + 0x90, a);
}

/* MVCL and CLCL that an access exception ends: the condition code. */
static void long_condition(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	unsigned at = R_LOW + (ours[R_LOW + 0x29] & 0x08 ? 0x2A : 0x2C);

	if (!is_access(program_code(ours)) || !culprit_is(c, ours, 0x0E, 0x0F))
		return;
	ours[at] = (uint8_t)((ours[at] & 0xCF) | (theirs[at] & 0x30));
}

/* BC: the length code of old PSWs other than program and SVC. */
static void other_length(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	(void)c;
	for (unsigned psw = 0x18; psw <= 0x38; psw += 0x20)
		if (!(ours[R_LOW + psw + 1] & 0x08))
			ours[R_LOW + psw + 4] = (uint8_t)((ours[R_LOW + psw + 4] & 0x3F) |
							  (theirs[R_LOW + psw + 4] & 0xC0));
}

/* ED and EDMK that an exception ends: Hercules has stored some bytes. */
static void edit_stores(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	unsigned code = program_code(ours);

	if (code != program_code(theirs) || (!is_access(code) && code != 7) ||
	    !culprit_is(c, ours, 0xDE, 0xDF))
		return;
	memcpy(ours + R_GPR + 4, theirs + R_GPR + 4, 4);
	memcpy(ours + R_CHUNKS, theirs + R_CHUNKS,
	       sizeof(((struct comparison *)0)->ours) - R_CHUNKS);
}

/* MONITOR CALL in BC mode: Hercules stores neither class nor code. */
static void monitor_call_bc(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	(void)c;
	if (program_code(ours) != 0x40 || ours[R_LOW + 0x29] & 0x08)
		return;
	memcpy(ours + R_LOW + 0x94, theirs + R_LOW + 0x94, 4);
	memcpy(ours + R_LOW + 0x9C, theirs + R_LOW + 0x9C, 4);
}

/* A program interruption of the target of EX: the length code is that of EX. */
static void execute_length(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	const uint8_t *insn = culprit(ours);

	(void)c;
	if (program_code(ours) != program_code(theirs) || program_ilc(ours) != 2 ||
	    (insn && insn[0] != 0x44))
		return;
	if (ours[R_LOW + 0x29] & 0x08)
		ours[R_LOW + 0x8D] = theirs[R_LOW + 0x8D];
	else
		ours[R_LOW + 0x2C] = (uint8_t)((ours[R_LOW + 0x2C] & 0x3F) |
					       (theirs[R_LOW + 0x2C] & 0xC0));
}

/* SSK on the block that runs: the next instruction's fetch sets the bit again. */
static void fetch_after_ssk(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	bool ssk = c->target[0][0] == 0x08 || c->target[1][0] == 0x08;

	for (unsigned i = 0; i < c->insns; i++)
		ssk |= c->insn[i][0] == 0x08;
	for (unsigned i = 0; i < BLOCKS && ssk; i++)
		if ((theirs[R_KEYS + i] ^ ours[R_KEYS + i]) == KEY_R)
			ours[R_KEYS + i] = theirs[R_KEYS + i];
}

/* Where an instruction's storage operand lies, by the registers the case begins with. */
static uint32_t operand_at(const struct test_case *c, const uint8_t *field)
{
	unsigned b = field[0] >> 4, d = be16(field) & 0xFFF;

	return ((b ? c->gr[b] : 0) + d) & 0xFFFFFF;
}

static bool overlap(uint32_t a, uint32_t n, uint32_t b, uint32_t k)
{
	return a < b + k && b < a + n;
}

static bool any_insn(const struct test_case *c, bool (*is)(const struct test_case *c,
							   const uint8_t *insn))
{
	for (unsigned i = 0; i < c->insns; i++)
		if (is(c, c->insn[i]))
			return true;
	return is(c, c->target[0]) || is(c, c->target[1]);
}

static bool edit_overlaps(const struct test_case *c, const uint8_t *insn)
{
	/* with DAT two addresses may be one: only the place in the block counts */
	uint32_t mask = c->psw >> 51 & 1 ? BLOCK - 1 : 0xFFFFFF;
	uint32_t a = operand_at(c, insn + 2), b = operand_at(c, insn + 4), n = insn[1] + 1u;

	if ((insn[0] & 0xFE) != 0xDE)
		return false;
	/* over its own code: Hercules looks at the opcode again while it edits */
	return ((a - b) & mask) < n || ((b - a) & mask) < n ||
	       (((uint32_t)c->psw - a) & mask) < n || ((a - (uint32_t)c->psw) & mask) < CODE_BYTES;
}

/* MVCL or CLCL pair whose destination is the code of the case. */
static bool move_hits_code(const struct test_case *c, const uint8_t *insn)
{
	unsigned r = insn[1] >> 4;

	return insn[0] == 0x0E && overlap(c->gr[r] & 0xFFFFFF, c->gr[r | 1] & 0xFFFFFF,
					  (uint32_t)c->psw & 0xFFFFFF, CODE_BYTES);
}

/* STCM with mask 0 where its byte may not be stored into. */
static bool stores_nothing(const struct test_case *c, const uint8_t *insn)
{
	(void)c;
	return insn[0] == 0xBE && (insn[1] & 0xF) == 0;
}

/* Is an MVCL of the stream no longer there after the case? It moved over itself. */
static bool move_overwritten(const struct test_case *c, const uint8_t *result)
{
	uint32_t at = (uint32_t)c->psw & 0xFFFFFF;
	bool dat = (c->psw >> 51 & 1) && (c->psw >> 58 & 1);

	for (unsigned i = 0; i < c->insns; at += length_of(c->insn[i]), i++)
		if (c->insn[i][0] == 0x0E && (byte_after(result, at, dat) != c->insn[i][0] ||
					      byte_after(result, at + 1, dat) != c->insn[i][1]))
			return true;
	return false;
}

static void unpredictable(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	if (any_insn(c, edit_overlaps) || any_insn(c, move_hits_code) ||
	    move_overwritten(c, ours) || move_overwritten(c, theirs))
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

static void store_nothing(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	const uint8_t *insn = culprit(ours);

	if (!any_insn(c, stores_nothing) && !(insn && stores_nothing(c, insn)))
		return;
	for (unsigned i = 0; i < BLOCKS; i++)
		if (!((theirs[R_KEYS + i] ^ ours[R_KEYS + i]) & ~(KEY_R | KEY_C)))
			ours[R_KEYS + i] = theirs[R_KEYS + i];
	if (is_access(program_code(ours)) && culprit_is(c, ours, 0xBE, 0xBE))
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

/* An interval-timer interruption that was pending on Hercules since before the case. */
static void old_timer(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	const uint8_t *low = theirs + R_LOW;
	unsigned code = be16(low + (low[0x19] & 0x08 ? 0x86 : 0x1A));

	(void)c;
	if (be32(theirs + R_CLASS) == 3 && code == 0x80)
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

/* Decimal operands that overlap in a way that is not allowed. */
static void decimal_overlap(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	const uint8_t *insn = culprit(ours);

	(void)c;
	if (program_code(ours) == 7 && insn && insn[0] >= 0xF8 &&
	    insn[2] >> 4 == insn[4] >> 4)
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

static bool changes_fetch(const struct test_case *c, const uint8_t *insn)
{
	(void)c;
	return insn[0] == 0x08 || insn[0] == 0xB7 || insn[0] == 0x82;
}

/*
 * SSK or LCTL forbids the next fetch, or an operand that was accessed before;
 * Hercules goes on with the translation it has.
 */
static void fetch_after_change(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	if (is_access(program_code(ours)) && (at_fetch(ours) || program_code(ours) == 4) &&
	    any_insn(c, changes_fetch))
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

/* A page beyond storage in a protected segment, for a store. */
static void addressing_first(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	(void)c;
	if (program_code(ours) == 5 && program_code(theirs) == 4)
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

static bool compares_masked(const struct test_case *c, const uint8_t *insn)
{
	(void)c;
	return insn[0] == 0xBD;
}

/* CLM: ours looks at all bytes of the operand, Hercules up to the first difference. */
static void masked_reference(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	if (!any_insn(c, compares_masked))
		return;
	for (unsigned i = 0; i < BLOCKS; i++)
		if ((ours[R_KEYS + i] & ~theirs[R_KEYS + i]) == KEY_R)
			ours[R_KEYS + i] = theirs[R_KEYS + i];
}

/* Two operands that cannot be accessed: which of them is told. */
static void access_order(const struct test_case *c, const uint8_t *theirs, uint8_t *ours)
{
	unsigned a = program_code(theirs), b = program_code(ours);
	const uint8_t *insn = culprit(ours);
	bool two = program_ilc(ours) == 3 ||
		   (insn && (insn[0] == 0x0E || insn[0] == 0x0F || insn[0] == 0x44));

	(void)c;
	if (is_access(a) && is_access(b) && two &&
	    (a != b || memcmp(theirs + R_LOW + 0x90, ours + R_LOW + 0x90, 4)))
		memcpy(ours, theirs, sizeof(((struct comparison *)0)->ours));
}

static const struct known {
	void (*excuse)(const struct test_case *c, const uint8_t *theirs, uint8_t *ours);
	const char *text;
} known[] = {
	{ fetch_after_change, "next access forbidden by SSK or LCTL" },
	{ table_reference, "reference bits of blocks with translation tables" },
	{ fetch_exception_length, "length code of an exception on instruction fetch" },
	{ suppressed_marks, "reference and change bits of a suppressed instruction" },
	{ translation_address, "translation-exception address below the page" },
	{ long_condition, "condition code of MVCL and CLCL ended by an access exception" },
	{ other_length, "BC mode: length code in old PSWs other than program and SVC" },
	{ edit_stores, "ED and EDMK store before an access exception" },
	{ monitor_call_bc, "MONITOR CALL in BC mode stores class and code" },
	{ execute_length, "length code of a program interruption under EX" },
	{ fetch_after_ssk, "reference bit of code behind SSK" },
	{ access_order, "two operands with access exceptions: which is told" },
	{ unpredictable, "ED with overlapping operands, MVCL over itself" },
	{ store_nothing, "STCM with mask 0 checks one byte" },
	{ old_timer, "interval timer due on Hercules since before the case" },
	{ addressing_first, "addressing before segment protection" },
	{ masked_reference, "CLM refers to all bytes of its operand" },
	{ decimal_overlap, "decimal operands that overlap give a data exception" },
	{ decimal_priority, "access exception before data exception" },
};

const char *known_difference(unsigned n)
{
	return n < ARRAY_SIZE(known) ? known[n].text : NULL;
}

static bool equal(const struct comparison *cmp)
{
	return cmp->theirs_length == cmp->ours_length &&
	       !memcmp(cmp->theirs, cmp->ours, sizeof(cmp->ours));
}

void compare(const struct test_case *c, struct comparison *cmp)
{
	static struct comparison tried;

	neutralise(cmp->theirs);
	neutralise(cmp->ours);
	cmp->verdict = SAME;
	if (equal(cmp))
		return;
	tried = *cmp;
	for (unsigned n = 0; n < ARRAY_SIZE(known); n++) {
		struct comparison before = tried;

		known[n].excuse(c, tried.theirs, tried.ours);
		if (memcmp(before.ours, tried.ours, sizeof(tried.ours)))
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
		if (memcmp(cmp->theirs + fields[i].at, cmp->ours + fields[i].at, fields[i].length))
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
		printf("  %s %X: hercules ", f->name, f->unit == 4 && f->at == R_LOW ? i
							 : i / f->unit);
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

static void print_culprit(const struct comparison *cmp)
{
	const uint8_t *insn = culprit(cmp->ours);

	if (!insn)
		return;
	printf("  interrupted on s370: ");
	print_unit(insn, length_of(insn));
	printf("\n");
}

void comparison_print(const struct comparison *cmp)
{
	if (cmp->stray) {
		printf("  storage %06X: hercules %02X s370 %02X\n", cmp->stray, cmp->theirs[0],
		       cmp->ours[0]);
		return;
	}
	if (!cmp->has_results) {
		printf("  %s\n", cmp->verdict == SAME ? "not when it runs alone"
					      : "only one emulator comes to its end");
		return;
	}
	printf("  class %u, PSW old: program %016llX SVC %016llX\n", be32(cmp->theirs + R_CLASS),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x28),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x20));
	print_culprit(cmp);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(&fields[i], cmp->theirs, cmp->ours);
	for (uint32_t offset = 0; offset < WINDOW_SIZE; offset += CHUNK)
		print_chunk(offset, find_chunk(cmp->theirs, offset),
			    find_chunk(cmp->ours, offset));
}
