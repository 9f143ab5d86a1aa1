/*
 * Machine instructions. GC33-4010, "Machine Instructions".
 */
#include "cms/toolchain/asm370/int.h"

#include "base/bytes.h"
#include "cpu370/opcodes.h"

/* What an operand that names storage came to. */
struct address {
	unsigned base, index;
	uint32_t disp;
	bool has_length;
	int32_t length;
	uint32_t implied; /* L' of its leftmost term */
	bool implicit;    /* the assembler chose the base */
	bool literal;
	struct value value;
};

/* What may stand in the parentheses of an address. */
enum address_form { ADDRESS_PLAIN, ADDRESS_INDEX, ADDRESS_LENGTH };

unsigned instruction_size(const struct operation *op)
{
	unsigned code = op->machine->opcode;

	return insn_length(code > 0xFF ? code >> 8 : code);
}

/* The literal among the operands, without its =, or nothing. */
struct str instruction_literal(struct asm *a, struct stmt *st)
{
	uint32_t at = 0;
	const char *end;

	if (!memchr(st->operand.p, '=', st->operand.n))
		return str_make("", 0);
	while (at < st->operand.n && st->operand.p[at] != ' ') {
		struct str s = operand_next(st->operand, &at);

		if (s.n < 2 || s.p[0] != '=')
			continue;
		s = str_sub(s, 1, s.n);
		end = constant_end(a, cursor_of(s));
		return end ? str_make(s.p, (size_t)(end - s.p)) : s;
	}
	return str_make("", 0);
}

static bool comma(struct asm *a, struct cursor *c)
{
	if (take(c, ','))
		return true;
	diag(a, at_end(c) ? 210 : 178, NULL);
	return false;
}

/* An expression; an operand that is missing has its own message. */
static bool operand(struct asm *a, struct cursor *c, struct value *v)
{
	if (c->p < c->end && *c->p == ',') {
		diag(a, 210, NULL);
		return false;
	}
	return expression(a, c, v);
}

/* An absolute one. */
static bool number_operand(struct asm *a, struct cursor *c, int32_t *n)
{
	struct value v;

	if (!operand(a, c, &v))
		return false;
	if (!value_absolute(&v)) {
		diag(a, 217, NULL);
		a->operand_wrong = true;
		v.n = 0;
	}
	*n = v.n;
	return true;
}

static bool small_number(struct asm *a, struct cursor *c, int32_t max, unsigned *n)
{
	int32_t v;

	if (!number_operand(a, c, &v))
		return false;
	if (v < 0 || v > max) {
		diag(a, 219, NULL);
		a->operand_wrong = true;
		v = 0;
	}
	*n = (unsigned)v;
	return true;
}

/* A register operand; flags say what kind it must be of. */
static bool reg_operand(struct asm *a, struct cursor *c, bool even, bool floating,
			bool extended, unsigned *r)
{
	if (!small_number(a, c, 15, r))
		return false;
	if ((even && *r % 2) || (floating && (*r % 2 || *r > 6)) ||
	    (extended && *r != 0 && *r != 4)) {
		diag(a, 218, NULL);
		a->operand_wrong = true;
	}
	return true;
}

static bool reg1(struct asm *a, struct cursor *c, uint32_t flags, unsigned *r)
{
	return reg_operand(a, c, flags & OPF_EVEN1, flags & OPF_F1, flags & OPF_X1, r);
}

static bool reg2(struct asm *a, struct cursor *c, uint32_t flags, unsigned *r)
{
	return reg_operand(a, c, flags & OPF_EVEN2, flags & OPF_F2, flags & OPF_X2, r);
}

bool find_base(struct asm *a, const struct value *v, unsigned *reg, uint32_t *disp)
{
	struct section *s = v->pairs ? v->pair[0].section : NULL;
	uint32_t best = 4096;

	*reg = 0;
	*disp = 0;
	if (v->pairs && !value_relocatable(v)) {
		diag(a, 213, NULL);
		return false;
	}
	if (!s && v->n >= 0 && v->n < 4096)
		best = (uint32_t)v->n;
	for (unsigned r = 0; r < 16; r++) {
		const struct base_register *b = &a->bases[r];
		uint32_t d = (uint32_t)v->n - (uint32_t)b->value;

		if (!b->used || b->section != s || d > 4095 || d > best)
			continue;
		best = d;
		*reg = r;
	}
	if (best > 4095) {
		diag(a, s ? 209 : 208, NULL);
		return false;
	}
	*disp = best;
	return true;
}

