/*
 * asm370 - assemble a file.
 *
 *   asm370 [options] FILE.asm [-o FILE.obj] [-L LISTING] [-I DIR]...
 *
 * COPY members and library macros are looked for in the folders of -I, in the
 * order given, as NAME, NAME.mac, NAME.macro, NAME.copy, NAME.asm, in upper
 * or lower case; then in the libraries of --maclib.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "cms/toolchain/asm370/asm370.h"
#include "cms/toolchain/asm370/control.h"
#include "cms/toolchain/asm370/library.h"

enum { OPTION_MACLIB = 256, OPTION_SYSPARM, OPTION_LONG, OPTION_XREF, OPTION_EBCDIC,
       OPTION_DATE, OPTION_FLAG, OPTION_UPDATE, OPTION_CONTROL };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "listing", required_argument, NULL, 'L' },
	{ "include", required_argument, NULL, 'I' },
	{ "option", required_argument, NULL, 'O' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "maclib", required_argument, NULL, OPTION_MACLIB },
	{ "sysparm", required_argument, NULL, OPTION_SYSPARM },
	{ "long-names", no_argument, NULL, OPTION_LONG },
	{ "xref", required_argument, NULL, OPTION_XREF },
	{ "ebcdic", no_argument, NULL, OPTION_EBCDIC },
	{ "date", required_argument, NULL, OPTION_DATE },
	{ "flag", required_argument, NULL, OPTION_FLAG },
	{ "update", required_argument, NULL, OPTION_UPDATE },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: asm370 [options] FILE\n"
	"  -o FILE, --output FILE    object deck (default: FILE with .obj)\n"
	"  -L FILE, --listing FILE   listing; - is standard output\n"
	"  -I DIR, --include DIR     folder of COPY members and macros\n"
	"  --maclib FILE             CMS MACLIB\n"
	"  -O OPTION                 an option of Assembler XF or its NO form: DECK ESD\n"
	"                            RLD ALIGN ALOGIC MLOGIC MCALL LIBMAC RENT TEST NUM\n"
	"                            STMT YFLAG; XREF(FULL) or (SHORT)\n"
	"  --xref none|short|full    cross reference (default short)\n"
	"  --sysparm TEXT            value of &SYSPARM\n"
	"  --long-names              names up to 63 characters\n"
	"  --ebcdic                  FILE is 80-byte EBCDIC records\n"
	"  --date YYYY-MM-DD         instead of today\n"
	"  --update FILE             UPDATE file to apply first; may be repeated\n"
	"  --control FILE            CNTRL file, as VMFASM takes it: applies the updates\n"
	"                            and AUX files beside the source, searches its\n"
	"                            MACLIBs, names the deck .text or .txtLEVEL\n"
	"  --flag N                  list diagnostics from severity N\n"
	"  -q, --quiet               no diagnostics on standard error\n";

struct program {
	struct asm370_options options;
	struct library library;
	const char *source, *deck, *listing;
	char deck_name[4096];
	char sysdate[16], systime[16], deck_date[16];
	enum asm370_encoding encoding;
	bool quiet;
	const char *control;
	struct control applied;
	const char *updates[64];
	unsigned update_count;
};

static void set_date(struct program *p, const struct tm *tm)
{
	strftime(p->sysdate, sizeof(p->sysdate), "%m/%d/%y", tm);
	strftime(p->systime, sizeof(p->systime), "%H.%M", tm);
	strftime(p->deck_date, sizeof(p->deck_date), "%y%j", tm);
	p->options.sysdate = p->sysdate;
	p->options.systime = p->systime;
	p->options.deck_date = p->deck_date;
}

static bool parse_date(struct program *p, const char *text)
{
	struct tm tm = { .tm_mday = 1 };

	if (!strptime(text, "%Y-%m-%d", &tm))
		return false;
	mktime(&tm);
	set_date(p, &tm);
	return true;
}

static bool xf_option(struct asm370_options *o, const char *name)
{
	const struct {
		const char *name;
		bool *flag;
	} rows[] = {
		{ "DECK", &o->deck },	  { "ESD", &o->esd },	    { "RLD", &o->rld },
		{ "ALIGN", &o->align },	  { "ALOGIC", &o->alogic }, { "MLOGIC", &o->mlogic },
		{ "MCALL", &o->mcall },	  { "LIBMAC", &o->libmac }, { "RENT", &o->rent },
		{ "TEST", &o->test },	  { "NUM", &o->num },	    { "STMT", &o->stmt },
		{ "YFLAG", &o->yflag },	  { "LIST", &o->list },
	};
	bool on = strncmp(name, "NO", 2) != 0;

	if (strcmp(name, "XREF(FULL)") == 0 || strcmp(name, "XREF(SHORT)") == 0 ||
	    strcmp(name, "NOXREF") == 0) {
		o->xref = name[0] == 'N'   ? ASM370_XREF_NONE
			  : name[5] == 'F' ? ASM370_XREF_FULL
					   : ASM370_XREF_SHORT;
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, on ? name : name + 2) == 0) {
			*rows[i].flag = on;
			return true;
		}
	return false;
}

static bool parse_option(struct program *p, int c, const char *arg, struct error *err)
{
	switch (c) {
	case 'o': p->deck = arg; return true;
	case 'L': p->listing = arg; return true;
	case 'I': return library_add_folder(&p->library, arg, err);
	case 'q': p->quiet = true; return true;
	case OPTION_MACLIB: return library_add_maclib(&p->library, arg, err);
	case OPTION_SYSPARM: p->options.sysparm = arg; return true;
	case OPTION_LONG: p->options.long_names = true; return true;
	case OPTION_EBCDIC: p->encoding = ASM370_CARDS; return true;
	case OPTION_CONTROL: p->control = arg; return true;
	case OPTION_UPDATE:
		if (p->update_count == ARRAY_SIZE(p->updates)) {
			error_set(err, 0, "too many updates");
			return false;
		}
		p->updates[p->update_count++] = arg;
		return true;
	case OPTION_FLAG: p->options.flag = (unsigned)atoi(arg); return true;
	case OPTION_XREF:
		p->options.xref = strcmp(arg, "full") == 0 ? ASM370_XREF_FULL
				  : strcmp(arg, "none") == 0 ? ASM370_XREF_NONE
							     : ASM370_XREF_SHORT;
		return true;
	case OPTION_DATE:
		if (parse_date(p, arg))
			return true;
		error_set(err, 0, "--date %s: not a date as 1979-05-31", arg);
		return false;
	case 'O':
		if (xf_option(&p->options, arg))
			return true;
		error_set(err, 0, "-O %s: no such option", arg);
		return false;
	default: error_set(err, 0, "wrong command line, see --help"); return false;
	}
}

static bool write_file(const char *name, const void *p, size_t n, struct error *err)
{
	FILE *f = strcmp(name, "-") == 0 ? stdout : fopen(name, "wb");
	bool ok;

	if (!f) {
		error_errno(err, errno, "%s", name);
		return false;
	}
	ok = fwrite(p, 1, n, f) == n;
	if ((f == stdout ? fflush(f) : fclose(f)) != 0)
		ok = false;
	if (!ok)
		error_errno(err, errno, "%s", name);
	return ok;
}

static void print_diagnostics(const struct program *p, const struct asm370_result *r)
{
	for (size_t i = 0; i < r->diagnostic_count; i++) {
		const struct asm370_diagnostic *d = &r->diagnostics[i];

		if (d->severity < p->options.flag)
			continue;
		fprintf(stderr, "%s:%u: IFO%03u %u %s\n    %s\n",
			d->file ? d->file : p->source, d->line, d->number, d->severity,
			d->text, d->source);
	}
}

/* The ending of a deck: VMFASM's TEXT or TXTlevel, or .obj. */
static const char *deck_ending(const struct program *p, char out[16])
{
	const char *level = p->applied.level;

	if (!p->control)
		return ".obj";
	snprintf(out, 16, strcmp(level, "TEXT") == 0 ? ".%s" : ".txt%s", level);
	for (char *q = out; *q; q++)
		*q = (char)tolower((unsigned char)*q);
	return out;
}

