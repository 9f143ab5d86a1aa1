/*
 * devices/request.c - carrying out what a machine's owner asks for.
 */
#include "devices/machine_int.h"

#include <string.h>
#include <time.h>

#include "base/bytes.h"

#define PAGE 2048u /* what is contiguous in every translation */

/* ---- devices */

static struct device *find(struct machine *m, struct machine_request *req)
{
	struct device *dev = NULL;

	if (req->address <= 0xFFFF)
		dev = channels_device(m->cs, (uint16_t)req->address);
	if (!dev)
		error_set(&req->error, 0, "%03X: no such device", req->address);
	return dev;
}

static bool do_attach(struct machine *m, struct machine_request *req)
{
	const struct device_class *class = NULL;

	if (req->class_name)
		class = device_class_find(req->class_name);
	if (!class) {
		error_set(&req->error, 0, "%03X: device type '%s' is not known",
			  req->address, req->class_name ? req->class_name : "");
		return false;
	}
	return channels_attach(m->cs, class, m, req, &req->error);
}

static bool do_detach(struct machine *m, struct machine_request *req)
{
	return find(m, req) && channels_detach(m->cs, (uint16_t)req->address);
}

static bool do_device_request(struct machine *m, struct machine_request *req)
{
	struct device *dev = find(m, req);

	if (!dev)
		return false;
	if (!dev->class->request) {
		error_set(&req->error, 0, "%03X: a %s takes no such request",
			  req->address, dev->type);
		return false;
	}
	if (dev->class->request(dev, req, &req->error))
		return true;
	error_prefix(&req->error, "%03X %s: ", req->address, dev->type);
	return false;
}

static bool do_attention(struct machine *m, struct machine_request *req)
{
	struct device *dev = find(m, req);

	if (!dev)
		return false;
	device_attention(dev, req->value ? (uint8_t)req->value : US_ATTENTION);
	return true;
}

/* Ready after not ready is told to the program by device end. */
static bool do_ready(struct machine *m, struct machine_request *req)
{
	struct device *dev = find(m, req);

	if (!dev)
		return false;
	dev->not_ready = !req->on;
	if (req->on)
		device_attention(dev, US_DE);
	return true;
}

static bool do_devices(struct machine *m, struct machine_request *req)
{
	struct device *dev = channels_next_device(m->cs, 0);

	while (dev) {
		char text[256] = "";

		if (dev->class->describe)
			dev->class->describe(dev, text, sizeof(text));
		req->visit(req->visit_arg, dev, text);
		dev = channels_next_device(m->cs, dev->address + 1u);
	}
	return true;
}

/* ---- storage */

/* Absolute address of an address of req's space; sets the error on failure. */
static bool locate(struct machine *m, struct machine_request *req, uint32_t address,
		   uint32_t *aaddr)
{
	struct cpu370 *cpu = m->cpu[req->cpu];
	uint32_t raddr = address;

	if (req->space == SPACE_LOGICAL && cpu370_translate(cpu, address, &raddr)) {
		error_set(&req->error, 0, "%06X: the address has no translation",
			  address);
		return false;
	}
	*aaddr = req->space == SPACE_ABSOLUTE ? address
					      : cpu370_real_to_absolute(cpu, raddr);
	return true;
}

static bool move_piece(struct machine *m, struct machine_request *req, uint32_t aaddr,
		       size_t done, size_t n)
{
	enum storage_status st;

	if (req->kind == MACHINE_FETCH)
		st = storage_fetch(m->st, aaddr, 0, req->data + done, n, NULL);
	else
		st = storage_store(m->st, aaddr, 0, req->data + done, n, NULL);
	if (st != STORAGE_OK)
		error_set(&req->error, 0, "%06X: not in storage",
			  req->address + (uint32_t)done);
	return st == STORAGE_OK;
}

static bool do_storage(struct machine *m, struct machine_request *req)
{
	size_t length = req->length;

	for (req->length = 0; req->length < length;) {
		uint32_t address = req->address + (uint32_t)req->length, aaddr;
		size_t n = length - req->length;

		if (n > PAGE - address % PAGE)
			n = PAGE - address % PAGE;
		if (!locate(m, req, address, &aaddr) ||
		    !move_piece(m, req, aaddr, req->length, n))
			return false;
		req->length += n;
	}
	return true;
}

