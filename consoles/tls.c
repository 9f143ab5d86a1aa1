#include "consoles/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#include "consoles/bytebuf.h"

#define ENCRYPT_MAX 16384 /* one TLS record */

struct tls_context {
	SSL_CTX *ssl;
};

struct tls {
	SSL *ssl;
	BIO *in, *out; /* memory */
	struct bytebuf pending;
	char error[160];
};

static void ssl_sentence(struct error *err, const char *what, const char *object)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	error_set(err, 0, "TLS %s %s: %s", what, object, text);
	ERR_clear_error();
}

struct tls_context *tls_context_new(const char *certificate, const char *key,
				    struct error *err)
{
	struct tls_context *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		BUG("out of memory");
	if (!certificate) {
		error_set(err, 0, "TLS needs a certificate file");
		goto failed;
	}
	ctx->ssl = SSL_CTX_new(TLS_server_method());
	if (!ctx->ssl || !SSL_CTX_set_min_proto_version(ctx->ssl, TLS1_2_VERSION)) {
		ssl_sentence(err, "library", "OpenSSL");
		goto failed;
	}
	SSL_CTX_set_mode(ctx->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
					   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx->ssl, SSL_OP_NO_RENEGOTIATION);
	if (SSL_CTX_use_certificate_chain_file(ctx->ssl, certificate) != 1) {
		ssl_sentence(err, "certificate", certificate);
		goto failed;
	}
	if (SSL_CTX_use_PrivateKey_file(ctx->ssl, key ? key : certificate,
					SSL_FILETYPE_PEM) != 1) {
		ssl_sentence(err, "key", key ? key : certificate);
		goto failed;
	}
	return ctx;
failed:
	tls_context_free(ctx);
	return NULL;
}

void tls_context_free(struct tls_context *ctx)
{
	if (!ctx)
		return;
	SSL_CTX_free(ctx->ssl);
	free(ctx);
}

struct tls *tls_new(struct tls_context *ctx, struct error *err)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		BUG("out of memory");
	t->ssl = SSL_new(ctx->ssl);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out) {
		ssl_sentence(err, "library", "OpenSSL");
		BIO_free(t->in);
		BIO_free(t->out);
		SSL_free(t->ssl);
		free(t);
		return NULL;
	}
	SSL_set_bio(t->ssl, t->in, t->out); /* they belong to it from now on */
	SSL_set_accept_state(t->ssl);
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	bytebuf_free(&t->pending);
	free(t);
}

bool tls_is_open(const struct tls *t)
{
	return SSL_is_init_finished(t->ssl);
}

/* Move what OpenSSL wrote into the pending bytes. */
static void collect(struct tls *t)
{
	uint8_t bytes[4096];
	int n;

	while ((n = BIO_read(t->out, bytes, sizeof(bytes))) > 0)
		bytebuf_put(&t->pending, bytes, (size_t)n);
}

void tls_input(struct tls *t, const uint8_t *bytes, size_t n)
{
	if (BIO_write(t->in, bytes, (int)n) != (int)n)
		BUG("out of memory");
}

static ssize_t broken(struct tls *t, const char *why)
{
	unsigned long code = ERR_get_error();

	if (code)
		ERR_error_string_n(code, t->error, sizeof(t->error));
	else
		snprintf(t->error, sizeof(t->error), "%s", why);
	ERR_clear_error();
	return -1;
}

ssize_t tls_decrypt(struct tls *t, uint8_t *bytes, size_t size)
{
	int n;

	ERR_clear_error();
	n = SSL_read(t->ssl, bytes, (int)size);
	collect(t);
	if (n > 0)
		return n;
	switch (SSL_get_error(t->ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return 0;
	case SSL_ERROR_ZERO_RETURN: return broken(t, "closed by the client");
	default: return broken(t, "protocol error");
	}
}

const char *tls_error(const struct tls *t)
{
	return t->error;
}

size_t tls_encrypt(struct tls *t, const uint8_t *bytes, size_t n)
{
	int done;

	if (!n || !tls_is_open(t))
		return 0;
	ERR_clear_error();
	done = SSL_write(t->ssl, bytes, n < ENCRYPT_MAX ? (int)n : ENCRYPT_MAX);
	collect(t);
	return done > 0 ? (size_t)done : 0;
}

const uint8_t *tls_output(const struct tls *t, size_t *n)
{
	*n = t->pending.length;
	return t->pending.data;
}

void tls_sent(struct tls *t, size_t n)
{
	bytebuf_take(&t->pending, n);
}

size_t tls_pending(const struct tls *t)
{
	return t ? t->pending.length : 0;
}