static const char *deck_file(struct program *p)
{
	const char *dot = strrchr(p->source, '.');
	const char *slash = strrchr(p->source, '/');
	size_t n = strlen(p->source);
	char ending[16];

	if (p->deck)
		return p->deck;
	if (dot && (!slash || dot > slash))
		n = (size_t)(dot - p->source);
	snprintf(p->deck_name, sizeof(p->deck_name), "%.*s%s", (int)n, p->source,
		 deck_ending(p, ending));
	return p->deck_name;
}

/* The deck, with comment cards in front that say which updates are in it. */
static bool write_deck(struct program *p, const struct asm370_result *r, struct error *err)
{
	const char *line = p->applied.log, *end;
	size_t n = 0, size = p->applied.log_size * ASM370_CARD / 9 + r->deck_size;
	uint8_t *deck;
	bool ok;

	if (!line)
		return write_file(deck_file(p), r->deck, r->deck_size, err);
	deck = malloc(size + 1);
	if (!deck) {
		error_set(err, ENOMEM, "memory ran out");
		return false;
	}
	for (; *line; line = end + 1, n += ASM370_CARD) {
		end = strchr(line, '\n');
		memset(deck + n, EBCDIC_SPACE, ASM370_CARD);
		ebcdic_from_latin1(&codepage_037, deck + n, line, (size_t)(end - line));
	}
	if (r->deck_size)
		memcpy(deck + n, r->deck, r->deck_size);
	ok = write_file(deck_file(p), deck, n + r->deck_size, err);
	free(deck);
	return ok;
}

