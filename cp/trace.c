#include "cp/trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "consoles/console.h"
#include "cp/command.h"
#include "cp/hardcopy.h"
#include "cp/per.h"
#include "cp/traceline.h"
#include "cp/vmblok.h"

/* Lines for the printer alone cross in batches of this many. */
#define BATCH 256

/*
 * The machine waits for its lines to be taken. On the heap: FORCE may end the machine
 * while the batch waits for its turn on the loop.
 */
struct trace_wait {
	atomic_uint refs;
	atomic_bool done;
	struct vmblok *vm; /* counted */
	bool stop;         /* the machine stops: it need not wait for the screen */
};

struct trace {
	struct trace_sets sets; /* CP thread */
	_Atomic unsigned on, printer, terminal, run; /* the machine's copy */
	bool per;                 /* CP thread: PER is on */
	/* The machine's thread: */
	bool expecting;           /* the next instruction should be at `expected` */
	uint32_t expected;
	bool branching;           /* `branch` is shown if it leads to its target */
	struct trace_line branch;
	struct trace_target target;
	pthread_mutex_t lock;     /* the next two */
	struct trace_line lines[BATCH];
	unsigned count;
	char *commands[PER_ELEMENTS_MAX]; /* PER's, behind the lines; under the lock */
	unsigned command_count;
	/* CP thread: */
	struct trace_wait *waiting; /* the screen is full */
	unsigned page;              /* lines on it; 0: a new one is due */
};

/* ---- the CP thread: where lines go */

static size_t length_of(const struct trace_line *line)
{
	size_t n = TRACE_COLUMNS;

	while (n && line->text[n - 1] == ' ')
		n--;
	return n;
}

/* As on VM/370, lines are lost without a printer, and without spool space tracing ends. */
static void print_line(struct vmblok *vm, struct trace *t, const struct trace_line *line)
{
	if (hardcopy_line(vm, &t->page, line->text) == HARDCOPY_FULL)
		trace_set(vm, &(struct trace_sets){ .on = 0 });
}

static void write_line(struct vmblok *vm, struct trace *t, struct trace_line *line)
{
	if (!traceline_device(vm, line))
		return;
	if (line->to_printer)
		print_line(vm, t, line);
	if (line->to_terminal)
		vm_tell(vm, 0, "%.*s", (int)length_of(line), line->text);
}

void trace_flush(struct vmblok *vm)
{
	struct trace *t = vm->trace;
	struct trace_line *lines;
	unsigned count;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	count = t->count;
	t->count = 0;
	lines = count ? malloc(count * sizeof(*lines)) : NULL;
	if (count && !lines)
		BUG("no memory for trace lines");
	if (count)
		memcpy(lines, t->lines, count * sizeof(*lines));
	pthread_mutex_unlock(&t->lock);
	for (unsigned i = 0; i < count; i++)
		write_line(vm, t, &lines[i]);
	free(lines);
}

static void wait_put(struct trace_wait *w)
{
	if (atomic_fetch_sub(&w->refs, 1) != 1)
		return;
	vm_put(w->vm);
	free(w);
}

static void wait_over(struct trace_wait *w)
{
	atomic_store(&w->done, true);
	if (w->vm->machine)
		machine_wake(w->vm->machine);
	wait_put(w);
}

void trace_release(struct vmblok *vm)
{
	struct trace_wait *w = vm->trace ? vm->trace->waiting : NULL;

	if (!w)
		return;
	vm->trace->waiting = NULL;
	wait_over(w);
}

/* PER ... CMD: as if they were typed. */
static void run_commands(struct vmblok *vm)
{
	const struct command_how semicolons = { .symbols = { .linend = ';' } };
	struct trace *t = vm->trace;
	char *commands[PER_ELEMENTS_MAX];
	unsigned count;

	pthread_mutex_lock(&t->lock);
	count = t->command_count;
	memcpy(commands, t->commands, count * sizeof(commands[0]));
	t->command_count = 0;
	pthread_mutex_unlock(&t->lock);
	for (unsigned i = 0; i < count; i++) {
		if (!vm->leaving)
			command_lines(vm, commands[i], &semicolons);
		free(commands[i]);
	}
}

/* On the loop: the machine has lines. */
static void take_lines(void *arg)
{
	struct trace_wait *w = arg;
	struct vmblok *vm = w->vm;

	if (vm->trace && !vm->leaving) {
		trace_flush(vm);
		run_commands(vm);
	}
	if (vm->trace && !vm->leaving) {
		if (vm->console && !console_room(vm->console) && !vm->in_cp && !w->stop) {
			vm->trace->waiting = w;
			return;
		}
	}
	wait_over(w);
}

/* ---- the machine's thread */

static bool is_over(void *arg)
{
	struct trace_wait *w = arg;

	return atomic_load(&w->done);
}

