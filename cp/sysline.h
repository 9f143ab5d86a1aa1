/*
 * cp/sysline.h - the communication lines of the system, which reach other machines and
 * telnet clients over TCP. DIR/lines.conf says which there are, one in a line:
 *
 *   RADDR TYPE KEY=VALUE ...     0B8 2703 lport=3780 dial=in lnctl=tele2
 *
 * with the words of a device line of s370 (devices/line_words.h; of a TCPNJE,
 * devices/nje_words.h); * or # begins a comment. Addresses are 001 to 12F but those of the system's own reader, punch and
 * printer, and 600 to 7FF.
 *
 * A line belongs to one machine at a time (ATTACH, or DEDICATE of the directory), and is
 * not simulated further: while it is attached its port is open, and with DETACH or LOGOFF
 * the call ends. Names of hosts are looked up when the file is read: at the start, and
 * again by VARY ONLINE.
 *
 * GC20-1806, "VM/370 Operator's Guide", on ATTACH and VARY; GC20-1801, DEDICATE, and
 * RDEVICE, whose place lines.conf takes.
 *
 * Threads: the CP thread.
 */
#ifndef CP_SYSLINE_H
#define CP_SYSLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/device.h"

struct listener;
struct vmblok;

#define SYSLINE_WORDS 32

struct sysline {
	struct sysline *next;
	uint16_t raddr;
	char type[9]; /* "2703" */
	int count;    /* of word[] */
	char *word[SYSLINE_WORDS];
	bool offline;	     /* VARY */
	bool no_host;	     /* a host that it names has no address */
	bool start_stop;     /* for terminals; else BSC */
	bool ibm;	     /* 2741s, else Teletypes */
	struct listener *port; /* ENABLE: it is CP's (lineport.h); NULL not */
	bool disable;	     /* when who is there has gone */
	struct vmblok *user; /* whose line it is; NULL free */
	uint16_t vaddr;	     /* there */
	struct device_counts counts;
};

struct syslines;

/* dir must live as long. report: a sentence about each statement that is wrong. */
struct syslines *syslines_new(const char *dir, void (*report)(void *arg, const char *sentence),
			      void *arg);
void syslines_free(struct syslines *ls);

/* In order of raddr; go on with ->next. */
struct sysline *syslines_first(struct syslines *ls);
/* NULL: there is no line of that address. */
struct sysline *sysline_at(struct syslines *ls, uint16_t raddr);

/*
 * Read lines.conf again: new lines are there, those that are free become what it says now
 * (but stay offline), and a free one that is not in it any more is gone.
 */
void syslines_read(struct syslines *ls);
/* The value of KEY=VALUE, "" none. */
const char *sysline_word(const struct sysline *line, const char *key);
/* May it be attached, or is it offline? */
bool sysline_online(const struct sysline *line);

/* A user's device is gone. */
void sysline_release(struct sysline *line);

#endif
