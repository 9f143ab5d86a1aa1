#include "cp/termset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "base/log.h"
#include "cp/args.h"
#include "cp/output.h"
#include "cp/spool.h"
#include "cp/times.h"
#include "cp/vmblok.h"

#define TABCHAR_ON  (char)0xA6 /* the broken bar, X'6A' */
#define STOP_MAX    136	       /* a column behind the input area of a model 2 */
#define PRINT_SPACE 0x09       /* write, space 1 line */

void termset_init(struct termset *t)
{
	*t = (struct termset){ .tabchar = TABCHAR_ON, .more_s = TERMSET_MORE,
			       .clear_s = TERMSET_CLEAR };
}

void termset_release(struct termset *t)
{
	for (unsigned i = 0; i < TERMSET_PF_KEYS; i++)
		free(t->pf[i]);
}

/* ---- telling the terminal */

static bool begins(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0');
}

static void tell_pf(struct vmblok *vm, unsigned n)
{
	const struct pf_key *pf = vm->term.pf[n - 1];
	const char *text = pf ? pf->text : "";
	uint8_t bytes[CP_LINE_MAX];
	enum console_pf kind;

	if (!pf)
		kind = CONSOLE_PF_OFF;
	else if (strcasecmp(text, "RETRIEVE") == 0 || strcasecmp(text, "RECALL") == 0)
		kind = CONSOLE_PF_RETRIEVE;
	else if (begins(text, "COPY") && strlen(text) <= 8)
		kind = CONSOLE_PF_COPY;
	else
		kind = pf->immediate ? CONSOLE_PF_IMMED : CONSOLE_PF_DELAYED;
	if (kind == CONSOLE_PF_COPY)
		text += strlen("COPY");
	if (pf && pf->is_tab) {
		console_set_pf(vm->console, n, CONSOLE_PF_TAB, pf->stops, pf->tabs);
		return;
	}
	ebcdic_from_latin1(&codepage_bracket, bytes, text, strlen(text));
	console_set_pf(vm->console, n, kind, bytes, strlen(text));
}

void termset_apply(struct vmblok *vm)
{
	const struct termset *t = &vm->term;
	struct console_terminal c = {
		.charset = t->charset, .no_hold = t->no_hold, .mask = t->mask,
		.pa2 = t->pa2 && t->charset == CONSOLE_APL,
		.quiet_attention = t->quiet_attention,
	};

	if (!vm->console)
		return;
	if (t->tabchar)
		ebcdic_from_latin1(&codepage_bracket, &c.tabchar, &t->tabchar, 1);
	console_set_terminal(vm->console, &c);
	console_set_mode_cp(vm->console, t->mode_cp);
	console_set_highlight(vm->console, t->highlight);
	console_set_more(vm->console, t->more_s, t->clear_s);
	console_set_linesize(vm->console, t->linesize);
}

void termset_begin(struct vmblok *vm)
{
	struct termset *t = &vm->term;

	t->linesize = 0;
	t->charset = CONSOLE_PLAIN;
	t->highlight = t->mask = t->quiet_attention = false;
	termset_apply(vm);
	for (unsigned n = 1; vm->console && n <= TERMSET_PF_KEYS; n++)
		tell_pf(vm, n);
}

/* ---- PF keys */

static int by_column(const void *a, const void *b)
{
	return *(const uint8_t *)a - *(const uint8_t *)b;
}

/* Stops in any order; words that are none are passed over, as VM/370 does. */
static void take_stops(struct pf_key *pf, const char *text)
{
	struct args args;
	const char *word;
	uint32_t column;
	size_t kept = 0;

	args_init(&args, text);
	while ((word = args_word(&args)) != NULL)
		if (args_decimal(word, STOP_MAX, &column) && column >= 2)
			pf->stops[pf->tabs++] = (uint8_t)column;
	qsort(pf->stops, pf->tabs, 1, by_column);
	for (size_t i = 0; i < pf->tabs; i++)
		if (i == 0 || pf->stops[i] != pf->stops[kept - 1])
			pf->stops[kept++] = pf->stops[i];
	pf->tabs = kept;
}

