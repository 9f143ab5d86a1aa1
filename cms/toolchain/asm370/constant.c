/*
 * Constants: the operands of DC, DS and DXD, and literals.
 * GC33-4010, "DC - Define Constant", "DS - Define Storage".
 */
#include "cms/toolchain/asm370/constant.h"

static const struct type_row type_rows[] = {
	{'C',  0,  1, 256, false, true,  'C'},
	      { 'X', 0,	1, 256, false, true,  'X'},
	{ 'B', 0,  1, 256, false, true,  'B'},
	      { 'F', 4,	4, 8,   false, true,  'G'},
	{ 'H', 2,  2, 8,	false, true,  'G'},
	      { 'E', 4,	4, 8,   false, true,  'K'},
	{ 'D', 8,  8, 8,	false, true,  'K'},
	      { 'L', 16, 8, 16,	false, true,  'K'},
	{ 'P', 0,  1, 16,	 false, true,  'P'},
	      { 'Z', 0,	1, 16,  false, true,  'Z'},
	{ 'A', 4,  4, 4,	true,  true,  'R'},
	      { 'Y', 2,	2, 2,   true,  true,  'R'},
	{ 'S', 2,  2, 2,	true,  false, 'R'},
	      { 'V', 4,	4, 4,   true,  false, 'R'},
	{ 'Q', 4,  4, 4,	true,  false, 'R'},
};

static const struct type_row *row_find(char type)
{
	for (size_t i = 0; i < ARRAY_SIZE(type_rows); i++)
		if (type_rows[i].type == upper(type))
			return &type_rows[i];
	return NULL;
}

/* A number or an expression in parentheses: duplication and modifiers. */
static bool modifier_value(struct asm *a, struct cursor *c, unsigned number, int32_t *n)
{
	bool minus = false;

	if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
		minus = *c->p++ == '-';
	if (take(c, '(')) {
		struct value v;

		if (!expression(a, c, &v) || !value_absolute(&v)) {
			diag(a, number == 206 ? 206 : 179, NULL);
			return false;
		}
		*n = v.n;
		if (!take(c, ')')) {
			diag(a, 215, NULL);
			return false;
		}
	} else if (c->p >= c->end || !is_digit(*c->p)) {
		diag(a, number, NULL);
		return false;
	} else if (!self_defining(a, c, n)) {
		return false;
	}
	if (minus)
		*n = -*n;
	return true;
}

static bool length_modifier(struct asm *a, struct cursor *c, bool ds, struct constant *k)
{
	const struct type_row *row = k->row;
	uint32_t max = row->max;
	int32_t n;

	if (ds && (row->type == 'C' || row->type == 'X'))
		max = 65535;
	k->has_length = true;
	k->bit_length = take(c, '.');
	if (!modifier_value(a, c, 199, &n))
		return false;
	if (k->bit_length ? n < 1 || n > row->max * 8 || !row->bits
			  : n < 0 || (uint32_t)n > max || (n == 0 && !ds)) {
		diag(a, 199, NULL);
		return false;
	}
	if ((row->type == 'V' && n < 3) || (row->type == 'S' && n != 2)) {
		diag(a, 199, NULL);
		return false;
	}
	k->length = (uint32_t)n;
	return true;
}

static bool scale_modifier(struct asm *a, struct cursor *c, struct constant *k)
{
	int low = 0, high = 14;
	int32_t n;

	switch (k->row->type) {
	case 'F':
	case 'H':
		low = -187;
		high = 346;
		break;
	case 'L': high = 28; break;
	case 'E':
	case 'D': break;
	default:
		diag(a, 200, NULL);
		diag(a, 178, NULL);
		return false;
	}
	if (!modifier_value(a, c, 200, &n))
		return false;
	k->given_scale = n < 0 ? -n : n;
	if (n < low || n > high) {
		diag(a, 200, NULL); /* and go on without it */
		return true;
	}
	k->has_scale = true;
	k->scale = n;
	return true;
}

static bool exponent_modifier(struct asm *a, struct cursor *c, struct constant *k)
{
	int32_t n;

	if (!strchr("FHEDL", k->row->type)) {
		diag(a, 201, NULL);
		return false;
	}
	if (!modifier_value(a, c, 201, &n))
		return false;
	if (n < -85 || n > 75) {
		diag(a, 201, NULL); /* and go on without it */
		return true;
	}
	k->has_exponent = true;
	k->exponent = n;
	return true;
}

static bool starts_modifier(const struct cursor *c, char letter, const char *more)
{
	if (c->end - c->p < 2 || upper(*c->p) != letter)
		return false;
	return is_digit(c->p[1]) || strchr(more, c->p[1]);
}

