#include "s370/screen.h"

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct screen {
	pthread_mutex_t lock; /* guards the fields below and the order of output */
	bool open_line;       /* the guest's last text did not end its line */
	bool holding;
	char *held;           /* output while holding */
	size_t held_length;
	int event;
};

struct screen *screen_new(void)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return s;
}

void screen_free(struct screen *s)
{
	if (!s)
		return;
	if (s->open_line)
		putchar('\n');
	fflush(stdout);
	close(s->event);
	free(s->held);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void put_locked(struct screen *s, const char *text, size_t length)
{
	uint64_t one = 1;
	char *more;

	if (!s->holding) {
		fwrite(text, 1, length, stdout);
		return;
	}
	more = realloc(s->held, s->held_length + length);
	if (!more)
		return;
	memcpy(more + s->held_length, text, length);
	s->held = more;
	s->held_length += length;
	if (write(s->event, &one, sizeof(one)) < 0)
		return; /* full counter: the editor is already called */
}

void screen_say(struct screen *s, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n > sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '\n';
	pthread_mutex_lock(&s->lock);
	if (s->open_line)
		put_locked(s, "\n", 1);
	s->open_line = false;
	put_locked(s, text, (size_t)n);
	if (!s->holding)
		fflush(stdout);
	pthread_mutex_unlock(&s->lock);
}

void screen_guest(struct screen *s, const char *text, size_t length, bool newline)
{
	pthread_mutex_lock(&s->lock);
	put_locked(s, text, length);
	if (newline)
		put_locked(s, "\n", 1);
	s->open_line = !newline && (length > 0 || s->open_line);
	if (!s->holding)
		fflush(stdout);
	pthread_mutex_unlock(&s->lock);
	/* Who reads this is awake now; a guest that polls would keep the CPU from him. */
	sched_yield();
}

int screen_hold(struct screen *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->open_line)
		put_locked(s, "\n", 1);
	s->open_line = false;
	fflush(stdout);
	s->holding = true;
	pthread_mutex_unlock(&s->lock);
	return s->event;
}

void screen_release(struct screen *s)
{
	uint64_t count;

	pthread_mutex_lock(&s->lock);
	if (read(s->event, &count, sizeof(count)) < 0)
		count = 0;
	if (s->held_length > 0) {
		fputs("\r\033[K", stdout);
		fwrite(s->held, 1, s->held_length, stdout);
		if (s->open_line)
			putchar('\n');
		s->open_line = false;
		s->held_length = 0;
		fflush(stdout);
	}
	pthread_mutex_unlock(&s->lock);
}

void screen_unhold(struct screen *s)
{
	screen_release(s);
	pthread_mutex_lock(&s->lock);
	s->holding = false;
	pthread_mutex_unlock(&s->lock);
}
