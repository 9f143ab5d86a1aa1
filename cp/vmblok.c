#include "cp/vmblok.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/command.h"
#include "cp/consolespool.h"
#include "cp/diagnose.h"
#include "cp/iucv.h"
#include "cp/link.h"
#include "cp/message.h"
#include "cp/oppanel.h"
#include "cp/per.h"
#include "cp/trace.h"
#include "cp/tap.h"
#include "cp/trouble.h"
#include "cp/vdevice.h"
#include "devices/channel.h"
#include "cp/vmcf.h"

/* What STIDP shows of a virtual machine: version X'FF', serial, model. */
#define CPU_MODEL          UINT64_C(0x3033)
#define CPU_DEFAULT_SERIAL 0x000370

/* The CP thread, which serves the terminals, goes before machines that compute. */
#define MACHINE_NICE 10

struct vmblok *vm_new(struct cp *cp, struct console *console)
{
	struct vmblok *vm = calloc(1, sizeof(*vm));

	if (!vm)
		BUG("no memory for a VMBLOK");
	vm->cp = cp;
	atomic_init(&vm->refs, 1);
	snprintf(vm->userid, sizeof(vm->userid), "LOGON%03X",
		 console ? console_number(console) & 0xFFF : 0);
	vm->console = console;
	vm->in_cp = true;
	vm->linend = '#';
	vm->linedel = (char)0xA2; /* cent sign */
	vm->chardel = '@';
	vm->escape = '"';
	termset_init(&vm->term);
	vm->set = SET_MSG | SET_WNG | SET_IMSG | SET_ACNT | SET_LINEDIT;
	vm->emsg = EMSG_TEXT;
	vconsole_init(&vm->vconsole);
	vm->next = cp->vms;
	cp->vms = vm;
	return vm;
}

struct vmblok *vm_get(struct vmblok *vm)
{
	atomic_fetch_add(&vm->refs, 1);
	return vm;
}

void vm_put(struct vmblok *vm)
{
	if (atomic_fetch_sub(&vm->refs, 1) != 1)
		return;
	vconsole_release(&vm->vconsole);
	termset_release(&vm->term);
	free(vm);
}

void vm_remove(struct vmblok *vm)
{
	struct vmblok **at = &vm->cp->vms;

	while (*at != vm)
		at = &(*at)->next;
	*at = vm->next;
	vm->next = NULL;
	loop_timer_stop(vm->cp->loop, &vm->timer);
	loop_timer_stop(vm->cp->loop, &vm->lost);
	vm_put(vm);
}

struct vmblok *vm_find(struct cp *cp, const char *userid)
{
	for (struct vmblok *vm = cp->vms; vm; vm = vm->next)
		if (vm->logged_on && !vm->leaving && strcmp(vm->userid, userid) == 0)
			return vm;
	return NULL;
}

struct vmblok *vm_find_receiver(struct vmblok *vm, const char *name)
{
	size_t n = strlen(name);

	if (strcmp(name, "*") == 0)
		return vm;
	if (n >= 2 && n <= 8 && strncmp("OPERATOR", name, n) == 0)
		return vm->cp->oper;
	return vm_find(vm->cp, name);
}

unsigned vm_users(const struct cp *cp)
{
	unsigned n = 0;

	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next)
		n += vm->logged_on && !vm->leaving;
	return n;
}

unsigned vm_dialed(const struct cp *cp)
{
	unsigned n = 0;

	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next)
		n += vm->dialed || vm->dialed_line;
	return n;
}

/* ---- the machine */

/* A change of state on its way from the machine's thread to the CP thread. */
struct state_event {
	struct vmblok *vm; /* counted */
	enum machine_state state;
	uint64_t psw;
	bool ipl_failed;
	uint16_t address;
	unsigned cc;
	uint8_t csw[8], sense0;
};

static void clear_adstop(struct vmblok *vm)
{
	const struct machine_request req = { .kind = MACHINE_BREAKPOINT,
					     .address = vm->adstop };

	if (vm->adstop_set)
		machine_post(vm->machine, &req);
	vm->adstop_set = false;
}

/* The machine stopped by itself for CP: the same without a word. */
static void vm_cp_read(struct vmblok *vm)
{
	vm->in_cp = true;
	vm_show_status(vm);
}

