#include "base/clock.h"

#include <time.h>

#include "base/compiler.h"

#include <stddef.h>

static uint64_t host_tod(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * TOD_SECOND +
	       (uint64_t)ts.tv_nsec * TOD_MICROSECOND / 1000;
}

static uint64_t system_tod(struct clock *clock)
{
	struct system_clock *sc = CONTAINER_OF(clock, struct system_clock, clock);

	return sc->offset + host_tod(CLOCK_MONOTONIC);
}

static uint64_t system_sleep_ns(struct clock *clock, uint64_t deadline)
{
	uint64_t now = system_tod(clock);

	if (deadline <= now)
		return 0;
	/* Units of 1/4096 us to ns, rounded up, without overflow. */
	return (deadline - now) / TOD_MICROSECOND * 1000 + 1000;
}

void system_clock_init(struct system_clock *sc)
{
	sc->clock.tod = system_tod;
	sc->clock.sleep_ns = system_sleep_ns;
	sc->offset = TOD_1970 + host_tod(CLOCK_REALTIME) - host_tod(CLOCK_MONOTONIC);
}

static uint64_t shifted_tod(struct clock *clock)
{
	struct shifted_clock *sc = CONTAINER_OF(clock, struct shifted_clock, clock);

	return clock_tod(sc->base) + sc->ahead;
}

static uint64_t shifted_sleep_ns(struct clock *clock, uint64_t deadline)
{
	struct shifted_clock *sc = CONTAINER_OF(clock, struct shifted_clock, clock);
	uint64_t now = shifted_tod(clock);

	/* The difference counts: deadline - ahead may not be a time of base's. */
	return deadline <= now ? 0
			       : sc->base->sleep_ns(sc->base,
						    clock_tod(sc->base) + (deadline - now));
}

void shifted_clock_init(struct shifted_clock *sc, struct clock *base, uint64_t ahead)
{
	sc->clock.tod = shifted_tod;
	sc->clock.sleep_ns = shifted_sleep_ns;
	sc->base = base;
	sc->ahead = ahead;
}

static uint64_t manual_tod(struct clock *clock)
{
	return atomic_load(&CONTAINER_OF(clock, struct manual_clock, clock)->now);
}

static uint64_t manual_sleep_ns(struct clock *clock, uint64_t deadline)
{
	return deadline <= manual_tod(clock) ? 0 : CLOCK_NEVER;
}

void manual_clock_init(struct manual_clock *mc, uint64_t tod)
{
	mc->clock.tod = manual_tod;
	mc->clock.sleep_ns = manual_sleep_ns;
	atomic_init(&mc->now, tod);
}

void manual_clock_advance(struct manual_clock *mc, uint64_t tod_units)
{
	atomic_fetch_add(&mc->now, tod_units);
}
