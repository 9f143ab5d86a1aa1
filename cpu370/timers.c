/*
 * TOD clock, clock comparator, CPU timer and the interval timer at X'50'.
 *
 * GA22-7000, "System Control", Timing. All are read from the one struct clock; SCK
 * sets an offset that every CPU of the storage shares. The comparator and the CPU
 * timer are conditions: timers_update() brings cpu->ext up to date with them.
 */
#include "cpu370/int.h"

/*
 * The interval timer loses 76,800 units of bit 31 a second; a TOD second has
 * 4,096,000,000 units: 3 interval-timer units are 160,000 TOD units.
 */
#define ITIMER_NUMERATOR   3
#define ITIMER_DENOMINATOR 160000

/* One step of the interval timer's bit 23: 1/300 s. */
#define ITIMER_STEP (TOD_SECOND / 300)

uint64_t tod_now(struct cpu370 *cpu)
{
	return clock_tod(cpu->clock) + atomic_load(&cpu->st->tod_offset);
}

uint64_t tod_stck(struct cpu370 *cpu)
{
	_Atomic uint64_t *last = &cpu->st->last_stck;
	uint64_t seen = atomic_load(last), now, value;

	/* No two alike, on whatever CPU; but a clock set back by SCK is believed. */
	do {
		now = tod_now(cpu);
		value = now <= seen && seen - now < TOD_SECOND ? seen + 1 : now;
	} while (!atomic_compare_exchange_weak(last, &seen, value));
	return value;
}

uint64_t cpu_timer(struct cpu370 *cpu)
{
	return cpu->timer_zero - clock_tod(cpu->clock);
}

void cpu_timer_set(struct cpu370 *cpu, uint64_t value)
{
	cpu->timer_zero = clock_tod(cpu->clock) + value;
}

static void condition(struct cpu370 *cpu, uint32_t ext, bool on)
{
	if (on)
		atomic_fetch_or(&cpu->ext, ext);
	else
		atomic_fetch_and(&cpu->ext, ~ext);
}

static uint32_t itimer_word(struct cpu370 *cpu)
{
	uint8_t b[4];

	guest_copy(b, real_host(cpu, 0x50, 4), 4);
	return be32(b);
}

/* Count X'50' down by the time since the last look. */
static void itimer_update(struct cpu370 *cpu, uint64_t now)
{
	uint64_t passed = now - cpu->itimer_seen;
	uint64_t units = passed * ITIMER_NUMERATOR + cpu->itimer_rest;
	uint32_t old, new;
	uint8_t b[4];

	if (passed > 3600 * TOD_SECOND) { /* the host slept, or the clock jumped */
		cpu->itimer_seen = now;
		return;
	}
	cpu->itimer_seen = now;
	cpu->itimer_rest = units % ITIMER_DENOMINATOR;
	if (units < ITIMER_DENOMINATOR)
		return;
	old = itimer_word(cpu);
	new = old - (uint32_t)(units / ITIMER_DENOMINATOR);
	put_be32(b, new);
	real_store(cpu, 0x50, b, 4);
	if (!(old >> 31) && new >> 31)
		atomic_fetch_or(&cpu->ext, EXT_ITIMER);
}

void timers_update(struct cpu370 *cpu)
{
	uint64_t now = clock_tod(cpu->clock);

	condition(cpu, EXT_COMPARATOR,
		  now + atomic_load(&cpu->st->tod_offset) > cpu->comparator);
	condition(cpu, EXT_CPU_TIMER, (int64_t)(cpu->timer_zero - now) < 0);
	if (cpu->interval_timer)
		itimer_update(cpu, now);
}

void timers_begin(struct cpu370 *cpu)
{
	if (cpu->interval_timer == ITIMER_VIRTUAL)
		cpu->itimer_seen = clock_tod(cpu->clock);
	timers_update(cpu);
}

void timers_end(struct cpu370 *cpu)
{
	if (cpu->interval_timer == ITIMER_VIRTUAL)
		itimer_update(cpu, clock_tod(cpu->clock));
}

void timers_reset(struct cpu370 *cpu)
{
	cpu->comparator = 0;
	cpu_timer_set(cpu, 0);
	cpu->itimer_seen = clock_tod(cpu->clock);
	cpu->itimer_rest = 0;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* TOD (of the clock, not of SCK) at which X'50' becomes negative. */
static uint64_t itimer_due(struct cpu370 *cpu)
{
	uint32_t word = itimer_word(cpu);

	if (word >> 31)
		return CLOCK_NEVER;
	return cpu->itimer_seen + (((uint64_t)word + 1) * ITIMER_DENOMINATOR - cpu->itimer_rest) /
					   ITIMER_NUMERATOR + 1;
}

uint64_t cpu370_deadline(const struct cpu370 *running)
{
	struct cpu370 *cpu = (struct cpu370 *)(uintptr_t)running;
	uint32_t ext = atomic_load(&cpu->ext);
	uint32_t wanted = cpu->wait ? external_enabled(cpu) : EXT_ALL;
	uint64_t due = CLOCK_NEVER;

	if (!(ext & EXT_COMPARATOR) && (wanted & EXT_COMPARATOR) &&
	    cpu->comparator != UINT64_MAX)
		due = sooner(due, cpu->comparator + 1 - atomic_load(&cpu->st->tod_offset));
	if (!(ext & EXT_CPU_TIMER) && (wanted & EXT_CPU_TIMER))
		due = sooner(due, cpu->timer_zero + 1);
	if (!cpu->interval_timer)
		return due;
	if (cpu->wait && (wanted & EXT_ITIMER) && cpu->interval_timer == ITIMER_REAL)
		due = sooner(due, itimer_due(cpu));
	if (!cpu->wait)
		due = sooner(due, cpu->itimer_seen + ITIMER_STEP);
	return due;
}
