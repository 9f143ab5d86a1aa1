/*
 * cms/toolchain/asm370/int.h - what the assembler's files share.
 *
 * An assembly goes through the source once to expand macros and to give every
 * statement its location (generate.c calls define_statement() for each), and
 * once over the kept statements to produce object code and listing
 * (assemble.c). Text is ISO 8859-1 inside; EBCDIC is made where bytes are.
 */
#ifndef CMS_TOOLCHAIN_ASM370_INT_H
#define CMS_TOOLCHAIN_ASM370_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "cms/toolchain/asm370/arena.h"
#include "cms/toolchain/asm370/asm370.h"

struct opcode;

/* A piece of text; not NUL-ended. */
struct str {
	const char *p;
	uint32_t n;
};

static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){ p, (uint32_t)n };
}

static inline struct str str_z(const char *z)
{
	return (struct str){ z, (uint32_t)strlen(z) };
}

static inline bool str_is(struct str s, const char *z)
{
	return strlen(z) == s.n && memcmp(s.p, z, s.n) == 0;
}

/* The n characters from offset at, cut to what there is. */
static inline struct str str_sub(struct str s, uint32_t at, uint32_t n)
{
	if (at > s.n)
		at = s.n;
	if (n > s.n - at)
		n = s.n - at;
	return str_make(s.p + at, n);
}

/* ---- names: every identifier once, in upper case */

struct name {
	struct name *chain;
	uint32_t hash;
	uint32_t n;
	struct symbol *symbol;       /* ordinary symbol, or NULL */
	struct operation *operation; /* as an operation code, or NULL */
	struct setvar *global;       /* GBLx of that name */
	struct variable *variable;   /* last one found, see variable_find() */
	struct section *section;     /* control section, COM, DSECT */
	struct section *external;    /* EXTRN, WXTRN, V-constant */
	struct section *pseudo;      /* DXD, Q-constant */
	char text[];
};

enum section_kind {
	SECTION_SD,     /* START, CSECT with a name */
	SECTION_PC,     /* without: private code */
	SECTION_CM,
	SECTION_DSECT,
	SECTION_ER,     /* EXTRN, V-constant */
	SECTION_WX,
	SECTION_PR,     /* DXD, or a DSECT in a Q-constant */
	SECTION_LD,     /* ENTRY: no section, but an item of the dictionary */
};

/* A control section, or any other item of the external symbol dictionary. */
struct section {
	struct section *next; /* in order of appearance */
	struct name *name;    /* NULL: none */
	enum section_kind kind;
	uint16_t esdid;
	uint32_t start;   /* value of START */
	uint32_t loc;     /* location counter, from 0 in this section */
	uint32_t high;    /* highest value it had: the length */
	uint32_t origin;  /* in the whole assembly, set after the first pass */
	uint8_t align;    /* PR: mask */
	bool weak_or_q;   /* PR made from a DSECT */
	uint32_t statement;
};

/* Dummy and common sections have no text and nothing to relocate. */
static inline bool section_has_text(const struct section *s)
{
	return s->kind != SECTION_DSECT && s->kind != SECTION_CM;
}

struct reference {
	struct reference *next;
	uint32_t statement;
	bool second_pass;
};

struct symbol {
	struct name *name;
	struct section *section; /* NULL: absolute */
	int32_t value;           /* offset in the section */
	uint32_t length;         /* L' */
	int16_t scale;           /* S' */
	uint8_t type;            /* T' as a character */
	bool defined;            /* its statement has been passed */
	bool ahead;              /* attributes known from looking ahead */
	bool is_external;        /* EXTRN or WXTRN */
	bool no_length;          /* CNOP: L' is refused to conditional assembly */
	uint32_t statement;
	struct reference *references, *last_reference;
	struct duplicate *duplicates; /* further definitions, the last first */
};

/* A definition that came too late: for the cross reference only. */
struct duplicate {
	struct duplicate *next;
	struct section *section;
	int32_t value;
	uint32_t length, statement;
};

