#include "cp/commands/document.h"

#include <string.h>

#include "base/compiler.h"
#include "cp/command.h"
#include "cp/vmblok.h"

/* Commands of VM/370 Release 6; those that have come since are left out by itself. */
static const struct {
	const char *name, *why;
} absent[] = {
	{ "ATTACH", "not yet" },
	{ "DCP", "there is no real storage of CP to display" },
	{ "DIAL", "not yet" },
	{ "DISABLE", "not yet" },
	{ "DMCP", "there is no real storage of CP to dump" },
	{ "ENABLE", "not yet" },
	{ "HALT", "real devices are files of the host; there is no channel program to halt" },
	{ "LOADBUF", "text files have no print train; forms are 66 lines" },
	{ "LOADVFCB", "not yet; a guest's own load of the forms buffer works" },
	{ "LOCATE", "control blocks are not at addresses that a user could display" },
	{ "LOCK", "pages of a machine are the host's to keep" },
	{ "NETWORK", "there are no 3704 and 3705 controllers" },
	{ "PER", "not yet" },
	{ "REWIND", "not yet" },
	{ "STCP", "there is no real storage of CP to store into" },
	{ "UNLOCK", "see LOCK" },
	{ "VARY", "not yet" },
};

static const struct cp_command *find(const char *name)
{
	for (const struct cp_command *c = cp_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void put_classes(const struct cp_command *c, FILE *out)
{
	if (c->classes == CLASS_ANY) {
		fputs("any", out);
		return;
	}
	for (unsigned i = 0; i < 8; i++)
		if (c->classes & 0x80u >> i)
			putc('A' + (int)i, out);
}

/* A table's cell: a bar would end it. */
static void put_cell(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '|')
			putc('\\', out);
		putc(*text, out);
	}
}

static void put_row(const struct cp_command *c, FILE *out)
{
	fprintf(out, "| %s | %.*s | ", c->name, (int)c->min, c->name);
	put_classes(c, out);
	fputs(" | `", out);
	put_cell(c->synopsis ? c->synopsis : "(as the one before)", out);
	fputs("` |\n", out);
}

void document_commands(FILE *out)
{
	fputs("# CP commands\n\n"
	      "Made from `cp/commands/table.c` by `make docs`; do not edit. Rows are in the order\n"
	      "in which an abbreviation is looked up. Capitals in the syntax are the shortest\n"
	      "form; HELP shows the same at a terminal. `vm370 cmd DIR 'COMMAND'` gives a command\n"
	      "as the operator.\n\n"
	      "| command | shortest | class | syntax |\n|---|---|---|---|\n", out);
	for (const struct cp_command *c = cp_commands; c->name; c++)
		put_row(c, out);
	fputs("\n## Commands of VM/370 that are not there\n\n| command | why |\n|---|---|\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (!find(absent[i].name))
			fprintf(out, "| %s | %s |\n", absent[i].name, absent[i].why);
	fputs("\n## Where the spool differs from VM/370\n\n"
	      "* Printer 00E and punch 00D are folders of the host (`output/USERID`), class `*` and\n"
	      "  without separators until START says otherwise; reader 00C is the folder `cards` and\n"
	      "  the port of `--card-port`.\n"
	      "* BACKSPAC FILE begins the host file anew instead of writing behind what is there.\n"
	      "* Accounting records go to `accounting.db` (`vm370 accounting DIR`), not to a punch.\n"
	      "* CHARS, FCB, FLASH and MODIFY are kept and shown; no printer uses them.\n", out);
}
