#include <ncurses.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "consoles/panel_int.h"

#define WIDE	  150 /* columns from which registers go on one line */
#define LOW	  16  /* lines; below there is no place for lamps */
#define TERMINALS 96  /* and from which there is a column for terminals */

static size_t lamps_height(const struct panel *p)
{
	return !p->show_lamps || LINES < LOW ? 0 : COLS >= WIDE ? 3 : 4;
}

/* A quarter of the screen for the table, more if it is high; all rows if few. */
size_t panel_table_height(const struct panel *p)
{
	size_t most = (size_t)LINES / (LINES >= 40 ? 3 : 4);

	if (most < 2)
		most = 2;
	return p->row_count + 1 < most ? p->row_count + 1 : most;
}

size_t panel_console_height(const struct panel *p)
{
	size_t used = 3 + panel_table_height(p) + lamps_height(p);

	return (size_t)LINES > used + 1 ? (size_t)LINES - used : 1;
}

static void bar(int y, const char *left, const char *right)
{
	attron(A_REVERSE);
	mvhline(y, 0, ' ', COLS);
	mvaddnstr(y, 1, left, COLS - 1);
	if ((int)(strlen(left) + strlen(right)) + 3 <= COLS)
		mvaddstr(y, COLS - 1 - (int)strlen(right), right);
	attroff(A_REVERSE);
}

static void draw_title(const struct panel *p)
{
	static const char *const by[COLUMNS] = {
		[COLUMN_USERID] = "userid", [COLUMN_STATE] = "state",
		[COLUMN_MIPS] = "MIPS",	    [COLUMN_CPU] = "CPU%",
		[COLUMN_IO] = "I/O",	    [COLUMN_STORAGE] = "storage",
	};
	size_t height = panel_table_height(p) - 1;
	char left[120], right[16], shown[40] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (height < p->row_count)
		snprintf(shown, sizeof(shown), ", %zu-%zu", p->table_top + 1,
			 p->table_top + height);
	snprintf(left, sizeof(left), "%s   %zu virtual machines%s by %s%s", p->title,
		 p->machine_count, shown, by[p->sort], p->reverse ? ", last first" : "");
	strftime(right, sizeof(right), "%H:%M:%S", localtime_r(&now, &tm));
	bar(0, left, right);
}

static void heading(int y, int x, const char *text, bool sorted)
{
	if (sorted)
		attron(A_BOLD);
	attron(A_UNDERLINE);
	mvaddstr(y, x, text);
	attroff(A_UNDERLINE | A_BOLD);
}

static const struct {
	int x;
	const char *text;
} headings[COLUMNS] = {
	[COLUMN_USERID] = {1,   "USERID  "	  },
	     [COLUMN_STATE] = { 10, "STATE       "},
	[COLUMN_MIPS] = { 41, "    MIPS"	 },
	     [COLUMN_CPU] = { 50, "  CPU%"	   },
	[COLUMN_IO] = { 57, "    I/O/s"	},
	     [COLUMN_STORAGE] = { 67, "   STORAGE"  },
};

static void storage_text(char *out, size_t size, uint64_t bytes)
{
	if (bytes >= 10u << 20)
		snprintf(out, size, "%9lluM", (unsigned long long)(bytes >> 20));
	else
		snprintf(out, size, "%9lluK", (unsigned long long)(bytes >> 10));
}

static void draw_machine(const struct panel *p, int y, const struct panel_row *r)
{
	bool selected = strcmp(r->now.userid, p->selected) == 0;
	char storage[24];

	storage_text(storage, sizeof(storage), r->now.storage);
	if (selected)
		attron(A_BOLD);
	mvprintw(y, 0, "%c%-8.8s %-12.12s %08X %08X %8.2f %6.1f %9.1f %s",
		 selected ? '>' : ' ', r->now.userid, r->now.state, be32(r->now.psw),
		 be32(r->now.psw + 4), r->mips, r->cpu, r->io, storage);
	if (COLS >= TERMINALS)
		printw(" %s", r->now.terminal);
	if (selected)
		attroff(A_BOLD);
}

static void draw_table(struct panel *p)
{
	size_t height = panel_table_height(p) - 1;

	for (int i = 0; i < COLUMNS; i++)
		heading(1, headings[i].x, headings[i].text, (int)p->sort == i);
	heading(1, 23, "PSW              ", false);
	if (COLS >= TERMINALS)
		heading(1, 78, "TERMINAL        ", false);
	if (p->table_top + height > p->row_count)
		p->table_top = p->row_count > height ? p->row_count - height : 0;
	draw_title(p);
	for (size_t i = 0; i < height && p->table_top + i < p->row_count; i++)
		draw_machine(p, 2 + (int)i, &p->rows[p->table_top + i]);
}

