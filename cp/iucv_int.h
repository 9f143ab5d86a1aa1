/*
 * cp/iucv_int.h - what the files of IUCV share: users, paths, messages. All of it
 * is guarded by the lock of struct iucv.
 */
#ifndef CP_IUCV_INT_H
#define CP_IUCV_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cp/iucv.h"
#include "cp/place.h"

#define PARM_SIZE   40 /* of every parameter list and of the interruption's buffer */
#define USERID_SIZE 8
#define USER_DATA   16

enum iucv_function {
	QUERY, TEST_MESSAGE, RETRIEVE_BUFFER, DESCRIBE, SEND, RECEIVE, REPLY, TEST_COMPLETION,
	REJECT, PURGE, ACCEPT, CONNECT, DECLARE_BUFFER, QUIESCE, RESUME, SEVER, SET_MASK,
	SET_CONTROL_MASK, FUNCTIONS,
};

/* IPFLAGS1 */
enum {
	IP_RMDATA = 0x80, /* data in the parameter list */
	IP_ALL = 0x80,    /* QUIESCE, RESUME, SEVER: all paths */
	IP_QUIESCE = 0x40,
	IP_BUFFER_LIST = 0x40, /* SEND, RECEIVE, REPLY */
	IP_PRIORITY = 0x20,
	IP_NO_REPLY = 0x10,
	IP_ANSWER_LIST = 0x08,
	IP_BY_MESSAGE = 0x04,
	IP_BY_PATH = 0x02,
	IP_BY_CLASS = 0x01,
};

/* IPTYPE */
enum {
	TYPE_PENDING_CONNECTION = 1, TYPE_CONNECTED, TYPE_SEVERED, TYPE_QUIESCED, TYPE_RESUMED,
	TYPE_REPLY_PRIORITY, TYPE_REPLY, TYPE_MESSAGE_PRIORITY, TYPE_MESSAGE,
};

/* IPRCODE */
enum {
	RC_OK = 0, RC_PATH = 1, RC_QUIESCED = 2, RC_LIMIT = 3, RC_NO_PRIORITY = 4,
	RC_SHORT_BUFFER = 5, RC_PROTECTION = 6, RC_ADDRESSING = 7, RC_MISMATCH = 8,
	RC_PURGED = 9, RC_NEGATIVE = 10, RC_NOT_LOGGED_ON = 11, RC_NO_BUFFER = 12,
	RC_MY_CONNECTIONS = 13, RC_HIS_CONNECTIONS = 14, RC_NOT_AUTHORIZED = 15,
	RC_SERVICE = 16, RC_LIMIT_TOO_HIGH = 18, RC_DECLARED = 19, RC_ORIGINATOR_GONE = 20,
	RC_NO_RMDATA = 21, RC_LIST_NEGATIVE = 23, RC_LIST_TOTAL = 24, RC_LIST_RMDATA = 25,
	RC_BUFFER_LIST = 26, RC_ANSWER_LIST = 27, /* not on a doubleword boundary */
};

/* IPAUDIT */
enum {
	AUDIT_REPLY_TOO_LONG = 0x8000, AUDIT_SEND_PROTECTION = 0x4000,
	AUDIT_SEND_ADDRESSING = 0x2000, AUDIT_ANSWER_PROTECTION = 0x1000,
	AUDIT_ANSWER_ADDRESSING = 0x0800, AUDIT_REJECTED = 0x0400, AUDIT_NO_RMDATA = 0x0200,
	AUDIT_SEVERED = 0x0008,
};

/* Condition codes, besides 0; a function that gives CC_ERROR sets a return code. */
enum { CC_OK, CC_ERROR, CC_NONE, CC_AUDIT };

enum path_state {
	PATH_OFFERED,  /* CONNECT given, not accepted yet */
	PATH_INVITED,  /* the other side of that */
	PATH_UP,
	PATH_SEVERED,  /* by the other side; SEVER gives the path id back */
};

/* One side of a path. */
struct path {
	struct iucv_user *user;
	struct path *other; /* NULL when severed */
	uint16_t id;
	enum path_state state;
	bool quiesced;      /* by the other side: no SENDs */
	bool priority, parameter_data;
	unsigned limit, outstanding; /* messages sent from here */
};

struct control { /* an interruption about a path */
	struct control *next;
	uint8_t type, flags;
	uint16_t path, limit;
	uint8_t vmid[USERID_SIZE], data[USER_DATA];
};

/* Data at one place, or in the buffers of a list (iucv_area.c). */
struct area {
	uint32_t length;      /* in all, not moved yet */
	bool list;
	struct place at;      /* the next byte; of a list: in the buffer that is used now */
	uint32_t left;        /* of a list: bytes left there */
	struct place entries; /* of a list: its next entry */
};

