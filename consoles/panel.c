#include "consoles/panel.h"

#include <ctype.h>
#include <errno.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "consoles/panel_int.h"

#define TICK_MS	   250
#define LOOK_NS	   1000000000ull /* between two looks at the machines */
#define CONTROL(c) ((c)&31)

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void draw(void *arg)
{
	struct panel *p = arg;

	if (!p->lost)
		panel_draw(p);
}

static void changed(struct panel *p)
{
	loop_defer(p->loop, &p->draw, draw, p);
}

/* ---- the machines */

static int by_number(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0; /* the largest first */
}

static int compare_rows(const void *x, const void *y, void *arg)
{
	const struct panel_row *a = x, *b = y;
	const struct panel *p = arg;
	int order = 0;

	switch (p->sort) {
	case COLUMN_STATE: order = strcmp(a->now.state, b->now.state); break;
	case COLUMN_MIPS: order = by_number(a->mips, b->mips); break;
	case COLUMN_CPU: order = by_number(a->cpu, b->cpu); break;
	case COLUMN_IO: order = by_number(a->io, b->io); break;
	case COLUMN_STORAGE:
		order = by_number((double)a->now.storage, (double)b->now.storage);
		break;
	case COLUMN_USERID:
	case COLUMNS: break;
	}
	if (!order)
		order = strcmp(a->now.userid, b->now.userid);
	return p->reverse ? -order : order;
}

static void sort(struct panel *p)
{
	qsort_r(p->rows, p->row_count, sizeof(p->rows[0]), compare_rows, p);
}

static const struct panel_row *find(const struct panel *p, const char *userid)
{
	for (size_t i = 0; i < p->row_count; i++)
		if (strcmp(p->rows[i].now.userid, userid) == 0)
			return &p->rows[i];
	return NULL;
}

static double rate(uint64_t now, uint64_t then, double seconds)
{
	return now > then ? (double)(now - then) / seconds : 0;
}

/* An owner may give a row again that it has not looked at anew. */
static void measure(const struct panel *p, struct panel_row *r)
{
	const struct panel_row *old = find(p, r->now.userid);
	double seconds;

	if (!old)
		return;
	if (r->now.at_ns <= old->now.at_ns) {
		r->mips = old->mips;
		r->io = old->io;
		r->cpu = old->cpu;
		return;
	}
	seconds = (double)(r->now.at_ns - old->now.at_ns) / 1e9;
	r->mips = rate(r->now.instructions, old->now.instructions, seconds) / 1e6;
	r->io = rate(r->now.io, old->now.io, seconds);
	r->cpu = rate(r->now.cpu_us, old->now.cpu_us, seconds) / 1e4;
}

static void look(struct panel *p)
{
	struct panel_machine *now = calloc(PANEL_ROWS, sizeof(*now));
	struct panel_row *rows = calloc(PANEL_ROWS, sizeof(*rows));
	uint64_t at = now_ns();
	size_t count;

	if (!now || !rows)
		BUG("out of memory");
	p->machine_count = p->source->machines(p->arg, now, PANEL_ROWS);
	count = p->machine_count < PANEL_ROWS ? p->machine_count : PANEL_ROWS;
	for (size_t i = 0; i < count; i++) {
		rows[i].now = now[i];
		rows[i].now.userid[8] = rows[i].now.state[12] = '\0';
		rows[i].now.terminal[16] = '\0';
		if (!rows[i].now.at_ns)
			rows[i].now.at_ns = at;
		measure(p, &rows[i]);
	}
	memcpy(p->rows, rows, count * sizeof(rows[0]));
	p->row_count = count;
	p->looked = at;
	free(now);
	free(rows);
	sort(p);
	if (!p->selected[0] && count)
		strcpy(p->selected, p->rows[0].now.userid);
}

static void look_at_lamps(struct panel *p)
{
	memset(&p->lamps, 0, sizeof(p->lamps));
	p->have_lamps = p->show_lamps && p->selected[0] &&
			p->source->lamps(p->arg, p->selected, &p->lamps);
}

