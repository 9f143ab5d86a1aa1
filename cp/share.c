#include "cp/share.h"

#include <sched.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "consoles/loop.h"
#include "cp/directory.h"
#include "cp/vmblok.h"
#include "devices/machine.h"

#define PERIOD_MS    50
#define QUIET_MS     500  /* while there is nothing to divide */
#define WHOLE_CPU    0.95 /* of a CPU: it cannot use more */
#define AWAKE	     0.90 /* of the time: it wants all it can get */
#define SMOOTHING    0.3  /* weight of the last period */
#define AHEAD_NS     (2.0 * PERIOD_MS * 1e6)  /* that much one may be ahead */
#define AHEAD_MAX_NS (10.0 * PERIOD_MS * 1e6) /* more is forgiven */

struct dispatcher {
	struct cp *cp;
	struct loop_timer timer;
	bool running;
	uint64_t looked; /* TOD of the last look */
};

unsigned share_cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > 0 ? (unsigned)n : 1;
}

struct dispatcher *dispatcher_new(struct cp *cp)
{
	struct dispatcher *d = calloc(1, sizeof(*d));

	if (!d)
		BUG("no memory for the dispatcher");
	d->cp = cp;
	return d;
}

void dispatcher_free(struct dispatcher *d)
{
	if (!d)
		return;
	loop_timer_stop(d->cp->loop, &d->timer);
	free(d);
}

static bool is_machine(const struct vmblok *vm)
{
	return vm->logged_on && !vm->leaving && vm->machine;
}

/* ---- limits */

/* SET SHARE's limit; a soft one counts while others want. */
static void put_limit(struct vmblok *vm, bool others_want)
{
	const struct share *s = &vm->share;
	double cpus = s->maximum * share_cpus() / 1000.0;

	if (s->limit == SHARE_NO_LIMIT || (s->limit == SHARE_LIMIT_SOFT && !others_want))
		cpus = 0;
	machine_set_limit(vm->machine, (uint64_t)(cpus * 1e9));
}

/* ---- the look at all machines */

static void look_at(struct vmblok *vm, double seconds)
{
	uint64_t asleep = machine_asleep_since(vm->machine);
	struct share *s = &vm->share;
	struct machine_usage u;
	double used, idle;

	if (asleep && asleep == s->asleep) { /* it slept all the time */
		s->used *= 1 - SMOOTHING;
		s->lately = 0;
		s->wants = false;
		s->stale = true;
		return;
	}
	s->asleep = asleep;
	machine_usage(vm->machine, &u);
	if (s->stale) {
		s->cpu_ns = u.cpu_ns;
		s->idle_ns = u.idle_ns;
		s->stale = s->wants = false;
		s->lately = 0;
		return;
	}
	used = (double)(u.cpu_ns - s->cpu_ns) / 1e9 / seconds;
	idle = (double)(u.idle_ns - s->idle_ns) / 1e9 / seconds;
	s->cpu_ns = u.cpu_ns;
	s->idle_ns = u.idle_ns;
	s->used = SMOOTHING * used + (1 - SMOOTHING) * s->used;
	s->lately = used * seconds * 1e9;
	s->wants = idle < 1 - AWAKE;
}

/* The shares of the machines that want more than they get. */
struct division {
	double relative; /* sum of relative shares */
	double absolute; /* sum of absolute shares, 1 is all */
	unsigned wanting;
};

static struct division sum_up(const struct cp *cp)
{
	struct division d = { 0 };

	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next) {
		if (!is_machine(vm) || !vm->share.wants)
			continue;
		d.wanting++;
		if (vm->share.absolute)
			d.absolute += vm->share.value / 1000.0;
		else
			d.relative += vm->share.value;
	}
	return d;
}

/* The part of all that should be vm's, 0 to 1. */
static double part_of(const struct division *d, const struct vmblok *vm)
{
	double absolute = d->absolute;

	if (d->relative == 0) /* nothing but absolute shares: all of it is theirs */
		return vm->share.value / 1000.0 / absolute;
	if (absolute > 0.99) /* something is left for the others */
		absolute = 0.99;
	if (vm->share.absolute)
		return vm->share.value / 1000.0 * absolute / d->absolute;
	return vm->share.value / d->relative * (1 - absolute);
}

/* Would it use more if the others did not? */
static bool competes(const struct vmblok *vm, const struct division *d)
{
	return is_machine(vm) && vm->share.wants && vm->share.used < WHOLE_CPU &&
	       (vm->share.limit == SHARE_NO_LIMIT ||
		(vm->share.limit == SHARE_LIMIT_SOFT && d->wanting < 2));
}