/* Hand over what is there and wait. false: the machine is being freed. */
static bool hand_over(struct vmblok *vm, bool stop)
{
	struct trace_wait *w = calloc(1, sizeof(*w));
	bool alive;

	if (!w)
		BUG("no memory for trace lines");
	atomic_init(&w->refs, 2);
	w->vm = vm_get(vm);
	w->stop = stop;
	loop_post(vm->cp->loop, take_lines, w);
	alive = machine_serve(vm->machine, is_over, w);
	wait_put(w);
	return alive;
}

/* One event's lines on their way. */
struct event {
	struct vmblok *vm;
	struct trace *t;
	unsigned class;     /* of the lines that are put now */
	uint16_t vaddr;
	bool now;           /* something is for the terminal */
	bool stop;
};

static void put_to(struct event *e, const struct trace_line *line, bool to_printer,
		   bool to_terminal)
{
	struct trace *t = e->t;
	struct trace_line *at;

	if (!to_printer && !to_terminal)
		return;
	e->now |= to_terminal;
	pthread_mutex_lock(&t->lock);
	if (t->count == BATCH) {
		pthread_mutex_unlock(&t->lock);
		if (!hand_over(e->vm, false))
			return;
		pthread_mutex_lock(&t->lock);
	}
	if (t->count < BATCH) {
		at = &t->lines[t->count++];
		*at = *line;
		at->to_printer = to_printer;
		at->to_terminal = to_terminal;
	}
	pthread_mutex_unlock(&t->lock);
}

static void put(struct event *e, const struct trace_line *line)
{
	bool to_terminal = atomic_load(&e->t->terminal) & e->class;

	e->stop |= to_terminal && !(atomic_load(&e->t->run) & e->class);
	put_to(e, line, atomic_load(&e->t->printer) & e->class, to_terminal);
}

/* Lines of a class that is not on go with branches and instructions, if those are. */
static unsigned class_or_instructions(const struct trace *t, unsigned class)
{
	unsigned on = atomic_load(&t->on);

	return on & class ? class : on & (TRACE_BRANCH | TRACE_INSTRUCT);
}

static void on_interruption(struct event *e, struct cpu370 *cpu, const struct cpu_trace *what)
{
	unsigned class = what->kind == CPU_TRACE_SVC ? TRACE_SVC
			 : what->kind == CPU_TRACE_PROGRAM ? TRACE_PROGRAM
			 : what->kind == CPU_TRACE_IO ? TRACE_IO : TRACE_EXTERNAL;
	struct trace_line line;

	e->t->branching = e->t->expecting = false;
	if (what->kind == CPU_TRACE_IO && (atomic_load(&e->t->on) & TRACE_CSW)) {
		e->class = TRACE_CSW;
		traceline_csw(&line, cpu, what);
		put(e, &line);
	}
	e->class = class_or_instructions(e->t, class);
	traceline_interruption(&line, cpu, what);
	put(e, &line);
}

static void put_ccw(void *arg, const struct trace_line *line)
{
	struct event *e = arg;
	struct trace_line copy = *line;

	copy.vaddr = e->vaddr;
	put(e, &copy);
}

static void on_io(struct event *e, struct cpu370 *cpu, const struct cpu_trace *what)
{
	struct trace_line line;

	e->class = TRACE_SIO;
	e->vaddr = what->address;
	traceline_io(&line, cpu, what);
	put(e, &line);
	if (!line.start || line.cc > 1 || !(atomic_load(&e->t->on) & TRACE_CCW))
		return;
	e->class = TRACE_CCW;
	traceline_ccws(cpu, line.caw, put_ccw, e);
}

/* The branch before this instruction, if it has led here. */
static void branch_taken(struct event *e, uint32_t ia)
{
	struct trace *t = e->t;

	if (!t->branching || t->target.address != ia)
		return;
	e->class = TRACE_BRANCH;
	traceline_put(&t->branch, t->target.arrow, "==>");
	put(e, &t->branch);
}

static void on_instruction(struct event *e, struct cpu370 *cpu, const struct cpu_trace *what)
{
	unsigned on = atomic_load(&e->t->on);
	bool privileged = what->length && traceline_privileged(what->code) &&
			  !traceline_is_io(what->code);
	bool elsewhere = !e->t->expecting || e->t->expected != what->ia;
	struct trace_line line;

	branch_taken(e, what->ia);
	traceline_insn(&line, cpu, what,
		       (on & TRACE_INSTRUCT) && elsewhere ? "==>" : "   ", &e->t->target);
	if ((on & TRACE_INSTRUCT) || ((on & TRACE_PRIV) && privileged)) {
		e->class = on & TRACE_INSTRUCT ? TRACE_INSTRUCT : 0;
		e->class |= privileged ? on & TRACE_PRIV : 0;
		put(e, &line);
	}
	e->t->branching = e->t->target.branch && (on & TRACE_BRANCH);
	if (e->t->branching)
		e->t->branch = line;
	e->t->expecting = true;
	e->t->expected = (what->ia + what->length) & 0xFFFFFF;
}

