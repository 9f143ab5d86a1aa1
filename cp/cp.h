/*
 * cp/cp.h - the control program as a whole: what all its parts share.
 *
 * Threads: one thread, the CP thread, runs the event loop and owns everything
 * here: directory, VMBLOKs, sessions, commands. Each virtual machine has a
 * thread of its own (devices/machine.h) which reaches CP only by posting to
 * the loop, and the spool, which has its own lock.
 */
#ifndef CP_CP_H
#define CP_CP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "consoles/listener.h"
#include "consoles/loop.h"
#include "cp/spool.h"

struct control;
struct directory;
struct accounting;
struct output;
struct cardport;
struct watch;
struct iucv;
struct oppanel;
struct passwords;
struct spool;
struct systems;
struct systapes;
struct syslines;
struct sysvolumes;
struct dispatcher;
struct load_sampler;
struct monitor;
struct vmblok;
struct vmcf;

#define CP_USERID_MAX 8
#define CP_LINE_MAX   255 /* characters of a command or input line */

struct cp {
	const char *dir; /* data directory */
	char directory_path[512];
	struct loop *loop;
	struct listener *listener, *tls_listener; /* the latter NULL without TLS */
	struct oppanel *panel; /* the operator's console on the host's terminal */
	struct control *control;
	struct system_clock clock;
	struct directory *directory;
	struct passwords *passwords;
	struct spool *spool;
	struct accounting *accounting;
	struct output *output; /* the system's printer, punch and reader */
	struct watch *watch;   /* decks from DIR/cards */
	struct cardport *cardport; /* decks from TCP; NULL without --card-port */
	struct sysvolumes *volumes;
	struct systapes *tapes;
	struct syslines *lines;
	struct systems *systems; /* named systems; has its own lock */
	struct vmcf *vmcf;       /* messages between machines; has its own lock */
	struct iucv *iucv;       /* likewise */
	struct load_sampler *load; /* how busy the system is */
	bool no_journal;       /* SET JOURNAL OFF */
	bool suppress_passwords; /* of cp_options */
	struct monitor *monitor;
	struct dispatcher *dispatcher; /* shares of the host's CPUs */
	struct vmblok *vms;   /* everybody logged on, and LOGONxxx who are about to */
	struct vmblok *oper;  /* the system operator; always there while CP runs */
	char **logmsg;        /* lines of SET LOGMSG */
	size_t logmsg_lines;
	uint64_t started;     /* TOD */
	bool shutdown;        /* no new logons */
	bool disabled;        /* DISABLE ALL: no new terminals */
	int signals;          /* descriptor that SIGTERM and SIGINT come through */
};

struct cp_options {
	const char *dir;
	const char *bind;  /* NULL: loopback */
	uint16_t port;     /* 0: any free one */
	bool tls;          /* a second port that speaks TLS from the first byte */
	uint16_t tls_port;
	const char *tls_certificate, *tls_key; /* PEM; also for START-TLS on port */
	const char *record; /* folder for recordings of all sessions, or NULL */
	unsigned terminals, terminals_per_address; /* at most, on each port; 0: 4096 */
	unsigned idle_minutes; /* a terminal that sends nothing is closed; 0: never */
	bool panel;         /* the ncurses panel on the host's terminal */
	struct spool_limits spool_limits; /* of one user */
	bool drain;         /* readers, printers, punches begin drained */
	bool suppress_passwords; /* none in a command line (SYSJRL PSUPRS=YES) */
	bool cards;         /* a TCP port for decks */
	uint16_t card_port;
};

/* Start everything in a data directory that datadir.h has opened. */
struct cp *cp_start(const struct cp_options *options, struct error *err);
/* Serve until SHUTDOWN or a termination signal; then log everybody off. */
void cp_run(struct cp *cp);
void cp_stop(struct cp *cp);

/* Log everybody off and let cp_run() return. */
void cp_shutdown(struct cp *cp);

/*
 * Read user.direct anew; users who are logged on keep what they have. False, and
 * report() was called for every error: the old directory stays.
 */
bool cp_reload_directory(struct cp *cp, void (*report)(void *arg, const char *sentence),
			 void *arg);

#endif