static bool do_map(struct machine *m, struct machine_request *req)
{
	if (req->length > UINT32_MAX) {
		error_set(&req->error, 0, "%06X: too long", req->address);
		return false;
	}
	if (req->kind == MACHINE_UNMAP)
		return storage_unmap(m->st, req->address, (uint32_t)req->length,
				     &req->error);
	return storage_map(m->st, req->address, req->fd, req->count,
			   (uint32_t)req->length, req->data, &req->error);
}

static bool do_key(struct machine *m, struct machine_request *req)
{
	if (!storage_has(m->st, req->address)) {
		error_set(&req->error, 0, "%06X: not in storage", req->address);
		return false;
	}
	if (req->kind == MACHINE_KEY)
		req->value = storage_key(m->st, req->address);
	else
		storage_set_key(m->st, req->address, (uint8_t)req->value);
	return true;
}

/* ---- registers */

static void get_registers(struct cpu370 *cpu, struct machine_registers *r)
{
	r->psw = cpu370_psw(cpu);
	r->prefix = cpu370_prefix(cpu);
	for (unsigned n = 0; n < 16; n++) {
		r->gr[n] = cpu370_gr(cpu, n);
		r->cr[n] = cpu370_cr(cpu, n);
	}
	for (unsigned n = 0; n < 4; n++)
		r->fpr[n] = cpu370_fpr(cpu, n * 2);
	cpu370_clocks(cpu, &r->clocks);
}

static void set_registers(struct cpu370 *cpu, const struct machine_registers *r,
			  unsigned which)
{
	for (unsigned n = 0; n < 16; n++) {
		if (which & REGISTERS_GR)
			cpu370_set_gr(cpu, n, r->gr[n]);
		if (which & REGISTERS_CR)
			cpu370_set_cr(cpu, n, r->cr[n]);
	}
	for (unsigned n = 0; n < 4 && (which & REGISTERS_FPR); n++)
		cpu370_set_fpr(cpu, n * 2, r->fpr[n]);
	if (which & REGISTERS_PREFIX)
		cpu370_set_prefix(cpu, r->prefix);
	if (which & REGISTERS_PSW)
		cpu370_set_psw(cpu, r->psw);
}

/* ---- the machine */

#define PSW_WAIT (UINT64_C(1) << 49)

/* Are all CPUs that are not stopped in the wait state? */
static bool all_wait(const struct machine *m)
{
	for (unsigned n = 0; n < m->config.cpus; n++)
		if (!(m->stopped & 1u << n) && !(cpu370_psw(m->cpu[n]) & PSW_WAIT))
			return false;
	return true;
}