static bool base_number(struct asm *a, struct cursor *c, unsigned number,
			unsigned *base)
{
	uint32_t undefined = a->undefined;
	struct value v;

	*base = 0;
	if (!operand(a, c, &v))
		return false;
	if (a->undefined != undefined || !value_absolute(&v)) {
		diag(a, number == 222 ? 223 : 226, NULL);
		a->operand_wrong = true;
	} else if (v.n < 0 || v.n > 15) {
		diag(a, number, NULL);
		a->operand_wrong = true;
	} else {
		*base = (unsigned)v.n;
	}
	return true;
}

static bool literal_operand(struct asm *a, struct cursor *c, struct address *ad)
{
	struct literal *l = a->current->literal;
	const char *end;

	c->p++;
	if (!l || !l->section) {
		diag(a, 161, NULL);
		return false;
	}
	end = constant_end(a, *c);
	if (!end || l->size == 0 || l->wrong ||
	    (end < c->end && *end != ',' && *end != ' ' && *end != '(')) {
		diag(a, 161, NULL);
		return false;
	}
	c->p = end;
	ad->value.pairs = 0;
	ad->value.n = (int32_t)(l->section->origin + l->offset);
	ad->value.length = l->length;
	value_add_section(a, &ad->value, l->section, 1);
	return true;
}

/* In parentheses: index or length, then the base. */
static bool first_in_parens(struct asm *a, struct cursor *c, enum address_form form,
			    struct address *ad)
{
	uint32_t undefined = a->undefined;

	if (form == ADDRESS_INDEX)
		return base_number(a, c, 222, &ad->index);
	if (form == ADDRESS_PLAIN)
		return base_number(a, c, 230, &ad->base);
	ad->has_length = true;
	if (!number_operand(a, c, &ad->length))
		return false;
	if (a->undefined != undefined)
		diag(a, 225, NULL);
	return true;
}

static bool parens(struct asm *a, struct cursor *c, enum address_form form,
		   struct address *ad)
{
	bool explicit = form == ADDRESS_PLAIN;

	if (!take(c, ','))  {
		if (!first_in_parens(a, c, form, ad))
			return false;
		if (form != ADDRESS_PLAIN && take(c, ','))
			explicit = true;
	} else if (form == ADDRESS_PLAIN) {
		diag(a, 216, NULL);
		return false;
	} else {
		explicit = true;
	}
	if (form != ADDRESS_PLAIN && explicit && !(c->p < c->end && *c->p == ')') &&
	    !base_number(a, c, 230, &ad->base))
		return false;
	if (!take(c, ')')) {
		diag(a, form == ADDRESS_PLAIN && c->p < c->end && *c->p == ',' ? 216 : 215,
		     NULL);
		return false;
	}
	ad->implicit = !explicit;
	return true;
}

static bool explicit_address(struct asm *a, struct address *ad)
{
	if (!value_absolute(&ad->value)) {
		diag(a, 228, NULL);
		a->operand_wrong = true;
		return true;
	}
	if (ad->value.n < 0 || ad->value.n > 4095) {
		diag(a, 208, NULL);
		a->operand_wrong = true;
		return true;
	}
	ad->disp = (uint32_t)ad->value.n;
	return true;
}

static void check_alignment(struct asm *a, const struct opcode *op,
			    const struct address *ad)
{
	uint32_t align = op->flags & OPF_BRANCH && op->operand < 2 ? 2 : op->operand;

	if (a->options.align && ad->implicit && ad->index == 0 &&
	    ((uint32_t)ad->value.n & (align - 1)))
		diag(a, 220, NULL);
	if (a->options.rent && (op->flags & OPF_STORE) && ad->implicit &&
	    ad->value.pairs && ad->value.pair[0].section->kind != SECTION_DSECT)
		diag(a, 229, NULL);
}

static bool address(struct asm *a, struct cursor *c, enum address_form form,
		    struct address *ad)
{
	memset(ad, 0, sizeof(*ad));
	ad->implicit = true;
	if (c->p < c->end && *c->p == ',') {
		diag(a, 210, NULL);
		return false;
	}
	if (c->p < c->end && *c->p == '=') {
		ad->literal = true;
		if (!literal_operand(a, c, ad))
			return false;
	} else if (!expression(a, c, &ad->value)) {
		return false;
	}
	ad->implied = ad->value.length;
	if (take(c, '(') && !parens(a, c, form, ad))
		return false;
	if (!ad->implicit)
		return explicit_address(a, ad);
	if (!find_base(a, &ad->value, &ad->base, &ad->disp)) {
		ad->base = ad->disp = 0;
		a->operand_wrong = true;
	}
	return true;
}

