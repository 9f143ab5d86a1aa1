/*
 * Is every row of the instruction set proved? tests/insn/rows says for each instruction
 * which condition codes it can set and which program interruptions it can meet.
 *
 * 1. What follows a rule for all instructions is made here and executed: access exceptions
 *    of each storage operand, also in its second page; privileged operation in the problem
 *    state; odd registers of pairs and wrong floating-point registers; instructions that a
 *    System/360 does not have. Nothing may have changed but what the interruption stores.
 * 2. All other codes must be produced by the cases of tests/insn: all of them are executed
 *    once, and what each instruction did is noted. A row, a condition code or an
 *    interruption that no case shows is a failure, unless tests/insn/exceptions says why.
 */
#include "tests/unit/insn_case.h"

#define ROWS_MAX     400
#define OPERANDS_MAX 400
#define EXCEPTIONS_MAX 200

struct pic_name {
	const char *name;
	unsigned codes[6];
};

static const struct pic_name pic_names[] = {
	{ "A", { 4, 5, 0x10, 0x11, 0x12 } }, { "Ad", { 5 } }, { "P", { 4 } }, { "S", { 6 } },
	{ "D", { 7 } }, { "IF", { 8 } }, { "IK", { 9 } }, { "DF", { 0xA } },
	{ "DK", { 0xB } }, { "EO", { 0xC } }, { "EU", { 0xD } }, { "LS", { 0xE } },
	{ "FK", { 0xF } }, { "Ex", { 3 } }, { "So", { 0x13 } }, { "MO", { 0x40 } },
	{ "Op", { 1 } }, { "M", { 2 } }, { "TS", { 0x12 } }, { "ST", { 0x10 } },
	{ "PT", { 0x11 } }, { "LX", { 0x22 } }, { "EX", { 0x23 } }, { "AFX", { 0x20 } },
	{ "ASX", { 0x21 } }, { "PA", { 0x24 } }, { "SA", { 0x25 } }, { "PCS", { 0x1F } },
	{ "ASNS", { 0x17 } }, { "SSE", { 0x1C } },
};

struct row {
	const struct opcode *op;
	unsigned cc;          /* bit n: cc n is possible */
	bool pic[256];
	unsigned seen_cc;
	bool seen[256];
	unsigned cases;       /* times a case executed it */
};

static struct row rows[ROWS_MAX];
static unsigned row_count;

/* A storage operand of a row. */
struct operand_case {
	struct row *row;
	bool store;
	unsigned reg, length;
	char code[100], before[200];
};

static struct operand_case operand_cases[OPERANDS_MAX];
static unsigned operand_count;

struct exception {
	char mnemonic[8];
	bool is_cc;
	unsigned code;
	bool needed;
};

static struct exception exceptions[EXCEPTIONS_MAX];
static unsigned exception_count;

static void wrong_line(const char *file, unsigned line, const char *what)
{
	fprintf(stderr, "tests/insn/%s:%u: %s\n", file, line, what);
	exit(2);
}

/* ---- reading the table */

static struct row *row_of(const struct opcode *op)
{
	for (unsigned i = 0; op && i < row_count; i++)
		if (rows[i].op == op)
			return &rows[i];
	return NULL;
}

