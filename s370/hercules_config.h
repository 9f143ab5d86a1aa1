/*
 * s370/hercules_config.h - a Hercules configuration file, accepted as it is.
 *
 * Statements that matter here act, the others are named once each in a note.
 * Names of files in it are relative to the file's directory. $(NAME) and
 * ${NAME:=DEFAULT} are replaced by DEFSYM symbols and environment variables.
 */
#ifndef S370_HERCULES_CONFIG_H
#define S370_HERCULES_CONFIG_H

#include <stdbool.h>

#include "base/error.h"
#include "s370/bare.h"

/*
 * Read path and build what it says. A device that cannot be attached (its file
 * is missing, its type unknown) gets a message and the rest goes on; false with
 * err for a file that cannot be read or a statement that is malformed.
 */
bool hercules_config(struct bare *b, const char *path, struct error *err);

#endif