static void lamp(const char *name, bool on)
{
	if (getcurx(stdscr) + (int)strlen(name) + 2 >= COLS)
		return;
	attron(on ? A_REVERSE | A_BOLD : A_DIM);
	printw(" %s ", name);
	attroff(A_REVERSE | A_BOLD | A_DIM);
	addch(' ');
}

static void registers(int y, const char *name, const uint32_t *values, unsigned from,
		      unsigned count)
{
	mvprintw(y, 1, "%s%-2u ", name, from);
	for (unsigned i = 0; i < count && 5 + 9 * ((int)i + 1) <= COLS; i++)
		printw("%08X%s", values[from + i], i + 1 < count ? " " : "");
}

static void draw_lamps(const struct panel *p, int y)
{
	const struct panel_lamps *l = &p->lamps;

	if (!lamps_height(p))
		return;
	mvhline(y, 0, '-', COLS);
	if (!p->have_lamps) {
		mvprintw(y + 1, 1, "No CPU: choose a machine with the TAB key");
		return;
	}
	mvprintw(y + 1, 1, "%-8s PSW %08X %08X  ", p->selected, be32(l->psw),
		 be32(l->psw + 4));
	lamp("SYS", l->system);
	lamp("MAN", l->manual);
	lamp("WAIT", l->wait);
	lamp("TEST", l->test);
	lamp("LOAD", l->load);
	if (COLS >= WIDE) {
		registers(y + 2, "R", l->gr, 0, 16);
	} else {
		registers(y + 2, "R", l->gr, 0, 8);
		registers(y + 3, "R", l->gr, 8, 8);
	}
}

/* Rows that a console line takes when it is wrapped. */
static size_t wrapped(const char *line)
{
	size_t n = strlen(line);

	return n ? (n - 1) / (size_t)COLS + 1 : 1;
}

static void draw_line(const char *line, bool alarm, int top, int y)
{
	size_t n = strlen(line), width = (size_t)COLS;

	if (alarm)
		attron(A_BOLD);
	for (size_t at = 0; at == 0 || at < n; at += width, y++)
		if (y >= top)
			mvaddnstr(y, 0, line + at,
				  (int)(n - at < width ? n - at : width));
	if (alarm)
		attroff(A_BOLD);
}

/* From the bottom upwards, the newest line (or the one scrolled to) last. */
static void draw_console(const struct panel *p, int top, size_t height)
{
	int y = top + (int)height;

	for (size_t i = p->count - p->back; i > 0 && y > top; i--) {
		size_t at = (p->first + i - 1) % PANEL_SCROLL;

		y -= (int)wrapped(p->lines[at]);
		draw_line(p->lines[at], p->alarms[at], top, y);
	}
}

static const char *const help[] = {
	"ENTER      enter the command     UP DOWN   earlier commands",
	"PGUP PGDN  scroll the console    HOME END  ends of the command",
	"TAB S-TAB  choose a machine      F4        lamps on or off",
	"F5         sort by next column   F6        other direction",
	"CTRL-U     erase the command     CTRL-L    paint everything again",
	"F1         this help",
};

static void draw_help(void)
{
	int count = (int)(sizeof(help) / sizeof(help[0])), top = (LINES - count - 2) / 2;

	for (int i = -1; i <= count; i++) {
		attron(A_REVERSE);
		mvhline(top + 1 + i, 4, ' ', COLS - 8);
		if (i >= 0 && i < count)
			mvaddnstr(top + 1 + i, 6, help[i], COLS - 12);
		attroff(A_REVERSE);
	}
}

static void draw_command(const struct panel *p)
{
	size_t room = COLS > 8 ? (size_t)COLS - 6 : 2;
	size_t from = p->cursor >= room ? p->cursor - room + 1 : 0;

	mvaddstr(LINES - 1, 0, "===> ");
	addnstr(p->line + from, (int)room);
	move(LINES - 1, 5 + (int)(p->cursor - from));
}

void panel_draw(struct panel *p)
{
	size_t table = panel_table_height(p), lamps = lamps_height(p);
	size_t console = panel_console_height(p);
	char right[32] = "F1 help";
	int y;

	erase();
	draw_table(p);
	y = 1 + (int)table;
	draw_lamps(p, y);
	y += (int)lamps;
	if (p->back)
		snprintf(right, sizeof(right), "%zu lines back", p->back);
	bar(y, "Console", right);
	draw_console(p, y + 1, console);
	if (p->show_help)
		draw_help();
	draw_command(p);
	refresh();
}