struct iucv_message {
	struct iucv_message *next;
	struct path *from, *to;
	uint32_t id, target_class, source_class, tag;
	uint8_t flags;
	uint8_t parm_data[8];      /* IP_RMDATA: of the message, then of the reply */
	struct area send, answer;  /* at the sender's: what is left of each */
	uint16_t audit;
	bool told;     /* by interruption or DESCRIBE; to the sender when complete */
	bool received; /* wholly */
	bool purged;   /* PURGE; the receiver has not noticed yet */
	uint8_t *text; /* CP's own data, if it comes from a service; heap */
};

struct iucv_user {
	struct iucv_user *next;
	struct vmblok *vm; /* NULL: a service of CP */
	uint8_t userid[USERID_SIZE];
	bool barred;
	bool declared;
	struct place buffer;
	uint8_t mask, control_mask;
	struct path **paths; /* by path id; path_max pointers */
	unsigned path_max;
	struct control *controls;
	struct iucv_message *incoming; /* not answered yet */
	struct iucv_message *complete; /* sent by him, answered */
};

struct iucv {
	pthread_mutex_t lock;
	struct iucv_user *users; /* who is logged on */
	struct iucv_user msg;    /* the service *MSG */
	uint32_t message_id;
};

/* One execution of the instruction. */
struct iucv_call {
	struct vmblok *vm;
	struct cpu370 *cpu;
	struct iucv *hub;
	struct iucv_user *me;
	uint8_t *parm; /* PARM_SIZE bytes, stored back afterwards */
	uint8_t rc;    /* IPRCODE, with CC_ERROR */
	int pic;       /* instead: a program interruption */
};

/* The service of that name, or NULL. */
struct iucv_user *iucv_service(struct iucv *hub, const uint8_t *userid);

/* iucv_area.c: the area that a parameter list describes. */
struct area area_of(const struct iucv_call *c, uint32_t address, uint32_t length, bool list);
/*
 * Are its lengths right? RC_OK or the return code; boundary: that for a list which is
 * not on a doubleword. c->pic: the list cannot be read.
 */
uint8_t area_check(struct iucv_call *c, const struct area *a, uint8_t boundary);
/* Move what fits; both then stand behind it. *moved also with an error. */
enum place_error area_copy(struct area *from, struct area *to, uint32_t *moved);
/* What goes back into the parameter list: the next byte, or the next entry. */
uint32_t area_address(const struct area *a);

/* The functions give a condition code. iucv_path.c: */
unsigned iucv_do_query(struct iucv_call *c);
unsigned iucv_do_declare(struct iucv_call *c);
unsigned iucv_do_retrieve(struct iucv_call *c);
unsigned iucv_do_connect(struct iucv_call *c);
unsigned iucv_do_accept(struct iucv_call *c);
unsigned iucv_do_sever(struct iucv_call *c);
unsigned iucv_do_quiesce(struct iucv_call *c);
unsigned iucv_do_mask(struct iucv_call *c);
unsigned iucv_do_control_mask(struct iucv_call *c);
/* iucv_message.c: */
unsigned iucv_do_send(struct iucv_call *c);
unsigned iucv_do_receive(struct iucv_call *c);
unsigned iucv_do_reply(struct iucv_call *c);
unsigned iucv_do_reject(struct iucv_call *c);
unsigned iucv_do_purge(struct iucv_call *c);
unsigned iucv_do_describe(struct iucv_call *c);
unsigned iucv_do_test_message(struct iucv_call *c);
unsigned iucv_do_test_completion(struct iucv_call *c);

unsigned iucv_fail(struct iucv_call *c, uint8_t rc);
/* The path of the parameter list's path id, in any state, or NULL. */
struct path *iucv_path(const struct iucv_call *c);
/* Post X'4000'. */
void iucv_wake(const struct iucv_user *u);
/* An area of the caller's storage. */
struct place iucv_place(const struct iucv_call *c, uint32_t address);

/* One side ends a path: what becomes of its messages (iucv_message.c). */
void iucv_messages_severed(struct path *p);
/* The first message of u that an interruption is due for, its type; NULL none. */
struct iucv_message *iucv_message_due(struct iucv_user *u, uint8_t *type);
/* The interruption's data; the message leaves its queue if that was all. */
void iucv_message_told(struct iucv_user *u, struct iucv_message *m, uint8_t type,
		       uint8_t b[PARM_SIZE]);
/* All paths severed, no buffer (iucv_path.c). */
void iucv_forget(struct iucv_user *u);

#endif
