/*
 * devices/machine_state.c - what the keys of a machine's console do: start, stop,
 * instruction step, reset, restart and load. All with the baton.
 */
#include "devices/machine_int.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

static void tell_state(struct machine *m, enum machine_state state, unsigned cpu)
{
	if (m->state == state && state != MACHINE_STOPPED && state != MACHINE_TRACED)
		return;
	m->state = state;
	if (m->owner.state)
		m->owner.state(m->owner.arg, state, cpu370_psw(m->cpu[cpu]));
}

void machine_halt(struct machine *m, enum machine_state state, unsigned cpu)
{
	m->mode = MODE_STOPPED;
	m->steps = 0;
	m->stop_cpu = cpu;
	tell_state(m, state, cpu);
}

void machine_do_start(struct machine *m)
{
	m->stop_loaded = false;
	if (m->mode != MODE_STOPPED)
		return;
	m->mode = MODE_RUNNING;
	m->waiting = 0;
	if (m->stopped == (1u << m->config.cpus) - 1)
		m->stopped &= ~1u;
	tell_state(m, MACHINE_RUNNING, 0);
}

/*
 * STOP while a program is being loaded: the load is completed first, so that a
 * stop key pressed right behind the load key does not leave half a program. A
 * second one gives a load up that does not end.
 */
void machine_do_stop(struct machine *m)
{
	if (m->mode == MODE_LOADING && !m->stop_loaded) {
		m->stop_loaded = true;
		return;
	}
	/* The answer comes even if it was stopped already: somebody waits for it. */
	machine_halt(m, MACHINE_STOPPED, 0);
}

void machine_do_step(struct machine *m, unsigned cpu, uint64_t count, bool through_wait)
{
	if (m->mode == MODE_LOADING)
		return;
	machine_do_start(m);
	m->steps = count ? count : 1;
	m->step_through = through_wait;
	m->step_cpu = cpu;
	m->turn_left = 0;
}

void machine_do_reset(struct machine *m, bool initial, bool clear)
{
	enum cpu_reset kind = clear	? CPU_RESET_CLEAR
			      : initial ? CPU_RESET_INITIAL
					: CPU_RESET;
	unsigned all = (1u << m->config.cpus) - 1;

	m->mode = MODE_STOPPED;
	m->steps = 0;
	channels_reset(m->cs);
	if (clear)
		storage_clear(m->st);
	for (unsigned n = 0; n < m->config.cpus; n++)
		cpu370_reset(m->cpu[n], kind);
	m->stopped = all & ~1u;
	m->waiting = 0;
	pthread_mutex_lock(&m->lock);
	for (unsigned n = 0; n < m->config.cpus; n++) {
		m->processor[n].order = 0;
		m->processor[n].out = CPU_EXIT_BUDGET;
	}
	pthread_mutex_unlock(&m->lock);
	m->turn = m->config.cpus - 1;
	m->turn_left = 0;
	m->hold_for = NOBODY;
}

void machine_do_restart(struct machine *m, unsigned cpu)
{
	cpu370_post(m->cpu[cpu], CPU_PENDING_RESTART);
	m->stopped &= ~(1u << cpu);
	machine_do_start(m);
	m->waiting = 0;
}

/* ---- initial program loading: GA22-7000, "System Control" */

static void ipl_fail(struct machine *m, unsigned cc, const uint8_t csw[8])
{
	struct device *dev = channels_device(m->cs, m->ipl_address);

	machine_halt(m, MACHINE_STOPPED, 0);
	if (m->owner.ipl_failed)
		m->owner.ipl_failed(m->owner.arg, m->ipl_address, cc, csw,
				    dev ? dev->sense[0] : 0);
}

/* Put the I/O address where the IPL PSW's form wants it, load the PSW, go. */
static void ipl_finish(struct machine *m)
{
	uint8_t psw[8] = { 0 }, address[4] = { 0 };
	bool ec, ok;

	ok = storage_fetch(m->st, 0, 0, psw, sizeof(psw), NULL) == STORAGE_OK;
	ec = psw[1] & 0x08;
	put_be16(address + 2, m->ipl_address);
	if (ec) {
		ok = ok && storage_store(m->st, 0xB8, 0, address, 4, NULL) == STORAGE_OK;
	} else {
		ok = ok && storage_store(m->st, 2, 0, address + 2, 2, NULL) == STORAGE_OK;
		memcpy(psw + 2, address + 2, 2);
	}
	assert(ok);
	cpu370_set_psw(m->cpu[0], be64(psw));
	m->mode = MODE_STOPPED;
	if (m->ipl_stop)
		machine_halt(m, MACHINE_BREAK, 0);
	else if (m->stop_loaded)
		machine_halt(m, MACHINE_STOPPED, 0);
	else
		machine_do_start(m);
}

/* Only disks know of cylinders. */
static void set_ipl_cylinder(struct machine *m, const struct machine_request *req)
{
	struct device *dev = channels_device(m->cs, (uint16_t)req->address);
	struct error ignored;

	if (dev && dev->class->request)
		(void)!dev->class->request(dev, req, &ignored);
}

void machine_do_ipl(struct machine *m, const struct machine_request *req)
{
	static const uint8_t no_csw[8];
	const uint16_t address = (uint16_t)req->address;

	machine_do_reset(m, true, req->clear);
	m->ipl_address = address;
	m->ipl_stop = req->on;
	m->stop_loaded = false;
	m->mode = MODE_LOADING;
	tell_state(m, MACHINE_LOADING, 0);
	set_ipl_cylinder(m, req);
	if (channels_ipl(m->cs, address) != 0)
		ipl_fail(m, 3, no_csw);
}

void machine_ipl_go_on(struct machine *m)
{
	uint8_t csw[8];
	bool ok;

	channels_work(m->cs);
	if (channels_ipl_done(m->cs, m->ipl_address, csw, &ok)) {
		if (ok)
			ipl_finish(m);
		else
			ipl_fail(m, 0, csw);
	} else if (!channels_have_work(m->cs)) {
		machine_sleep_until(m, CLOCK_NEVER);
	}
}
