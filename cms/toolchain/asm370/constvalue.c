/*
 * Constants as bytes: the values of DC operands and literals.
 * GC33-4010, "DC - Define Constant".
 */
#include "cms/toolchain/asm370/constant.h"

#include "base/bytes.h"

#define MAX_VALUE 256 /* bytes of one value */

/* A place that bits go to. */
struct sink {
	struct asm *a;
	uint32_t loc; /* of the next byte */
	uint8_t byte;
	unsigned bits; /* in byte */
};

static void put_bits(struct sink *s, const uint8_t *p, uint32_t bits)
{
	uint32_t skip = (8 - bits % 8) % 8; /* unused bits of the first byte */

	if (!s->bits && !skip) {
		emit(s->a, p, bits / 8);
		s->loc += bits / 8;
		return;
	}
	for (uint32_t i = skip; i < skip + bits; i++) {
		s->byte = (uint8_t)(s->byte << 1 | (p[i / 8] >> (7 - i % 8) & 1));
		if (++s->bits < 8)
			continue;
		emit(s->a, &s->byte, 1);
		s->loc++;
		s->bits = 0;
		s->byte = 0;
	}
}

static void fill_byte(struct sink *s)
{
	static const uint8_t zero[1];

	if (s->bits)
		put_bits(s, zero, 8 - s->bits);
}

/* A bit length keeps the leftmost bits: move them to the right end. */
static void move_right(uint8_t *p, uint32_t bytes, uint32_t bits)
{
	for (uint32_t i = bytes; bits && i-- > 0;)
		p[i] = (uint8_t)((i ? p[i - 1] << 8 | p[i] : p[i]) >> bits);
}

static void character_value(struct str v, uint32_t bits, uint8_t *out)
{
	uint32_t n = 0, bytes = (bits + 7) / 8;

	memset(out, 0x40, bytes);
	for (uint32_t i = 0; i < v.n; i++) {
		if (v.p[i] == '\'' || v.p[i] == '&') {
			i += i + 1 < v.n && v.p[i + 1] == v.p[i];
		}
		if (n < bytes)
			out[n] = to_ebcdic(v.p[i]);
		n++;
	}
	move_right(out, bytes, bytes * 8 - bits);
}

static bool digit_value(struct asm *a, struct str v, unsigned width, uint32_t bytes,
			uint8_t *out)
{
	uint32_t at = bytes * 8; /* bits left in out */

	memset(out, 0, bytes);
	for (uint32_t i = v.n; i-- > 0;) {
		char c = upper(v.p[i]);
		unsigned digit =
			c >= 'A' ? (unsigned)(c - 'A' + 10) : (unsigned)(c - '0');

		if (!(is_digit(c) || (c >= 'A' && c <= 'F')) || digit >= 1u << width) {
			diag(a, 240, NULL);
			return false;
		}
		if (at < width)
			continue;
		at -= width;
		out[at / 8] |= (uint8_t)(digit << (8 - width - at % 8));
	}
	return true;
}

static bool number_value(struct asm *a, const struct constant *k, struct str v,
			 uint32_t bits, uint8_t *out)
{
	struct cursor c = cursor_of(v);
	struct decimal d;
	uint8_t fixed[8];
	uint32_t bytes = (bits + 7) / 8;
	int exponent;

	if (!decimal_parse(&c, &d) || c.p != c.end) {
		diag(a, 240, NULL);
		return false;
	}
	exponent = d.exponent + k->exponent;
	if (exponent < -85 || exponent > 75) {
		diag(a, 201, NULL); /* and go on without it */
		exponent = 0;
	}
	d.exponent = exponent;
	if (k->row->type == 'F' || k->row->type == 'H') {
		bool fits = decimal_fixed(&d, k->scale, bits, fixed);

		memcpy(out, fixed + 8 - bytes, bytes);
		if (!fits)
			diag(a, 203, NULL);
		return true;
	}
	if (decimal_float(&d, k->row->type, k->scale, bits, out)) {
		move_right(out, bytes, bytes * 8 - bits);
		return true;
	}
	diag(a, 239, NULL);
	return false;
}

