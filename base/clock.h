/*
 * base/clock.h - the one source of time, injectable.
 *
 * Everything a machine can observe of time comes from one struct clock, read
 * as a System/370 TOD clock: unsigned, 4096 units a microsecond, epoch
 * 1900-01-01 00:00 UTC. Tests put a manual clock in place of the system's.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

#define TOD_MICROSECOND    UINT64_C(4096)
#define TOD_SECOND         (UINT64_C(1000000) * TOD_MICROSECOND)
#define TOD_1970           UINT64_C(0x7D91048BCA000000) /* 1970-01-01 00:00 UTC */
#define CLOCK_NEVER        UINT64_MAX

struct clock {
	/* Current time in TOD units; never decreases. Any thread. */
	uint64_t (*tod)(struct clock *clock);
	/*
	 * Host nanoseconds to sleep until the TOD value deadline; 0 if it has
	 * come; CLOCK_NEVER if this clock does not move by itself.
	 */
	uint64_t (*sleep_ns)(struct clock *clock, uint64_t deadline);
};

static inline uint64_t clock_tod(struct clock *clock)
{
	return clock->tod(clock);
}

/* The host's clock: real time at init, monotonic from there on. */
struct system_clock {
	struct clock clock;
	uint64_t offset; /* TOD at monotonic zero */
};

void system_clock_init(struct system_clock *sc);

/* Another clock, that many TOD units ahead: modulo 2**64, so also behind. */
struct shifted_clock {
	struct clock clock;
	struct clock *base;
	uint64_t ahead;
};

void shifted_clock_init(struct shifted_clock *sc, struct clock *base, uint64_t ahead);

/* A clock that stands still until a test moves it. */
struct manual_clock {
	struct clock clock;
	_Atomic uint64_t now;
};

void manual_clock_init(struct manual_clock *mc, uint64_t tod);
void manual_clock_advance(struct manual_clock *mc, uint64_t tod_units);

#endif
