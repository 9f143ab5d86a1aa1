#include "consoles/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct loop_watch {
	struct loop *loop;
	struct loop_watch *next_dead; /* freed at the end of the turn */
	void (*ready)(void *arg, unsigned events);
	void *arg;
	int fd;
	unsigned events;
	bool dead;
};

struct posted {
	void (*work)(void *arg);
	void *arg;
};

struct loop {
	int epoll;
	int wake; /* eventfd: something was posted, or stop */
	atomic_bool stopping;
	struct loop_watch *dead, *wake_watch;

	struct loop_timer **heap; /* heap[1..timers], earliest first */
	unsigned timers, heap_size;

	struct loop_deferred deferred; /* ring head */

	pthread_mutex_t lock; /* guards queue, queued, queue_size */
	struct posted *queue;
	size_t queued, queue_size;
};

static void *grow(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count, size);

	if (!p)
		BUG("out of memory");
	return p;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* ---- timers: a binary heap; each timer knows its slot, 0 when idle */

static void heap_place(struct loop *loop, unsigned slot, struct loop_timer *t)
{
	loop->heap[slot] = t;
	t->slot = slot;
}

static void heap_up(struct loop *loop, unsigned slot, struct loop_timer *t)
{
	while (slot > 1 && loop->heap[slot / 2]->due > t->due) {
		heap_place(loop, slot, loop->heap[slot / 2]);
		slot /= 2;
	}
	heap_place(loop, slot, t);
}

static void heap_down(struct loop *loop, unsigned slot, struct loop_timer *t)
{
	for (unsigned child; (child = slot * 2) <= loop->timers; slot = child) {
		if (child < loop->timers &&
		    loop->heap[child + 1]->due < loop->heap[child]->due)
			child++;
		if (loop->heap[child]->due >= t->due)
			break;
		heap_place(loop, slot, loop->heap[child]);
	}
	heap_place(loop, slot, t);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *t)
{
	unsigned slot = t->slot;
	struct loop_timer *last;

	if (!slot)
		return;
	t->slot = 0;
	t->due = 0;
	last = loop->heap[loop->timers--];
	if (last == t)
		return;
	if (slot > 1 && loop->heap[slot / 2]->due > last->due)
		heap_up(loop, slot, last);
	else
		heap_down(loop, slot, last);
}

void loop_timer_start(struct loop *loop, struct loop_timer *t, uint64_t milliseconds,
		      void (*fire)(void *arg), void *arg)
{
	loop_timer_stop(loop, t);
	t->due = monotonic_ns() + milliseconds * 1000000;
	t->fire = fire;
	t->arg = arg;
	if (loop->timers + 1 >= loop->heap_size) {
		loop->heap_size = loop->heap_size ? loop->heap_size * 2 : 64;
		loop->heap = grow(loop->heap, loop->heap_size, sizeof(loop->heap[0]));
	}
	heap_up(loop, ++loop->timers, t);
}

static void run_timers(struct loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return;
	now = monotonic_ns();
	while (loop->timers && loop->heap[1]->due <= now) {
		struct loop_timer *t = loop->heap[1];

		loop_timer_stop(loop, t);
		t->fire(t->arg);
	}
}

/* Milliseconds epoll may wait: no longer than limit or the next deadline. */
static int wait_ms(const struct loop *loop, int limit)
{
	uint64_t now, ms;

	if (!loop->timers)
		return limit;
	now = monotonic_ns();
	if (loop->heap[1]->due <= now)
		return 0;
	ms = (loop->heap[1]->due - now + 999999) / 1000000;
	if (ms > INT_MAX)
		ms = INT_MAX;
	return limit >= 0 && (uint64_t)limit < ms ? limit : (int)ms;
}

/* ---- work at the end of a turn */

void loop_defer(struct loop *loop, struct loop_deferred *d, void (*run)(void *arg),
		void *arg)
{
	if (d->next)
		return;
	d->run = run;
	d->arg = arg;
	d->next = &loop->deferred;
	d->prev = loop->deferred.prev;
	d->prev->next = d;
	loop->deferred.prev = d;
}

void loop_undefer(struct loop *loop, struct loop_deferred *d)
{
	(void)loop;
	if (!d->next)
		return;
	d->next->prev = d->prev;
	d->prev->next = d->next;
	d->next = d->prev = NULL;
}

static void run_deferred(struct loop *loop)
{
	while (loop->deferred.next != &loop->deferred) {
		struct loop_deferred *d = loop->deferred.next;

		loop_undefer(loop, d);
		d->run(d->arg);
	}
}

