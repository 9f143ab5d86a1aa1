/*
 * tests/unit/insn_case.h - the cases of tests/insn: reading them, assembling their
 * code, setting a CPU up and judging what it left. README there says how they read.
 */
#ifndef TESTS_UNIT_INSN_CASE_H
#define TESTS_UNIT_INSN_CASE_H

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"
#include "tests/unit/runner.h"

#define CODE_AT   0x1000u
#define STORAGE   (1u << 20)
#define MAX_CASES 6000
#define WAIT_PSW  UINT64_C(0x0002000000000000)

struct insn_case {
	char where[80];
	char line[1000];
};

static struct insn_case cases[MAX_CASES];
static unsigned case_count;

/* ---- assembler: one statement, operands as numbers */

struct operand {
	unsigned value, sub[2], subs;
};

static inline unsigned number(const char **p)
{
	const char *s = *p;
	char *end;
	unsigned v;

	if (s[0] == 'X' && s[1] == '\'') {
		v = (unsigned)strtoul(s + 2, &end, 16);
		*p = *end == '\'' ? end + 1 : end;
		return v;
	}
	v = (unsigned)strtoul(s, &end, 10);
	*p = end;
	return v;
}

static inline unsigned operands(const char *p, struct operand ops[4])
{
	unsigned n = 0;

	while (*p && n < 4) {
		struct operand *o = &ops[n++];

		memset(o, 0, sizeof(*o));
		o->value = number(&p);
		if (*p == '(') {
			do {
				p++;
				o->sub[o->subs++] = number(&p);
			} while (*p == ',' && o->subs < 2);
			if (*p == ')')
				p++;
		}
		if (*p != ',')
			break;
		p++;
	}
	ck_assert_msg(*p == '\0', "operand: %s", p);
	return n;
}

static inline void put_address(uint8_t *at, unsigned b, unsigned d)
{
	put_be16(at, (uint16_t)(b << 12 | (d & 0xFFF)));
}

/* Assemble op with its operands; returns the length. */
static inline unsigned assemble_row(const struct opcode *op, struct operand *o, uint8_t code[6])
{
	unsigned byte0 = op->opcode > 0xFF ? op->opcode >> 8 : op->opcode;

	memset(code, 0, 6);
	code[0] = (uint8_t)byte0;
	if (op->opcode > 0xFF)
		code[1] = op->opcode & 0xFF;
	switch ((enum insn_format)op->format) {
	case FMT_RR:
	case FMT_RRM:
		code[1] = (uint8_t)(o[0].value << 4 | o[1].value);
		break;
	case FMT_RR1:
		code[1] = (uint8_t)(o[0].value << 4);
		break;
	case FMT_RRI:
		code[1] = (uint8_t)o[0].value;
		break;
	case FMT_RRE:
	case FMT_RRE1:
		code[3] = (uint8_t)(o[0].value << 4 | o[1].value);
		break;
	case FMT_RX:
	case FMT_RXM:
		code[1] = (uint8_t)(o[0].value << 4 | o[1].sub[0]);
		put_address(code + 2, o[1].sub[1], o[1].value);
		break;
	case FMT_RS:
	case FMT_RSM:
		code[1] = (uint8_t)(o[0].value << 4 | o[1].value);
		put_address(code + 2, o[2].sub[0], o[2].value);
		break;
	case FMT_RSS:
		code[1] = (uint8_t)(o[0].value << 4);
		put_address(code + 2, o[1].sub[0], o[1].value);
		break;
	case FMT_SI:
		code[1] = (uint8_t)o[1].value;
		put_address(code + 2, o[0].sub[0], o[0].value);
		break;
	case FMT_S:
		put_address(code + 2, o[0].sub[0], o[0].value);
		break;
	case FMT_S0:
		break;
	case FMT_SS1:
		code[1] = (uint8_t)(o[0].sub[0] - 1);
		put_address(code + 2, o[0].sub[1], o[0].value);
		put_address(code + 4, o[1].sub[0], o[1].value);
		break;
	case FMT_SS2:
		code[1] = (uint8_t)((o[0].sub[0] - 1) << 4 | (o[1].sub[0] - 1));
		put_address(code + 2, o[0].sub[1], o[0].value);
		put_address(code + 4, o[1].sub[1], o[1].value);
		break;
	case FMT_SS3:
		code[1] = (uint8_t)((o[0].sub[0] - 1) << 4 | o[2].value);
		put_address(code + 2, o[0].sub[1], o[0].value);
		put_address(code + 4, o[1].sub[0], o[1].value);
		break;
	case FMT_SSR:
		code[1] = (uint8_t)(o[0].sub[0] << 4 | o[2].value);
		put_address(code + 2, o[0].sub[1], o[0].value);
		put_address(code + 4, o[1].sub[0], o[1].value);
		break;
	case FMT_SSE:
		put_address(code + 2, o[0].sub[0], o[0].value);
		put_address(code + 4, o[1].sub[0], o[1].value);
		break;
	}
	return insn_length(byte0);
}