static void read_pics(struct row *row, char *text, unsigned line)
{
	char *save = NULL;

	for (char *t = strtok_r(text, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		const struct pic_name *n = NULL;

		for (size_t i = 0; i < sizeof(pic_names) / sizeof(pic_names[0]); i++)
			if (!strcmp(pic_names[i].name, t))
				n = &pic_names[i];
		if (!n)
			wrong_line("rows", line, t);
		for (unsigned i = 0; n->codes[i]; i++)
			row->pic[n->codes[i]] = true;
	}
}

/* "S2/4 ST 1,0(0,2) @ gr5=4; ..." */
static void read_operands(struct row *row, char *text, unsigned line)
{
	char *save = NULL;

	for (char *t = strtok_r(text, ";\n", &save); t; t = strtok_r(NULL, ";\n", &save)) {
		struct operand_case *o = &operand_cases[operand_count];
		char *at = strchr(t, '@');
		char kind;
		int used = 0;

		if (strspn(t, " ") == strlen(t))
			continue;
		if (operand_count++ == OPERANDS_MAX)
			wrong_line("rows", line, "too many operands");
		o->row = row;
		if (at)
			*at++ = '\0';
		snprintf(o->before, sizeof(o->before), "%s", at ? at : "");
		if (sscanf(t, " %c%u%n", &kind, &o->reg, &used) < 2 || !strchr("FS", kind))
			wrong_line("rows", line, t);
		t += used;
		o->length = *t == '/' ? (unsigned)strtoul(t + 1, &t, 10) : 0;
		o->store = kind == 'S';
		snprintf(o->code, sizeof(o->code), "%s", t);
	}
}

/* I/O instructions are the same there whatever their second byte is. */
static bool missing_on_360(const struct row *row)
{
	return (row->op->flags & OPF_370) && row->op->chapter != CHAPTER_IO;
}

/* What the opcode table alone tells. */
static void rules(struct row *row)
{
	uint32_t f = row->op->flags;

	if (f & OPF_PRIV && !(f & OPF_OPT))
		row->pic[2] = true;
	if (f & (OPF_EVEN1 | OPF_EVEN2 | OPF_EVEN3 | OPF_F1 | OPF_F2 | OPF_X1 | OPF_X2))
		row->pic[6] = true;
	if (missing_on_360(row))
		row->pic[1] = true;
}

static void read_row(char *text, unsigned line)
{
	struct row *row = &rows[row_count];
	char *part[4], *save = NULL, name[10] = "";

	for (int i = 0; i < 4; i++) {
		part[i] = i == 0 ? text : part[i - 1] + strlen(part[i - 1]) + 1;
		save = strchr(part[i], '|');
		if (save)
			*save = '\0';
		else if (i < 3)
			wrong_line("rows", line, "four parts wanted");
	}
	sscanf(part[0], " %9s", name);
	row->op = opcode_named(name);
	if (!row->op || row_of(row->op) || row_count == ROWS_MAX - 1)
		wrong_line("rows", line, name);
	row_count++;
	for (const char *c = part[1]; *c; c++)
		if (*c >= '0' && *c <= '3')
			row->cc |= 1u << (*c - '0');
	read_pics(row, part[2], line);
	rules(row);
	read_operands(row, part[3], line);
}

/* "MNEMONIC cc=N reason" or "MNEMONIC pic=HH reason" */
static void read_exception(char *text, unsigned line)
{
	struct exception *e = &exceptions[exception_count];
	char kind[4] = "", reason[4] = "";

	if (exception_count++ == EXCEPTIONS_MAX)
		wrong_line("exceptions", line, "too many");
	if (sscanf(text, "%7s %3[a-z]=%x %3s", e->mnemonic, kind, &e->code, reason) != 4 ||
	    !row_of(opcode_named(e->mnemonic)) || e->code > 0xFF)
		wrong_line("exceptions", line, text);
	e->is_cc = !strcmp(kind, "cc");
}

static void read_table(const char *dir, const char *file, void (*take)(char *, unsigned))
{
	char path[400], line[1000];
	unsigned number = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	if (!f)
		wrong_line(file, 0, "not there");
	while (fgets(line, sizeof(line), f)) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			take(line, number);
	}
	fclose(f);
}

/* ---- what the cases show */

/* The instruction the CPU is about to execute; for an EX, *target too. */
static struct row *next_row(struct rig *r, struct row **target)
{
	uint32_t ia = cpu370_psw(r->cpu) & 0xFFFFFF, real;
	uint8_t code[4], there[2];
	struct row *row;

	*target = NULL;
	if (cpu370_translate(r->cpu, ia, &real) ||
	    storage_fetch(r->st, cpu370_real_to_absolute(r->cpu, real), 0, code, 4, NULL))
		return NULL;
	row = row_of(opcode_find(code[0], code[1]));
	if (code[0] != 0x44 || !row)
		return row;
	ia = (be16(code + 2) & 0xFFF) +
	     (code[2] >> 4 ? cpu370_gr(r->cpu, code[2] >> 4) : 0) +
	     (code[1] & 15 ? cpu370_gr(r->cpu, code[1] & 15) : 0);
	if (cpu370_translate(r->cpu, ia & 0xFFFFFF, &real) == 0 &&
	    !storage_fetch(r->st, cpu370_real_to_absolute(r->cpu, real), 0, there, 2, NULL))
		*target = row_of(opcode_find(there[0], there[1]));
	return row;
}

/* Low bits of the program-interruption code if the last step ended in one, else 0. */
static unsigned interruption(struct rig *r)
{
	uint32_t low = cpu370_real_to_absolute(r->cpu, 0);
	uint64_t old;

	if ((cpu370_psw(r->cpu) & UINT64_C(0x0002000000FFFFFF)) != (WAIT_PSW | 0x68))
		return 0;
	old = fetch64(r, low + 0x28);
	if (old >> 51 & 1)
		old = fetch64(r, low + 0x88) << 32;
	return old >> 32 & 0xFF;
}