static void stopped_by_itself(struct vmblok *vm, const struct state_event *e)
{
	char high[9], low[9];

	switch (e->state) {
	case MACHINE_DISABLED_WAIT:
		snprintf(high, sizeof(high), "%08X", (unsigned)(e->psw >> 32));
		snprintf(low, sizeof(low), "%08X", (unsigned)e->psw);
		cp_error(vm, "DSP", 450, high, low);
		break;
	case MACHINE_LOOP:
	case MACHINE_CHECK_STOP:
		cp_error(vm, "PRG", 453);
		break;
	case MACHINE_BREAK:
		vm_say(vm, "ADSTOP AT %06X", (unsigned)(e->psw & 0xFFFFFF));
		clear_adstop(vm); /* it stops once */
		break;
	case MACHINE_TRACED:
		vm_cp_read(vm);
		return;
	default:
		return;
	}
	vm_enter_cp(vm);
}

static void ipl_did_not_end(struct vmblok *vm, const struct state_event *e)
{
	char high[9], low[9], sense[3];

	if (e->cc == 3) {
		cp_error(vm, "VMI", 230);
	} else {
		snprintf(high, sizeof(high), "%02X%02X%02X%02X", e->csw[0], e->csw[1],
			 e->csw[2], e->csw[3]);
		snprintf(low, sizeof(low), "%02X%02X%02X%02X", e->csw[4], e->csw[5],
			 e->csw[6], e->csw[7]);
		snprintf(sense, sizeof(sense), "%02X", e->sense0);
		cp_error(vm, "VMI", 232, high, low, sense);
	}
	vm_enter_cp(vm);
}

static void deliver_state(void *arg)
{
	struct state_event *e = arg;

	if (!e->vm->leaving) {
		if (e->state == MACHINE_STOPPED && !e->ipl_failed)
			command_machine_stopped(e->vm);
		else if (e->ipl_failed)
			ipl_did_not_end(e->vm, e);
		else
			stopped_by_itself(e->vm, e);
		tap_status(e->vm);
	}
	vm_put(e->vm);
	free(e);
}

static void post_state(struct vmblok *vm, const struct state_event *event)
{
	struct state_event *e = malloc(sizeof(*e));

	if (!e)
		BUG("no memory for a state event");
	*e = *event;
	e->vm = vm_get(vm);
	loop_post(vm->cp->loop, deliver_state, e);
}

static void machine_state(void *arg, enum machine_state state, uint64_t psw)
{
	const struct state_event e = { .state = state, .psw = psw };

	if (state == MACHINE_STOPPED || state == MACHINE_DISABLED_WAIT || state == MACHINE_LOOP ||
	    state == MACHINE_CHECK_STOP || state == MACHINE_BREAK || state == MACHINE_TRACED)
		post_state(arg, &e);
}

static void machine_ipl_failed(void *arg, uint16_t address, unsigned cc,
			       const uint8_t csw[8], uint8_t sense0)
{
	struct state_event e = { .ipl_failed = true, .address = address, .cc = cc,
				 .sense0 = sense0 };

	memcpy(e.csw, csw, sizeof(e.csw));
	post_state(arg, &e);
}

/* Does the interruption exist that the CPU is about to take, and what goes with it? */
static bool machine_external(void *arg, struct cpu370 *cpu, uint16_t code, bool *more)
{
	switch (code) {
	case 0x4000: return iucv_external(arg, more);
	case 0x4001: return vmcf_external(arg, cpu, more);
	default:     return true;
	}
}

static int machine_iucv(void *arg, struct cpu370 *cpu, uint32_t parameters)
{
	return iucv_execute(arg, cpu, parameters);
}

/*
 * barred: other machines reach this one's storage no more, before it is freed.
 * false: there is a machine again.
 */
static void bar(struct vmblok *vm, bool barred)
{
	vmcf_bar(vm, barred);
	iucv_bar(vm, barred);
}

/*
 * OPTION YROFFSET, ours: systems of the 1970s know the years of their century only.
 * As Hercules has it: years of 365.25 days, so that 28 keep the day of the week.
 */
static void set_clock(struct vmblok *vm, const struct directory_user *user)
{
	const uint64_t quarter_day = 6 * 3600 * TOD_SECOND;

	shifted_clock_init(&vm->clock, &vm->cp->clock.clock,
			   (uint64_t)(int64_t)user->years * (4 * 365 + 1) * quarter_day);
}

uint64_t vm_cpuid(const struct vmblok *vm)
{
	uint64_t serial = vm->serial ? vm->serial : CPU_DEFAULT_SERIAL;

	return UINT64_C(0xFF) << 56 | serial << 32 | CPU_MODEL << 16;
}

static struct machine *new_machine(struct vmblok *vm, const struct directory_user *user,
				   uint32_t storage, struct error *err)
{
	const struct machine_config config = {
		.name = user->userid,
		.storage = storage,
		.cpus = 1,
		.arch = CPU_S370,
		.nice = MACHINE_NICE,
		.cpuid = vm_cpuid(vm),
	};
	const struct machine_owner owner = {
		.arg = vm, .state = machine_state, .diagnose = diagnose,
		.ipl_failed = machine_ipl_failed, .external = machine_external,
		.trace = trace_event, .iucv = machine_iucv, .trouble = trouble_report,
	};

	return machine_new(&config, &owner, &vm->clock.clock, err);
}

