/*
 * devices/nje_words.h - the words behind TCPNJE on a device line, as Hercules has them:
 * perhaps 2703, then KEY=VALUE.
 *
 *   lnode= rnode=  nodes here and there: required, up to eight characters
 *   lport= lhost=  where to listen; 175, everywhere
 *   rport= rhost=  whom to call; 175, nobody
 *   listen= connect=  0: do not; else do
 *   rto=  milliseconds until a READ times out, 3000      cto=  until a bid does, 30000
 *   bufsize=  bytes of a block at most, 8192
 *   keepalive=  WRITEs of a machine that has nothing to say until an empty block goes out,
 *   200
 *   debug= trace=  what Hercules shows: not used here
 *   dial= switched=  only no: an NJE line is not dialed
 */
#ifndef DEVICES_NJE_WORDS_H
#define DEVICES_NJE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/nje_frame.h"

struct nje_words {
	uint8_t here[NJE_NAME], there[NJE_NAME];
	/* point into the words; NULL: do not listen, do not call */
	const char *local_host, *local_port, *remote_host, *remote_port;
	int read_ms;
	unsigned connect_ms, keepalive, buffer;
	char ignored[80]; /* words that were, with a blank before each */
};

/* false with err. */
MUST_USE bool nje_words_take(struct nje_words *w, int count, char *const *words,
			     struct error *err);

#endif
