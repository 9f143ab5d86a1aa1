/*
 * Operation codes: assembler instructions, extended mnemonics, and the
 * machine instructions out of the processor's own table.
 */
#include "cms/toolchain/asm370/int.h"

#include "cpu370/opcodes.h"

static const struct assembler_row {
	const char *name;
	uint8_t code, flags;
} assembler_rows[] = {
	{ "ACTR", A_ACTR, OPN_CONDITIONAL },
	{ "AGO", A_AGO, OPN_CONDITIONAL },
	{ "AGOB", A_AGO, OPN_CONDITIONAL },
	{ "AIF", A_AIF, OPN_CONDITIONAL | OPN_PARENS },
	{ "AIFB", A_AIF, OPN_CONDITIONAL | OPN_PARENS },
	{ "ANOP", A_ANOP, OPN_CONDITIONAL },
	{ "CCW", A_CCW, 0 },
	{ "CNOP", A_CNOP, 0 },
	{ "COM", A_COM, 0 },
	{ "COPY", A_COPY, OPN_CONDITIONAL },
	{ "CSECT", A_CSECT, 0 },
	{ "CXD", A_CXD, 0 },
	{ "DC", A_DC, 0 },
	{ "DROP", A_DROP, 0 },
	{ "DS", A_DS, 0 },
	{ "DSECT", A_DSECT, 0 },
	{ "DXD", A_DXD, 0 },
	{ "EJECT", A_EJECT, 0 },
	{ "END", A_END, 0 },
	{ "ENTRY", A_ENTRY, 0 },
	{ "EQU", A_EQU, 0 },
	{ "EXTRN", A_EXTRN, 0 },
	{ "GBLA", A_GBLA, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "GBLB", A_GBLB, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "GBLC", A_GBLC, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "ICTL", A_ICTL, OPN_CONDITIONAL },
	{ "ISEQ", A_ISEQ, 0 },
	{ "LCLA", A_LCLA, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "LCLB", A_LCLB, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "LCLC", A_LCLC, OPN_CONDITIONAL | OPN_ALTERNATE },
	{ "LTORG", A_LTORG, 0 },
	{ "MACRO", A_MACRO, OPN_CONDITIONAL },
	{ "MEND", A_MEND, OPN_CONDITIONAL },
	{ "MEXIT", A_MEXIT, OPN_CONDITIONAL },
	{ "MNOTE", A_MNOTE, 0 },
	{ "OPSYN", A_OPSYN, 0 },
	{ "ORG", A_ORG, 0 },
	{ "POP", A_POP, 0 },
	{ "PRINT", A_PRINT, 0 },
	{ "PUNCH", A_PUNCH, 0 },
	{ "PUSH", A_PUSH, 0 },
	{ "REPRO", A_REPRO, 0 },
	{ "SETA", A_SETA, OPN_CONDITIONAL },
	{ "SETB", A_SETB, OPN_CONDITIONAL | OPN_PARENS },
	{ "SETC", A_SETC, OPN_CONDITIONAL },
	{ "SPACE", A_SPACE, 0 },
	{ "START", A_START, 0 },
	{ "TITLE", A_TITLE, 0 },
	{ "USING", A_USING, 0 },
	{ "WXTRN", A_WXTRN, 0 },
};

void operation_define(struct asm *a, struct name *name, const struct operation *op)
{
	if (!name->operation)
		name->operation = arena_alloc(&a->arena, sizeof(*op));
	*name->operation = *op;
}

static struct name *name_z(struct asm *a, const char *z)
{
	return name_intern(a, str_z(z));
}

void operations_init(struct asm *a)
{
	for (size_t i = 0; i < opcode_count; i++) {
		struct operation op = { .kind = OPERATION_MACHINE,
					.machine = &opcode_rows[i] };

		/* assists have no mnemonics of their own: FREE is a macro */
		if (!(opcode_rows[i].flags & OPF_OPT))
			operation_define(a, name_z(a, opcode_rows[i].mnemonic), &op);
	}
	for (size_t i = 0; i < extended_mnemonic_count; i++) {
		const struct extended_mnemonic *x = &extended_mnemonics[i];
		struct operation op = { .kind = OPERATION_BRANCH, .code = x->mask,
					.machine = opcode_named(x->base) };

		operation_define(a, name_z(a, x->mnemonic), &op);
	}
	for (size_t i = 0; i < ARRAY_SIZE(assembler_rows); i++) {
		const struct assembler_row *row = &assembler_rows[i];
		struct operation op = { .kind = OPERATION_ASSEMBLER,
					.code = row->code, .flags = row->flags };

		operation_define(a, name_z(a, row->name), &op);
	}
}

/* Machine instructions that Assembler XF does not have, in alphabetical order. */
static const char *const later[] = {
	"BAS",	"BASR", "CLRCH", "CONCS", "DISCS", "DXR",  "EPAR", "ESAR", "IAC",
	"IPTE", "ISKE", "IVSK",	 "LASP",  "MVCIN", "MVCK", "MVCP", "MVCS", "PC",
	"PT",	"RIO",	"RRBE",	 "SAC",	  "SSAR",  "SSKE", "TB",   "TPROT",
};

/*
 * May a macro have that name? XF refuses those of its own instructions; what
 * it does not know must not stop an old source.
 */
bool operation_free(struct asm *a, struct str name)
{
	const struct operation *op = operation_find(a, name);

	if (!op || op->kind == OPERATION_UNKNOWN || op->kind == OPERATION_MACRO ||
	    a->options.long_names)
		return true;
	if (op->kind != OPERATION_MACHINE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(later); i++)
		if (strcmp(op->machine->mnemonic, later[i]) == 0)
			return true;
	return false;
}

const struct operation *operation_find(struct asm *a, struct str name)
{
	if (name.n == 0 || memchr(name.p, '&', name.n))
		return NULL;
	return name_intern(a, name)->operation;
}
