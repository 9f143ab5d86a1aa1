/*
 * tests/differential/emulator.h - an emulator as a child process that loads a
 * storage image, runs it from its restart PSW to a stop, and saves storage.
 */
#ifndef DIFFERENTIAL_EMULATOR_H
#define DIFFERENTIAL_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>

struct emulator;

enum emulator_kind { EMULATOR_HERCULES, EMULATOR_S370 };

/*
 * program: its path; directory: for its files, of this run alone. The process
 * starts with the first image.
 */
struct emulator *emulator_new(enum emulator_kind kind, const char *program,
			      const char *directory);
void emulator_free(struct emulator *e);

/*
 * Run image (ST_SIZE bytes), which is replaced by storage after the stop. An
 * image that does not stop within a few seconds is stopped, and the process with
 * it. false: the emulator died or does not answer; the next image starts it anew.
 */
bool emulator_run(struct emulator *e, uint8_t *image);

/* How long an image may run until it is stopped. */
void emulator_patience(struct emulator *e, int seconds);

const char *emulator_name(const struct emulator *e);

#endif