/* P and Z: digits from the right; the last digit's zone or the last nibble is the sign. */
static bool decimal_value(struct asm *a, const struct constant *k, struct str v,
			  uint32_t bits, uint8_t *out)
{
	uint32_t bytes = (bits + 7) / 8, nibble = 0, room;
	bool packed = k->row->type == 'P', point = false, any = false;
	uint8_t sign = 0xC;

	memset(out, packed ? 0 : 0xF0, bytes);
	if (v.n && (v.p[0] == '+' || v.p[0] == '-')) {
		sign = v.p[0] == '-' ? 0xD : 0xC;
		v = str_sub(v, 1, v.n);
	}
	room = packed ? bytes * 2 : bytes;
	nibble = packed ? 1 : 0;
	if (packed)
		out[bytes - 1] = sign;
	for (uint32_t i = v.n; i-- > 0;) {
		uint8_t digit = (uint8_t)(v.p[i] - '0');

		if (v.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(v.p[i])) {
			diag(a, 240, NULL);
			return false;
		}
		any = true;
		if (nibble >= room) {
			nibble++;
			continue;
		}
		if (packed)
			out[bytes - 1 - nibble / 2] |=
				(uint8_t)(nibble % 2 ? digit << 4 : digit);
		else
			out[bytes - 1 - nibble] = (nibble ? 0xF0 : sign << 4) | digit;
		nibble++;
	}
	if (!any)
		diag(a, 240, NULL);
	return any;
}

/* ---- address constants */