static bool do_query(struct machine *m, struct machine_request *req)
{
	bool running = m->mode == MODE_RUNNING;
	struct timespec used;

	req->state =
		running ? (all_wait(m) ? MACHINE_WAITING : MACHINE_RUNNING) : m->state;
	req->psw = cpu370_psw(m->cpu[req->cpu]);
	req->icount = machine_icount(m);
	req->iocount = channels_started(m->cs);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	req->cpu_ns = (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
	req->cpu_ns += processors_host_ns(m);
	return true;
}

static bool do_timer(struct machine *m, struct machine_request *req)
{
	if (req->value > ITIMER_VIRTUAL) {
		error_set(&req->error, 0, "no interval timer mode %u", req->value);
		return false;
	}
	for (unsigned n = 0; n < m->config.cpus; n++)
		cpu370_set_interval_timer(m->cpu[n], (enum cpu_itimer)req->value);
	return true;
}

static bool do_channel_type(struct machine *m, struct machine_request *req)
{
	if (req->address >= CHANNEL_COUNT || req->value > CHANNEL_BLOCK) {
		error_set(&req->error, 0, "no channel %X or no type %u", req->address,
			  req->value);
		return false;
	}
	channels_set_type(m->cs, req->address, (enum channel_type)req->value);
	return true;
}

static bool do_breakpoint(struct machine *m, struct machine_request *req)
{
	for (unsigned n = 0; n < m->config.cpus; n++) {
		if (!req->on) {
			cpu370_clear_break(m->cpu[n], req->address);
		} else if (!cpu370_set_break(m->cpu[n], req->address)) {
			error_set(&req->error, 0, "%06X: too many address stops",
				  req->address);
			return false;
		}
	}
	return true;
}

static bool do_arch(struct machine *m, struct machine_request *req)
{
	m->config.arch = req->value ? CPU_S360 : CPU_S370;
	for (unsigned n = 0; n < m->config.cpus; n++)
		cpu370_set_arch(m->cpu[n], m->config.arch);
	machine_do_reset(m, true, false);
	machine_do_stop(m);
	return true;
}

static bool do_resize(struct machine *m, struct machine_request *req)
{
	if (req->length > UINT32_MAX ||
	    !storage_resize(m->st, (uint32_t)req->length, &req->error))
		return false;
	m->config.storage = (uint32_t)req->length;
	machine_do_reset(m, true, true);
	machine_do_stop(m);
	return true;
}

bool request_carry_out(struct machine *m, struct machine_request *req)
{
	if (req->cpu >= m->config.cpus) {
		error_set(&req->error, 0, "no CPU %u", req->cpu);
		return false;
	}
	switch (req->kind) {
	case MACHINE_ATTACH: return do_attach(m, req);
	case MACHINE_DETACH: return do_detach(m, req);
	case MACHINE_MOVE:
		return find(m, req) && channels_move(m->cs, (uint16_t)req->address,
						     (uint16_t)req->value, &req->error);
	case MACHINE_START: machine_do_start(m); return true;
	case MACHINE_STOP: machine_do_stop(m); return true;
	case MACHINE_STEP: machine_do_step(m, req->cpu, req->count, req->on); return true;
	case MACHINE_RESET:
		machine_do_reset(m, req->on, req->clear);
		machine_do_stop(m);
		return true;
	case MACHINE_RESET_DEVICE:
		return find(m, req) &&
		       channels_reset_device(m->cs, (uint16_t)req->address);
	case MACHINE_IPL:
		machine_do_ipl(m, req);
		return true;
	case MACHINE_RESTART: machine_do_restart(m, req->cpu); return true;
	case MACHINE_FETCH:
	case MACHINE_STORE: return do_storage(m, req);
	case MACHINE_KEY:
	case MACHINE_SET_KEY: return do_key(m, req);
	case MACHINE_MAP:
	case MACHINE_UNMAP: return do_map(m, req);
	case MACHINE_TIMER: return do_timer(m, req);
	case MACHINE_REGISTERS:
		get_registers(m->cpu[req->cpu], &req->registers);
		return true;
	case MACHINE_SET_REGISTERS:
		set_registers(m->cpu[req->cpu], &req->registers, req->which);
		return true;
	case MACHINE_RESIDENT: req->count = storage_resident(m->st); return true;
	case MACHINE_CPUID:
		for (unsigned n = 0; n < m->config.cpus; n++)
			cpu370_set_cpuid(m->cpu[n], req->count);
		return true;
	case MACHINE_STORE_STATUS: cpu370_store_status(m->cpu[req->cpu]); return true;
	case MACHINE_EXTERNAL:
		cpu370_external(m->cpu[req->cpu], (uint16_t)req->value);
		processor_wake(m, req->cpu);
		return true;
	case MACHINE_MACHINE_CHECK:
		cpu370_machine_check(m->cpu[req->cpu], req->count);
		processor_wake(m, req->cpu);
		return true;
	case MACHINE_BREAKPOINT: return do_breakpoint(m, req);
	case MACHINE_TRACE: m->trace = req->on; return true;
	case MACHINE_TRACE_EVENTS:
		for (unsigned n = 0; n < m->config.cpus; n++)
			cpu370_set_trace(m->cpu[n], req->value);
		return true;
	case MACHINE_TERMINAL_INPUT:
	case MACHINE_TERMINAL_ROOM:
	case MACHINE_FORMS:
	case MACHINE_WAKE_DEVICE:
	case MACHINE_MOUNT: return do_device_request(m, req);
	case MACHINE_ATTENTION: return do_attention(m, req);
	case MACHINE_READY: return do_ready(m, req);
	case MACHINE_CHANNEL_TYPE: return do_channel_type(m, req);
	case MACHINE_DEVICES: return do_devices(m, req);
	case MACHINE_QUERY: return do_query(m, req);
	case MACHINE_ARCH: return do_arch(m, req);
	case MACHINE_STORAGE: return do_resize(m, req);
	case MACHINE_STATS:
		cpu370_stats(m->cpu[req->cpu], req->stats);
		return true;
	}
	error_set(&req->error, 0, "no request %d", req->kind);
	return false;
}