/* ---- source text */

struct record {
	const char *p;
	uint32_t n; /* without trailing blanks, at most 80 */
};

struct text {
	const char *name;
	struct record *records;
	uint32_t count;
	bool library;
};

/* A statement as read: fields still with variable symbols. */
struct logical {
	struct str name, operation, operand, remarks;
	const struct text *text;
	uint32_t first, count; /* records */
	bool comment;          /* * or blank */
	bool macro_comment;    /* .* */
	bool variables;        /* an ampersand is in it */
	bool too_many;         /* more than two continuation records */
	bool early;            /* text before the continue column */
	const struct operation *op;
};

/* ---- operations */

enum operation_kind {
	OPERATION_UNKNOWN, /* searched for in vain, or undone by OPSYN */
	OPERATION_MACHINE,
	OPERATION_BRANCH,  /* extended mnemonic: mask is implied */
	OPERATION_ASSEMBLER,
	OPERATION_MACRO,
};

enum assembler_op {
	A_ACTR, A_AGO, A_AIF, A_ANOP, A_CCW, A_CNOP, A_COM, A_COPY, A_CSECT, A_CXD,
	A_DC, A_DROP, A_DS, A_DSECT, A_DXD, A_EJECT, A_END, A_ENTRY, A_EQU, A_EXTRN,
	A_GBLA, A_GBLB, A_GBLC, A_ICTL, A_ISEQ, A_LCLA, A_LCLB, A_LCLC, A_LTORG,
	A_MACRO, A_MEND, A_MEXIT, A_MNOTE, A_OPSYN, A_ORG, A_POP, A_PRINT, A_PUNCH,
	A_PUSH, A_REPRO, A_SETA, A_SETB, A_SETC, A_SPACE, A_START, A_TITLE, A_USING,
	A_WXTRN,
};

#define OPN_CONDITIONAL 0x01 /* done while generating, leaves no statement behind */
#define OPN_ALTERNATE   0x02 /* operands may be followed by remarks on each line */
#define OPN_PARENS      0x04 /* blanks inside parentheses belong to the operand */

struct operation {
	enum operation_kind kind;
	uint8_t flags;
	uint8_t code; /* enum assembler_op, or the mask of a branch */
	const struct opcode *machine; /* branch: BC or BCR */
	struct macro *macro;
};

/* ---- macros and variable symbols */

struct parameter {
	struct name *name;
	bool keyword;
	struct str value; /* keyword: default */
};

struct label {
	struct label *next;
	struct name *name;
	uint32_t at;
	uint32_t reader; /* open code: which source */
};

struct macro {
	struct name *name;
	struct str label;             /* prototype's name field, with & */
	struct parameter *parameters; /* [0] is the name field's */
	uint32_t count, positional;   /* with [0]; positional ones without */
	struct logical *body;
	uint32_t body_count;
	struct label *labels;
	bool library;
};

struct text_value {
	char *p;
	uint32_t n, size;
};

struct setvar {
	struct name *name;
	uint8_t type;       /* 'A' 'B' 'C' */
	uint32_t dimension; /* 0: no subscript */
	uint32_t count;     /* elements that have memory */
	int32_t *number;    /* A, B */
	struct text_value *string;
};

enum variable_kind { VARIABLE_SET, VARIABLE_PARAMETER, VARIABLE_SYSTEM };
enum system_variable {
	SYS_NDX, SYS_ECT, SYS_LIST, SYS_PARM, SYS_DATE, SYS_TIME,
};

struct variable {
	struct variable *next;
	struct name *name;
	uint64_t frame; /* serial number of its frame */
	enum variable_kind kind;
	struct setvar *set;
	uint32_t index; /* of the parameter, or enum system_variable */
};

/* An operand of a macro instruction, cut into its sublist when asked. */
struct argument {
	struct str text;
	struct str *items;
	uint32_t count;
	bool cut, given;
};