void vm_set_timer(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_TIMER, .value = ITIMER_OFF };

	if (vm->set & SET_TIMER)
		req.value = vm->set & SET_TIMER_REAL ? ITIMER_REAL : ITIMER_VIRTUAL;
	vm_do(vm, &req);
}

static bool has_adapter(const struct vmblok *vm, unsigned channel)
{
	for (const struct virtual_device *v = vm->devices; v; v = v->next)
		if (v->kind == DEVICE_CTCA && v->vaddr >> 8 == channel)
			return true;
	return false;
}

void vm_set_channels(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_CHANNEL_TYPE };

	for (req.address = 1; req.address < 16; req.address++) {
		req.value = vm->bmx && !has_adapter(vm, req.address) ? CHANNEL_BLOCK
								     : CHANNEL_SELECTOR;
		machine_post(vm->machine, &req);
	}
}

bool vm_resize(struct vmblok *vm, uint32_t storage, struct error *err)
{
	struct machine *m = new_machine(vm, vm->user, storage, err);

	if (!m)
		return false;
	bar(vm, true);
	machine_free(vm->machine);
	vm->machine = NULL;
	segments_release(vm);
	vm->machine = m;
	bar(vm, false);
	vm_set_timer(vm);
	trace_again(vm);
	share_again(vm);
	vm_set_channels(vm);
	vm->storage = storage;
	vm->adstop_set = false;
	vconsole_reset(vm);
	vdevice_attach_again(vm);
	return true;
}

bool vm_build(struct vmblok *vm, const struct directory_user *user, struct error *err)
{
	set_clock(vm, user);
	vm->serial = user->cpuid;
	vm->machine = new_machine(vm, user, user->storage, err);
	if (!vm->machine)
		return false;
	vm->directory = directory_get(vm->cp->directory);
	vm->user = user;
	vm->storage = user->storage;
	vm->classes = user->classes;
	vm->linend = user->linend;
	vm->linedel = user->linedel;
	vm->chardel = user->chardel;
	vm->escape = user->escape;
	if (user->options & OPTION_ECMODE)
		vm->set |= SET_ECMODE;
	if (user->options & OPTION_ISAM)
		vm->set |= SET_ISAM;
	vm->set |= SET_TIMER;
	if (user->options & OPTION_REALTIMER)
		vm->set |= SET_TIMER_REAL;
	vm_set_timer(vm);
	vm->bmx = user->options & OPTION_BMX;
	vm_set_channels(vm);
	snprintf(vm->userid, sizeof(vm->userid), "%s", user->userid);
	bar(vm, false);
	vm->logged_on = true;
	share_init(vm);
	vm->load_tod = clock_tod(&vm->cp->clock.clock);
	vm->logon_tod = clock_tod(&vm->cp->clock.clock);
	vm->response_time = (struct vm_response){ .lines_in = 0 };
	return true;
}


void vm_dismantle(struct vmblok *vm)
{
	vm->leaving = true;
	vm_give_up_prompt(vm);
	tap_gone(vm);
	command_forget(vm);
	bar(vm, true);
	machine_free(vm->machine);
	vm->machine = NULL;
	segments_release(vm);
	trace_free(vm);
	per_free(vm);
	vdevice_release_all(vm);
	vconsole_reset(vm);
	directory_put(vm->directory);
	vm->directory = NULL;
	vm->user = NULL;
}

bool vm_call(struct vmblok *vm, struct machine_request *req)
{
	if (!vm->machine) {
		error_set(&req->error, 0, "%s has no virtual machine", vm->userid);
		return false;
	}
	return machine_call(vm->machine, req);
}

void vm_do(struct vmblok *vm, struct machine_request *req)
{
	if (!vm_call(vm, req))
		log_error(vm->userid, "%s", req->error.text);
}

/* ---- output */

static void respond(struct response *r, const char *line)
{
	size_t n = strlen(line);

	if (r->length + n + 2 > r->room) {
		r->room = 2 * (r->length + n + 2);
		r->text = realloc(r->text, r->room);
		if (!r->text)
			BUG("no memory for a response");
	}
	memcpy(r->text + r->length, line, n);
	r->length += n;
	r->text[r->length++] = '\n';
	r->text[r->length] = '\0';
}

