/*
 * s370/bare.h - the bare machine as its operator sees it: one struct machine,
 * its consoles and hoppers, and whether it runs.
 *
 * Whenever the machine stops after it was started, one line is shown:
 *
 *   STOP reason=wait|count|check-stop|break|operator|loop psw=HEX16
 *        count=DECIMAL [interrupt codes] [cpu=N]
 *
 * count: instructions since it was started. Interrupt codes: pgm=, svc=, ext=,
 * io= with the code of the last interruption of each class that was taken. cpu: the
 * CPU whose PSW it is, if there are several.
 *
 * Threads: one operator's thread calls everything here.
 */
#ifndef S370_BARE_H
#define S370_BARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "devices/machine.h"
#include "s370/screen.h"
#include "s370/teleprinter.h"

#define BARE_YEAR     INT64_C(31557600) /* seconds: 365.25 days, as Hercules counts */
#define BARE_STORAGE  (16u << 20)
#define BARE_CPUID    UINT64_C(0xFD00004731450000) /* a 3145, serial 000047 */

struct bare;

struct bare *bare_new(struct screen *screen, struct error *err);
void bare_free(struct bare *b);
struct screen *bare_screen(const struct bare *b);

/*
 * What the machine is built with. It is built on first use. When that is past,
 * another architecture resets it, another size of storage clears it, and the others
 * fail with err if the value is a new one. Not while it runs.
 */
bool bare_set_storage(struct bare *b, uint32_t size, struct error *err);
bool bare_set_cpus(struct bare *b, unsigned cpus, struct error *err);
bool bare_set_arch(struct bare *b, enum cpu_arch arch, struct error *err);
/* The fields of mask are replaced in what STIDP stores. */
bool bare_set_cpuid(struct bare *b, uint64_t cpuid, uint64_t mask, struct error *err);
/* The TOD clock shows the host's time moved by that many seconds. */
void bare_move_clock(struct bare *b, int64_t seconds);
bool bare_set_codepage(struct bare *b, const char *name, struct error *err);
const struct machine_config *bare_config(const struct bare *b);

/* Carry out a request; builds the machine if it is not there yet. */
MUST_USE bool bare_call(struct bare *b, struct machine_request *req, struct error *err);

/*
 * Attach a device; words are what follows the type on a Hercules device
 * statement. A "-C" behind a console type is accepted.
 */
bool bare_attach(struct bare *b, uint16_t address, const char *type, int count,
		 char *const *words, struct error *err);
bool bare_detach(struct bare *b, uint16_t address, struct error *err);
/*
 * Displays attached from now on are for tn3270 clients of that port; it is opened with
 * the first of them. host NULL: this host only. port 0: any free one.
 */
void bare_set_console_port(struct bare *b, const char *host, uint16_t port);
/* Other cards, tape or file in a device that is there; it becomes ready. */
bool bare_mount(struct bare *b, uint16_t address, int count, char *const *words,
		struct error *err);

/* The console at address; 0xFFFF: the first one. NULL: none. */
struct teleprinter *bare_console(struct bare *b, uint32_t address);
#define BARE_FIRST_CONSOLE UINT32_MAX

/* Start: run from the current PSW, or IPL, or restart. Does not wait. */
bool bare_start(struct bare *b, struct error *err);
bool bare_ipl(struct bare *b, uint16_t address, bool clear, struct error *err);
bool bare_restart(struct bare *b, unsigned cpu, struct error *err);
/*
 * Run and wait for the stop. Right after bare_ipl(), bare_restart() or bare_start()
 * it waits for the end of that, even if it has come already.
 */
bool bare_run(struct bare *b, struct error *err);
/*
 * Let CPU number cpu execute count instructions, until an enabled wait; through_wait:
 * all CPUs in turns, and they wait.
 */
bool bare_step(struct bare *b, unsigned cpu, uint64_t count, bool through_wait,
	       struct error *err);
/* Stop key: any thread. */
void bare_stop(struct bare *b);
/* Wait until it has stopped. */
void bare_wait(struct bare *b);
bool bare_running(struct bare *b);

/* Instruction trace to a host file, NULL: to the screen. */
bool bare_trace(struct bare *b, bool on, const char *path, struct error *err);

/* Instructions, seconds, MIPS; then counters of each CPU (struct cpu_stats). */
void bare_show_stats(struct bare *b);

#endif