struct frame {
	struct frame *outer;
	uint64_t serial;
	struct macro *macro; /* NULL: open code */
	uint32_t next;       /* in the macro's body */
	struct variable *variables;
	struct argument *arguments;  /* by parameter */
	struct argument *positional; /* &SYSLIST(1).. */
	uint32_t positional_count;
	uint32_t sysndx;
	struct str sysect;
	int32_t actr;
	uint8_t depth;
};

/* Where open code is read from: the source, and COPY members inside it. */
struct reader {
	struct reader *outer;
	const struct text *text;
	uint32_t next;
	uint32_t serial;
};

/* ---- statements that the second pass assembles */

#define STMT_GENERATED 0x01 /* by a macro: '+' behind the number */
#define STMT_COMMENT   0x02
#define STMT_LITERAL   0x04
#define STMT_HIDDEN    0x08 /* has a number but is not listed */
#define STMT_CALL      0x10 /* macro instruction: nothing to assemble */
#define STMT_SOURCE    0x20 /* print only: conditional assembly, macro bodies */
#define STMT_COPIED    0x80

struct stmt {
	struct stmt *next;
	uint32_t number;
	uint32_t loc;  /* offset in section of its first byte */
	uint32_t size; /* bytes, alignment excluded */
	uint32_t to;   /* ORG: new location */
	uint8_t flags, depth;
	bool measured; /* DC: the operands have been understood */
	uint32_t gap;  /* how many */
	uint8_t said;  /* diagnostics */
	bool aside;    /* evaluated once more: references do not count */
	struct str name, operand;
	const struct operation *op;
	struct section *section;
	struct literal *literal;
	struct stmt *star;     /* literal: the statement that * means */
	struct str repro;      /* REPRO: the card */
	struct symbol *symbol; /* defined here */
	struct diagnostic *diagnostics;
	const struct text *text;
	uint32_t first, count;
	struct str line; /* generated: as printed */
};

struct literal {
	struct literal *next;  /* in its pool, then in order of appearance */
	struct literal *chain; /* of the hash */
	struct str text;       /* without = */
	uint32_t hash, pool;
	uint32_t size;
	bool wrong; /* not a constant */
	struct section *section;
	uint32_t offset;
	uint32_t length; /* L' */
	struct stmt *stmt;
	struct stmt *placed; /* where it is listed */
	struct literal *following; /* in order of the listing */
	struct reference *references, *last_reference;
};

/* ---- values of expressions */

#define MAX_PAIRS 16

struct value {
	int32_t n;
	uint32_t length;      /* L' of the leftmost term */
	uint8_t type;         /* of the leftmost term, 0 if no symbol */
	uint8_t pairs;        /* sections whose origin is in it */
	bool bad;             /* an error has been reported */
	bool simple_symbol;   /* one symbol and nothing else */
	struct symbol *symbol; /* leftmost, or NULL */
	struct {
		struct section *section;
		int16_t times;
	} pair[MAX_PAIRS];
};

static inline bool value_absolute(const struct value *v)
{
	return v->pairs == 0;
}

static inline bool value_relocatable(const struct value *v)
{
	return v->pairs == 1 && v->pair[0].times == 1;
}

/* Text being scanned, of a statement. */
struct cursor {
	const char *p, *end;
};

/* ---- relocation */

struct relocation {
	uint16_t r, p;
	uint8_t flags; /* type, length, sign */
	uint32_t address;
	uint32_t order;
};

struct diagnostic {
	struct diagnostic *next, *same_stmt;
	const struct symbol *symbol; /* 231: undefined at all makes it 188 */
	struct stmt *stmt;
	uint32_t statement;
	uint16_t number;
	uint16_t severity;
	const char *text;
};

struct base_register {
	bool used;
	struct section *section; /* NULL: absolute */
	int32_t value;
};

struct print_state {
	bool on, gen, data;
};

#define STACK_DEPTH 4
#define TXT_BYTES   56