static void show_line(struct vmblok *vm, const char *line, unsigned flags)
{
	uint8_t text[512];
	char stamp[16], stamped[512];
	size_t n;

	if (*termset_stamp(vm, stamp)) {
		snprintf(stamped, sizeof(stamped), "%s%s", stamp, line);
		line = stamped;
	}
	n = strnlen(line, sizeof(text));
	consolespool_line(vm, line);
	/* The operator without a terminal has the host's. */
	if (!vm->console && vm == vm->cp->oper && vm->cp->panel)
		oppanel_line(vm->cp->panel, line, flags & CONSOLE_ALARM);
	if (!vm->console)
		return;
	ebcdic_from_latin1(&codepage_bracket, text, line, n);
	console_write(vm->console, text, n, flags);
	vm_line_written(vm);
}

void vm_line_entered(struct vmblok *vm)
{
	vm->response_time.lines_in++;
	if (!vm->response_time.since)
		vm->response_time.since = clock_tod(&vm->cp->clock.clock);
}

void vm_line_written(struct vmblok *vm)
{
	struct vm_response *r = &vm->response_time;
	uint64_t us;

	r->lines_out++;
	if (!r->since)
		return;
	us = (clock_tod(&vm->cp->clock.clock) - r->since) / TOD_MICROSECOND;
	r->since = 0;
	r->count++;
	r->sum_us += us;
	if (us > r->max_us)
		r->max_us = us;
}

void vm_say(struct vmblok *vm, const char *format, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (vm->response)
		respond(vm->response, line);
	else
		show_line(vm, line, CONSOLE_CP);
}

void vm_tell(struct vmblok *vm, unsigned flags, const char *format, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	show_line(vm, line, flags);
}

void cp_tell_operator(struct cp *cp, const struct vmblok *except, const char *format, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	log_info("operator", "%s", line);
	if (cp->oper && cp->oper != except)
		show_line(cp->oper, line, 0);
}

bool vm_attended(const struct vmblok *vm)
{
	return vm->console || vm->taps || (vm == vm->cp->oper && vm->cp->panel);
}

const char *vm_terminal(const struct vmblok *vm, char out[16])
{
	if (!vm_attended(vm))
		return "DSC";
	if (!vm->console) /* the host's terminal: a 370's console typewriter */
		return "CONS 01F";
	snprintf(out, 16, "%s %03X", console_is_3270(vm->console) ? "GRAF" : "LINE",
		 console_number(vm->console) & 0xFFF);
	return out;
}

void vm_ask(struct vmblok *vm, const char *question, bool masked,
	    void (*answer)(struct vmblok *vm, const char *line))
{
	vm_give_up_prompt(vm); /* of a command that came another way */
	vm_say(vm, "%s", question);
	vm->prompt = answer;
	vm->prompt_masked = masked;
	vm->prompt_given_up = NULL;
	vm_show_status(vm);
}

void vm_give_up_prompt(struct vmblok *vm)
{
	void (*given_up)(struct vmblok *) = vm->prompt ? vm->prompt_given_up : NULL;

	vm->prompt = NULL;
	vm->prompt_masked = false;
	if (given_up)
		given_up(vm);
}

/* ---- CP mode and running */

void vm_show_status(struct vmblok *vm)
{
	tap_status(vm);
	if (!vm->console)
		return;
	if (vm->prompt)
		console_set_status(vm->console, CONSOLE_CP_READ, vm->prompt_masked);
	else if (vm->sleeping)
		console_set_status(vm->console, CONSOLE_RUNNING, false);
	else if (vm->dialed_line) /* the guest takes what comes */
		console_set_status(vm->console, CONSOLE_VM_READ, false);
	else if (vm->in_cp)
		console_set_status(vm->console, CONSOLE_CP_READ, false);
	else if (vm->vconsole.reading)
		console_set_status(vm->console, CONSOLE_VM_READ, false);
	else
		console_set_status(vm->console, CONSOLE_RUNNING, false);
}

static void post_simple(struct vmblok *vm, enum machine_request_kind kind)
{
	const struct machine_request req = { .kind = kind };

	if (vm->machine)
		machine_post(vm->machine, &req);
}

void vm_enter_cp(struct vmblok *vm)
{
	if (vm->in_cp)
		return;
	vm->in_cp = true;
	if (!(vm->set & SET_RUN))
		post_simple(vm, MACHINE_STOP);
	trace_release(vm);
	vm_say(vm, "%s", vm == vm->cp->oper ? "" : "CP");
	vm_show_status(vm);
}

void vm_leave_cp(struct vmblok *vm)
{
	vm->in_cp = false;
	vm_show_status(vm);
}

void vm_begin(struct vmblok *vm)
{
	vm->settled = true;
	post_simple(vm, MACHINE_START);
	vm_leave_cp(vm);
}