/*
 * Virtual time: CPU time divided by the part that a machine should have. Who has the
 * least is the furthest behind. Machines that do not compete keep up with that one.
 */
static struct vmblok *most_behind(struct cp *cp, const struct division *d)
{
	struct vmblok *least = NULL;

	for (struct vmblok *vm = cp->vms; vm; vm = vm->next) {
		if (!competes(vm, d))
			continue;
		vm->share.virtual_ns += vm->share.lately / part_of(d, vm);
		if (!vm->share.competed && least &&
		    vm->share.virtual_ns < least->share.virtual_ns)
			vm->share.virtual_ns = least->share.virtual_ns;
		if (!least || vm->share.virtual_ns < least->share.virtual_ns)
			least = vm;
	}
	return least;
}

/* How far vm may go: a little further than the one that is furthest behind. */
static void put_quota(struct vmblok *vm, const struct vmblok *behind, const struct division *d)
{
	struct share *s = &vm->share;
	double ahead = behind ? s->virtual_ns - behind->share.virtual_ns : 0;

	s->competed = behind && competes(vm, d);
	if (!s->competed) {
		s->virtual_ns = behind ? behind->share.virtual_ns : 0;
		machine_set_quota(vm->machine, UINT64_MAX);
		return;
	}
	if (ahead > AHEAD_MAX_NS) {
		ahead = AHEAD_MAX_NS;
		s->virtual_ns = behind->share.virtual_ns + ahead;
	}
	if (vm == behind)
		machine_set_quota(vm->machine, UINT64_MAX);
	else
		machine_set_quota(vm->machine,
				  s->cpu_ns + (uint64_t)(ahead < AHEAD_NS ? (AHEAD_NS - ahead) *
							 part_of(d, vm) : 0));
}

/* False: at most one machine wants more than it gets. */
static bool divide(struct cp *cp)
{
	struct division d = sum_up(cp);
	struct vmblok *behind = most_behind(cp, &d);

	for (struct vmblok *vm = cp->vms; vm; vm = vm->next)
		if (is_machine(vm)) {
			put_limit(vm, d.wanting > 1);
			put_quota(vm, behind, &d);
		}
	return d.wanting > 1;
}

/* Do the shares differ, so that somebody must look after them? */
static bool shares_differ(const struct cp *cp)
{
	const struct vmblok *first = NULL;

	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next) {
		if (!is_machine(vm))
			continue;
		if (vm->share.limit == SHARE_LIMIT_SOFT)
			return true;
		if (!first)
			first = vm;
		else if (vm->share.absolute != first->share.absolute ||
			 vm->share.value != first->share.value)
			return true;
	}
	return false;
}

static void look(void *arg)
{
	struct dispatcher *d = arg;
	uint64_t now = clock_tod(&d->cp->clock.clock);
	double seconds = (double)(now - d->looked) / (double)TOD_MICROSECOND / 1e6;

	d->running = shares_differ(d->cp);
	if (seconds > 0)
		for (struct vmblok *vm = d->cp->vms; vm; vm = vm->next)
			if (is_machine(vm))
				look_at(vm, seconds);
	d->looked = now;
	if (d->running) {
		loop_timer_start(d->cp->loop, &d->timer,
				 divide(d->cp) ? PERIOD_MS : QUIET_MS, look, d);
		return;
	}
	for (struct vmblok *vm = d->cp->vms; vm; vm = vm->next)
		if (is_machine(vm)) {
			put_limit(vm, false);
			machine_set_quota(vm->machine, UINT64_MAX);
		}
}

static void wake_dispatcher(struct dispatcher *d)
{
	if (d->running || !shares_differ(d->cp))
		return;
	d->running = true;
	d->looked = clock_tod(&d->cp->clock.clock);
	for (struct vmblok *vm = d->cp->vms; vm; vm = vm->next)
		vm->share.stale = true;
	loop_timer_start(d->cp->loop, &d->timer, PERIOD_MS, look, d);
}

/* ---- one machine's share */

void share_init(struct vmblok *vm)
{
	unsigned priority = vm->user && vm->user->priority ? vm->user->priority
							   : PRIORITY_USUAL;

	vm->share = (struct share){ .value = 2 * (100 - priority), .priority = priority };
	share_changed(vm);
}

void share_changed(struct vmblok *vm)
{
	if (!vm->machine)
		return;
	put_limit(vm, false);
	wake_dispatcher(vm->cp->dispatcher);
}

void share_again(struct vmblok *vm)
{
	vm->share.stale = true;
	share_changed(vm);
}
