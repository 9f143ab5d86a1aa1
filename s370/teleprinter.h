/*
 * s370/teleprinter.h - the person in front of a 1052 or 3215 of the bare
 * machine: its lines appear on standard output, typed lines come from the
 * monitor. A telnet client may see and type them too (displays.h).
 *
 * Lines may be typed ahead; each answers one read of the guest, in order.
 *
 * Threads: the terminal is called on the machine's thread, the rest by the
 * monitor.
 */
#ifndef S370_TELEPRINTER_H
#define S370_TELEPRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "devices/terminal.h"
#include "s370/screen.h"

struct teleprinter;
struct machine;

/*
 * A console at an I/O address. log_path: host file that receives everything the
 * guest writes there too (emptied first), or NULL. NULL with err.
 */
struct teleprinter *teleprinter_new(struct machine *m, uint16_t address,
				    struct screen *screen, const struct codepage *codepage,
				    const char *log_path, struct error *err);
/* After the device is detached or the machine is gone. */
void teleprinter_free(struct teleprinter *t);

struct terminal teleprinter_terminal(struct teleprinter *t);
uint16_t teleprinter_address(const struct teleprinter *t);

/*
 * Type a line (UTF-8, without its end) and ENTER: it answers the read that is
 * outstanding, or the next one. Returns true if a read was outstanding.
 */
bool teleprinter_type(struct teleprinter *t, const char *line);

/* The same with EBCDIC. */
bool teleprinter_enter(struct teleprinter *t, const uint8_t *text, size_t length);

/*
 * Who else sees the console, a telnet client. Called on the machine's thread or the one
 * that types, with the teleprinter's lock held: must not wait, nor call back.
 */
struct teleprinter_watcher {
	void (*written)(void *arg, const uint8_t *text, size_t length, bool newline);
	void (*reading)(void *arg, bool on);
	void *arg;
};
/* NULL: nobody. When it returns the one before is not called any more. */
void teleprinter_watch(struct teleprinter *t, const struct teleprinter_watcher *w);

/* Is the guest waiting for a line? */
bool teleprinter_reading(struct teleprinter *t);

#endif