static void note(struct row *row, unsigned pic, unsigned cc)
{
	if (!row)
		return;
	row->cases++;
	if (pic)
		row->seen[pic] = true;
	else
		row->seen_cc |= 1u << cc;
}

static void watch_case(const struct insn_case *c)
{
	char line[1000], *before, *code, *save = NULL;
	struct state s = { .psw = CODE_AT };
	struct rig r = { .where = c->where };
	enum cpu_exit why = CPU_EXIT_BUDGET;

	snprintf(line, sizeof(line), "%s", c->line);
	strtok_r(line, "|", &save);
	before = strtok_r(NULL, "|", &save);
	code = strtok_r(NULL, "|", &save);
	case_begin(&r, &s, before);
	tokens(&r, before, &s, true);
	load_code(&r, code, CODE_AT);
	prepare(&r, &s);
	for (int i = 0; i < 1000 && why == CPU_EXIT_BUDGET; i++) {
		struct row *target, *row = next_row(&r, &target);
		unsigned pic;

		why = cpu370_run(r.cpu, 1);
		pic = interruption(&r);
		note(row, pic, psw_cc(cpu370_psw(r.cpu)));
		note(target, pic, psw_cc(cpu370_psw(r.cpu)));
	}
	case_end(&r);
}

/* ---- rules: executed here */

/*
 * Segment table 8000, page tables 9000 (segment 0: as it is) and 9040 (segment 3: its
 * first page is frame F, the second invalid). Segment 1 is invalid, 2 has reserved bits.
 */
#define DAT_ON  UINT64_C(0x0408000000001000)
#define DAT_OFF UINT64_C(0x0018000000001000) /* EC mode, key 1 */
static const char dat_tables[] =
	"cr0=008000E0 cr1=00008000 "
	"8000:F000900000000001FF009000F0009040 "
	"9000:0000001000200030004000500060007000800090 9014:00A000B000C000D000E000F0 "
	"9040:00F00008000800080008000800080008";

#define OUTSIDE 0x100000u /* the end of storage */

static const struct access {
	const char *what;
	unsigned pic;
	uint64_t psw;
	uint32_t address; /* of the operand; second: of what lies in its second page */
	bool second, nullifies;
} accesses[] = {
	{ "key", 4, DAT_OFF, 0x6000, false, false },
	{ "key of the second page", 4, DAT_OFF, 0x6000, true, false },
	{ "beyond storage", 5, DAT_OFF, OUTSIDE, false, false },
	{ "over the end of storage", 5, DAT_OFF, OUTSIDE, true, false },
	{ "segment invalid", 0x10, DAT_ON, 0x18000, false, true },
	{ "page invalid", 0x11, DAT_ON, 0x31000, false, true },
	{ "second page invalid", 0x11, DAT_ON, 0x31000, true, true },
	{ "reserved bits", 0x12, DAT_ON, 0x28000, false, false },
};

/* Everything that an instruction could have changed. */
struct picture {
	uint8_t bytes[0xF000];
	uint32_t gr[16], cr[16];
	uint64_t fpr[8];
};

static void take_picture(struct rig *r, struct picture *p)
{
	fetch(r, 0x1000, p->bytes, sizeof(p->bytes));
	for (unsigned i = 0; i < 16; i++) {
		p->gr[i] = cpu370_gr(r->cpu, i);
		p->cr[i] = cpu370_cr(r->cpu, i);
	}
	for (unsigned i = 0; i < 8; i++)
		p->fpr[i] = cpu370_fpr(r->cpu, i);
}

static void rig_new(struct rig *r, const char *where, enum cpu_arch arch)
{
	struct cpu_config config = { .arch = arch };

	*r = (struct rig){ .where = where };
	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(STORAGE, NULL);
	r->cpu = cpu370_new(r->st, &config, NULL, &r->clock.clock, NULL);
	cpu370_set_interval_timer(r->cpu, false);
}

static void rig_free(struct rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st);
}

/*
 * Run the one instruction at CODE_AT, stepped or in a block, and demand the
 * interruption, its address and length, and that nothing has changed.
 */
