/*
 * base/log.h - one line a message, on standard error.
 *
 * The subject is what the line is about: a userid with a device address
 * ("OPERATOR 00C"), a file, a client's address. Never per instruction or per
 * CCW, never a password. Any thread may call; a line is written in one piece.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compiler.h"

void log_info(const char *subject, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warn(const char *subject, const char *format, ...) PRINTF_LIKE(2, 3);
void log_error(const char *subject, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