/* ---- descriptors */

static uint32_t epoll_mask(unsigned events)
{
	return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
	       (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events,
			      void (*ready)(void *arg, unsigned events), void *arg,
			      struct error *err)
{
	struct loop_watch *w = calloc(1, sizeof(*w));
	struct epoll_event ev = { .events = epoll_mask(events), .data.ptr = w };

	if (!w)
		BUG("out of memory");
	w->loop = loop;
	w->fd = fd;
	w->events = events;
	w->ready = ready;
	w->arg = arg;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		error_errno(err, errno, "event loop: descriptor %d", fd);
		free(w);
		return NULL;
	}
	return w;
}

void loop_watch_events(struct loop_watch *w, unsigned events)
{
	struct epoll_event ev = { .events = epoll_mask(events), .data.ptr = w };

	if (events == w->events || w->dead)
		return;
	w->events = events;
	epoll_ctl(w->loop->epoll, EPOLL_CTL_MOD, w->fd, &ev);
}

void loop_unwatch(struct loop_watch *w)
{
	if (!w || w->dead)
		return;
	w->dead = true;
	epoll_ctl(w->loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->next_dead = w->loop->dead;
	w->loop->dead = w;
}

static void bury(struct loop *loop)
{
	while (loop->dead) {
		struct loop_watch *w = loop->dead;

		loop->dead = w->next_dead;
		free(w);
	}
}

/* ---- work from other threads */

static void wake_up(struct loop *loop)
{
	uint64_t one = 1;
	ssize_t n;

	do
		n = write(loop->wake, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void loop_post(struct loop *loop, void (*work)(void *arg), void *arg)
{
	bool first;

	pthread_mutex_lock(&loop->lock);
	if (loop->queued == loop->queue_size) {
		loop->queue_size = loop->queue_size ? loop->queue_size * 2 : 64;
		loop->queue = grow(loop->queue, loop->queue_size, sizeof(loop->queue[0]));
	}
	first = loop->queued == 0;
	loop->queue[loop->queued++] = (struct posted){ work, arg };
	pthread_mutex_unlock(&loop->lock);
	if (first)
		wake_up(loop);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	wake_up(loop);
}

/* Run what is in the queue now; false: nothing was. */
static bool run_posted(struct loop *loop)
{
	struct posted *batch;
	size_t count;

	pthread_mutex_lock(&loop->lock);
	batch = loop->queue;
	count = loop->queued;
	loop->queue = NULL;
	loop->queued = loop->queue_size = 0;
	pthread_mutex_unlock(&loop->lock);
	for (size_t i = 0; i < count; i++)
		batch[i].work(batch[i].arg);
	free(batch);
	return count > 0;
}

static void woken(void *arg, unsigned events)
{
	struct loop *loop = arg;
	uint64_t n;

	(void)events;
	if (read(loop->wake, &n, sizeof(n)) < 0)
		return;
	run_posted(loop);
}

void loop_drain(struct loop *loop)
{
	while (run_posted(loop))
		;
}

/* ---- the loop */

void loop_turn(struct loop *loop, int milliseconds)
{
	struct epoll_event ready[256];
	int n;

	run_deferred(loop);
	n = epoll_wait(loop->epoll, ready, 256, wait_ms(loop, milliseconds));
	for (int i = 0; i < n; i++) {
		struct loop_watch *w = ready[i].data.ptr;
		uint32_t got = ready[i].events;

		if (w->dead)
			continue;
		w->ready(w->arg,
			 (got & (EPOLLIN | EPOLLHUP | EPOLLERR) ? LOOP_READ : 0u) |
				 (got & EPOLLOUT ? LOOP_WRITE : 0u));
	}
	run_timers(loop);
	run_deferred(loop);
	bury(loop);
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stopping))
		loop_turn(loop, -1);
	atomic_store(&loop->stopping, false);
}

struct loop *loop_new(struct error *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		BUG("out of memory");
	loop->deferred.next = loop->deferred.prev = &loop->deferred;
	pthread_mutex_init(&loop->lock, NULL);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->wake < 0 || loop->epoll < 0) {
		error_errno(err, errno, "event loop");
		loop_free(loop);
		return NULL;
	}
	loop->wake_watch = loop_watch(loop, loop->wake, LOOP_READ, woken, loop, err);
	if (!loop->wake_watch) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	loop_unwatch(loop->wake_watch);
	bury(loop);
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->wake >= 0)
		close(loop->wake);
	pthread_mutex_destroy(&loop->lock);
	free(loop->queue);
	free(loop->heap);
	free(loop);
}
