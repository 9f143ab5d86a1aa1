/*
 * Macro definitions and macro instructions.
 * GC33-4010, "The Macro Facility", "The Macro Definition", "The Macro Instruction".
 */
#include "cms/toolchain/asm370/int.h"

#define MAX_NESTING   250 /* macro instructions inside one another */
#define MAX_ARGUMENT  255
#define BRANCH_LIMIT  4096 /* ACTR before it is set */

/* ---- definitions */

struct definition {
	struct asm *a;
	struct macro *macro;
	const struct text *text[6]; /* with COPY members inside */
	uint32_t next[6];
	uint32_t level;
	uint32_t size; /* of macro->body */
	bool library;
};

static bool definition_read(struct definition *d, bool prototype, struct logical *l)
{
	for (;;) {
		if (logical_read(d->a, d->text[d->level], &d->next[d->level], prototype, l))
			return true;
		if (d->level == 0)
			return false;
		d->level--;
	}
}

/* Definitions in the source are listed, those of the library on LIBMAC. */
static void definition_list(struct definition *d, const struct logical *l)
{
	if (d->library)
		return;
	stmt_add(d->a, l, STMT_SOURCE | (d->level ? STMT_COPIED : 0));
	sequence_check(d->a, l);
}

static bool is_assembler(const struct operation *op, enum assembler_op code)
{
	return op && op->kind == OPERATION_ASSEMBLER && op->code == code;
}

static struct parameter *parameter_find(const struct macro *m, const struct name *name)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->parameters[i].name == name)
			return &m->parameters[i];
	return NULL;
}

static bool is_system(const struct asm *a, const struct name *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(a->system); i++)
		if (a->system[i] == name)
			return true;
	return false;
}

/* &NAME at the beginning of s; NULL after a message. */
static struct name *parameter_name(struct asm *a, struct macro *m, struct str s,
				   uint32_t *n)
{
	struct name *name;

	*n = s.n > 1 && s.p[0] == '&' ? symbol_length(s.p + 1, s.p + s.n) : 0;
	if (*n == 0) {
		diag(a, 39, "%.*s", (int)s.n, s.p);
		return NULL;
	}
	name = name_intern(a, str_make(s.p + 1, *n));
	++*n;
	if (is_system(a, name)) {
		diag(a, 1, "&%s", name->text);
		return NULL;
	}
	if (parameter_find(m, name)) {
		diag(a, 2, "&%s", name->text);
		return NULL;
	}
	return name;
}

static bool prototype_parameter(struct asm *a, struct macro *m, struct str s)
{
	struct parameter *p = &m->parameters[m->count];
	uint32_t n;

	p->name = parameter_name(a, m, s, &n);
	if (!p->name)
		return false;
	if (n < s.n) {
		if (s.p[n] != '=') {
			diag(a, 39, "%.*s", (int)s.n, s.p);
			return false;
		}
		p->keyword = true;
		p->value = str_sub(s, n + 1, s.n);
	} else {
		m->positional++;
	}
	m->count++;
	return true;
}

static uint32_t count_operands(struct str s)
{
	uint32_t at = 0, n = 0;

	while (at < s.n) {
		operand_next(s, &at);
		n++;
	}
	return n;
}

static bool prototype(struct definition *d, struct logical *l)
{
	struct asm *a = d->a;
	struct macro *m = d->macro;
	uint32_t at = 0, n;

	m->parameters = arena_alloc(&a->arena, (count_operands(l->operand) + 1) *
						       sizeof(*m->parameters));
	m->count = 1;
	if (l->name.n && l->name.p[0] == '&')
		m->parameters[0].name = parameter_name(a, m, l->name, &n);
	else if (l->name.n && l->name.p[0] != '.')
		diag(a, 39, "%.*s", (int)l->name.n, l->name.p);
	if (l->name.n && !m->parameters[0].name && l->name.p[0] != '.')
		return false;
	if (symbol_length(l->operation.p, l->operation.p + l->operation.n) !=
		    l->operation.n ||
	    l->operation.n == 0 || !operation_free(a, l->operation)) {
		diag(a, d->library ? 87 : 43, "%.*s", (int)l->operation.n, l->operation.p);
		return false;
	}
	m->name = name_intern(a, l->operation);
	while (at < l->operand.n) {
		struct str s = operand_next(l->operand, &at);

		/* the first wrong one ends it, and there is no macro */
		if (s.n && !prototype_parameter(a, m, s))
			return false;
	}
	return true;
}

static struct label *label_find(struct label *labels, const struct name *name)
{
	for (; labels; labels = labels->next)
		if (labels->name == name)
			return labels;
	return NULL;
}

