/*
 * consoles/tls.h - TLS of one connection, without a socket (OpenSSL).
 *
 * Bytes from the client go in with tls_input() and come out in clear with
 * tls_decrypt(); tls_encrypt() and tls_output() are the way back. The handshake
 * is made on the way.
 *
 * Threads: a context may be shared; a struct tls has one owner.
 */
#ifndef CONSOLES_TLS_H
#define CONSOLES_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct tls_context;
struct tls;

/* certificate: a chain in PEM; key in PEM (NULL: in the same file). TLS 1.2 up. */
struct tls_context *tls_context_new(const char *certificate, const char *key,
				    struct error *err);
void tls_context_free(struct tls_context *ctx);

struct tls *tls_new(struct tls_context *ctx, struct error *err);
void tls_free(struct tls *t);

/* The handshake is done. */
bool tls_is_open(const struct tls *t);
void tls_input(struct tls *t, const uint8_t *bytes, size_t n);
/* Bytes decrypted; 0: no more now; -1: broken, or closed by the client. */
ssize_t tls_decrypt(struct tls *t, uint8_t *bytes, size_t size);
/* Why it is broken. */
const char *tls_error(const struct tls *t);

/* Encrypt at most n bytes; returns how many were taken. */
size_t tls_encrypt(struct tls *t, const uint8_t *bytes, size_t n);
/* Encrypted bytes for the socket; tls_sent() takes the first n away. */
const uint8_t *tls_output(const struct tls *t, size_t *n);
void tls_sent(struct tls *t, size_t n);
/* Bytes that wait to be sent; 0 if t is NULL. */
size_t tls_pending(const struct tls *t);

#endif