static bool modifiers(struct asm *a, struct cursor *c, bool ds, struct constant *k)
{
	if (starts_modifier(c, 'L', "(.")) {
		c->p++;
		if (!length_modifier(a, c, ds, k))
			return false;
	}
	if (starts_modifier(c, 'S', "(+-")) {
		c->p++;
		if (!scale_modifier(a, c, k))
			return false;
	}
	if (starts_modifier(c, 'E', "(+-")) {
		c->p++;
		if (!exponent_modifier(a, c, k))
			return false;
	}
	return true;
}

static bool quoted_nominal(struct asm *a, struct cursor *c, struct constant *k)
{
	const char *from = ++c->p;

	for (; c->p < c->end; c->p++) {
		if (*c->p == '&' && k->row->type == 'C') {
			if (c->p + 1 == c->end || *++c->p != '&') {
				diag(a, 176, NULL);
				return false;
			}
			continue;
		}
		if (*c->p != '\'')
			continue;
		if (c->p + 1 < c->end && c->p[1] == '\'') {
			c->p++;
			continue;
		}
		k->nominal = str_make(from, (size_t)(c->p++ - from));
		k->has_nominal = true;
		return true;
	}
	diag(a, 175, NULL);
	return false;
}

static bool parenthesized_nominal(struct asm *a, struct cursor *c, struct constant *k)
{
	const char *from = ++c->p, *start = from;
	bool quoted = false;
	int depth = 0;

	if (at_end(c)) {
		diag(a, 234, NULL);
		return false;
	}

	for (; c->p < c->end; c->p++) {
		if (*c->p == '\'') {
			if (quoted || !is_attribute_quote(start, c->p, c->end))
				quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (*c->p == '(') {
			depth++;
		} else if (*c->p == ' ') {
			break;
		} else if (*c->p == ')' && depth-- == 0) {
			k->nominal = str_make(from, (size_t)(c->p++ - from));
			k->has_nominal = true;
			return true;
		}
	}
	diag(a, 178, NULL);
	return false;
}

static bool nominal(struct asm *a, struct cursor *c, bool ds, struct constant *k)
{
	if (c->p < c->end && *c->p == (k->row->parens ? '(' : '\'')) {
		if (!(k->row->parens ? parenthesized_nominal(a, c, k)
				     : quoted_nominal(a, c, k)))
			return false;
		if (k->nominal.n)
			return true;
		diag(a,
		     k->row->parens		     ? 234
		     : strchr("FHEDL", k->row->type) ? 255
						     : 178,
		     NULL);
		return false;
	}
	if (ds && (c->p >= c->end || *c->p == ',' || *c->p == ' '))
		return true;
	diag(a, 178, NULL);
	return false;
}

/* Characters of a quoted string, a doubled apostrophe or ampersand counts one. */
static uint32_t string_length(struct str s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n; i++, n++)
		if ((s.p[i] == '\'' || s.p[i] == '&') && i + 1 < s.n &&
		    s.p[i + 1] == s.p[i])
			i++;
	return n;
}

static uint32_t count_digits(struct str s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n; i++)
		n += is_digit(s.p[i]) ? 1 : 0;
	return n;
}

struct str constant_value_next(const struct constant *k, uint32_t *at)
{
	if (k->row->type == 'C') {
		struct str s = str_sub(k->nominal, *at, k->nominal.n);

		*at = k->nominal.n;
		return s;
	}
	return operand_next(k->nominal, at);
}

static uint32_t value_bytes(const struct constant *k, struct str value)
{
	uint32_t n;

	switch (k->row->type) {
	case 'C': n = string_length(value); break;
	case 'X': n = (value.n + 1) / 2; break;
	case 'B': n = (value.n + 7) / 8; break;
	case 'P': n = count_digits(value) / 2 + 1; break;
	case 'Z': n = count_digits(value); break;
	default: return k->row->implied;
	}
	return n ? n : 1;
}

static uint32_t count_values(const struct constant *k)
{
	uint32_t at = 0, n = 0;

	if (!k->has_nominal)
		return 1;
	do {
		constant_value_next(k, &at);
		n++;
	} while (at < k->nominal.n);
	return n + (k->nominal.p[k->nominal.n - 1] == ',' && k->row->type != 'C');
}

uint32_t constant_value_bits(const struct constant *k, struct str value)
{
	if (k->bit_length)
		return k->length;
	return (k->has_length ? k->length : value_bytes(k, value)) * 8;
}

