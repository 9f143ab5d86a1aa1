#include "cp/iucv_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"

#define IUCV_CODE 0x4000

/* IPMASK: which interruptions are enabled. IPCMASK: bit X'80' >> type - 1. */
enum {
	MASK_MESSAGE = 0x80, MASK_MESSAGE_PRIORITY = 0x40, MASK_REPLY = 0x20,
	MASK_REPLY_PRIORITY = 0x10, MASK_CONTROL = 0x08,
};

/* Paths that all users together may have to a service. */
#define SERVICE_PATHS 1024

static void service_init(struct iucv_user *u, const char *name)
{
	memset(u->userid, EBCDIC_SPACE, USERID_SIZE);
	ebcdic_from_latin1(&codepage_037, u->userid, name, strlen(name));
	u->declared = true;
	u->path_max = SERVICE_PATHS;
	u->paths = calloc(u->path_max, sizeof(*u->paths));
	if (!u->paths)
		BUG("no memory for IUCV");
}

struct iucv_user *iucv_service(struct iucv *hub, const uint8_t *userid)
{
	return memcmp(hub->msg.userid, userid, USERID_SIZE) == 0 ? &hub->msg : NULL;
}

struct iucv *iucv_new(void)
{
	struct iucv *hub = calloc(1, sizeof(*hub));

	if (!hub)
		BUG("no memory for IUCV");
	pthread_mutex_init(&hub->lock, NULL);
	service_init(&hub->msg, "*MSG");
	return hub;
}

void iucv_free(struct iucv *hub)
{
	if (!hub)
		return;
	pthread_mutex_destroy(&hub->lock);
	free(hub->msg.paths); /* the users, and with them all paths, are gone */
	free(hub);
}

unsigned iucv_fail(struct iucv_call *c, uint8_t rc)
{
	c->rc = rc;
	return CC_ERROR;
}

void iucv_wake(const struct iucv_user *u)
{
	const struct machine_request req = { .kind = MACHINE_EXTERNAL, .value = IUCV_CODE };

	if (u->vm)
		machine_post(u->vm->machine, &req);
}

static uint8_t psw_key(const struct cpu370 *cpu)
{
	return (uint8_t)(cpu370_psw(cpu) >> 48) & 0xF0;
}

struct place iucv_place(const struct iucv_call *c, uint32_t address)
{
	return (struct place){ .storage = cpu370_storage(c->cpu), .address = address & 0xFFFFFF,
			       .prefix = cpu370_prefix(c->cpu), .key = psw_key(c->cpu) };
}

/* ---- the instruction */

static const struct {
	unsigned (*execute)(struct iucv_call *c);
	bool undeclared; /* also without a buffer */
} functions[FUNCTIONS] = {
	[QUERY] = { iucv_do_query, true },
	[TEST_MESSAGE] = { iucv_do_test_message, false },
	[RETRIEVE_BUFFER] = { iucv_do_retrieve, false },
	[DESCRIBE] = { iucv_do_describe, false },
	[SEND] = { iucv_do_send, false },
	[RECEIVE] = { iucv_do_receive, false },
	[REPLY] = { iucv_do_reply, false },
	[TEST_COMPLETION] = { iucv_do_test_completion, false },
	[REJECT] = { iucv_do_reject, false },
	[PURGE] = { iucv_do_purge, false },
	[ACCEPT] = { iucv_do_accept, false },
	[CONNECT] = { iucv_do_connect, false },
	[DECLARE_BUFFER] = { iucv_do_declare, true },
	[QUIESCE] = { iucv_do_quiesce, false },
	[RESUME] = { iucv_do_quiesce, false },
	[SEVER] = { iucv_do_sever, false },
	[SET_MASK] = { iucv_do_mask, false },
	[SET_CONTROL_MASK] = { iucv_do_control_mask, false },
};

/* The function decides, and may want a program interruption instead. */
static unsigned execute(struct iucv_call *c, unsigned function)
{
	c->me = c->vm->iucv;
	if (!c->me || c->me->barred || (!c->me->declared && !functions[function].undeclared)) {
		c->pic = PIC_OPERATION;
		return 0;
	}
	return functions[function].execute(c);
}

static int pic_of(enum storage_status status)
{
	return status == STORAGE_OK ? 0 :
	       status == STORAGE_ADDRESSING ? PIC_ADDRESSING : PIC_PROTECTION;
}

