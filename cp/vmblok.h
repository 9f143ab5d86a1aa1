/*
 * cp/vmblok.h - VMBLOK: one user, from the first key at a terminal to LOGOFF.
 *
 * SY20-0880, "VM/370 Data Areas and Control Block Logic", VMBLOK. A terminal
 * whose logo was ended has a VMBLOK named LOGONxxx; LOGON gives it the user's
 * name and machine, or hands its terminal to the VMBLOK that is there already.
 *
 * Threads: the CP thread, but for the reference count and struct vconsole.
 */
#ifndef CP_VMBLOK_H
#define CP_VMBLOK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/error.h"
#include "consoles/console.h"
#include "cp/accounting.h"
#include "cp/cp.h"
#include "cp/directory.h"
#include "cp/segment.h"
#include "cp/share.h"
#include "cp/termset.h"
#include "cp/vconsole.h"
#include "devices/machine.h"

struct deferred;
struct iucv_user;
struct tap;
struct trace;
struct per;
struct command_run;
struct vgraf;
struct vline;
struct virtual_device;
struct vmcf_user;

enum vm_emsg { EMSG_ON, EMSG_TEXT, EMSG_CODE, EMSG_OFF };

/* SET ... ON|OFF */
enum vm_set {
	SET_MSG = 1 << 0, SET_WNG = 1 << 1, SET_IMSG = 1 << 2, SET_ACNT = 1 << 3,
	SET_SMSG = 1 << 4, SET_RUN = 1 << 5, SET_LINEDIT = 1 << 6, SET_ECMODE = 1 << 7,
	SET_ISAM = 1 << 8, SET_PAGEX = 1 << 9, SET_AUTOPOLL = 1 << 10,
	SET_NOTRANS = 1 << 11,
	SET_TIMER = 1 << 12,      /* the interval timer runs */
	SET_TIMER_REAL = 1 << 13, /* also while the machine waits */
	SET_MSG_IUCV = 1 << 14,   /* messages go to the machine, by IUCV's service *MSG */
	SET_WNG_IUCV = 1 << 15,
};

/* Where a command's answer goes instead of the terminal. */
struct response {
	char *text; /* lines, each ended by \\n; ISO 8859-1 */
	size_t length, room;
};

/* What his terminal did, for MONITOR. */
struct vm_response {
	uint64_t lines_in, lines_out; /* since he logged on */
	uint64_t count, sum_us;       /* lines that were answered, and how long it took */
	uint64_t max_us;              /* since the last sample */
	uint64_t since;               /* TOD of a line that has no answer yet; 0 */
};

struct vmblok {
	struct vmblok *next;
	struct cp *cp;
	atomic_uint refs;
	char userid[CP_USERID_MAX + 1];
	bool logged_on;
	bool leaving;               /* LOGOFF has begun */
	struct directory *directory; /* counted: keeps user alive */
	const struct directory_user *user;
	uint8_t classes;            /* 0x80 = A ... 0x01 = H */
	uint64_t logon_tod;
	struct accounting_charge charge;
	struct accounting_base accounted; /* counters at his last record */
	unsigned failures;          /* wrong passwords of this session */

	struct console *console;    /* NULL: disconnected */
	struct tap *taps;           /* who listens to the console beside it (tap.h) */
	char secuser[CP_USERID_MAX + 1]; /* the secondary user; "" none */
	struct vgraf *dialed;       /* DIAL: whose 3270 the terminal is */
	struct vline *dialed_line;  /* ... or at whose line it is */
	bool in_cp;                 /* CP READ: the machine stands, unless RUN */
	struct termset term;        /* TERMINAL, SET PFnn */
	char linend, linedel, chardel, escape; /* 0: off */
	unsigned set;               /* enum vm_set */
	enum vm_emsg emsg;
	struct response *response;  /* of the command being executed */
	/* The next line goes here, not to CP or the guest: ENTER PASSWORD. */
	void (*prompt)(struct vmblok *vm, const char *line);
	bool prompt_masked;
	/* Given up instead of answered, by attention or the end of the session. */
	void (*prompt_given_up)(struct vmblok *vm);
	void *prompt_arg;           /* theirs */
	unsigned link_failures;     /* wrong passwords of LINK, AUTOLOG in this session */
	struct command_run *typed;  /* typed lines that are executed, or wait for that */
	struct command_run *running; /* whose command is being executed; NULL: CP's own */
	struct deferred *deferred;  /* commands that wait until the machine stands */
	bool settled;               /* the command being executed started or reset the machine */
	bool by_guest;              /* the command being executed came by DIAGNOSE */
	char logging_on[CP_USERID_MAX + 1]; /* LOGON waits for this one's password */
	bool logon_noipl, logon_checked; /* its password is being checked */
	struct loop_timer timer;    /* SLEEP; 15 minutes of a lost terminal */
	bool sleeping;
	unsigned echo_times;        /* ECHO */
	unsigned logmsg_number;     /* SET LOGMSG nn: the line that is asked for */
	struct loop_timer lost;

