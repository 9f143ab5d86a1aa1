/* The monitor at a terminal: line editing and history by libedit. */
#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "s370/monitor.h"

#define HISTORY_LINES 500

struct editor {
	struct screen *screen;
	int event; /* readable when the screen holds output */
	EditLine *el;
};

static char *prompt(EditLine *el)
{
	static char text[] = "s370> ";

	(void)el;
	return text;
}

/* A key, or output of the machine that comes in meanwhile and is shown first. */
static int next_key(EditLine *el, wchar_t *key)
{
	struct editor *ed;
	unsigned char byte;

	el_get(el, EL_CLIENTDATA, &ed);
	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = ed->event, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (fds[1].revents & POLLIN) {
			screen_release(ed->screen);
			el_set(el, EL_REFRESH);
		}
		if (!(fds[0].revents & (POLLIN | POLLHUP)))
			continue;
		if (read(STDIN_FILENO, &byte, 1) != 1)
			return 0;
		*key = byte;
		return 1;
	}
}

static enum outcome edit_lines(struct monitor *m, struct editor *ed, History *h)
{
	enum outcome result = OUTCOME_OK;
	const char *line;
	HistEvent ev;
	int n;

	while (result != OUTCOME_QUIT) {
		char *copy;

		ed->event = screen_hold(m->screen);
		line = el_gets(ed->el, &n);
		screen_unhold(m->screen);
		if (!line || n <= 0)
			break;
		if (strspn(line, " \t\r\n") < strlen(line))
			history(h, &ev, H_ENTER, line);
		copy = strdup(line);
		if (!copy)
			break;
		result = monitor_line(m, copy);
		free(copy);
		if (result == OUTCOME_INPUT || result == OUTCOME_FAILED)
			screen_say(m->screen, "%s", m->error.text);
	}
	return result == OUTCOME_QUIT ? result : OUTCOME_OK;
}

enum outcome monitor_interactive(struct monitor *m)
{
	struct editor ed = { .screen = m->screen };
	enum outcome result;
	History *h;
	HistEvent ev;

	ed.el = el_init("s370", stdin, stdout, stderr);
	h = history_init();
	if (!ed.el || !h) {
		error_set(&m->error, ENOMEM, "no memory for the line editor");
		return OUTCOME_FAILED;
	}
	history(h, &ev, H_SETSIZE, HISTORY_LINES);
	el_set(ed.el, EL_PROMPT, prompt);
	el_set(ed.el, EL_EDITOR, "emacs");
	el_set(ed.el, EL_HIST, history, h);
	el_set(ed.el, EL_CLIENTDATA, &ed);
	el_set(ed.el, EL_GETCFN, next_key);
	el_source(ed.el, NULL);
	result = edit_lines(m, &ed, h);
	history_end(h);
	el_end(ed.el);
	return result;
}