static void choose(struct panel *p, int step)
{
	size_t at = 0, height = panel_table_height(p) - 1;

	if (!p->row_count)
		return;
	while (at < p->row_count && strcmp(p->rows[at].now.userid, p->selected) != 0)
		at++;
	if (at == p->row_count)
		at = 0;
	else
		at = (at + p->row_count + (size_t)(step + (int)p->row_count)) %
		     p->row_count;
	strcpy(p->selected, p->rows[at].now.userid);
	if (at < p->table_top)
		p->table_top = at;
	else if (at >= p->table_top + height)
		p->table_top = at - height + 1;
	look_at_lamps(p);
}

/* ---- the console's lines */

void panel_line(struct panel *p, const char *text, bool alarm)
{
	size_t at = (p->first + p->count) % PANEL_SCROLL;
	char *copy = strdup(text);

	if (!copy)
		BUG("out of memory");
	for (unsigned char *c = (unsigned char *)copy; *c; c++)
		if (*c < 0x20 || *c >= 0x7F)
			*c = *c < 0x20 ? ' ' : '?';
	if (p->count == PANEL_SCROLL) {
		free(p->lines[p->first]);
		p->first = (p->first + 1) % PANEL_SCROLL;
		p->count--;
	}
	p->lines[at] = copy;
	p->alarms[at] = alarm;
	p->count++;
	if (p->back && p->back < p->count) /* what is read stays where it is */
		p->back++;
	if (alarm && !p->lost)
		beep();
	changed(p);
}

static void scroll_back(struct panel *p, bool up)
{
	size_t page = panel_console_height(p) > 1 ? panel_console_height(p) - 1 : 1;

	if (up)
		p->back = p->back + page < p->count ? p->back + page
			  : p->count		    ? p->count - 1
						    : 0;
	else
		p->back = p->back > page ? p->back - page : 0;
}

/* ---- the command line */

static void set_line(struct panel *p, const char *text)
{
	snprintf(p->line, sizeof(p->line), "%s", text);
	p->length = p->cursor = strlen(p->line);
}

static void remember(struct panel *p, const char *line)
{
	char *copy;

	if (p->history_count && strcmp(p->history[p->history_count - 1], line) == 0)
		return;
	copy = strdup(line);
	if (!copy)
		BUG("out of memory");
	if (p->history_count == PANEL_HISTORY) {
		free(p->history[0]);
		memmove(p->history, p->history + 1,
			(PANEL_HISTORY - 1) * sizeof(p->history[0]));
		p->history_count--;
	}
	p->history[p->history_count++] = copy;
}

static void enter(struct panel *p)
{
	char line[PANEL_LINE + 1];

	strcpy(line, p->line);
	set_line(p, "");
	p->back = 0;
	if (line[0])
		remember(p, line);
	p->history_at = p->history_count;
	p->source->command(p->arg, line);
}

static void recall(struct panel *p, bool earlier)
{
	if (earlier && p->history_at > 0)
		p->history_at--;
	else if (!earlier && p->history_at < p->history_count)
		p->history_at++;
	set_line(p, p->history_at < p->history_count ? p->history[p->history_at] : "");
}

static void insert(struct panel *p, int c)
{
	if (p->length == PANEL_LINE)
		return;
	memmove(p->line + p->cursor + 1, p->line + p->cursor, p->length - p->cursor + 1);
	p->line[p->cursor++] = (char)c;
	p->length++;
}

static void erase_at(struct panel *p, size_t at)
{
	if (at >= p->length)
		return;
	memmove(p->line + at, p->line + at + 1, p->length - at);
	p->length--;
}

static void edit_key(struct panel *p, int key)
{
	switch (key) {
	case KEY_LEFT: p->cursor -= p->cursor > 0; break;
	case KEY_RIGHT: p->cursor += p->cursor < p->length; break;
	case KEY_HOME:
	case CONTROL('A'): p->cursor = 0; break;
	case KEY_END:
	case CONTROL('E'): p->cursor = p->length; break;
	case KEY_BACKSPACE:
	case '\b':
	case 0x7F:
		if (p->cursor)
			erase_at(p, --p->cursor);
		break;
	case KEY_DC: erase_at(p, p->cursor); break;
	case CONTROL('U'):
	case CONTROL('C'): set_line(p, ""); break;
	default:
		if (key >= 0x20 && key < 0x7F)
			insert(p, key);
	}
}