static bool write_results(struct program *p, const struct asm370_result *r,
			  struct error *err)
{
	if (!p->quiet)
		print_diagnostics(p, r);
	if (p->listing && !write_file(p->listing, r->listing, r->listing_size, err))
		return false;
	return !p->options.deck || write_deck(p, r, err);
}

/* NAME.maclib beside the control file, in upper or lower case. */
static bool add_maclib(struct program *p, const char *name, struct error *err)
{
	static const char *const forms[] = { "%.*s%s.MACLIB", "%.*s%s.maclib" };
	const char *slash = strrchr(p->control, '/');
	int n = slash ? (int)(slash + 1 - p->control) : 0;
	char path[4096], word[9];

	for (unsigned lower = 0; lower < 2; lower++) {
		for (size_t i = 0; i < sizeof(word); i++)
			word[i] = lower ? (char)tolower((unsigned char)name[i]) : name[i];
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
			snprintf(path, sizeof(path), forms[i], n, p->control, word);
			if (access(path, R_OK) == 0)
				return library_add_maclib(&p->library, path, err);
		}
	}
	return true; /* its members may come from the folders of -I */
}

static bool apply_updates(struct program *p, struct asm370_source *source,
			  struct error *err)
{
	if (p->control && !control_apply(p->control, p->source, source, &p->applied, err))
		return false;
	for (unsigned i = 0; i < p->applied.library_count; i++)
		if (!add_maclib(p, p->applied.libraries[i], err))
			return false;
	for (unsigned i = 0; i < p->update_count; i++)
		if (!control_update(p->updates[i], source, err))
			return false;
	return true;
}

static int run(struct program *p, struct error *err)
{
	struct asm370_source source = { .name = p->source, .encoding = p->encoding };
	struct asm370_result result;
	int rc = 20;
	void *data = library_read_file(p->source, &source.size, err);

	if (!data)
		return rc;
	source.data = data;
	if (!apply_updates(p, &source, err)) {
		free((void *)source.data);
		return rc;
	}
	p->options.list = p->listing != NULL;
	p->options.include = library_find;
	p->options.ctx = &p->library;
	if (!asm370_assemble(&source, &p->options, &result))
		error_set(err, ENOMEM, "%s: memory ran out", p->source);
	else if (write_results(p, &result, err))
		rc = (int)(result.severity > 20 ? 20 : result.severity);
	asm370_release(&result);
	free((void *)source.data);
	return rc;
}

/* Exit status: highest severity of a diagnostic, at most 20. */
int main(int argc, char **argv)
{
	struct program p = { .quiet = false };
	struct error err = { 0, "" };
	time_t now = time(NULL);
	struct tm tm;
	int c, rc = 20;

	asm370_defaults(&p.options);
	set_date(&p, localtime_r(&now, &tm));
	while ((c = getopt_long(argc, argv, "o:L:I:O:qh", long_options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (!parse_option(&p, c, optarg, &err))
			break;
	}
	if (!err.text[0] && optind + 1 != argc)
		error_set(&err, 0, "give one source file, see --help");
	if (!err.text[0]) {
		p.source = argv[optind];
		rc = run(&p, &err);
	}
	if (err.text[0])
		fprintf(stderr, "asm370: %s\n", err.text);
	library_release(&p.library);
	control_release(&p.applied);
	return rc;
}