static void put_number(uint32_t n, uint32_t bits, uint8_t *out)
{
	uint32_t bytes = (bits + 7) / 8;

	for (uint32_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(n >> (bytes - 1 - i) * 8);
}

static void relocate(struct asm *a, const struct constant *k, const struct value *v,
		     uint32_t loc, uint32_t bits)
{
	bool text = section_has_text(a->current->section);

	for (unsigned i = 0; text && i < v->pairs; i++) {
		struct section *s = v->pair[i].section;
		int times = v->pair[i].times;

		if (s->kind == SECTION_DSECT) {
			diag(a, 158, NULL);
			continue;
		}
		for (int n = 0; n < (times < 0 ? -times : times); n++)
			deck_relocate(a, s, a->current->section, loc, 0, bits / 8,
				      times < 0);
	}
	if (k->row->type == 'Y') {
		a->relocatable_y = true;
		if (a->options.yflag)
			diag(a, 205, NULL);
	}
}

static bool address_value(struct asm *a, const struct constant *k, struct str v,
			  uint32_t bits, uint32_t loc, uint8_t *out)
{
	struct cursor c = cursor_of(v);
	struct value value;

	if (!expression(a, &c, &value))
		return false;
	if (c.p != c.end) {
		diag(a, 178, NULL);
		return false;
	}
	put_number((uint32_t)value.n, bits, out);
	if (k->row->type == 'Y' && !k->has_length && value_absolute(&value) &&
	    (value.n > 65535 || value.n < -32768))
		diag(a, 203, NULL);
	if (value_absolute(&value))
		return true;
	if (k->bit_length) {
		diag(a, 204, NULL);
		return false;
	}
	if (bits < (k->row->type == 'Y' ? 16 : 24)) {
		diag(a, 199, NULL);
		return false;
	}
	relocate(a, k, &value, loc, bits);
	return true;
}

static bool external_value(struct asm *a, const struct constant *k, struct str v,
			   uint32_t bits, uint32_t loc, uint8_t *out)
{
	struct section *s;
	bool q = k->row->type == 'Q';

	put_number(0, bits, out);
	if (v.n == 0 || symbol_length(v.p, v.p + v.n) != v.n) {
		diag(a, 207, NULL);
		return false;
	}
	if (q && name_intern(a, v)->symbol)
		symbol_refer(a, name_intern(a, v)->symbol);
	s = q ? name_intern(a, v)->pseudo : name_intern(a, v)->external;
	if (!s && !q && !section_has_text(a->current->section))
		return true;
	if (!s) {
		diag(a, q ? 207 : 188, NULL);
		return false;
	}
	deck_relocate(a, s, a->current->section, loc, q ? 2 : 1, bits / 8, false);
	return true;
}

/* S(expression) or S(displacement(base)) */
static bool base_value(struct asm *a, struct str v, uint8_t *out)
{
	struct cursor c = cursor_of(v);
	struct value value;
	int32_t base;
	unsigned reg = 0;
	uint32_t disp = 0;

	if (!expression(a, &c, &value))
		return false;
	if (take(&c, '(')) {
		if (!expression_absolute(a, &c, &base) || !take(&c, ')'))
			return false;
		if (!value_absolute(&value) || value.n < 0 || value.n > 4095) {
			diag(a, value_absolute(&value) ? 208 : 159, NULL);
			return false;
		}
		if (base < 0 || base > 15) {
			diag(a, 230, NULL);
			return false;
		}
		reg = (unsigned)base;
		disp = (uint32_t)value.n;
	} else if (!find_base(a, &value, &reg, &disp)) {
		return false;
	}
	if (c.p != c.end) {
		diag(a, 159, NULL);
		return false;
	}
	put_be16(out, (uint16_t)(reg << 12 | disp));
	return true;
}

static bool encode(struct asm *a, const struct constant *k, struct str v, uint32_t bits,
		   uint32_t loc, uint8_t *out)
{
	switch (k->row->type) {
	case 'C': character_value(v, bits, out); return true;
	case 'X': return digit_value(a, v, 4, (bits + 7) / 8, out);
	case 'B': return digit_value(a, v, 1, (bits + 7) / 8, out);
	case 'P':
	case 'Z': return decimal_value(a, k, v, bits, out);
	case 'A':
	case 'Y': return address_value(a, k, v, bits, loc, out);
	case 'V':
	case 'Q': return external_value(a, k, v, bits, loc, out);
	case 'S': return base_value(a, v, out);
	default: return number_value(a, k, v, bits, out);
	}
}

static bool same_each_time(const struct constant *k)
{
	return !strchr("AYVQS", k->row->type);
}

/* All values once. */
static void values(struct sink *s, const struct constant *k, bool literal)
{
	uint8_t out[MAX_VALUE + 8];
	uint32_t at = 0;

	for (uint32_t i = 0; i < k->values; i++) {
		struct str v = constant_value_next(k, &at);
		uint32_t bits = constant_value_bits(k, v);

		memset(out, 0, (bits + 7) / 8);
		if (!literal)
			s->a->star = s->loc;
		if (bits > MAX_VALUE * 8)
			return;
		if (!encode(s->a, k, v, bits, s->loc, out))
			memset(out, 0, (bits + 7) / 8);
		put_bits(s, out, bits);
	}
}

/* The same string of bytes many times over: XL4096'00' by its thousands. */
static void repeat(struct sink *s, const struct constant *k)
{
	uint8_t out[MAX_VALUE + 8];
	uint32_t at = 0;
	struct str v = constant_value_next(k, &at);
	uint32_t bits = constant_value_bits(k, v);

	memset(out, 0, sizeof(out));
	if (bits > MAX_VALUE * 8)
		return;
	if (!encode(s->a, k, v, bits, s->loc, out))
		memset(out, 0, sizeof(out));
	for (uint32_t i = 0; i < k->dup; i++)
		put_bits(s, out, bits);
}

static void constant_emit(struct sink *s, const struct constant *k, bool literal)
{
	if (!k->bit_length) {
		static const uint8_t zeros[8];
		uint32_t align = literal ? 1 : constant_alignment(k), gap;

		fill_byte(s);
		gap = (0 - s->loc) & (align - 1);
		emit(s->a, zeros, gap);
		s->loc += gap;
	}
	if (k->values == 1 && same_each_time(k)) {
		repeat(s, k);
		return;
	}
	for (uint32_t i = 0; i < k->dup; i++) {
		s->a->current->aside = i > 0;
		values(s, k, literal);
	}
	s->a->current->aside = false;
}

/* Emit the operands' bytes, which begin at loc. */
void constants_emit(struct asm *a, struct str operands, uint32_t loc, bool literal)
{
	struct sink s = { .a = a, .loc = loc };
	struct cursor c = cursor_of(operands);
	struct constant k;
	bool good = true;

	if (at_end(&c))
		return;
	do {
		if (!literal)
			a->star = s.loc;
		if (!constant_operand(a, &c, false, &k) ||
		    !constant_delimited(a, &c, literal))
			break;
		constant_emit(&s, &k, literal);
	} while (constant_separator(a, &c, literal, &good));
	fill_byte(&s);
}