static void demand(struct rig *r, const struct state *s, unsigned ilc, unsigned pic,
		   bool nullifies, bool block)
{
	static struct picture before, after;
	struct state want = *s;
	enum cpu_exit why;

	prepare(r, s);
	take_picture(r, &before);
	why = cpu370_run(r->cpu, block ? 1000 : 1);
	take_picture(r, &after);
	ck_assert_msg(why == CPU_EXIT_DISABLED_WAIT || !block, "%s: ended with %d", r->where,
		      (int)why);
	ck_assert_msg((cpu370_psw(r->cpu) & 0xFFFFFF) == 0x68, "%s: no interruption", r->where);
	want.pic = pic;
	want.ilc = ilc;
	want.ilc_given = want.ia_given = true;
	want.ia = CODE_AT + (nullifies ? 0 : 2 * ilc);
	check_program(r, block ? "in a block" : "stepped", &want);
	ck_assert_msg(!memcmp(&before, &after, sizeof(before)), "%s: something changed",
		      r->where);
}

static void one_access(const struct operand_case *o, const struct access *a, bool block)
{
	char where[200];
	struct state s = { .psw = a->psw, .cc = 2 };
	struct rig r;
	uint8_t code[16];
	unsigned length;

	snprintf(where, sizeof(where), "%s:%s", o->code, a->what);
	rig_new(&r, where, CPU_S370);
	for (unsigned i = 0; i < 16; i++) {
		s.cr[i] = cpu370_cr(r.cpu, i);
		s.gr[i] = 0x1110 * i;
	}
	for (unsigned i = 0; i < 8; i += 2)
		s.fpr[i] = UINT64_C(0x4112345678123456);
	s.gr[2] = 0x2000;
	s.gr[3] = 0x3000;
	tokens(&r, dat_tables, &s, true);
	tokens(&r, o->before, &s, true);
	s.gr[o->reg] = a->address - (a->second ? 1 : 0);
	if (o->code[1] == 'M' && strstr(o->code, "MVCIN") && o->reg == 3)
		s.gr[3] = a->address; /* its last byte */
	for (uint32_t at = 0; at < 0x5000; at += 2048)
		storage_set_key(r.st, at, 0x10);
	storage_set_key(r.st, 0x5800, 0x10);
	storage_set_key(r.st, OUTSIDE - 1, 0x10);
	storage_set_key(r.st, 0x6000, o->store ? 0x20 : 0x28);
	length = assemble(where, o->code, code);
	store(&r, CODE_AT, code, length);
	store(&r, CODE_AT + length, "\x0A\xFF", 2);
	demand(&r, &s, length / 2, a->pic, a->nullifies, block);
	rig_free(&r);
}

START_TEST(operands_meet_every_access_exception)
{
	const struct operand_case *o = &operand_cases[_i];

	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		if (accesses[i].second && o->length < 2)
			continue;
		one_access(o, &accesses[i], false);
		one_access(o, &accesses[i], true);
	}
}
END_TEST

/* An instruction of the row, all fields zero but those given as its second byte. */
static void bare_insn(const struct row *row, uint8_t byte1, uint64_t psw, enum cpu_arch arch,
		      unsigned pic)
{
	unsigned opcode = row->op->opcode;
	uint8_t code[8] = { (uint8_t)(opcode > 0xFF ? opcode >> 8 : opcode), byte1, 0, 0 };
	unsigned length = insn_length(code[0]);

	if (opcode > 0xFF) {
		code[1] = opcode & 0xFF;
		code[3] = byte1;
	}
	for (int block = 0; block < 2; block++) {
		struct state s = { .psw = psw, .cc = 1 };
		struct rig r;

		rig_new(&r, row->op->mnemonic, arch);
		for (unsigned i = 0; i < 16; i++)
			s.cr[i] = cpu370_cr(r.cpu, i);
		store(&r, CODE_AT, code, length);
		store(&r, CODE_AT + length, "\x0A\xFF", 2);
		demand(&r, &s, length / 2, pic, false, block);
		rig_free(&r);
	}
}

START_TEST(rules_hold)
{
	const struct row *row = &rows[_i];
	uint32_t f = row->op->flags;

	if (f & OPF_OPT) {
		bare_insn(row, 0, 0x1000, CPU_S370, 1);
		return;
	}
	if (f & OPF_PRIV)
		bare_insn(row, 0, UINT64_C(0x0001000000001000), CPU_S370, 2);
	if (missing_on_360(row))
		bare_insn(row, 0, 0x1000, CPU_S360, 1);
	if (f & (OPF_EVEN1 | OPF_F1 | OPF_X1))
		bare_insn(row, 0x10, 0x1000, CPU_S370, 6);
	if (f & (OPF_EVEN2 | OPF_EVEN3 | OPF_F2 | OPF_X2))
		bare_insn(row, 0x01, 0x1000, CPU_S370, 6);
	if (f & OPF_F1)
		bare_insn(row, 0x80, 0x1000, CPU_S370, 6);
	if (f & OPF_F2)
		bare_insn(row, 0x08, 0x1000, CPU_S370, 6);
	if (f & OPF_X1)
		bare_insn(row, 0x20, 0x1000, CPU_S370, 6);
	if (f & OPF_X2)
		bare_insn(row, 0x02, 0x1000, CPU_S370, 6);
}
END_TEST