int iucv_execute(struct vmblok *vm, struct cpu370 *cpu, uint32_t parameters)
{
	uint32_t function = cpu370_gr(cpu, 0) & 0xFFFF;
	uint8_t parm[PARM_SIZE];
	struct iucv_call c = { .vm = vm, .cpu = cpu, .hub = vm->cp->iucv, .parm = parm };
	const struct place at = iucv_place(&c, parameters);
	unsigned cc;

	if (function >= FUNCTIONS || (function != QUERY && parameters % 8))
		return PIC_SPECIFICATION;
	if (function != QUERY) {
		/* Stored back at the end: it must be possible before anything is done. */
		c.pic = pic_of(place_fetch(&at, parm, sizeof(parm)));
		if (!c.pic)
			c.pic = pic_of(place_store(&at, parm, sizeof(parm)));
		if (c.pic)
			return c.pic;
	}
	pthread_mutex_lock(&c.hub->lock);
	cc = execute(&c, function);
	pthread_mutex_unlock(&c.hub->lock);
	if (c.pic)
		return c.pic;
	if (cc == CC_ERROR && function != TEST_MESSAGE)
		parm[3] = c.rc;
	cpu370_set_cc(cpu, cc);
	return function == QUERY ? 0 : pic_of(place_store(&at, parm, sizeof(parm)));
}

/* ---- the external interruption */

static bool control_enabled(const struct iucv_user *u, const struct control *k)
{
	return (u->mask & MASK_CONTROL) && (u->control_mask & (0x80 >> (k->type - 1)));
}

static bool take_control(struct iucv_user *u, uint8_t b[PARM_SIZE])
{
	struct control **at = &u->controls, *k;

	while (*at && !control_enabled(u, *at))
		at = &(*at)->next;
	k = *at;
	if (!k)
		return false;
	put_be16(b, k->path);
	b[2] = k->flags;
	b[3] = k->type;
	put_be16(b + 4, k->limit);
	memcpy(b + 8, k->vmid, USERID_SIZE);
	memcpy(b + 16, k->data, USER_DATA);
	*at = k->next;
	free(k);
	return true;
}

static bool message_enabled(const struct iucv_user *u, uint8_t type)
{
	switch (type) {
	case TYPE_REPLY_PRIORITY: return u->mask & MASK_REPLY_PRIORITY;
	case TYPE_REPLY: return u->mask & MASK_REPLY;
	case TYPE_MESSAGE_PRIORITY: return u->mask & MASK_MESSAGE_PRIORITY;
	default: return u->mask & MASK_MESSAGE;
	}
}

/* Replies before messages, of each those with priority first. */
static struct iucv_message *due(struct iucv_user *u, uint8_t *type)
{
	struct iucv_message *m = NULL;

	for (*type = TYPE_REPLY_PRIORITY; *type <= TYPE_MESSAGE; ++*type)
		if (message_enabled(u, *type) && (m = iucv_message_due(u, type)))
			return m;
	return NULL;
}

static bool any_due(struct iucv_user *u)
{
	uint8_t type;

	for (const struct control *k = u->controls; k; k = k->next)
		if (control_enabled(u, k))
			return true;
	return due(u, &type) != NULL;
}

static bool take(struct iucv_user *u)
{
	uint8_t b[PARM_SIZE] = { 0 }, type;
	struct iucv_message *m;

	if (!take_control(u, b)) {
		m = due(u, &type);
		if (!m)
			return false;
		iucv_message_told(u, m, type, b);
	}
	/* Whoever protects his own buffer loses what would have been in it. */
	(void)!place_store(&u->buffer, b, sizeof(b));
	return true;
}

bool iucv_external(struct vmblok *vm, bool *more)
{
	struct iucv *hub = vm->cp->iucv;
	bool taken = false;

	*more = false;
	pthread_mutex_lock(&hub->lock);
	if (vm->iucv && vm->iucv->declared) {
		taken = take(vm->iucv);
		*more = any_due(vm->iucv);
	}
	pthread_mutex_unlock(&hub->lock);
	return taken;
}

/* ---- for CP */

static void enter(struct iucv *hub, struct vmblok *vm)
{
	struct iucv_user *u = calloc(1, sizeof(*u));

	if (!u)
		BUG("no memory for IUCV");
	u->vm = vm;
	memset(u->userid, EBCDIC_SPACE, USERID_SIZE);
	ebcdic_from_latin1(&codepage_037, u->userid, vm->userid, strlen(vm->userid));
	u->next = hub->users;
	hub->users = vm->iucv = u;
}

static void leave(struct iucv *hub, struct vmblok *vm)
{
	struct iucv_user **at = &hub->users;

	iucv_forget(vm->iucv);
	while (*at != vm->iucv)
		at = &(*at)->next;
	*at = vm->iucv->next;
	free(vm->iucv->paths);
	free(vm->iucv);
	vm->iucv = NULL;
}

void iucv_bar(struct vmblok *vm, bool barred)
{
	struct iucv *hub = vm->cp->iucv;

	pthread_mutex_lock(&hub->lock);
	if (barred && vm->iucv)
		leave(hub, vm);
	else if (!barred && !vm->iucv)
		enter(hub, vm);
	pthread_mutex_unlock(&hub->lock);
}

void iucv_reset(struct vmblok *vm)
{
	struct iucv *hub = vm->cp->iucv;

	pthread_mutex_lock(&hub->lock);
	if (vm->iucv)
		iucv_forget(vm->iucv);
	pthread_mutex_unlock(&hub->lock);
}