struct asm {
	struct asm370_options options;
	struct arena arena;   /* lives as long as the result */
	struct arena scratch; /* one statement */
	struct buffer deck, listing;
	struct buffer text; /* strings being put together */
	jmp_buf out_of_memory;

	struct name **names;
	uint32_t name_count, name_mask;

	/* format of the source */
	uint32_t begin, end, resume; /* columns from 0: first, behind last, continue */
	bool format_fixed;           /* no ICTL any more */
	uint32_t lines;

	/* generating */
	struct reader *reader;
	uint32_t reader_serial;
	struct frame *frame, *open;
	uint64_t frame_serial;
	uint32_t sysndx;
	struct label *labels; /* passed in open code */
	bool looked_ahead;
	bool body_begun; /* too late for OPSYN */
	bool ended;
	struct stmt *current; /* statement that diagnostics belong to */
	struct name *system[6];
	struct variable system_variable[6];
	uint32_t copy_depth;

	/* statements */
	struct stmt *first, *last;
	uint32_t statement; /* number of the last one */
	uint64_t work;      /* statements processed, generated or skipped */

	/* sections and symbols */
	struct section *sections, *last_section; /* in order of appearance */
	struct section *section, *first_control;
	struct section *private_code, *blank_common, *unnamed_dsect;
	struct name *title_name;
	bool second_pass;
	struct symbol **symbols; /* sorted, for the cross reference */
	uint32_t symbol_count;
	struct name *deck_id;
	bool titled;

	/* literals */
	struct literal **literal_hash;
	uint32_t pool;
	struct literal *pool_first, *pool_last;
	struct literal *placed, *last_placed; /* in order of the listing */

	/* second pass */
	struct base_register bases[16];
	struct base_register base_stack[STACK_DEPTH][16];
	uint32_t base_depth;
	struct str pending_line; /* of the statement being generated */
	struct print_state print, print_stack[STACK_DEPTH];
	uint32_t print_depth;
	struct str title;
	uint32_t page, page_line;
	uint8_t txt[TXT_BYTES];
	uint32_t txt_count, txt_address;
	struct section *txt_section;
	uint8_t sym[TXT_BYTES];
	uint32_t sym_count;
	const struct section *sym_section; /* where the last entry is */
	struct section *end_pool; /* where END laid literals down, or NULL */
	uint32_t end_gap, end_gap_at;
	uint32_t cards;
	struct relocation *relocations;
	uint32_t relocation_count, relocation_size;
	struct value entry; /* END operand */
	bool has_entry;
	struct str translator; /* END operand: an identification record, or n 0 */
	bool relocatable_y;
	uint32_t pseudo_length; /* CXD */
	uint32_t star;    /* offset in the section that * means */
	uint32_t emit_at; /* offset in the section of the next byte */
	struct buffer data; /* all bytes of the statement, under PRINT DATA */
	bool deck_opened;
	struct symbol own; /* name of the constant being measured; name NULL: none */
	bool in_instruction;
	uint32_t undefined; /* symbols met in instructions */
	bool operand_wrong; /* of an instruction, though those behind it are read */
	bool gap_emitted; /* zeros in front of this statement */
	const char *page_title, *columns;
	bool in_source; /* a page of statements is begun */
	uint8_t code[8]; /* first bytes of the statement, for the listing */
	uint32_t code_count;
	bool has_address[2];
	uint32_t address[2];
	uint32_t checked_at, checked_columns; /* ISEQ: from which column on, 0: none */
	uint8_t checked[80];                  /* of the last record, in EBCDIC */

	/* diagnostics */
	struct diagnostic *diagnostics, *last_diagnostic;
	uint32_t diagnostic_count;
	uint32_t statement_diagnostics;
	uint32_t severity;
};