static inline unsigned hex_bytes(const char *text, uint8_t *out, unsigned max)
{
	unsigned n = 0;

	while (isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]) && n < max) {
		char two[3] = { text[0], text[1], '\0' };

		out[n++] = (uint8_t)strtoul(two, NULL, 16);
		text += 2;
	}
	return n;
}

/* "AR 1,2" or "DC 1A12". */
static inline unsigned assemble(const char *where, const char *text, uint8_t code[16])
{
	char mnemonic[16] = "", rest[200] = "";
	struct operand ops[4];
	const struct opcode *op;

	memset(ops, 0, sizeof(ops));
	sscanf(text, " %15s %199s", mnemonic, rest);
	if (!strcmp(mnemonic, "DC"))
		return hex_bytes(rest, code, 16);
	op = opcode_named(mnemonic);
	ck_assert_msg(op != NULL, "%s: no instruction '%s'", where, mnemonic);
	operands(rest, ops);
	return assemble_row(op, ops, code);
}

/* ---- the machine */

struct rig {
	const char *where;
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
};

static inline void store(struct rig *r, uint32_t at, const void *bytes, size_t n)
{
	ck_assert_msg(storage_store(r->st, at, 0, bytes, n, NULL) == STORAGE_OK,
		      "%s: cannot store at %X", r->where, at);
}

static inline void fetch(struct rig *r, uint32_t at, void *bytes, size_t n)
{
	ck_assert_msg(storage_fetch(r->st, at, 0, bytes, n, NULL) == STORAGE_OK,
		      "%s: cannot fetch at %X", r->where, at);
}

static inline void store64(struct rig *r, uint32_t at, uint64_t value)
{
	uint8_t b[8];

	put_be64(b, value);
	store(r, at, b, 8);
}

static inline uint64_t fetch64(struct rig *r, uint32_t at)
{
	uint8_t b[8];

	fetch(r, at, b, 8);
	return be64(b);
}

struct state {
	uint32_t gr[16], cr[16];
	uint64_t fpr[8];
	uint64_t psw;
	unsigned cc, mask, pic, ilc;
	uint32_t ia;
	bool s360, ia_given, ilc_given;
};

/*
 * Read one word of a case. Storage and keys go to the machine (set) or are compared
 * with it (!set).
 */
