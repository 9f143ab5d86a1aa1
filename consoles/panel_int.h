/*
 * consoles/panel_int.h - what panel.c (terminal, keys, data) and panel_view.c
 * (drawing) share.
 */
#ifndef CONSOLES_PANEL_INT_H
#define CONSOLES_PANEL_INT_H

#include "consoles/panel.h"

#define PANEL_ROWS    1024 /* machines looked at */
#define PANEL_SCROLL  5000 /* console lines kept */
#define PANEL_HISTORY 100
#define PANEL_LINE    240 /* characters of a command */

enum panel_column {
	COLUMN_USERID,
	COLUMN_STATE,
	COLUMN_MIPS,
	COLUMN_CPU,
	COLUMN_IO,
	COLUMN_STORAGE,
	COLUMNS
};

/* A machine, and how much it did since the last look. */
struct panel_row {
	struct panel_machine now;
	double mips, io, cpu; /* millions a second, a second, per cent */
};

struct panel {
	struct loop *loop;
	const struct panel_source *source;
	void *arg;
	char title[40];
	int in;
	void *screen; /* SCREEN of ncurses */
	struct loop_watch *watch;
	struct loop_timer tick;
	struct loop_deferred draw;
	bool lost;

	struct panel_row rows[PANEL_ROWS]; /* sorted */
	size_t row_count, machine_count;
	uint64_t looked; /* monotonic ns of the last look */
	enum panel_column sort;
	bool reverse, show_lamps, show_help;
	char selected[9]; /* whose lamps are shown */
	struct panel_lamps lamps;
	bool have_lamps;
	size_t table_top; /* first row shown */

	char *lines[PANEL_SCROLL]; /* ring */
	bool alarms[PANEL_SCROLL];
	size_t first, count, back; /* back: lines scrolled back */

	char line[PANEL_LINE + 1];
	size_t length, cursor;
	char *history[PANEL_HISTORY];
	size_t history_count, history_at;
};

void panel_draw(struct panel *p);
/* Rows of the table on a screen of that height. */
size_t panel_table_height(const struct panel *p);
size_t panel_console_height(const struct panel *p);

#endif