/* names.c */
void names_init(struct asm *a);
struct name *name_intern(struct asm *a, struct str s);
struct symbol *symbol_get(struct asm *a, struct name *name);
extern const uint8_t char_class[256];
#define CHAR_LETTER 0x01 /* A-Z a-z $ # @ */
#define CHAR_DIGIT  0x02
#define CHAR_NAME   (CHAR_LETTER | CHAR_DIGIT)
static inline bool is_letter(char c)
{
	return char_class[(uint8_t)c] & CHAR_LETTER;
}
static inline bool is_digit(char c)
{
	return char_class[(uint8_t)c] & CHAR_DIGIT;
}
static inline bool is_name(char c)
{
	return char_class[(uint8_t)c] & CHAR_NAME;
}
static inline char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}
/* Length of the symbol at p, 0 if none begins there. */
uint32_t symbol_length(const char *p, const char *end);

/* operations.c */
void operations_init(struct asm *a);
const struct operation *operation_find(struct asm *a, struct str name);
bool operation_free(struct asm *a, struct str name);
void operation_define(struct asm *a, struct name *name, const struct operation *op);

/* source.c */
const struct text *text_make(struct asm *a, const struct asm370_source *source,
			     bool library);
bool text_include(struct asm *a, struct str member, const struct text **text);
bool logical_read(struct asm *a, const struct text *text, uint32_t *next,
		  bool prototype, struct logical *out);
uint32_t operand_end(struct str s, uint32_t at, bool parens);
bool is_attribute_quote(const char *start, const char *at, const char *end);
/* One operand from *at up to a comma outside quotes and parentheses. */
struct str operand_next(struct str s, uint32_t *at);

/* diag.c */
void diag(struct asm *a, unsigned number, const char *detail, ...) PRINTF_LIKE(3, 4);
void diag_severity(struct asm *a, unsigned number, unsigned severity,
		   const char *detail, ...) PRINTF_LIKE(4, 5);
/* Another number for messages about a symbol that is nowhere defined. */
void diag_settle(struct asm *a);
void diag_finish(struct asm *a, struct asm370_result *result);

/* generate.c */
void generate(struct asm *a, const struct text *text);
struct stmt *stmt_add(struct asm *a, const struct logical *l, uint8_t flags);
void sequence_check(struct asm *a, const struct logical *l);

/* macro.c */
void macro_define(struct asm *a, struct reader *reader);
bool macro_from_library(struct asm *a, struct str name);
void macro_call(struct asm *a, struct macro *macro, const struct logical *l);
struct variable *variable_find(struct asm *a, struct name *name);
struct str substitute(struct asm *a, struct str s);
void variable_declare(struct asm *a, struct name *name, char type, bool global,
		      uint32_t dimension);
void argument_cut(struct asm *a, struct argument *arg);
void declare(struct asm *a, const struct logical *l, char type, bool global);
void frame_init(struct asm *a, struct frame *frame, struct macro *macro);

/* condition.c */
int32_t condition_number(struct asm *a, struct cursor *c, bool *ok);
bool condition_logic(struct asm *a, struct cursor *c, bool *result);
bool condition_string(struct asm *a, struct cursor *c, struct str *result);

/* variable.c */
/* &NAME or &NAME(subscripts) at the cursor: its value as text. */
bool variable_text(struct asm *a, struct cursor *c, struct str *out);

/* set.c: SETA, SETB, SETC */
void set_variable(struct asm *a, const struct logical *l, char type);

/* ahead.c: attributes of symbols that are defined further down */
void look_ahead(struct asm *a);

/* expression.c */
bool expression(struct asm *a, struct cursor *c, struct value *v);
bool expression_absolute(struct asm *a, struct cursor *c, int32_t *n);
bool self_defining(struct asm *a, struct cursor *c, int32_t *n);
void value_add_section(struct asm *a, struct value *v, struct section *s, int times);
/* Note for the cross reference that the current statement names a symbol. */
void symbol_refer(struct asm *a, struct symbol *symbol);
int32_t value_number(const struct value *v);
static inline bool at_end(const struct cursor *c)
{
	return c->p >= c->end || *c->p == ' ';
}
/* No operand, or the comma that says so in front of remarks. */
static inline bool none(const struct cursor *c)
{
	return at_end(c) ||
	       (*c->p == ',' && (c->p + 1 == c->end || c->p[1] == ' '));
}
static inline bool take(struct cursor *c, char ch)
{
	if (c->p < c->end && *c->p == ch) {
		c->p++;
		return true;
	}
	return false;
}
static inline struct cursor cursor_of(struct str s)
{
	return (struct cursor){ s.p, s.p + s.n };
}