static inline void token(struct rig *r, const char *t, struct state *s, bool set)
{
	uint8_t want[600], have[600];
	unsigned n;
	char *end;
	uint32_t at;

	if (!strncmp(t, "gr", 2) || !strncmp(t, "cr", 2)) {
		unsigned i = (unsigned)strtoul(t + 2, &end, 10);

		ck_assert_msg(*end == '=' && i < 16, "%s: %s", r->where, t);
		(t[0] == 'g' ? s->gr : s->cr)[i] = (uint32_t)strtoul(end + 1, NULL, 16);
	} else if (!strncmp(t, "fpr", 3)) {
		unsigned i = (unsigned)strtoul(t + 3, &end, 10);

		ck_assert_msg(*end == '=' && i < 8, "%s: %s", r->where, t);
		s->fpr[i] = strtoull(end + 1, NULL, 16);
	} else if (!strncmp(t, "psw=", 4))
		s->psw = strtoull(t + 4, NULL, 16);
	else if (!strncmp(t, "cc=", 3))
		s->cc = (unsigned)strtoul(t + 3, NULL, 10);
	else if (!strncmp(t, "mask=", 5))
		s->mask = (unsigned)strtoul(t + 5, NULL, 16);
	else if (!strncmp(t, "pic=", 4))
		s->pic = (unsigned)strtoul(t + 4, NULL, 16);
	else if (!strncmp(t, "ia=", 3)) {
		s->ia = (uint32_t)strtoul(t + 3, NULL, 16);
		s->ia_given = true;
	} else if (!strncmp(t, "ilc=", 4)) {
		s->ilc = (unsigned)strtoul(t + 4, NULL, 10);
		s->ilc_given = true;
	} else if (!strcmp(t, "s360"))
		s->s360 = true;
	else if (!strncmp(t, "key:", 4)) {
		at = (uint32_t)strtoul(t + 4, &end, 16);
		n = (unsigned)strtoul(end + 1, NULL, 16);
		if (set)
			storage_set_key(r->st, at, (uint8_t)n);
		else
			ck_assert_msg(storage_key(r->st, at) == n, "%s: key of %X is %02X",
				      r->where, at, storage_key(r->st, at));
	} else {
		at = (uint32_t)strtoul(t, &end, 16);
		ck_assert_msg(*end == ':', "%s: what is '%s'?", r->where, t);
		n = hex_bytes(end + 1, want, sizeof(want));
		ck_assert_msg(n > 0 && end[1 + 2 * n] == '\0', "%s: %s", r->where, t);
		if (set) {
			store(r, at, want, n);
			return;
		}
		fetch(r, at, have, n);
		for (unsigned i = 0; i < n; i++)
			ck_assert_msg(have[i] == want[i], "%s: byte %X is %02X, not %02X",
				      r->where, at + i, have[i], want[i]);
	}
}

static inline void tokens(struct rig *r, const char *text, struct state *s, bool set)
{
	char copy[1000], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *t = strtok_r(copy, " \t\n", &save); t; t = strtok_r(NULL, " \t\n", &save))
		token(r, t, s, set);
}

/* A CPU for a case, and the control registers that its state begins with. */
static inline void case_begin(struct rig *r, struct state *s, const char *before)
{
	const struct cpu_config config = {
		.arch = strstr(before, "s360") ? CPU_S360 : CPU_S370,
		.cpuid = UINT64_C(0x0002623303300000),
	};

	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(STORAGE, NULL);
	r->cpu = cpu370_new(r->st, &config, NULL, &r->clock.clock, NULL);
	for (unsigned i = 0; i < 16; i++)
		s->cr[i] = cpu370_cr(r->cpu, i);
	cpu370_set_interval_timer(r->cpu, false);
}

static inline void case_end(struct rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st);
}

/* PSWs, registers: ready to run from psw. */
static inline void prepare(struct rig *r, const struct state *s)
{
	uint64_t psw = s->psw;

	for (uint32_t at = 0x58; at <= 0x78; at += 8)
		store64(r, at, WAIT_PSW | at);
	store64(r, 0x28, 0);
	for (unsigned i = 0; i < 16; i++) {
		cpu370_set_gr(r->cpu, i, s->gr[i]);
		cpu370_set_cr(r->cpu, i, s->cr[i]);
	}
	for (unsigned i = 0; i < 8; i += 2)
		cpu370_set_fpr(r->cpu, i, s->fpr[i]);
	if (psw >> 51 & 1)
		psw |= (uint64_t)s->cc << 44 | (uint64_t)s->mask << 40;
	else
		psw |= (uint64_t)s->cc << 28 | (uint64_t)s->mask << 24;
	cpu370_set_psw(r->cpu, psw);
}

/* cc and address of a PSW in its own mode. */
static inline unsigned psw_cc(uint64_t psw)
{
	return (psw >> 51 & 1 ? psw >> 44 : psw >> 28) & 3;
}

static inline void check(struct rig *r, const char *how, const struct state *want, uint64_t psw,
		  uint32_t ia)
{
	for (unsigned i = 0; i < 16; i++) {
		ck_assert_msg(cpu370_gr(r->cpu, i) == want->gr[i],
			      "%s (%s): GR %u is %08X, not %08X", r->where, how, i,
			      cpu370_gr(r->cpu, i), want->gr[i]);
		ck_assert_msg(cpu370_cr(r->cpu, i) == want->cr[i],
			      "%s (%s): CR %u is %08X, not %08X", r->where, how, i,
			      cpu370_cr(r->cpu, i), want->cr[i]);
	}
	for (unsigned i = 0; i < 8; i += 2)
		ck_assert_msg(cpu370_fpr(r->cpu, i) == want->fpr[i],
			      "%s (%s): FPR %u is %016llX, not %016llX", r->where, how, i,
			      (unsigned long long)cpu370_fpr(r->cpu, i),
			      (unsigned long long)want->fpr[i]);
	ck_assert_msg(psw_cc(psw) == want->cc, "%s (%s): cc is %u, not %u", r->where, how,
		      psw_cc(psw), want->cc);
	if (want->ia_given)
		ck_assert_msg(ia == want->ia, "%s (%s): address is %06X, not %06X", r->where,
			      how, ia, want->ia);
}