uint64_t constant_all_bits(const struct constant *k)
{
	uint64_t sum = 0;
	uint32_t at = 0;

	if (!k->has_nominal)
		return constant_value_bits(k, str_make("", 0));
	for (uint32_t i = 0; i < k->values; i++)
		sum += constant_value_bits(k, constant_value_next(k, &at));
	return sum;
}

/* Hexadecimal or binary digits. */
static unsigned digits_wrong(struct str v, char type)
{
	for (uint32_t i = 0; i < v.n; i++) {
		char c = upper(v.p[i]);

		if (type == 'B' ? c != '0' && c != '1'
				: !is_digit(c) && !(c >= 'A' && c <= 'F'))
			return 236;
	}
	return v.n ? 0 : 178;
}

static unsigned decimal_wrong(struct str v)
{
	uint32_t points = 0, digits = 0;

	for (uint32_t i = 0; i < v.n; i++) {
		if (is_digit(v.p[i]))
			digits++;
		else if (v.p[i] == '.')
			points++;
		else if (i || (v.p[i] != '+' && v.p[i] != '-'))
			return 236;
	}
	return digits && points < 2 ? 0 : 178;
}

static unsigned number_wrong(struct str v)
{
	struct cursor c = cursor_of(v);
	struct decimal d;

	return decimal_parse(&c, &d) && c.p == c.end ? 0 : 255;
}

/* Message number for what is wrong with the form of a value; 0: nothing. */
static unsigned value_wrong(const struct constant *k, struct str v)
{
	switch (k->row->type) {
	case 'X':
	case 'B': return digits_wrong(v, k->row->type);
	case 'P':
	case 'Z': return decimal_wrong(v);
	case 'F':
	case 'H':
	case 'E':
	case 'D':
	case 'L': return number_wrong(v);
	case 'A':
	case 'Y':
	case 'S': return v.n ? 0 : 234;
	case 'V':
		if (symbol_length(v.p, v.p + v.n) != v.n || !v.n)
			return 178;
		return v.n > 8 ? 187 : 0;
	default: return 0;
	}
}

static bool values_valid(struct asm *a, const struct constant *k)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < k->values; i++) {
		unsigned number = value_wrong(k, constant_value_next(k, &at));

		if (number) {
			diag(a, number, NULL);
			return false;
		}
	}
	return true;
}

/* Digits behind the point of the first value: S' of P and Z. */
int constant_decimal_places(struct str s)
{
	const char *point = memchr(s.p, '.', s.n);

	return point ? (int)(s.p + s.n - point) - 1 : 0;
}

bool constant_operand(struct asm *a, struct cursor *c, bool ds, struct constant *k)
{
	int32_t n = 1;
	uint32_t at = 0;

	memset(k, 0, sizeof(*k));
	if (c->p < c->end && (is_digit(*c->p) || *c->p == '(') &&
	    !modifier_value(a, c, 206, &n))
		return false;
	if (n < 0) {
		diag(a, 206, NULL);
		return false;
	}
	if (c->p < c->end && is_name(*c->p) && !is_digit(*c->p))
		k->row = row_find(*c->p);
	k->dup = (uint32_t)n;
	k->row = c->p < c->end ? row_find(*c->p) : NULL;
	if (!k->row) {
		diag(a, 198, NULL);
		return false;
	}
	c->p++;
	if (!modifiers(a, c, ds, k) || !nominal(a, c, ds, k))
		return false;
	k->values = count_values(k);
	if (k->has_nominal && strchr("PZ", k->row->type) && !k->has_scale)
		k->scale = k->given_scale = constant_decimal_places(constant_value_next(k, &at));
	at = 0;
	k->bits = constant_value_bits(k, k->has_nominal ? constant_value_next(k, &at)
							: str_make("", 0));
	if (!ds && !k->has_length && k->bits > k->row->max * 8u) {
		diag(a, strchr("PZ", k->row->type) ? 224 : 157, NULL);
		return false;
	}
	return !k->has_nominal || values_valid(a, k);
}

uint32_t constant_alignment(const struct constant *k)
{
	return k->has_length ? 1 : k->row->align;
}

static uint8_t type_attribute(const struct constant *k)
{
	return (uint8_t)(k->has_length ? k->row->attribute : k->row->type);
}

/* A Q-constant's name: of a DXD or DSECT before it. */
static void pseudo_name(struct asm *a, struct name *name)
{
	struct section *s = name->section;

	if (name->pseudo)
		return;
	if (!s || s->kind != SECTION_DSECT) {
		if (!s)
			diag(a, 231, "%s", name->text);
		return;
	}
	s = section_external(a, name, SECTION_PR);
	s->weak_or_q = true;
	s->align = 7;
}