/* A sequence symbol names the next statement of the body. */
static void label_add(struct definition *d, const struct logical *l)
{
	struct macro *m = d->macro;
	struct label *label;

	if (l->name.n < 2 || l->name.p[0] != '.' || l->comment || l->macro_comment)
		return;
	label = arena_alloc(&d->a->arena, sizeof(*label));
	label->name = name_intern(d->a, l->name);
	label->at = m->body_count;
	label->next = m->labels;
	if (label_find(m->labels, label->name))
		diag(d->a, 74, "%s", label->name->text);
	else
		m->labels = label;
}

static void body_add(struct definition *d, const struct logical *l)
{
	struct macro *m = d->macro;
	struct asm *a = d->a;

	if (m->body_count == d->size) {
		uint32_t size = d->size ? d->size * 2 : 32;
		struct logical *body = arena_alloc(&a->arena, size * sizeof(*body));

		if (m->body_count)
			memcpy(body, m->body, m->body_count * sizeof(*body));
		m->body = body;
		d->size = size;
	}
	label_add(d, l);
	m->body[m->body_count++] = *l;
}

static void definition_copy(struct definition *d, const struct logical *l)
{
	const struct text *text;

	if (l->operand.n == 0)
		diag(d->a, 50, NULL);
	else if (d->level + 1 == ARRAY_SIZE(d->text))
		diag(d->a, 61, NULL);
	else if (!text_include(d->a, l->operand, &text))
		diag(d->a, 68, "%.*s", (int)l->operand.n, l->operand.p);
	else {
		d->text[++d->level] = text;
		d->next[d->level] = 0;
	}
}

/* The statements up to MEND. */
static void body(struct definition *d)
{
	unsigned inner = 0;
	struct logical l;

	while (definition_read(d, false, &l)) {
		bool plain = !l.comment && !l.macro_comment;

		if (++d->a->work > d->a->options.max_statements) {
			/* members that copy one another have no end */
			d->a->ended = true;
			return;
		}
		definition_list(d, &l);
		if (plain && is_assembler(l.op, A_MEND) && inner-- == 0) {
			label_add(d, &l);
			return;
		}
		if (plain && is_assembler(l.op, A_MACRO)) {
			diag(d->a, 27, NULL);
			inner++;
		}
		if (plain && is_assembler(l.op, A_COPY)) {
			definition_copy(d, &l);
			continue;
		}
		if (plain && (is_assembler(l.op, A_ICTL) || is_assembler(l.op, A_ISEQ) ||
			      is_assembler(l.op, A_OPSYN)))
			diag(d->a, 27, NULL);
		if (inner == 0)
			body_add(d, &l);
	}
	diag(d->a, d->library ? 51 : 55, NULL);
}

/*
 * Take in the definition whose MACRO statement was just read from text.
 * A name that is a machine or assembler instruction means the macro from now on.
 */
static struct macro *define(struct asm *a, const struct text *text, uint32_t *next,
			    bool library)
{
	struct definition d = { .a = a, .library = library };
	struct operation op = { .kind = OPERATION_MACRO };
	struct logical l;
	bool good;

	d.text[0] = text;
	d.next[0] = *next;
	d.macro = arena_alloc(&a->arena, sizeof(*d.macro));
	d.macro->library = library;
	do {
		if (!definition_read(&d, true, &l)) {
			diag(a, library ? 51 : 55, NULL);
			*next = d.next[0];
			return NULL;
		}
		definition_list(&d, &l);
	} while (l.comment || l.macro_comment);
	good = prototype(&d, &l);
	body(&d);
	*next = d.next[0];
	if (!good)
		return NULL;
	op.macro = d.macro;
	operation_define(a, d.macro->name, &op);
	return d.macro;
}

void macro_define(struct asm *a, struct reader *reader)
{
	define(a, reader->text, &reader->next, false);
}

/* Look for a macro in the library; true if it is defined now. */
bool macro_from_library(struct asm *a, struct str name)
{
	const struct text *text;
	struct logical l;
	uint32_t next = 0;
	struct macro *m;

	if (!text_include(a, name, &text))
		return false;
	do {
		if (!logical_read(a, text, &next, false, &l)) {
			diag(a, 85, "%.*s", (int)name.n, name.p);
			return false;
		}
	} while (l.comment || l.macro_comment);
	if (!is_assembler(l.op, A_MACRO)) {
		diag(a, 85, "%.*s", (int)name.n, name.p);
		return false;
	}
	m = define(a, text, &next, true);
	if (m && m->name != name_intern(a, name)) {
		diag(a, 88, "%s", m->name->text);
		return false;
	}
	return m != NULL;
}

/* ---- macro instructions */

