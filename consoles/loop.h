/*
 * consoles/loop.h - one event loop: descriptors, timers, and work posted by
 * other threads.
 *
 * The thread that calls loop_run() owns everything registered here. Only
 * loop_post() and loop_stop() may be called by other threads.
 */
#ifndef CONSOLES_LOOP_H
#define CONSOLES_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct loop;

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop *loop_new(struct error *err);
/* Posted work that has not run is dropped. */
void loop_free(struct loop *loop);

/* Serve until loop_stop(). */
void loop_run(struct loop *loop);
/* One turn: wait at most milliseconds (-1: for ever), then serve what came. */
void loop_turn(struct loop *loop, int milliseconds);
void loop_stop(struct loop *loop);

/*
 * A watched descriptor. ready() gets the events that came; a hang-up or error
 * comes as LOOP_READ. The watch may be removed from inside any callback.
 */
struct loop_watch;
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events,
			      void (*ready)(void *arg, unsigned events), void *arg,
			      struct error *err);
void loop_watch_events(struct loop_watch *w, unsigned events);
/* Does not close the descriptor; close it afterwards, not before. */
void loop_unwatch(struct loop_watch *w);

/*
 * A one-shot timer, embedded in its owner's struct (zero it first). start
 * replaces an earlier deadline; after fire() it is idle again.
 */
struct loop_timer {
	uint64_t due; /* internal: monotonic ns, 0 idle */
	unsigned slot;
	void (*fire)(void *arg);
	void *arg;
};
void loop_timer_start(struct loop *loop, struct loop_timer *t, uint64_t milliseconds,
		      void (*fire)(void *arg), void *arg);
void loop_timer_stop(struct loop *loop, struct loop_timer *t);

/*
 * Work for the end of this turn, embedded in its owner's struct (zero it
 * first): runs once, before the loop waits again, however often it was asked
 * for. That is how many small writes become one.
 */
struct loop_deferred {
	struct loop_deferred *next, *prev; /* internal: NULL when idle */
	void (*run)(void *arg);
	void *arg;
};
void loop_defer(struct loop *loop, struct loop_deferred *d, void (*run)(void *arg),
		void *arg);
void loop_undefer(struct loop *loop, struct loop_deferred *d);

/*
 * Run work(arg) on the loop's thread, soon, in the order posted. Any thread.
 * Never fails and never waits (the queue grows as needed).
 */
void loop_post(struct loop *loop, void (*work)(void *arg), void *arg);
/*
 * Run posted work until there is none: after loop_run(), when no other thread
 * posts any more, so that what work owns is not lost.
 */
void loop_drain(struct loop *loop);

#endif