static bool check_store(struct asm *a, const struct opcode *op, const struct address *ad)
{
	if (!ad->literal || !(op->flags & OPF_STORE))
		return true;
	diag(a, 214, NULL);
	a->operand_wrong = true;
	return true;
}

static void show_address(struct asm *a, unsigned which, const struct address *ad)
{
	a->has_address[which] = true;
	a->address[which] = (uint32_t)ad->value.n & 0xFFFFFF;
}

static void put_address(uint8_t *p, const struct address *ad)
{
	put_be16(p, (uint16_t)(ad->base << 12 | ad->disp));
}

/* ---- formats: each parses its operands into code; false after a message */

typedef bool format_function(struct asm *a, struct cursor *c, const struct opcode *op,
			     uint8_t *code);

static bool rr(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	unsigned r1, r2;

	if (!reg1(a, c, op->flags, &r1) || !comma(a, c) || !reg2(a, c, op->flags, &r2))
		return false;
	code[op->format == FMT_RRE ? 3 : 1] = (uint8_t)(r1 << 4 | r2);
	return true;
}

static bool rr1(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	unsigned r1;

	if (!reg1(a, c, op->flags, &r1))
		return false;
	code[op->format == FMT_RRE1 ? 3 : 1] = (uint8_t)(r1 << 4);
	return true;
}

static bool rri(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	unsigned i;

	(void)op;
	if (!small_number(a, c, 255, &i))
		return false;
	code[1] = (uint8_t)i;
	return true;
}

static bool rx_address(struct asm *a, struct cursor *c, const struct opcode *op,
		       uint8_t *code)
{
	struct address ad;

	if (!address(a, c, ADDRESS_INDEX, &ad))
		return false;
	code[1] |= (uint8_t)ad.index;
	put_address(code + 2, &ad);
	show_address(a, 0, &ad);
	check_alignment(a, op, &ad);
	return check_store(a, op, &ad);
}

static bool rx(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	unsigned r1;

	if (!reg1(a, c, op->flags, &r1) || !comma(a, c))
		return false;
	code[1] = (uint8_t)(r1 << 4);
	return rx_address(a, c, op, code);
}

static bool storage2(struct asm *a, struct cursor *c, const struct opcode *op,
		     uint8_t *code)
{
	struct address ad;

	if (!address(a, c, ADDRESS_PLAIN, &ad))
		return false;
	put_address(code + 2, &ad);
	show_address(a, 0, &ad);
	check_alignment(a, op, &ad);
	return check_store(a, op, &ad);
}

static bool rs(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	unsigned r1, r3 = 0;

	if (!reg1(a, c, op->flags, &r1) || !comma(a, c))
		return false;
	if (op->format != FMT_RSS &&
	    (!reg_operand(a, c, op->flags & OPF_EVEN3, false, false, &r3) || !comma(a, c)))
		return false;
	code[1] = (uint8_t)(r1 << 4 | r3);
	return storage2(a, c, op, code);
}

static bool si(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	/* MONITOR CALL: a class, 0-15 */
	int32_t max = op->opcode == 0xAF ? 15 : 255;
	unsigned i;

	if (!storage2(a, c, op, code) || !comma(a, c) || !small_number(a, c, max, &i))
		return false;
	code[1] = (uint8_t)i;
	return true;
}

static bool no_operand(struct asm *a, struct cursor *c, const struct opcode *op,
		       uint8_t *code)
{
	(void)a;
	(void)op;
	(void)code;
	c->p = c->end; /* what follows are remarks */
	return true;
}

/* Length code of an SS operand: explicit, or L' of what it names. */
static bool length_code(struct asm *a, const struct address *ad, int32_t max,
			unsigned *code)
{
	int32_t length = ad->has_length ? ad->length : (int32_t)ad->implied;

	if (length < 0 || length > max) {
		diag(a, 224, NULL);
		return false;
	}
	*code = (unsigned)(length ? length - 1 : 0);
	return true;
}

static bool ss_operand(struct asm *a, struct cursor *c, unsigned which,
		       enum address_form form, struct address *ad, uint8_t *code)
{
	if (!address(a, c, form, ad))
		return false;
	put_address(code + 2 + 2 * which, ad);
	show_address(a, which, ad);
	return true;
}

static bool ss1(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	struct address x, y;
	unsigned length;

	if (!ss_operand(a, c, 0, ADDRESS_LENGTH, &x, code) || !comma(a, c) ||
	    !ss_operand(a, c, 1, ADDRESS_PLAIN, &y, code) ||
	    !length_code(a, &x, 256, &length))
		return false;
	code[1] = (uint8_t)length;
	check_alignment(a, op, &x);
	return check_store(a, op, &x);
}