void frame_init(struct asm *a, struct frame *f, struct macro *macro)
{
	f->serial = ++a->frame_serial;
	f->macro = macro;
	f->actr = BRANCH_LIMIT;
	f->outer = a->frame;
	f->depth = a->frame && a->frame->depth < 255 ? a->frame->depth + 1 : 0;
	a->frame = f;
}

static void variable_add(struct asm *a, struct frame *f, struct name *name,
			 enum variable_kind kind, struct setvar *set, uint32_t index)
{
	struct variable *v = arena_alloc(&a->arena, sizeof(*v));

	v->name = name;
	v->frame = f->serial;
	v->kind = kind;
	v->set = set;
	v->index = index;
	v->next = f->variables;
	f->variables = v;
	name->variable = v;
}

static uint32_t keyword_length(struct str s)
{
	uint32_t n = symbol_length(s.p, s.p + s.n);

	return n && n < s.n && s.p[n] == '=' ? n : 0;
}

static struct str argument_text(struct asm *a, struct str s)
{
	s = substitute(a, s);
	if (s.n > MAX_ARGUMENT) {
		diag(a, 105, NULL);
		s.n = MAX_ARGUMENT;
	}
	return s;
}

static void keyword_argument(struct asm *a, struct frame *f, struct str s, uint32_t n)
{
	const struct macro *m = f->macro;
	struct name *name = name_intern(a, str_sub(s, 0, n));
	const struct parameter *p = parameter_find(m, name);
	struct argument *arg;

	if (!p || !p->keyword) {
		diag(a, 92, "%s", name->text);
		return;
	}
	arg = &f->arguments[p - m->parameters];
	if (arg->given) {
		diag(a, 91, "%s", name->text);
		return;
	}
	arg->given = true;
	arg->text = argument_text(a, str_sub(s, n + 1, s.n));
}

static void spread_positional(struct frame *f)
{
	const struct macro *m = f->macro;
	uint32_t k = 0;

	for (uint32_t i = 1; i < m->count; i++) {
		if (m->parameters[i].keyword)
			continue;
		if (k < f->positional_count)
			f->arguments[i].text = f->positional[k].text;
		k++;
	}
}

static void bind(struct asm *a, struct frame *f, struct str operand)
{
	const struct macro *m = f->macro;
	uint32_t at = 0, n, count = count_operands(operand);

	f->arguments = arena_alloc(&a->arena, m->count * sizeof(*f->arguments));
	f->positional = arena_alloc(&a->arena, (count + 1) * sizeof(*f->positional));
	while (at < operand.n) {
		struct str s = operand_next(operand, &at);

		n = keyword_length(s);
		if (n)
			keyword_argument(a, f, s, n);
		else
			f->positional[f->positional_count++].text = argument_text(a, s);
	}
	if (operand.n && operand.p[operand.n - 1] == ',')
		f->positional_count++;
	spread_positional(f);
	for (uint32_t i = 1; i < m->count; i++)
		if (m->parameters[i].keyword && !f->arguments[i].given)
			f->arguments[i].text = m->parameters[i].value;
}

/*
 * Call a macro: l is the macro instruction, its variable symbols not yet
 * replaced, so that commas in their values do not make operands.
 */
void macro_call(struct asm *a, struct macro *macro, const struct logical *l)
{
	struct frame *f, *caller = a->frame;

	if (caller->depth >= MAX_NESTING) {
		diag(a, 133, "macros nested too deep");
		return;
	}
	f = arena_alloc(&a->arena, sizeof(*f));
	f->macro = macro;
	bind(a, f, l->operand);
	f->arguments[0].text = l->name.n && l->name.p[0] == '.' ? str_make("", 0)
							       : substitute(a, l->name);
	f->sysndx = ++a->sysndx;
	f->sysect = str_make("", 0);
	if (a->section && a->section->name)
		f->sysect = str_make(a->section->name->text, a->section->name->n);
	frame_init(a, f, macro);
	for (uint32_t i = 0; i < macro->count; i++)
		if (macro->parameters[i].name)
			variable_add(a, f, macro->parameters[i].name, VARIABLE_PARAMETER,
				     NULL, i);
}

/* ---- variable symbols */

/* The variable symbol that name means here, or NULL. */
struct variable *variable_find(struct asm *a, struct name *name)
{
	struct variable *v = name->variable;

	if (v && v->frame == a->frame->serial)
		return v;
	for (v = a->frame->variables; v; v = v->next)
		if (v->name == name) {
			name->variable = v;
			return v;
		}
	for (unsigned i = 0; i < ARRAY_SIZE(a->system); i++)
		if (a->system[i] == name)
			return &a->system_variable[i];
	return NULL;
}

static struct setvar *setvar_new(struct asm *a, struct name *name, char type,
				 uint32_t dimension)
{
	struct setvar *set = arena_alloc(&a->arena, sizeof(*set));

	set->name = name;
	set->type = (uint8_t)type;
	set->dimension = dimension;
	return set;
}

