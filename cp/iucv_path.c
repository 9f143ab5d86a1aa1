/*
 * cp/iucv_path.c - IUCV: buffers, masks and paths.
 */
#include "cp/iucv_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cp/directory.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"

/* Of a user whose directory entry does not say: */
#define MSGLIMIT_DEFAULT 10
#define MSGLIMIT_MAX     255
#define MAXCONN_DEFAULT  4

/* Byte numbers in parameter lists */
enum { IP_PATHID = 0, IP_FLAGS1 = 2, IP_MSGLIM = 4, IP_VMID = 8, IP_USER = 16,
       IP_BUFFER = 12 };

static unsigned path_max(const struct iucv_user *u)
{
	return u->vm->user->maxconn ? u->vm->user->maxconn : MAXCONN_DEFAULT;
}

unsigned iucv_do_query(struct iucv_call *c)
{
	cpu370_set_gr(c->cpu, 0, PARM_SIZE);
	cpu370_set_gr(c->cpu, 1, path_max(c->me));
	return CC_OK;
}

unsigned iucv_do_declare(struct iucv_call *c)
{
	const struct place at = iucv_place(c, be32(c->parm + IP_BUFFER));

	if (!place_exists(&at, PARM_SIZE)) {
		c->pic = PIC_ADDRESSING;
		return 0;
	}
	if (c->me->declared)
		return iucv_fail(c, RC_DECLARED);
	c->me->path_max = path_max(c->me);
	c->me->paths = calloc(c->me->path_max, sizeof(*c->me->paths));
	if (!c->me->paths)
		BUG("no memory for IUCV");
	c->me->buffer = at;
	c->me->mask = c->me->control_mask = 0xFF;
	c->me->declared = true;
	return CC_OK;
}

unsigned iucv_do_retrieve(struct iucv_call *c)
{
	iucv_forget(c->me);
	return CC_OK;
}

unsigned iucv_do_mask(struct iucv_call *c)
{
	c->me->mask = c->parm[0];
	iucv_wake(c->me); /* something may wait that was masked off */
	return CC_OK;
}

unsigned iucv_do_control_mask(struct iucv_call *c)
{
	c->me->control_mask = c->parm[0];
	iucv_wake(c->me);
	return CC_OK;
}

/* ---- interruptions about paths */

/* Not to a service of CP, which knows. */
static struct control *tell(struct iucv_user *u, uint8_t type, uint16_t path,
			    const uint8_t *data)
{
	struct control *k = calloc(1, sizeof(*k)), **end = &u->controls;

	if (!k)
		BUG("no memory for IUCV");
	k->type = type;
	k->path = path;
	if (data)
		memcpy(k->data, data, USER_DATA);
	while (*end)
		end = &(*end)->next;
	*end = k;
	iucv_wake(u);
	return k;
}

static void forget_controls(struct iucv_user *u, const struct path *p)
{
	struct control **at = &u->controls;

	while (*at) {
		struct control *k = *at;

		if (p && k->path != p->id) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		free(k);
	}
}

/* ---- paths */

struct path *iucv_path(const struct iucv_call *c)
{
	uint16_t id = be16(c->parm + IP_PATHID);

	return id < c->me->path_max ? c->me->paths[id] : NULL;
}

static struct path *path_new(struct iucv_user *u, enum path_state state)
{
	unsigned id = 0;
	struct path *p;

	while (id < u->path_max && u->paths[id])
		id++;
	if (id == u->path_max)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		BUG("no memory for IUCV");
	p->user = u;
	p->id = (uint16_t)id;
	p->state = state;
	u->paths[id] = p;
	return p;
}

static void path_free(struct path *p)
{
	p->user->paths[p->id] = NULL;
	free(p);
}

static struct iucv_user *find_user(const struct iucv *hub, const uint8_t *userid)
{
	struct iucv_user *u = hub->users;

	while (u && memcmp(u->userid, userid, USERID_SIZE) != 0)
		u = u->next;
	return u;
}

/*
 * The statement that lets from connect to to, or NULL. His own for that user, ANY of
 * his, ALLOW of the other. To himself everybody may connect.
 */