/* What the two tests above prove counts as seen. */
static void note_rules(void)
{
	for (unsigned i = 0; i < row_count; i++) {
		uint32_t f = rows[i].op->flags;

		if (f & OPF_PRIV && !(f & OPF_OPT))
			rows[i].seen[2] = true;
		if ((f & OPF_OPT) || missing_on_360(&rows[i]))
			rows[i].seen[1] = true;
		if (f & (OPF_EVEN1 | OPF_EVEN2 | OPF_EVEN3 | OPF_F1 | OPF_F2 | OPF_X1 | OPF_X2))
			rows[i].seen[6] = true;
	}
	for (unsigned i = 0; i < operand_count; i++)
		for (size_t k = 0; k < sizeof(accesses) / sizeof(accesses[0]); k++)
			operand_cases[i].row->seen[accesses[k].pic] = true;
}

START_TEST(cases_are_watched)
{
	for (unsigned i = 0; i < case_count; i++)
		watch_case(&cases[i]);
	note_rules();
}
END_TEST

/* ---- what is missing */

static bool excepted(const struct row *row, bool is_cc, unsigned code)
{
	for (unsigned i = 0; i < exception_count; i++) {
		struct exception *e = &exceptions[i];

		if (e->is_cc == is_cc && e->code == code &&
		    !strcmp(e->mnemonic, row->op->mnemonic)) {
			e->needed = true;
			return true;
		}
	}
	return false;
}

/* Text of what the row lacks; empty: nothing. */
static void missing(const struct row *row, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	if (!row->cases && !(row->op->flags & OPF_OPT))
		n += (size_t)snprintf(text + n, size - n, " any case");
	for (unsigned cc = 0; cc < 4; cc++)
		if (row->cc & ~row->seen_cc & 1u << cc && !excepted(row, true, cc))
			n += (size_t)snprintf(text + n, size - n, " cc=%u", cc);
	for (unsigned pic = 1; pic < 256; pic++)
		if (row->pic[pic] && !row->seen[pic] && !excepted(row, false, pic))
			n += (size_t)snprintf(text + n, size - n, " pic=%X", pic);
}

START_TEST(every_code_of_the_row_has_a_case)
{
	char text[400];

	missing(&rows[_i], text, sizeof(text));
	ck_assert_msg(!*text, "%s lacks%s", rows[_i].op->mnemonic, text);
}
END_TEST

/* A row of the opcode table that tests/insn/rows forgot; an exception without need. */
START_TEST(tables_agree)
{
	char text[400];

	for (size_t i = 0; i < opcode_count; i++)
		ck_assert_msg(opcode_rows[i].chapter == CHAPTER_ASSIST || row_of(&opcode_rows[i]),
			      "%s is not in tests/insn/rows", opcode_rows[i].mnemonic);
	for (unsigned i = 0; i < row_count; i++)
		missing(&rows[i], text, sizeof(text));
	for (unsigned i = 0; i < exception_count; i++)
		ck_assert_msg(exceptions[i].needed, "exception for %s %s=%X: there is a case",
			      exceptions[i].mnemonic, exceptions[i].is_cc ? "cc" : "pic",
			      exceptions[i].code);
}
END_TEST

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "tests/insn";
	Suite *s = suite_create("insn_rows");
	TCase *tc = tcase_create("rows");

	read_table(dir, "rows", read_row);
	read_table(dir, "exceptions", read_exception);
	read_all_cases(dir);
	setenv("CK_FORK", "no", 1); /* what the first test notes, the others read */
	tcase_add_test(tc, cases_are_watched);
	tcase_add_loop_test(tc, operands_meet_every_access_exception, 0, (int)operand_count);
	tcase_add_loop_test(tc, rules_hold, 0, (int)row_count);
	tcase_add_loop_test(tc, every_code_of_the_row_has_a_case, 0, (int)row_count);
	tcase_add_test(tc, tables_agree);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