/* The interruption that was taken: its code and length against what is wanted. */
static inline void check_program(struct rig *r, const char *how, const struct state *want)
{
	uint64_t old = fetch64(r, 0x28);
	bool ec = old >> 51 & 1;
	uint8_t info[4];
	unsigned code, ilc;

	fetch(r, 0x8C, info, 4);
	code = ec ? be16(info + 2) : old >> 32 & 0xFFFF;
	ilc = ec ? info[1] >> 1 : old >> 30 & 3;
	ck_assert_msg(code == want->pic, "%s (%s): program interruption %04X, not %04X",
		      r->where, how, code, want->pic);
	if (want->ilc_given)
		ck_assert_msg(ilc == want->ilc, "%s (%s): ILC is %u", r->where, how, ilc);
	check(r, how, want, old, old & 0xFFFFFF);
}

/* The end of a run: at the SVC behind the code, or in a program interruption. */
static inline void judge(struct rig *r, const char *how, enum cpu_exit why, const char *after,
		  struct state want)
{
	uint64_t psw = cpu370_psw(r->cpu), old = fetch64(r, 0x20);

	tokens(r, after, &want, false);
	ck_assert_msg(why == CPU_EXIT_DISABLED_WAIT, "%s (%s): ended with %d at %016llX",
		      r->where, how, (int)why, (unsigned long long)psw);
	if ((psw & 0xFFFFFF) == 0x68 || want.pic) {
		ck_assert_msg((psw & 0xFFFFFF) == 0x68, "%s (%s): no interruption %02X",
			      r->where, how, want.pic);
		check_program(r, how, &want);
		return;
	}
	ck_assert_msg((psw & 0xFFFFFF) == 0x60, "%s (%s): new PSW %06X", r->where, how,
		      (unsigned)(psw & 0xFFFFFF));
	check(r, how, &want, old, (uint32_t)(old & 0xFFFFFF) - 2);
}

/* Code, and behind it the SVC that ends it. Returns the instructions. */
static inline unsigned load_code(struct rig *r, const char *text, uint32_t at)
{
	char copy[1000], *save = NULL;
	uint8_t code[16];
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *t = strtok_r(copy, ";", &save); t; t = strtok_r(NULL, ";", &save)) {
		unsigned length = assemble(r->where, t, code);

		store(r, at, code, length);
		at += length;
		n++;
	}
	store(r, at, "\x0A\xFF", 2);
	return n;
}

static inline void read_cases(const char *dir, const char *file)
{
	char path[400], line[1000];
	unsigned number = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		struct insn_case *c = &cases[case_count];
		size_t n = strlen(line);

		number++;
		/* A line that ends in a backslash goes on. */
		while (n > 1 && line[n - 2] == '\\' && n < sizeof(line) - 2 &&
		       fgets(line + n - 2, (int)(sizeof(line) - n), f)) {
			n = strlen(line);
			number++;
		}
		if (line[0] == '#' || line[0] == '\n' || case_count == MAX_CASES)
			continue;
		snprintf(c->where, sizeof(c->where), "%.30s:%u: %.*s", file, number,
			 (int)strcspn(line, "|"), line);
		snprintf(c->line, sizeof(c->line), "%s", line);
		case_count++;
	}
	if (f)
		fclose(f);
}

static inline int is_case(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && !strcmp(dot, ".case");
}

/* All *.case files of a folder. */
static inline void read_all_cases(const char *dir)
{
	struct dirent **files;
	int n = scandir(dir, &files, is_case, alphasort);

	for (int i = 0; i < n; i++) {
		read_cases(dir, files[i]->d_name);
		free(files[i]);
	}
	if (n >= 0)
		free(files);
	if (case_count == 0)
		fprintf(stderr, "no cases in %s\n", dir);
}

#endif