static const struct directory_iucv *authority(const struct iucv_user *from,
					      const struct iucv_user *to)
{
	static const struct directory_iucv oneself = { .priority = true };
	const struct directory_iucv *any = NULL;

	for (const struct directory_iucv *i = from->vm->user->iucv; i; i = i->next) {
		if (strcmp(i->target, to->vm->user->userid) == 0)
			return i;
		if (strcmp(i->target, "ANY") == 0)
			any = i;
	}
	for (const struct directory_iucv *i = to->vm->user->iucv; !any && i; i = i->next)
		if (strcmp(i->target, "ALLOW") == 0)
			any = i;
	return any || from != to ? any : &oneself;
}

static unsigned limit_of(unsigned wanted, const struct directory_iucv *a)
{
	unsigned most = a && a->msglimit ? a->msglimit : MSGLIMIT_DEFAULT;

	if (a && !a->msglimit && wanted)
		most = MSGLIMIT_MAX;
	return wanted && wanted < most ? wanted : most;
}

/* His own statement for a service; ANY does not mean those. */
static const struct directory_iucv *service_authority(const struct iucv_user *from,
						      const char *service)
{
	const struct directory_iucv *i = from->vm->user->iucv;

	while (i && strcmp(i->target, service) != 0)
		i = i->next;
	return i;
}

/* Whom CONNECT is for; 0 or a return code. */
static uint8_t find_target(struct iucv_call *c, struct iucv_user **to,
			   const struct directory_iucv **by)
{
	if (c->parm[IP_VMID] == 0x5C) { /* an asterisk: a CP system service */
		*to = iucv_service(c->hub, c->parm + IP_VMID);
		*by = *to ? service_authority(c->me, "*MSG") : NULL;
		return !*to ? RC_SERVICE : *by ? RC_OK : RC_NOT_AUTHORIZED;
	}
	*to = find_user(c->hub, c->parm + IP_VMID);
	if (!*to)
		return RC_NOT_LOGGED_ON;
	if (!(*to)->declared)
		return RC_NO_BUFFER;
	*by = authority(c->me, *to);
	return *by ? RC_OK : RC_NOT_AUTHORIZED;
}

/* At once; it takes no messages, and sends with the limit that was agreed on. */
static void service_accepts(struct path *p)
{
	struct control *k;

	p->state = p->other->state = PATH_UP;
	p->quiesced = true;
	p->priority = p->other->priority = false;
	p->other->limit = p->limit;
	k = tell(p->user, TYPE_CONNECTED, p->id, NULL);
	k->limit = (uint16_t)p->limit;
}

unsigned iucv_do_connect(struct iucv_call *c)
{
	unsigned wanted = be16(c->parm + IP_MSGLIM);
	uint8_t flags = c->parm[IP_FLAGS1];
	const struct directory_iucv *by = NULL;
	struct iucv_user *to = NULL;
	struct path *p, *q;
	struct control *k;
	uint8_t rc;

	if (wanted > MSGLIMIT_MAX)
		return iucv_fail(c, RC_LIMIT_TOO_HIGH);
	rc = find_target(c, &to, &by);
	if (rc)
		return iucv_fail(c, rc);
	p = path_new(c->me, PATH_OFFERED);
	if (!p)
		return iucv_fail(c, RC_MY_CONNECTIONS);
	q = path_new(to, PATH_INVITED);
	if (!q) {
		path_free(p);
		return iucv_fail(c, RC_HIS_CONNECTIONS);
	}
	p->other = q;
	q->other = p;
	p->limit = limit_of(wanted, by);
	p->priority = (flags & IP_PRIORITY) && by->priority;
	p->parameter_data = flags & IP_RMDATA;
	q->quiesced = flags & IP_QUIESCE;
	put_be16(c->parm + IP_PATHID, p->id);
	put_be16(c->parm + IP_MSGLIM, (uint16_t)p->limit);
	c->parm[IP_FLAGS1] = p->priority ? IP_PRIORITY : 0;
	if (!to->vm) {
		service_accepts(p);
		return CC_OK;
	}
	k = tell(to, TYPE_PENDING_CONNECTION, q->id, c->parm + IP_USER);
	k->limit = (uint16_t)p->limit;
	k->flags = (p->priority ? IP_PRIORITY : 0) | (flags & (IP_QUIESCE | IP_RMDATA));
	memcpy(k->vmid, c->me->userid, USERID_SIZE);
	return CC_OK;
}

