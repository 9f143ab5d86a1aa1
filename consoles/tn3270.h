/*
 * consoles/tn3270.h - the terminal's side of the wire: telnet options, TN3270
 * and TN3270E, without a socket. Bytes go in, records and keys come out.
 *
 * RFC 854/855 (telnet), 885 (EOR), 1091 (TERMINAL-TYPE), 1576 (TN3270), 2355
 * (TN3270E). The server asks for TN3270E first, then for classic TN3270, and
 * falls back to a network virtual terminal (NVT), which is a typewriter.
 *
 * Threads: one owner.
 */
#ifndef CONSOLES_TN3270_H
#define CONSOLES_TN3270_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tn3270;

enum tn3270_mode {
	TN3270_NEGOTIATING,
	TN3270_NVT,	 /* plain telnet */
	TN3270_CLASSIC,	 /* RFC 1576 */
	TN3270_EXTENDED, /* RFC 2355 */
};

/* Why a DEVICE-TYPE request is rejected: RFC 2355, "REJECT Command". */
enum tn3270_reason {
	TN3270_CONN_PARTNER,
	TN3270_DEVICE_IN_USE,
	TN3270_INV_ASSOCIATE,
	TN3270_INV_NAME,
	TN3270_INV_DEVICE_TYPE,
	TN3270_TYPE_NAME_ERROR,
	TN3270_UNKNOWN_ERROR,
	TN3270_UNSUPPORTED_REQ,
	TN3270_LU_OK = -1,
};

struct tn3270_events {
	/* Bytes for the client. */
	void (*send)(void *arg, const uint8_t *bytes, size_t n);
	/* The mode is settled. */
	void (*ready)(void *arg);
	/* A whole 3270 record: AID and what follows. */
	void (*record)(void *arg, const uint8_t *bytes, size_t n);
	/* Characters typed on an NVT, options and commands taken out. */
	void (*text)(void *arg, const uint8_t *bytes, size_t n);
	/* The size of an NVT's window in characters; 0: not known to the client. */
	void (*window)(void *arg, unsigned columns, unsigned rows);
	/* BREAK or INTERRUPT PROCESS. */
	void (*attention)(void *arg);
	/*
	 * The SYSREQ key (ABORT OUTPUT). With the function agreed the client is in
	 * its session with us (SSCP-LU) until it presses the key again, and
	 * tn3270_in_sscp() is true: 3270 data has to wait.
	 */
	void (*sysreq)(void *arg);
	/* LOGOFF was typed in that session. */
	void (*logoff)(void *arg);
	/* A TN3270E response to the data sent under number; sense -1: positive. */
	void (*response)(void *arg, unsigned number, int sense);
	/* A LU name is wanted ("": any): may be changed; TN3270_LU_OK or why not. */
	int (*lu)(void *arg, char name[9]);
	/* The client broke the protocol: close the connection. Nothing follows. */
	void (*failed)(void *arg, const char *why);
};

struct tn3270_options {
	bool no_extended; /* never offer TN3270E */
	bool start_tls;	  /* ask for START-TLS first */
};

struct tn3270 *tn3270_new(const struct tn3270_options *options,
			  const struct tn3270_events *events, void *arg);
void tn3270_free(struct tn3270 *t);

/* Send the first requests. */
void tn3270_start(struct tn3270 *t);
/* Begin again inside TLS: all that was agreed in clear is forgotten. */
void tn3270_restart(struct tn3270 *t);
/*
 * Bytes from the client, any number. Returns how many were used: fewer than n,
 * or n with tn3270_wants_tls() true, when the rest of the connection is TLS. The
 * caller makes the handshake, then calls tn3270_restart().
 */
size_t tn3270_receive(struct tn3270 *t, const uint8_t *bytes, size_t n);
bool tn3270_wants_tls(const struct tn3270 *t);
/* The client took too long to answer: it is an NVT. */
void tn3270_give_up(struct tn3270 *t);

enum tn3270_mode tn3270_mode(const struct tn3270 *t);
/* "IBM-3278-2-E"; what an NVT calls itself; or "". */
const char *tn3270_type(const struct tn3270 *t);
const char *tn3270_lu(const struct tn3270 *t);
/* Size of the alternate screen that the type promises; 24 x 80 otherwise. */
unsigned tn3270_rows(const struct tn3270 *t);
unsigned tn3270_columns(const struct tn3270 *t);
/* May Write Structured Field be sent (-E, DYNAMIC)? */
bool tn3270_structured(const struct tn3270 *t);
bool tn3270_in_sscp(const struct tn3270 *t);

/*
 * Send a 3270 command with its data as one record. want_response: ask a
 * TN3270E client with RESPONSES to say how it went. Returns the number under
 * which response() comes, 0 if none will.
 */
unsigned tn3270_send(struct tn3270 *t, const uint8_t *bytes, size_t n,
		     bool want_response);
/* Send characters to an NVT (FF is doubled; line ends are the caller's). */
void tn3270_send_text(struct tn3270 *t, const uint8_t *bytes, size_t n);
/* WILL ECHO (the client stops its own echo) or WONT ECHO. */
void tn3270_hide_typing(struct tn3270 *t, bool hide);
/* A harmless command that keeps the connection alive: NOP. */
void tn3270_probe(struct tn3270 *t);

#endif
