#include "cp/commands/document.h"

#include <string.h>

#include "base/compiler.h"
#include "cp/command.h"
#include "cp/vmblok.h"

/*
 * Commands of VM/370 Release 6 and its Community Edition; those that have come since are
 * left out by itself.
 */
static const struct {
	const char *name, *why;
} absent[] = {
	{ "DCP", "there is no real storage of CP to display" },
	{ "DMCP", "there is no real storage of CP to dump" },
	{ "HALT", "real devices are files of the host; there is no channel program to halt" },
	{ "HCP", "commands to the hypervisor under VM/370 (Community Edition); there is none" },
	{ "LOADBUF", "text files have no print train; forms are 66 lines" },
	{ "LOCATE", "control blocks are not at addresses that DCP could display; QUERY raddr, "
		    "QUERY SYSTEM and QUERY userid tell who has what" },
	{ "LOCK", "pages of a machine are the host's to keep" },
	{ "NETWORK", "there are no 3704 and 3705 controllers" },
	{ "STCP", "there is no real storage of CP to store into" },
	{ "UNLOCK", "see LOCK" },
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
	fputs("\n## Debugging, and where it differs from VM/370\n\n"
	      "* TRACE changes nothing in storage: shared segments stay shared, and instructions\n"
	      "  that look at the next one see what is there. The real CCWs of TRACE CCW are those\n"
	      "  that the machine's channel executes, at their real addresses; a seek shows the\n"
	      "  cylinder on the volume. A T-disk has no real address to show.\n"
	      "* DISPLAY, STORE and DUMP work on the machine's real storage, as there.\n"
	      "* VMDUMP writes records of its own (`cp/commands/dump.c` describes them), class V.\n"
	      "* PER is that of the Community Edition, with VM/SP's words INSTRUCT, PASS, TABLE and\n"
	      "  COUNT (how often each element was shown). It leaves control registers 9-11 to the\n"
	      "  guest, whose own program-event recording goes on. A register counts when its value\n"
	      "  changed. There are no blips behind 10000 events that show nothing, and several\n"
	      "  ranges cause no spurious ones. Pages are stamped with the machine's CPU time.\n"
	      "\n## Machines that talk to each other\n\n"
	      "* IUCV (X'B2F0') is VM/SP's, for guests that know it, with the buffer lists of later\n"
	      "  systems. Of the services of CP there is *MSG: after SET MSG IUCV (SET WNG IUCV)\n"
	      "  messages go to the program as one-way messages of class 1 (2): eight bytes of who\n"
	      "  sends, then the text; to the screen as long as there is no path or it is at its\n"
	      "  limit. A user needs IUCV *MSG in the directory. There are no *LOGREC, *BLOCKIO,\n"
	      "  *SPL and their like, no APPC, and TEST MESSAGE does not wait.\n"
	      "\n## Shares, load and monitor\n\n"
	      "* SET SHARE is z/VM's. A share counts while machines compete; percentages are of all\n"
	      "  CPUs that vm370 may use. SET PRIORITY nn is a relative share of 2 x (100 - nn), SET\n"
	      "  FAVORED nn an absolute one of nn %, without a number a relative one of 10000.\n"
	      "  LIMITHARD caps a machine, LIMITSOFT while others want its CPU.\n"
	      "* The storage a machine may have is the directory's maximum.\n"
	      "* INDICATE and QUERY PAGING: the host pages. Resident is what it has in memory;\n"
	      "  nobody waits for pages or disks, so there are no E1 and E2 lists either.\n"
	      "* MONITOR START SPOOL writes `monitor/mon-DATE-TIME.csv` in the data directory, START\n"
	      "  TAPE the same lines to a tape, a block of EBCDIC each. There is no\n"
	      "  CPTRACE. What an interval records, in columns that the first line names:\n\n"
	      "  | class | a line for | what |\n  |---|---|---|\n"
	      "  | PERFORM | the system | users, CPU and storage used, machines in Q1 and Q2, page "
	      "faults of the host |\n"
	      "  | RESPONSE | each user | lines entered, lines written, those answered, mean and "
	      "longest time to the first line of an answer |\n"
	      "  | SCHEDULE | each user | queue, share |\n"
	      "  | USER | each user | CPU time, I/O, cards and lines, storage resident |\n"
	      "  | INSTSIM | each user | instructions, DIAGNOSEs, interruptions by kind, "
	      "privileged-operation exceptions |\n"
	      "  | DASTAP | each volume and tape drive used | users, channel programs |\n"
	      "  | SEEKS | each volume | channel programs, seeks to another cylinder, cylinders "
	      "moved |\n"
	      "  | SYSPROF | the process | CPU time, peak storage, context switches |\n\n"
	      "* Accounting: 01 user, 02 dedicated device, 03 T-disk (count: cylinders), 04 wrong\n"
	      "  password, 05 LINK made, 06 LINK refused, C0 the user's own; as CSV by\n"
	      "  `vm370 accounting DIR`.\n"
	      "\n## Settings that are kept and have no effect here\n\n"
	      "| setting | why |\n|---|---|\n"
	      "| SET ISAM | channel programs that change themselves always work |\n"
	      "| SET AUTOPOLL | a channel program that polls is executed as the guest wrote it, "
	      "changes and all |\n"
	      "| SET PAGEX | a machine's pages are always there: no pseudo page fault comes |\n"
	      "| SET RESERVE | pages are the host's to keep; accepted as CP does |\n"
	      "| SET ASSIST, SASSIST, CPASSIST | the processor has no such assists: ON answers 184E, "
	      "187E, 186E |\n"
	      "| SET AFFINITY | there is no attached processor: 189E |\n"
	      "| SET NOTRANS | there is no virtual=real area: 003E |\n"
	      "\nSET JOURNAL is a matter of this run of CP, as there: the next start journals again.\n"
	      "QUERY of an address is, for class B, the system's device; if the system has none, the\n"
	      "user's own (there: 040E).\n"
	      "\n## Operands that are not there\n\n"
	      "| operand | why |\n|---|---|\n"
	      "| QUERY DUMP, SET DUMP | CP is a process of the host, which keeps its dumps |\n"
	      "| SET RECORD, SET MODE | errors of real devices and processors are the host's |\n"
	      "| QUERY AFFINITY | there is no attached processor |\n"
	      "| QUERY ALLOC, MAX, SET PRIV, STBYPASS | of the Community Edition; nothing is "
	      "allocated on CP-owned volumes, the listener bounds the users |\n"
	      "| ATTACH and DETACH of CHANNEL | the system's devices are on no channels |\n"
	      "| ENABLE and DISABLE of a terminal | it has no address before a client is there; "
	      "lines of `lines.conf` have one |\n"
	      "| VARY PROCESSOR | processors are the host's |\n"
	      "\n## Real lines\n\n"
	      "* `lines.conf` names them: address, type (2701, 2702, 2703, TCPNJE) and the words "
	      "of s370,\n"
	      "  which are those of Hercules. ATTACH, DEDICATE, DETACH, VARY and QUERY LINES know "
	      "them; a\n"
	      "  port is open while its line is attached, or enabled for terminals to log on at.\n"
	      "* VARY ONLINE reads `lines.conf` again. DEFINE of another address ends the call.\n"
	      "* ENABLE ALL enables every start/stop line that nobody has; BSC lines are no "
	      "terminals' (006E).\n"
	      "\n## DIAGNOSE codes that never succeed here\n\n"
	      "| code | why |\n|---|---|\n"
	      "| X'04' | there is no real storage of CP to examine: addressing exception |\n"
	      "| X'30' | errors of real devices are the host's: there are no recording cylinders |\n"
	      "| X'50' | there are no 3704 and 3705 controllers: 44 |\n"
	      "| X'74' | there is no 3800 printer: name not found |\n"
	      "| X'78' | there is no mass storage system |\n"
	      "| X'84' | the directory is a file of the host; after a change, DIRECT |\n", out);
}