unsigned iucv_do_accept(struct iucv_call *c)
{
	unsigned wanted = be16(c->parm + IP_MSGLIM);
	uint8_t flags = c->parm[IP_FLAGS1];
	struct path *p = iucv_path(c);
	struct control *k;

	if (wanted > MSGLIMIT_MAX)
		return iucv_fail(c, RC_LIMIT_TOO_HIGH);
	if (p && p->state == PATH_SEVERED)
		return iucv_fail(c, RC_ORIGINATOR_GONE);
	if (!p || p->state != PATH_INVITED)
		return iucv_fail(c, RC_PATH);
	p->state = p->other->state = PATH_UP;
	p->limit = limit_of(wanted, authority(c->me, p->other->user));
	p->priority = p->other->priority = p->other->priority && (flags & IP_PRIORITY);
	p->parameter_data = flags & IP_RMDATA;
	p->other->quiesced = flags & IP_QUIESCE;
	put_be16(c->parm + IP_MSGLIM, (uint16_t)p->limit);
	c->parm[IP_FLAGS1] = p->priority ? IP_PRIORITY : 0;
	k = tell(p->other->user, TYPE_CONNECTED, p->other->id, c->parm + IP_USER);
	k->limit = (uint16_t)p->other->limit;
	k->flags = (p->priority ? IP_PRIORITY : 0) | (flags & (IP_QUIESCE | IP_RMDATA));
	return CC_OK;
}

/* The path id is free again; the other side, if there is one, has to SEVER too. */
static void sever(struct path *p, const uint8_t *data)
{
	struct path *q = p->other;

	iucv_messages_severed(p);
	forget_controls(p->user, p);
	if (q && !q->user->vm) {
		path_free(q);
	} else if (q) {
		q->other = NULL;
		q->state = PATH_SEVERED;
		tell(q->user, TYPE_SEVERED, q->id, data);
	}
	path_free(p);
}

static void sever_all(struct iucv_user *u, const uint8_t *data)
{
	for (unsigned id = 0; id < u->path_max; id++)
		if (u->paths && u->paths[id])
			sever(u->paths[id], data);
}

unsigned iucv_do_sever(struct iucv_call *c)
{
	struct path *p = iucv_path(c);

	if (c->parm[IP_FLAGS1] & IP_ALL)
		sever_all(c->me, c->parm + IP_USER);
	else if (p)
		sever(p, c->parm + IP_USER);
	else
		return iucv_fail(c, RC_PATH);
	return CC_OK;
}

void iucv_forget(struct iucv_user *u)
{
	sever_all(u, NULL);
	forget_controls(u, NULL);
	free(u->paths);
	u->paths = NULL;
	u->path_max = 0;
	u->declared = false;
}

/* QUIESCE and RESUME: whether the other side may send. */
static void quiesce(struct path *p, bool on, const uint8_t *data)
{
	if (p->state != PATH_UP)
		return;
	p->other->quiesced = on;
	if (p->other->user->vm)
		tell(p->other->user, on ? TYPE_QUIESCED : TYPE_RESUMED, p->other->id, data);
}

unsigned iucv_do_quiesce(struct iucv_call *c)
{
	bool on = (cpu370_gr(c->cpu, 0) & 0xFFFF) == QUIESCE;
	struct path *p = iucv_path(c);

	if (c->parm[IP_FLAGS1] & IP_ALL) {
		for (unsigned id = 0; id < c->me->path_max; id++)
			if (c->me->paths[id])
				quiesce(c->me->paths[id], on, c->parm + IP_USER);
		return CC_OK;
	}
	if (!p || p->state != PATH_UP)
		return iucv_fail(c, RC_PATH);
	quiesce(p, on, c->parm + IP_USER);
	return CC_OK;
}
