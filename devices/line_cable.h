/*
 * devices/line_cable.h - a cable within this process between two ends of lines: of two
 * machines, or of a machine and its owner, who lets a terminal dial.
 *
 * Both ends must answer; then they are connected until one hangs up.
 *
 * Threads: each end belongs to one, a machine's or the owner's; the cable has a lock.
 */
#ifndef DEVICES_LINE_CABLE_H
#define DEVICES_LINE_CABLE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "devices/line_wire.h"

struct line_end;

/*
 * A cable with two loose ends. An end goes with close() of its wire, or with
 * line_end_drop(); or MACHINE_ATTACH or MACHINE_MOUNT of a line takes it. false: no memory.
 */
MUST_USE bool line_cable_new(struct line_end *ends[2]);
/* Drop an end that was not plugged in. */
void line_end_drop(struct line_end *e);

/* Plug it in. wake: see line_wire.h; called with the cable's lock held. */
struct line_wire line_end_wire(struct line_end *e, void (*wake)(void *arg), void *arg);

/*
 * A cable has no clock: set() is called, as wake() is, with the milliseconds of a timer of
 * that end (0: stop it), and who has set it calls line_end_expire() when they are over.
 */
void line_end_clock(struct line_end *e, void (*set)(void *arg, unsigned ms), void *arg);
void line_end_expire(struct line_end *e);
/* Does this end answer, or is it connected? */
bool line_end_answers(struct line_end *e);
/*
 * Whoever is neither of the two threads and keeps an end to ask or expire it holds it,
 * so that it stays there when it has been closed.
 */
struct line_end *line_end_hold(struct line_end *e);
void line_end_release(struct line_end *e);

#endif