/* V and Q constants put their names into the dictionary. */
static void external_names(struct asm *a, const struct constant *k)
{
	uint32_t at = 0;
	bool q = k->row->type == 'Q';

	if ((!q && k->row->type != 'V') || !k->has_nominal)
		return;
	if (!q && a->section && !section_has_text(a->section))
		return;
	for (uint32_t i = 0; i < k->values; i++) {
		struct str v = constant_value_next(k, &at);

		if (!v.n || symbol_length(v.p, v.p + v.n) != v.n)
			continue;
		if (q)
			pseudo_name(a, name_intern(a, v));
		else
			section_external(a, name_intern(a, v), SECTION_ER);
	}
}

bool constant_separator(struct asm *a, struct cursor *c, bool literal, bool *good)
{
	if (at_end(c))
		return false;
	if (!literal && take(c, ',')) {
		if (!at_end(c))
			return true;
		diag(a, 198, NULL);
	} else {
		diag(a, literal ? 161 : 178, NULL);
	}
	*good = false;
	return false;
}

bool constant_delimited(struct asm *a, const struct cursor *c, bool literal)
{
	if (at_end(c) || (*c->p == ',' && !literal))
		return true;
	diag(a, literal ? 161 : 178, NULL);
	return false;
}

/*
 * What the operands will take when they begin at loc, rounded up to the
 * first one's alignment.
 */
bool constants_measure(struct asm *a, struct str operands, uint32_t loc, bool ds,
		       bool literal, struct constant_sum *sum)
{
	struct cursor c = cursor_of(operands);
	uint64_t bits = 0; /* from the aligned beginning */
	struct constant k;
	bool first = true, good = true;

	memset(sum, 0, sizeof(*sum));
	sum->align = 1;
	if (at_end(&c)) {
		diag(a, 62, NULL);
		return false;
	}
	do {
		if (!constant_operand(a, &c, ds, &k) ||
		    !constant_delimited(a, &c, literal)) {
			/* those before it stand; a first one still aligns */
			good = false;
			if (first && !literal && k.row)
				sum->align = constant_alignment(&k);
			break;
		}
		if (!ds)
			external_names(a, &k);
		if (first) {
			sum->align = literal ? 1 : constant_alignment(&k);
			loc = (loc + sum->align - 1) & ~(sum->align - 1);
			sum->length = (k.bits + 7) / 8;
			sum->type = type_attribute(&k);
			sum->scale = (int16_t)k.scale;
		} else if (!k.bit_length) {
			uint32_t align = constant_alignment(&k);

			bits = (bits + 7) & ~UINT64_C(7);
			bits += ((0 - (loc + bits / 8)) & (align - 1)) * 8;
		}
		bits += constant_all_bits(&k) * k.dup;
		first = false;
		if (bits > UINT64_C(8) << 24) {
			diag(a, 246, NULL);
			return false;
		}
	} while (constant_separator(a, &c, literal, &good));
	sum->size = (uint32_t)((bits + 7) / 8);
	return good || (!first && !literal);
}

uint32_t constant_first_alignment(struct str operands)
{
	const struct type_row *row;
	uint32_t at = 0;
	int depth = 0;

	do {
		char c = at < operands.n ? operands.p[at] : ' ';

		depth += (c == '(') - (c == ')');
		if (c == ' ' || (depth <= 0 && !is_digit(c) && c != ')'))
			break;
		at++;
	} while (at < operands.n);
	row = at < operands.n ? row_find(operands.p[at]) : NULL;
	if (!row || (at + 1 < operands.n && upper(operands.p[at + 1]) == 'L'))
		return 1;
	return row->align;
}

/* One operand parsed without any message. */
static bool operand_silent(struct asm *a, struct cursor *c, struct constant *k)
{
	struct stmt silent = { .said = 255, .aside = true }, *current = a->current;
	bool ok;

	silent.number = current ? current->number : 0;
	a->current = &silent;
	ok = constant_operand(a, c, true, k);
	a->current = current;
	return ok;
}

const char *constant_end(struct asm *a, struct cursor c)
{
	struct constant k;

	return operand_silent(a, &c, &k) ? c.p : NULL;
}

/* The attributes of DC or DS operands without any message: looking ahead. */
bool constant_attributes(struct asm *a, struct str operands, struct constant_sum *sum)
{
	struct cursor c = cursor_of(operands);
	struct constant k;

	if (!operand_silent(a, &c, &k))
		return false;
	sum->length = (k.bits + 7) / 8;
	sum->type = type_attribute(&k);
	sum->scale = (int16_t)k.scale;
	return true;
}