void termset_pf(struct vmblok *vm, unsigned n, int immediate, const char *text)
{
	struct pf_key **at = &vm->term.pf[n - 1], *pf = *at;

	if (*text || immediate < 0) {
		free(pf);
		*at = pf = NULL;
	}
	if (*text) {
		*at = pf = calloc(1, sizeof(*pf));
		if (!pf)
			BUG("no memory for a PF key");
		pf->is_tab = begins(text, "TAB");
		if (pf->is_tab)
			take_stops(pf, text + strlen("TAB"));
		else
			snprintf(pf->text, sizeof(pf->text), "%s", text);
	}
	if (pf)
		pf->immediate = immediate > 0;
	if (vm->console)
		tell_pf(vm, n);
}

void termset_pf_line(const struct vmblok *vm, unsigned n, char line[160])
{
	const struct pf_key *pf = vm->term.pf[n - 1];
	int length;

	if (!pf) {
		snprintf(line, 160, "PF%02u UNDEFINED", n);
		return;
	}
	length = snprintf(line, 160, "PF%02u %s %.130s", n, pf->immediate ? "IMMED" : "DELAY",
			  pf->is_tab ? "TAB 1" : pf->text);
	for (size_t i = 0; i < pf->tabs && length < 150; i++)
		length += snprintf(line + length, 160 - (size_t)length, " %u", pf->stops[i]);
}

/* ---- the rest */

const char *termset_stamp(const struct vmblok *vm, char out[16])
{
	char text[CP_DATE_SIZE];

	out[0] = '\0';
	if (vm->term.timestamp)
		snprintf(out, 16, "%.8s ", times_clock(text));
	return out;
}

/* Rows as lines of print, blanks at the end left out (one stays). */
static bool print_screen(struct spool_writer *w, const uint8_t *screen, unsigned rows,
			 unsigned columns, struct error *err)
{
	for (unsigned row = 0; row < rows; row++) {
		const uint8_t *line = screen + (size_t)row * columns;
		size_t n = columns < SPOOL_RECORD_MAX ? columns : SPOOL_RECORD_MAX;

		while (n > 1 && (line[n - 1] == EBCDIC_SPACE || line[n - 1] == 0))
			n--;
		if (!spool_write(w, PRINT_SPACE, line, n, err))
			return false;
	}
	return true;
}

static bool print(struct vmblok *vm, struct error *err)
{
	struct spool_file file = { .queue = SPOOL_PRT, .class = 'A', .type = "PRT",
				   .copies = 1, .name = "SCREEN", .ftype = "COPY" };
	unsigned rows, columns;
	const uint8_t *screen = console_screen(vm->console, &rows, &columns);
	struct spool_writer *w;

	if (!screen || !spool_room(vm->cp->spool, vm->userid, err))
		return false;
	w = spool_write_begin(vm->cp->spool, err);
	if (!w)
		return false;
	if (!print_screen(w, screen, rows, columns, err)) {
		spool_write_abandon(w);
		return false;
	}
	snprintf(file.owner, sizeof(file.owner), "%s", vm->userid);
	snprintf(file.origin, sizeof(file.origin), "%s", vm->userid);
	snprintf(file.dist, sizeof(file.dist), "%s", vm->user->distcode);
	return spool_write_close(w, &file, err);
}

bool termset_copy(struct vmblok *vm, const char *where)
{
	struct error err = { 0, "no screen" };
	struct output_device *printer;
	struct args args;
	const char *word;
	uint16_t raddr;

	args_init(&args, where);
	word = args_word(&args);
	if (word) {
		printer = args_vaddr(word, &raddr) ? output_find(vm->cp->output, raddr) : NULL;
		if (!printer || output_queue(printer) != SPOOL_PRT)
			return false;
	}
	if (vm->logged_on && print(vm, &err))
		return true;
	log_warn(vm->userid, "PF key COPY: %s", err.text);
	return false;
}