	uint32_t adstop;            /* ADSTOP, if adstop_set */
	bool adstop_set;
	uint32_t serial;            /* of its CPU: SET CPUID; 0 the usual one */
	uint64_t load_idle_ns, load_asleep, load_tod; /* see load.c */
	struct vm_response response_time;
	atomic_ulong diagnoses;     /* of its machine */
	struct share share;         /* its part of the host's CPU time */
	struct trace *trace;        /* TRACE and PER; NULL: never used in this session */
	struct per *per;            /* PER; likewise */

	struct shifted_clock clock; /* OPTION YROFFSET; the machine's */
	struct machine *machine;
	uint32_t storage;           /* bytes */
	bool bmx;                   /* block multiplexer channels, not selectors */
	struct vconsole vconsole;
	struct virtual_device *devices; /* in address order */
	struct segments segments;   /* named systems in its storage */
	/* VMCF: what its machine is authorized for, or NULL; the lock of cp->vmcf. */
	struct vmcf_user *vmcf;
	bool vmcf_barred;           /* the machine is going */
	struct iucv_user *iucv;     /* its side of IUCV; the lock of cp->iucv */
};

#define CLASS_A 0x80
#define CLASS_B 0x40
#define CLASS_C 0x20
#define CLASS_D 0x10
#define CLASS_E 0x08
#define CLASS_F 0x04
#define CLASS_G 0x02
#define CLASS_H 0x01
#define CLASS_ANY 0xFF

/* A VMBLOK LOGONxxx for a terminal; counted once for the list. */
struct vmblok *vm_new(struct cp *cp, struct console *console);
struct vmblok *vm_get(struct vmblok *vm);
void vm_put(struct vmblok *vm);

/* The user of that name who is logged on, or NULL. Not counted. */
struct vmblok *vm_find(struct cp *cp, const char *userid);
/* As above; also "*" for vm itself and abbreviations of OPERATOR. */
struct vmblok *vm_find_receiver(struct vmblok *vm, const char *name);
unsigned vm_users(const struct cp *cp);
/* Terminals that are dialed to a machine. */
unsigned vm_dialed(const struct cp *cp);

/*
 * Give vm its machine and devices from the directory. False with the sentence
 * in err if there is no memory for it; device trouble is told to vm.
 */
MUST_USE bool vm_build(struct vmblok *vm, const struct directory_user *user,
		       struct error *err);
/* What its STIDP stores. */
uint64_t vm_cpuid(const struct vmblok *vm);
/* SET TIMER: have the machine do what vm->set says. */
void vm_set_timer(struct vmblok *vm);
/*
 * Have its channels be what vm->bmx says: channel 0 a byte multiplexer, those with a
 * channel-to-channel adapter selectors.
 */
void vm_set_channels(struct vmblok *vm);
/* DEFINE STORAGE: the machine is replaced by a clear one with these bytes. */
MUST_USE bool vm_resize(struct vmblok *vm, uint32_t storage, struct error *err);
/* End of a session: machine, devices and open files. The console stays. */
void vm_dismantle(struct vmblok *vm);
/* Take vm out of the list and give up its count. */
void vm_remove(struct vmblok *vm);

/* ---- output */

/* One line to the user, or to the response of his command. */
void vm_say(struct vmblok *vm, const char *format, ...) PRINTF_LIKE(2, 3);
/* A line that others caused: never part of a response. flags of console.h. */
void vm_tell(struct vmblok *vm, unsigned flags, const char *format, ...) PRINTF_LIKE(3, 4);
/* A line to the system operator, unless he is the one named by except. */
void cp_tell_operator(struct cp *cp, const struct vmblok *except, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Is somebody there? A terminal, or the host's for the system operator. */
bool vm_attended(const struct vmblok *vm);
/* "GRAF 041", "LINE 042", "DSC": the terminal as messages name it. */
const char *vm_terminal(const struct vmblok *vm, char out[16]);

/* A line was entered at his terminal; one was written to it. */
void vm_line_entered(struct vmblok *vm);
void vm_line_written(struct vmblok *vm);

/* Ask for a line: the next one typed goes to answer(). */
void vm_ask(struct vmblok *vm, const char *question, bool masked,
	    void (*answer)(struct vmblok *vm, const char *line));

/* It will not come. */
void vm_give_up_prompt(struct vmblok *vm);

/* ---- CP mode and running */

/* Put the terminal's status area right: CP READ, VM READ or RUNNING. */
void vm_show_status(struct vmblok *vm);
/* Enter CP READ; the machine stops unless SET RUN is on. */
void vm_enter_cp(struct vmblok *vm);
/* BEGIN: leave CP READ and let the machine run. */
void vm_begin(struct vmblok *vm);
/* Leave CP READ without starting the machine (IPL does that itself). */
void vm_leave_cp(struct vmblok *vm);

/* The machine is there and answers req; otherwise false with err filled. */
MUST_USE bool vm_call(struct vmblok *vm, struct machine_request *req);
/* The same where only a bug of ours can make it fail: that is logged. */
void vm_do(struct vmblok *vm, struct machine_request *req);

#endif