static struct setvar *global_get(struct asm *a, struct name *name, char type,
				 uint32_t dimension)
{
	struct setvar *set = name->global;

	if (!set)
		return name->global = setvar_new(a, name, type, dimension);
	if (set->type != (uint8_t)type) {
		diag(a, 131, "&%s", name->text);
		return setvar_new(a, name, type, dimension);
	}
	if (set->dimension != dimension) {
		diag(a, 132, "&%s", name->text);
		if (!set->dimension != !dimension)
			return setvar_new(a, name, type, dimension);
	}
	return set;
}

void variable_declare(struct asm *a, struct name *name, char type, bool global,
		      uint32_t dimension)
{
	struct setvar *set;

	set = global ? global_get(a, name, type, dimension)
		     : setvar_new(a, name, type, dimension);
	variable_add(a, a->frame, name, VARIABLE_SET, set, 0);
}

static bool dimension_operand(struct asm *a, struct str s, uint32_t *dimension)
{
	struct cursor c = cursor_of(s);
	int32_t n;

	*dimension = 0;
	if (s.n == 0)
		return true;
	if (!take(&c, '(') || !self_defining(a, &c, &n) || !take(&c, ')') ||
	    c.p != c.end || n < 1 || n > 32767) {
		diag(a, 30, NULL);
		return false;
	}
	*dimension = (uint32_t)n;
	return true;
}

/* LCLA, GBLC and the like. */
void declare(struct asm *a, const struct logical *l, char type, bool global)
{
	uint32_t at = 0;

	if (l->operand.n == 0)
		diag(a, 62, NULL);
	while (at < l->operand.n) {
		struct str s = operand_next(l->operand, &at);
		uint32_t from = s.n && s.p[0] == '&', n, dimension;
		struct name *name;
		struct variable *v;

		n = symbol_length(s.p + from, s.p + s.n);
		if (n == 0) {
			diag(a, 29, "%.*s", (int)s.n, s.p);
			continue;
		}
		name = name_intern(a, str_sub(s, from, n));
		if (!dimension_operand(a, str_sub(s, from + n, s.n), &dimension))
			continue;
		v = variable_find(a, name);
		if (v) {
			diag(a, v->kind == VARIABLE_SET ? 5
				: v->kind == VARIABLE_PARAMETER ? 4 : 3,
			     "&%s", name->text);
			continue;
		}
		variable_declare(a, name, type, global, dimension);
	}
}

/* ---- sublists */

/* Cut an argument (A,B,C) into its items, once. */
void argument_cut(struct asm *a, struct argument *arg)
{
	struct str s = arg->text, inner;
	uint32_t at = 0, n = 0;

	if (arg->cut)
		return;
	arg->cut = true;
	if (s.n == 0)
		return;
	if (s.n < 2 || s.p[0] != '(' || s.p[s.n - 1] != ')') {
		arg->items = arena_alloc(&a->arena, sizeof(s));
		arg->items[0] = s;
		arg->count = 1;
		return;
	}
	inner = str_sub(s, 1, s.n - 2);
	arg->items = arena_alloc(&a->arena, (count_operands(inner) + 1) * sizeof(s));
	while (at < inner.n)
		arg->items[n++] = operand_next(inner, &at);
	if (inner.n == 0 || inner.p[inner.n - 1] == ',')
		arg->items[n++] = str_make("", 0);
	arg->count = n;
}

/* ---- replacement */

/*
 * s with every variable symbol replaced by its value. A period behind one
 * disappears; a pair of ampersands stays.
 */
struct str substitute(struct asm *a, struct str s)
{
	struct buffer *b = &a->text;
	struct cursor c = cursor_of(s);
	size_t from = b->n; /* arguments are replaced while others wait */
	struct str out;

	if (s.n == 0 || !memchr(s.p, '&', s.n))
		return s;
	while (c.p < c.end) {
		const char *amp = memchr(c.p, '&', (size_t)(c.end - c.p));
		struct str value;

		if (!amp)
			amp = c.end;
		buffer_put(b, c.p, (size_t)(amp - c.p));
		c.p = amp;
		if (c.p == c.end)
			break;
		if (c.p + 1 < c.end && c.p[1] == '&') {
			buffer_put(b, "&&", 2);
			c.p += 2;
			continue;
		}
		if (!variable_text(a, &c, &value)) {
			buffer_put(b, "&", 1);
			if (c.p == amp)
				c.p++;
			continue;
		}
		buffer_put(b, value.p, value.n);
		take(&c, '.');
	}
	out = str_make(arena_copy(&a->arena, b->p ? b->p + from : "", b->n - from),
		       b->n - from);
	b->n = from;
	return out;
}
