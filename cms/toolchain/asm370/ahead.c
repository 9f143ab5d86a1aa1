/*
 * Attributes of symbols that open code defines further down. Assembler XF
 * knows them when a macro or a conditional statement asks; here the rest of
 * the source is read through once, when the first unknown one is asked for.
 */
#include "cms/toolchain/asm370/int.h"

#define MAX_COPY 5

static void know(struct asm *a, struct str name, uint8_t type, uint32_t length, int scale)
{
	struct symbol *s = symbol_get(a, name_intern(a, name));

	if (s->defined || s->ahead)
		return;
	s->ahead = true;
	s->type = type;
	s->length = length;
	s->scale = (int16_t)scale;
}

static void know_assembler(struct asm *a, const struct logical *l)
{
	struct constant_sum sum;

	switch (l->op->code) {
	case A_DC:
	case A_DS:
	case A_DXD:
		if (!constant_attributes(a, l->operand, &sum))
			know(a, l->name, 'U', 1, 0);
		else
			know(a, l->name, sum.type, sum.length, sum.scale);
		break;
	case A_CCW: know(a, l->name, 'W', 8, 0); break;
	case A_CXD: know(a, l->name, 'A', 4, 0); break;
	case A_CNOP: know(a, l->name, 'I', 1, 0); break;
	case A_CSECT:
	case A_DSECT:
	case A_START:
	case A_COM: know(a, l->name, 'J', 1, 0); break;
	case A_EQU:
	case A_LTORG: know(a, l->name, 'U', 1, 0); break;
	default: break;
	}
}

static void know_externals(struct asm *a, const struct logical *l, uint8_t type)
{
	uint32_t at = 0;

	while (at < l->operand.n) {
		struct str s = operand_next(l->operand, &at);

		if (s.n && symbol_length(s.p, s.p + s.n) == s.n)
			know(a, s, type, 1, 0);
	}
}

static void know_statement(struct asm *a, const struct logical *l)
{
	bool named = l->name.n && symbol_length(l->name.p, l->name.p + l->name.n) ==
					  l->name.n;

	if (!l->op) {
		if (named)
			know(a, l->name, 'M', 1, 0);
		return;
	}
	switch (l->op->kind) {
	case OPERATION_ASSEMBLER:
		if (l->op->code == A_EXTRN)
			know_externals(a, l, 'T');
		else if (l->op->code == A_WXTRN)
			know_externals(a, l, '$');
		else if (named)
			know_assembler(a, l);
		break;
	case OPERATION_MACHINE:
	case OPERATION_BRANCH:
		if (named)
			know(a, l->name, 'I', instruction_size(l->op), 0);
		break;
	default:
		if (named)
			know(a, l->name, 'M', 1, 0);
		break;
	}
}

static bool is_op(const struct logical *l, enum assembler_op code)
{
	return l->op && l->op->kind == OPERATION_ASSEMBLER && l->op->code == code;
}

static void scan(struct asm *a, const struct text *text, uint32_t next, unsigned depth)
{
	struct logical l;
	const struct text *member;
	unsigned macro = 0;

	while (logical_read(a, text, &next, false, &l)) {
		if (l.comment || l.macro_comment)
			continue;
		if (is_op(&l, A_MACRO))
			macro++;
		else if (is_op(&l, A_MEND))
			macro -= macro > 0;
		else if (macro)
			continue;
		else if (is_op(&l, A_END))
			return;
		else if (!is_op(&l, A_COPY))
			know_statement(a, &l);
		else if (depth < MAX_COPY && text_include(a, l.operand, &member))
			scan(a, member, 0, depth + 1);
	}
}

void look_ahead(struct asm *a)
{
	if (a->looked_ahead)
		return;
	a->looked_ahead = true;
	for (const struct reader *r = a->reader; r; r = r->outer)
		scan(a, r->text, r->next, a->copy_depth);
}