static void put_commands(struct event *e, struct per_output *out)
{
	struct trace *t = e->t;

	pthread_mutex_lock(&t->lock);
	for (unsigned i = 0; i < out->command_count; i++)
		if (t->command_count < PER_ELEMENTS_MAX)
			t->commands[t->command_count++] = out->commands[i];
		else
			free(out->commands[i]);
	pthread_mutex_unlock(&t->lock);
}

/* PER. Does the machine stop? */
static bool on_done(struct event *e, struct cpu370 *cpu, const struct cpu_trace *what)
{
	struct per_output out;

	if (!per_event(e->vm, cpu, what, &out))
		return false;
	for (unsigned i = 0; i < out.lines; i++)
		put_to(e, &out.line[i], out.printer, out.terminal);
	put_commands(e, &out);
	if ((e->now || out.command_count) && !hand_over(e->vm, out.stop))
		return true;
	return out.stop;
}

bool trace_event(void *arg, struct cpu370 *cpu, const struct cpu_trace *what)
{
	struct vmblok *vm = arg;
	struct event e = { .vm = vm, .t = vm->trace };

	if (what->kind == CPU_TRACE_DONE)
		return on_done(&e, cpu, what);
	switch (what->kind) {
	case CPU_TRACE_INSN: on_instruction(&e, cpu, what); break;
	case CPU_TRACE_IO_INSN: on_io(&e, cpu, what); break;
	default: on_interruption(&e, cpu, what); break;
	}
	/*
	 * What the guest prints itself stands between the right lines: before an
	 * I/O instruction or DIAGNOSE the batch goes out.
	 */
	e.now |= what->kind != CPU_TRACE_INSN ||
		 (what->length && traceline_privileged(what->code));
	if (e.now && e.t->count && !hand_over(vm, e.stop))
		return true;
	return e.stop;
}

/* ---- the CP thread: TRACE */

const struct trace_sets *trace_sets(const struct vmblok *vm)
{
	return vm->trace && vm->trace->sets.on ? &vm->trace->sets : NULL;
}

static unsigned events_for(unsigned on)
{
	unsigned instructions = on & (TRACE_BRANCH | TRACE_INSTRUCT), events = 0;

	if (instructions || (on & TRACE_PRIV))
		events |= CPU_TRACE_INSN;
	if (instructions || (on & TRACE_SVC))
		events |= CPU_TRACE_SVC;
	if (instructions || (on & TRACE_PROGRAM))
		events |= CPU_TRACE_PROGRAM;
	if (instructions || (on & TRACE_EXTERNAL))
		events |= CPU_TRACE_EXTERNAL;
	if (instructions || (on & (TRACE_IO | TRACE_CSW)))
		events |= CPU_TRACE_IO;
	if (on & (TRACE_SIO | TRACE_CCW))
		events |= CPU_TRACE_IO_INSN;
	return events;
}

void trace_again(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_TRACE_EVENTS };

	if (!vm->trace || !vm->machine)
		return;
	req.value = events_for(vm->trace->sets.on) | (vm->trace->per ? CPU_TRACE_DONE : 0);
	vm_do(vm, &req);
}

static struct trace *trace_new(void)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		BUG("no memory for a trace");
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void trace_set(struct vmblok *vm, const struct trace_sets *sets)
{
	struct trace *t = vm->trace;
	bool was_on = t && t->sets.on;

	if (!t && !sets->on)
		return;
	if (!t)
		t = vm->trace = trace_new();
	if (was_on)
		trace_flush(vm);
	if (!was_on && sets->on) {
		t->page = 0;
		vm_say(vm, "TRACE STARTED");
	}
	t->sets = *sets;
	atomic_store(&t->on, sets->on);
	atomic_store(&t->printer, sets->printer & sets->on);
	atomic_store(&t->terminal, sets->terminal & sets->on);
	atomic_store(&t->run, sets->run);
	trace_again(vm);
	if (was_on && !sets->on && !vm->leaving)
		vm_say(vm, "TRACE ENDED");
	trace_release(vm);
}

void trace_per(struct vmblok *vm, bool on)
{
	if (!vm->trace && on)
		vm->trace = trace_new();
	if (!vm->trace || vm->trace->per == on)
		return;
	vm->trace->per = on;
	trace_again(vm);
}

void trace_free(struct vmblok *vm)
{
	struct trace *t = vm->trace;

	if (!t)
		return;
	trace_flush(vm);
	trace_release(vm);
	for (unsigned i = 0; i < t->command_count; i++)
		free(t->commands[i]);
	vm->trace = NULL;
	pthread_mutex_destroy(&t->lock);
	free(t);
}