static void key_pressed(struct panel *p, int key)
{
	bool helped = p->show_help;

	p->show_help = false;
	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER: enter(p); break;
	case KEY_UP: recall(p, true); break;
	case KEY_DOWN: recall(p, false); break;
	case KEY_PPAGE: scroll_back(p, true); break;
	case KEY_NPAGE: scroll_back(p, false); break;
	case '\t': choose(p, 1); break;
	case KEY_BTAB: choose(p, -1); break;
	case KEY_F(1): p->show_help = !helped; break;
	case KEY_F(4):
		p->show_lamps = !p->show_lamps;
		look_at_lamps(p);
		break;
	case KEY_F(5):
		p->sort = (enum panel_column)((p->sort + 1) % COLUMNS);
		p->table_top = 0;
		sort(p);
		break;
	case KEY_F(6):
		p->reverse = !p->reverse;
		p->table_top = 0;
		sort(p);
		break;
	case CONTROL('L'): clearok(stdscr, TRUE); break;
	default: edit_key(p, key);
	}
}

/* ---- the terminal */

static void lose(struct panel *p)
{
	if (p->lost)
		return;
	p->lost = true;
	loop_timer_stop(p->loop, &p->tick);
	loop_unwatch(p->watch);
	p->watch = NULL;
	p->source->lost(p->arg);
}

static bool is_gone(const struct panel *p)
{
	int waiting;

	return ioctl(p->in, FIONREAD, &waiting) < 0 || !isatty(p->in);
}

static void keys_ready(void *arg, unsigned events)
{
	struct panel *p = arg;
	bool any = false;
	int key;

	(void)events;
	while (!p->lost && (key = getch()) != ERR) {
		any = true;
		if (key != KEY_RESIZE)
			key_pressed(p, key);
	}
	if (!p->lost && !any && is_gone(p))
		lose(p);
	else
		changed(p);
}

static void follow_size(struct panel *p)
{
	struct winsize size;

	if (ioctl(p->in, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 && size.ws_col > 20 &&
	    (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
}

static void tick(void *arg)
{
	struct panel *p = arg;

	if (is_gone(p)) {
		lose(p);
		return;
	}
	follow_size(p);
	if (now_ns() - p->looked >= LOOK_NS)
		look(p);
	look_at_lamps(p);
	changed(p);
	loop_timer_start(p->loop, &p->tick, TICK_MS, tick, p);
}

static bool open_terminal(struct panel *p, const struct panel_options *o,
			  struct error *err)
{
	FILE *in = fdopen(dup(o->in), "r"), *out = fdopen(dup(o->out), "w");

	if (!in || !out || !isatty(o->in)) {
		error_set(err, 0, "the panel needs a terminal");
		goto failed;
	}
	p->screen = newterm(NULL, out, in);
	if (!p->screen) {
		error_set(err, 0, "no terminal of the type TERM=%s", getenv("TERM"));
		goto failed;
	}
	raw();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	return true;
failed:
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return false;
}

struct panel *panel_new(struct loop *loop, const struct panel_options *options,
			const struct panel_source *source, void *arg, struct error *err)
{
	struct panel *p = calloc(1, sizeof(*p));

	if (!p)
		BUG("out of memory");
	p->loop = loop;
	p->source = source;
	p->arg = arg;
	p->in = options->in;
	p->show_lamps = true;
	snprintf(p->title, sizeof(p->title), "%s", options->title);
	if (!open_terminal(p, options, err))
		goto failed;
	p->watch = loop_watch(loop, p->in, LOOP_READ, keys_ready, p, err);
	if (!p->watch)
		goto failed;
	tick(p);
	return p;
failed:
	panel_free(p);
	return NULL;
}

void panel_free(struct panel *p)
{
	if (!p)
		return;
	loop_timer_stop(p->loop, &p->tick);
	loop_undefer(p->loop, &p->draw);
	loop_unwatch(p->watch);
	if (p->screen) {
		if (!p->lost)
			endwin();
		delscreen(p->screen);
	}
	for (size_t i = 0; i < p->count; i++)
		free(p->lines[(p->first + i) % PANEL_SCROLL]);
	for (size_t i = 0; i < p->history_count; i++)
		free(p->history[i]);
	free(p);
}