static bool ss2(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	struct address x, y;
	unsigned l1, l2;

	if (!ss_operand(a, c, 0, ADDRESS_LENGTH, &x, code) || !comma(a, c) ||
	    !ss_operand(a, c, 1, ADDRESS_LENGTH, &y, code) ||
	    !length_code(a, &x, 16, &l1) || !length_code(a, &y, 16, &l2))
		return false;
	code[1] = (uint8_t)(l1 << 4 | l2);
	check_alignment(a, op, &x);
	return check_store(a, op, &x);
}

static bool ss3(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	struct address x, y;
	unsigned l1;
	int32_t i3;

	if (!ss_operand(a, c, 0, ADDRESS_LENGTH, &x, code) || !comma(a, c) ||
	    !ss_operand(a, c, 1, ADDRESS_PLAIN, &y, code) || !comma(a, c) ||
	    !length_code(a, &x, 16, &l1) || !expression_absolute(a, c, &i3))
		return false;
	if (i3 < 0 || i3 > 9) {
		diag(a, 162, NULL);
		return false;
	}
	code[1] = (uint8_t)(l1 << 4 | (unsigned)i3);
	check_alignment(a, op, &x);
	return true;
}

/* D1(R1,B1),D2(B2),R3 */
static bool ssr(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	struct address x, y;
	unsigned r3;

	(void)op;
	if (!ss_operand(a, c, 0, ADDRESS_INDEX, &x, code) || !comma(a, c) ||
	    !ss_operand(a, c, 1, ADDRESS_PLAIN, &y, code) || !comma(a, c) ||
	    !small_number(a, c, 15, &r3))
		return false;
	code[1] = (uint8_t)(x.index << 4 | r3);
	return true;
}

static bool sse(struct asm *a, struct cursor *c, const struct opcode *op, uint8_t *code)
{
	struct address x, y;

	if (!ss_operand(a, c, 0, ADDRESS_PLAIN, &x, code) || !comma(a, c) ||
	    !ss_operand(a, c, 1, ADDRESS_PLAIN, &y, code))
		return false;
	check_alignment(a, op, &x);
	return true;
}

static format_function *const formats[] = {
	[FMT_RR] = rr,     [FMT_RR1] = rr1,     [FMT_RRM] = rr,   [FMT_RRI] = rri,
	[FMT_RRE] = rr,    [FMT_RRE1] = rr1,    [FMT_RX] = rx,    [FMT_RXM] = rx,
	[FMT_RS] = rs,     [FMT_RSS] = rs,      [FMT_RSM] = rs,   [FMT_SI] = si,
	[FMT_S] = storage2, [FMT_S0] = no_operand, [FMT_SS1] = ss1, [FMT_SS2] = ss2,
	[FMT_SS3] = ss3,   [FMT_SSR] = ssr,     [FMT_SSE] = sse,
};

static bool branch(struct asm *a, struct cursor *c, const struct operation *op,
		   uint8_t *code)
{
	unsigned r2;

	code[1] = (uint8_t)(op->code << 4);
	if (op->machine->format == FMT_RXM)
		return rx_address(a, c, op->machine, code);
	if (!small_number(a, c, 15, &r2))
		return false;
	code[1] |= (uint8_t)r2;
	return true;
}

static void put_opcode(const struct opcode *op, uint8_t *code)
{
	if (op->opcode > 0xFF)
		put_be16(code, op->opcode);
	else
		code[0] = (uint8_t)op->opcode;
}

/* Something stands behind the last operand. */
static void too_many(struct asm *a, struct cursor *c)
{
	struct value v;

	diag(a, *c->p == ',' ? 211 : 178, NULL);
	if (!take(c, ','))
		return;
	if (at_end(c))
		diag(a, 212, NULL);
	else
		expression(a, c, &v);
}

void instruction_assemble(struct asm *a, struct stmt *st)
{
	const struct opcode *op = st->op->machine;
	struct cursor c = cursor_of(st->operand);
	uint8_t code[6] = { 0 };
	bool ok;

	a->operand_wrong = false;
	a->in_instruction = true;
	put_opcode(op, code);
	if (at_end(&c) && op->format != FMT_S0) {
		diag(a, 210, NULL);
		ok = false;
	} else if (st->op->kind == OPERATION_BRANCH) {
		ok = branch(a, &c, st->op, code);
	} else {
		ok = formats[op->format](a, &c, op, code);
	}
	if (ok && !at_end(&c)) {
		too_many(a, &c);
		ok = false;
	}
	a->in_instruction = false;
	if (!ok || a->operand_wrong)
		memset(code, 0, sizeof(code));
	emit(a, code, st->size);
}