/* constant.c: DC, DS, literals */
struct constant_sum {
	uint32_t size;   /* bytes */
	uint32_t align;  /* of the first: 1, 2, 4, 8 */
	uint32_t length; /* L' */
	uint8_t type;    /* T' */
	int16_t scale;
	uint32_t gap;
};
typedef void emit_function(struct asm *a, const uint8_t *p, uint32_t n);
bool constants_measure(struct asm *a, struct str operands, uint32_t loc, bool ds,
		       bool literal, struct constant_sum *sum);
void constants_emit(struct asm *a, struct str operands, uint32_t loc, bool literal);
/* Behind the constant at the cursor, or NULL if there is none. */
const char *constant_end(struct asm *a, struct cursor c);
/* Alignment of the first operand, found before anything is evaluated. */
uint32_t constant_first_alignment(struct str operands);
bool constant_attributes(struct asm *a, struct str operands, struct constant_sum *sum);

/* number.c: decimal strings to fixed and hexadecimal floating point */
struct decimal {
	const char *digits; /* digits with at most one point, sign apart */
	uint32_t n;
	bool negative;
	int exponent;
};
bool decimal_parse(struct cursor *c, struct decimal *d);
/* value * 2**scale, rounded, as a two's complement number of bits bits. */
bool decimal_fixed(const struct decimal *d, int scale, unsigned bits, uint8_t out[8]);
bool decimal_float(const struct decimal *d, char type, int scale, unsigned bits,
		   uint8_t out[16]);

/* define.c: first pass */
void define_statement(struct asm *a, struct stmt *st);
void define_finish(struct asm *a);
struct section *section_external(struct asm *a, struct name *name,
				 enum section_kind kind);
/* The current section; private code is begun if there is none. */
struct section *section_needed(struct asm *a);

/* literal.c */
struct literal *literal_add(struct asm *a, struct str text);
void literal_pool(struct asm *a, struct stmt *after);

/* assemble.c: second pass */
void assemble(struct asm *a);
void emit(struct asm *a, const uint8_t *p, uint32_t n);
bool find_base(struct asm *a, const struct value *v, unsigned *reg, uint32_t *disp);

/* instruction.c */
void instruction_assemble(struct asm *a, struct stmt *st);
unsigned instruction_size(const struct operation *op);
struct str instruction_literal(struct asm *a, struct stmt *st);

/* deck.c */
void deck_begin(struct asm *a);
void deck_bytes(struct asm *a, struct section *s, uint32_t address,
		const uint8_t *p, uint32_t n);
void deck_relocate(struct asm *a, struct section *r, struct section *p, uint32_t address,
		   unsigned type, unsigned length, bool negative);
void deck_card(struct asm *a, const uint8_t *card, uint32_t n, bool numbered);
void deck_flush(struct asm *a);
void deck_end(struct asm *a);
/* Bytes for SYM cards, and the last of these cards. */
void deck_symbols(struct asm *a, const uint8_t *p, uint32_t n);
void deck_symbols_end(struct asm *a);

/* symcards.c */
void symbol_cards(struct asm *a);

/* listing.c */
void listing_dictionary(struct asm *a);
void listing_statement(struct asm *a, struct stmt *st, const struct print_state *print);
void listing_relocations(struct asm *a);
void listing_cross_reference(struct asm *a);
void listing_diagnostics(struct asm *a, const struct asm370_result *result);

uint8_t to_ebcdic(char c);

#endif
