/*
 * cp/iucv_message.c - IUCV: messages on paths.
 *
 * A message is on its receiver's incoming queue until it is answered, rejected or, if
 * it wants no reply, received; then on its sender's queue of complete ones until he
 * has been told.
 */
#include "cp/iucv_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"

/* Byte numbers in parameter lists */
enum { IP_PATHID = 0, IP_FLAGS1 = 2, IP_MSGID = 4, IP_TRGCLS = 8, IP_AUDIT = 8, IP_BFADR1 = 12,
       IP_RMMSG = 12, IP_BFLN1F = 16, IP_SRCCLS = 20, IP_MSGTAG = 24, IP_BFADR2 = 28,
       IP_BFLN2F = 32 };

#define PARM_DATA 8 /* bytes of IPRMMSG */

static void append(struct iucv_message **queue, struct iucv_message *m)
{
	while (*queue)
		queue = &(*queue)->next;
	m->next = NULL;
	*queue = m;
}

static void take_out(struct iucv_message **queue, const struct iucv_message *m)
{
	while (*queue != m)
		queue = &(*queue)->next;
	*queue = m->next;
}

static void message_free(struct iucv_message *m)
{
	free(m->text);
	free(m);
}

/* It goes to its sender, who is told. */
static void complete(struct iucv_message *m)
{
	struct iucv_user *sender = m->from->user;

	take_out(&m->to->user->incoming, m);
	if (m->purged) { /* he does not want to hear of it any more */
		message_free(m);
		return;
	}
	m->from->outstanding--;
	if (!sender->vm) {
		message_free(m);
		return;
	}
	m->told = false;
	m->to = NULL;
	append(&sender->complete, m);
	iucv_wake(sender);
}

void iucv_messages_severed(struct path *p)
{
	struct iucv_message **at, *m, *next;

	for (m = p->user->incoming; m; m = next) { /* sent to us */
		next = m->next;
		if (m->to == p) {
			m->audit |= AUDIT_SEVERED;
			complete(m);
		}
	}
	for (at = &p->user->complete; (m = *at);) { /* sent by us and answered */
		if (m->from != p) {
			at = &m->next;
			continue;
		}
		*at = m->next;
		message_free(m);
	}
	if (!p->other)
		return;
	for (at = &p->other->user->incoming; (m = *at);) { /* sent by us */
		if (m->from != p) {
			at = &m->next;
			continue;
		}
		*at = m->next;
		message_free(m);
	}
}

/* ---- interruptions */

struct iucv_message *iucv_message_due(struct iucv_user *u, uint8_t *type)
{
	bool reply = *type == TYPE_REPLY_PRIORITY || *type == TYPE_REPLY;
	bool priority = *type == TYPE_REPLY_PRIORITY || *type == TYPE_MESSAGE_PRIORITY;
	struct iucv_message *m = reply ? u->complete : u->incoming;

	while (m && (m->told || m->purged || !(m->flags & IP_PRIORITY) == priority))
		m = m->next;
	return m;
}

static void describe(const struct iucv_message *m, uint8_t b[PARM_SIZE])
{
	put_be16(b + IP_PATHID, m->to->id);
	b[IP_FLAGS1] = m->flags | IP_BY_MESSAGE | IP_BY_PATH | IP_BY_CLASS;
	put_be32(b + IP_MSGID, m->id);
	put_be32(b + IP_TRGCLS, m->target_class);
	if (m->flags & IP_RMDATA)
		memcpy(b + IP_RMMSG, m->parm_data, PARM_DATA);
	else
		put_be32(b + IP_BFLN1F, m->send.length);
	put_be32(b + IP_BFLN2F, m->answer.length);
}

static void describe_complete(const struct iucv_message *m, uint8_t b[PARM_SIZE])
{
	put_be16(b + IP_PATHID, m->from->id);
	b[IP_FLAGS1] = m->flags;
	put_be32(b + IP_MSGID, m->id);
	put_be32(b + IP_AUDIT, (uint32_t)m->audit << 16);
	if (m->flags & IP_RMDATA)
		memcpy(b + IP_RMMSG, m->parm_data, PARM_DATA);
	put_be32(b + IP_SRCCLS, m->source_class);
	put_be32(b + IP_MSGTAG, m->tag);
	put_be32(b + IP_BFLN2F, m->answer.length);
}

void iucv_message_told(struct iucv_user *u, struct iucv_message *m, uint8_t type,
		       uint8_t b[PARM_SIZE])
{
	if (type == TYPE_REPLY || type == TYPE_REPLY_PRIORITY) {
		describe_complete(m, b);
		take_out(&u->complete, m);
		message_free(m);
	} else {
		describe(m, b);
		b[IP_FLAGS1] &= IP_RMDATA | IP_PRIORITY | IP_NO_REPLY;
		m->told = true;
	}
	b[3] = type;
}

/* ---- SEND */

/* The data of a SEND or the buffer of a RECEIVE; and the answer. */
static struct area data_area(const struct iucv_call *c)
{
	return area_of(c, be32(c->parm + IP_BFADR1), be32(c->parm + IP_BFLN1F),
		       c->parm[IP_FLAGS1] & IP_BUFFER_LIST);
}

static struct area answer_area(const struct iucv_call *c)
{
	return area_of(c, be32(c->parm + IP_BFADR2), be32(c->parm + IP_BFLN2F),
		       c->parm[IP_FLAGS1] & IP_ANSWER_LIST);
}

/* Both areas of a SEND, as far as there are any. */
static uint8_t check_areas(struct iucv_call *c, uint8_t flags)
{
	const struct area data = data_area(c), answer = answer_area(c);
	uint8_t rc = RC_OK;

	if ((flags & IP_RMDATA) && (flags & IP_BUFFER_LIST))
		return RC_LIST_RMDATA;
	if (!(flags & IP_RMDATA))
		rc = area_check(c, &data, RC_BUFFER_LIST);
	if (!rc && !c->pic && !(flags & IP_NO_REPLY))
		rc = area_check(c, &answer, RC_ANSWER_LIST);
	return rc;
}

static uint8_t check_send(struct iucv_call *c, const struct path *p)
{
	uint8_t flags = c->parm[IP_FLAGS1], rc;

	if (!p || p->state != PATH_UP)
		return RC_PATH;
	if (p->quiesced)
		return RC_QUIESCED;
	if (p->outstanding >= p->limit)
		return RC_LIMIT;
	if ((flags & IP_PRIORITY) && !p->priority)
		return RC_NO_PRIORITY;
	rc = check_areas(c, flags);
	if (rc || c->pic)
		return rc;
	if ((flags & IP_RMDATA) && !p->other->parameter_data)
		return RC_NO_RMDATA;
	return RC_OK;
}

unsigned iucv_do_send(struct iucv_call *c)
{
	uint8_t flags = c->parm[IP_FLAGS1];
	struct path *p = iucv_path(c);
	struct iucv_message *m;
	uint8_t rc = check_send(c, p);

	if (c->pic)
		return 0;
	if (rc)
		return iucv_fail(c, rc);
	m = calloc(1, sizeof(*m));
	if (!m)
		BUG("no memory for IUCV");
	m->from = p;
	m->to = p->other;
	m->id = ++c->hub->message_id;
	m->flags = flags & (IP_RMDATA | IP_PRIORITY | IP_NO_REPLY);
	m->target_class = be32(c->parm + IP_TRGCLS);
	m->source_class = be32(c->parm + IP_SRCCLS);
	m->tag = be32(c->parm + IP_MSGTAG);
	if (flags & IP_RMDATA)
		memcpy(m->parm_data, c->parm + IP_RMMSG, PARM_DATA);
	else
		m->send = data_area(c);
	if (!(flags & IP_NO_REPLY))
		m->answer = answer_area(c);
	p->outstanding++;
	put_be32(c->parm + IP_MSGID, m->id);
	append(&p->other->user->incoming, m);
	iucv_wake(p->other->user);
	return CC_OK;
}

/* ---- from a service of CP */

static struct path *service_path(const struct iucv_user *service, const struct iucv_user *u)
{
	for (unsigned id = 0; id < u->path_max; id++) {
		struct path *p = u->paths ? u->paths[id] : NULL;

		if (p && p->other && p->other->user == service)
			return p->other;
	}
	return NULL;
}

/* One way; what is said, after the name of who says it. */
static void service_send(struct iucv *hub, struct path *p, uint32_t class, const char *from,
			 const char *text)
{
	struct iucv_message *m = calloc(1, sizeof(*m));
	size_t n = strlen(text);

	if (m)
		m->text = malloc(USERID_SIZE + n);
	if (!m || !m->text)
		BUG("no memory for IUCV");
	memset(m->text, EBCDIC_SPACE, USERID_SIZE);
	ebcdic_from_latin1(&codepage_037, m->text, from, strlen(from));
	ebcdic_from_latin1(&codepage_037, m->text + USERID_SIZE, text, n);
	m->from = p;
	m->to = p->other;
	m->id = ++hub->message_id;
	m->flags = IP_NO_REPLY;
	m->target_class = class;
	m->send = (struct area){ .length = (uint32_t)(USERID_SIZE + n),
				 .at = { .text = m->text } };
	p->outstanding++;
	append(&m->to->user->incoming, m);
	iucv_wake(m->to->user);
}

bool iucv_tell(struct vmblok *vm, uint32_t class, const char *from, const char *text)
{
	struct iucv *hub = vm->cp->iucv;
	struct path *p = NULL;
	bool taken = false;

	pthread_mutex_lock(&hub->lock);
	if (vm->iucv && vm->iucv->declared)
		p = service_path(&hub->msg, vm->iucv);
	if (p && !p->quiesced && p->outstanding < p->limit) {
		service_send(hub, p, class, from, text);
		taken = true;
	}
	pthread_mutex_unlock(&hub->lock);
	return taken;
}

/* ---- finding messages */

/*
 * The first message of a queue that the parameter list describes; class: of the side
 * that looks. *rc: it is there, but its path or class is another.
 */
static struct iucv_message *search(struct iucv_call *c, struct iucv_message *m,
				   bool mine, uint32_t class, uint8_t *rc)
{
	uint8_t flags = c->parm[IP_FLAGS1];
	uint16_t path = be16(c->parm + IP_PATHID);

	*rc = RC_OK;
	for (; m; m = m->next) {
		const struct path *side = mine ? m->from : m->to;
		bool fits = side->user == c->me &&
			    (!(flags & IP_BY_PATH) || side->id == path) &&
			    (!(flags & IP_BY_CLASS) ||
			     (mine ? m->source_class : m->target_class) == class);

		if (!(flags & IP_BY_MESSAGE) && fits)
			return m;
		if ((flags & IP_BY_MESSAGE) && m->id == be32(c->parm + IP_MSGID) &&
		    side->user == c->me) {
			*rc = fits ? RC_OK : RC_MISMATCH;
			return m;
		}
	}
	return NULL;
}

/* A message id alone is not enough, and a path must be one. */
static bool search_flags_ok(struct iucv_call *c)
{
	uint8_t flags = c->parm[IP_FLAGS1];
	const uint8_t all = IP_BY_MESSAGE | IP_BY_PATH | IP_BY_CLASS;

	if ((flags & IP_BY_MESSAGE) && (flags & all) != all) {
		c->pic = PIC_SPECIFICATION;
		return false;
	}
	return true;
}

/* CC_OK with *found, or what to answer. */
static unsigned find_incoming(struct iucv_call *c, struct iucv_message **found)
{
	uint8_t rc;

	if (!search_flags_ok(c))
		return CC_ERROR;
	if ((c->parm[IP_FLAGS1] & IP_BY_PATH) && !iucv_path(c))
		return iucv_fail(c, RC_PATH);
	*found = search(c, c->me->incoming, false, be32(c->parm + IP_TRGCLS), &rc);
	if (!*found)
		return CC_NONE;
	if (rc)
		return iucv_fail(c, rc);
	if (!(*found)->purged)
		return CC_OK;
	complete(*found);
	return iucv_fail(c, RC_PURGED);
}

/* ---- RECEIVE */

/* Data into the buffer of the parameter list, which then says what is left. */
static uint8_t receive_data(struct iucv_call *c, struct iucv_message *m)
{
	struct area to = data_area(c), before = m->send;
	uint32_t moved;
	enum place_error e = area_copy(&m->send, &to, &moved);

	if (e == PLACE_TO_ADDRESSING || e == PLACE_TO_PROTECTION)
		m->send = before; /* he may try again */
	put_be32(c->parm + IP_BFADR1, area_address(&to));
	put_be32(c->parm + IP_BFLN1F, m->send.length ? m->send.length : to.length);
	switch (e) {
	case PLACE_FROM_ADDRESSING:
		m->audit |= AUDIT_SEND_ADDRESSING;
		return RC_ADDRESSING;
	case PLACE_FROM_PROTECTION:
		m->audit |= AUDIT_SEND_PROTECTION;
		return RC_PROTECTION;
	case PLACE_TO_ADDRESSING: c->pic = PIC_ADDRESSING; return RC_OK;
	case PLACE_TO_PROTECTION: c->pic = PIC_PROTECTION; return RC_OK;
	default: return m->send.length ? RC_SHORT_BUFFER : RC_OK;
	}
}

/* A message is looked for among those that were not wholly received. */
static struct iucv_message *skip_received(struct iucv_message *m)
{
	while (m && m->received)
		m = m->next;
	return m;
}

static unsigned find_to_receive(struct iucv_call *c, struct iucv_message **found)
{
	struct iucv_message *m;
	uint8_t rc = RC_OK;

	if (c->parm[IP_FLAGS1] & IP_BY_MESSAGE)
		return find_incoming(c, found);
	if ((c->parm[IP_FLAGS1] & IP_BY_PATH) && !iucv_path(c))
		return iucv_fail(c, RC_PATH);
	m = c->me->incoming;
	do {
		m = search(c, skip_received(m), false, be32(c->parm + IP_TRGCLS), &rc);
	} while (m && (m->received || m->purged) && (m = m->next));
	*found = m;
	return m ? CC_OK : CC_NONE;
}

unsigned iucv_do_receive(struct iucv_call *c)
{
	struct iucv_message *m = NULL;
	const bool list = c->parm[IP_FLAGS1] & IP_BUFFER_LIST;
	const struct area room = data_area(c);
	unsigned cc = find_to_receive(c, &m);
	uint8_t rc = RC_OK;

	if (cc || c->pic)
		return cc;
	if (m->received)
		return CC_NONE;
	if (!(m->flags & IP_RMDATA))
		rc = area_check(c, &room, RC_BUFFER_LIST);
	if (rc || c->pic) /* the message stays */
		return iucv_fail(c, rc);
	if (m->flags & IP_RMDATA)
		memcpy(c->parm + IP_RMMSG, m->parm_data, PARM_DATA);
	else
		rc = receive_data(c, m);
	if (c->pic)
		return 0;
	m->told = true;
	put_be16(c->parm + IP_PATHID, m->to->id);
	c->parm[IP_FLAGS1] = m->flags;
	put_be32(c->parm + IP_MSGID, m->id);
	put_be32(c->parm + IP_TRGCLS, m->target_class);
	put_be32(c->parm + IP_BFLN2F, m->answer.length);
	if (rc == RC_SHORT_BUFFER) { /* the rest: with the same parameter list */
		c->parm[IP_FLAGS1] |= IP_BY_MESSAGE | IP_BY_PATH | IP_BY_CLASS |
				      (list ? IP_BUFFER_LIST : 0);
		return iucv_fail(c, rc);
	}
	m->received = true;
	if (rc || (m->flags & IP_NO_REPLY))
		complete(m);
	return rc ? iucv_fail(c, rc) : CC_OK;
}

/* ---- REPLY, REJECT */

/* Into the sender's answer area; the length is then what is left of that, or too much. */
static uint8_t reply_data(struct iucv_call *c, struct iucv_message *m)
{
	struct area from = answer_area(c);
	uint32_t length = from.length, room = m->answer.length, moved;
	enum place_error e = area_copy(&from, &m->answer, &moved);

	m->answer.length = length > room ? length - room : room - moved;
	put_be32(c->parm + IP_BFADR2, area_address(&from));
	put_be32(c->parm + IP_BFLN2F, m->answer.length);
	switch (e) {
	case PLACE_FROM_ADDRESSING: c->pic = PIC_ADDRESSING; return RC_OK;
	case PLACE_FROM_PROTECTION: c->pic = PIC_PROTECTION; return RC_OK;
	case PLACE_TO_ADDRESSING:
		m->audit |= AUDIT_ANSWER_ADDRESSING;
		return RC_ADDRESSING;
	case PLACE_TO_PROTECTION:
		m->audit |= AUDIT_ANSWER_PROTECTION;
		return RC_PROTECTION;
	default: break;
	}
	if (length <= room)
		return RC_OK;
	m->audit |= AUDIT_REPLY_TOO_LONG;
	return RC_SHORT_BUFFER;
}

static uint8_t reply_parameter_data(struct iucv_call *c, struct iucv_message *m)
{
	if (!m->from->parameter_data) {
		m->audit |= AUDIT_NO_RMDATA;
		return RC_NO_RMDATA;
	}
	memcpy(m->parm_data, c->parm + IP_RMMSG, PARM_DATA);
	return RC_OK;
}

unsigned iucv_do_reply(struct iucv_call *c)
{
	uint8_t flags = c->parm[IP_FLAGS1], rc;
	const struct area data = answer_area(c);
	struct iucv_message *m = NULL;
	struct area before;
	unsigned cc;

	c->parm[IP_FLAGS1] |= IP_BY_MESSAGE | IP_BY_PATH | IP_BY_CLASS;
	cc = find_incoming(c, &m);
	c->parm[IP_FLAGS1] = flags;
	if (cc || c->pic)
		return cc;
	if (m->flags & IP_NO_REPLY)
		return CC_NONE;
	rc = flags & IP_RMDATA ? RC_OK : area_check(c, &data, RC_ANSWER_LIST);
	if (rc || c->pic) /* the message stays */
		return iucv_fail(c, rc);
	before = m->answer;
	rc = flags & IP_RMDATA ? reply_parameter_data(c, m) : reply_data(c, m);
	if (c->pic) {
		m->answer = before;
		return 0;
	}
	m->flags = flags & (IP_RMDATA | IP_PRIORITY);
	complete(m);
	return rc ? iucv_fail(c, rc) : CC_OK;
}

unsigned iucv_do_reject(struct iucv_call *c)
{
	struct iucv_message *m = NULL;
	unsigned cc = find_incoming(c, &m);

	if (cc || c->pic)
		return cc;
	put_be16(c->parm + IP_PATHID, m->to->id);
	put_be32(c->parm + IP_MSGID, m->id);
	put_be32(c->parm + IP_TRGCLS, m->target_class);
	m->audit |= AUDIT_REJECTED;
	complete(m);
	return CC_OK;
}

/* ---- the sender's other functions */

/* Messages that were sent from here and are not complete, on any queue. */
static struct iucv_message *find_sent(struct iucv_call *c, uint8_t *rc)
{
	for (struct iucv_user *u = c->hub->users; u; u = u->next) {
		struct iucv_message *m = u->incoming;

		do {
			m = search(c, m, true, be32(c->parm + IP_SRCCLS), rc);
		} while (m && m->purged && (m = m->next));
		if (m)
			return m;
	}
	return NULL;
}

unsigned iucv_do_purge(struct iucv_call *c)
{
	struct iucv_message *m;
	uint8_t rc = RC_OK;

	if (!search_flags_ok(c))
		return 0;
	if ((c->parm[IP_FLAGS1] & IP_BY_PATH) && !iucv_path(c))
		return iucv_fail(c, RC_PATH);
	m = find_sent(c, &rc);
	if (!m)
		return CC_NONE;
	if (rc)
		return iucv_fail(c, rc);
	put_be16(c->parm + IP_PATHID, m->from->id);
	c->parm[IP_FLAGS1] = m->flags;
	put_be32(c->parm + IP_MSGID, m->id);
	memset(c->parm + IP_AUDIT, 0, 4);
	put_be16(c->parm + IP_AUDIT, m->audit);
	put_be32(c->parm + IP_SRCCLS, m->source_class);
	put_be32(c->parm + IP_MSGTAG, m->tag);
	m->purged = true;
	m->from->outstanding--;
	if (!m->told) /* the receiver does not know of it */
		complete(m);
	return CC_OK;
}

unsigned iucv_do_describe(struct iucv_call *c)
{
	uint8_t type = TYPE_MESSAGE_PRIORITY;
	struct iucv_message *m = iucv_message_due(c->me, &type);

	type = TYPE_MESSAGE;
	if (!m)
		m = iucv_message_due(c->me, &type);
	if (!m)
		return CC_NONE;
	memset(c->parm, 0, PARM_SIZE);
	describe(m, c->parm);
	m->told = true;
	return CC_OK;
}

unsigned iucv_do_test_message(struct iucv_call *c)
{
	uint8_t type = TYPE_MESSAGE_PRIORITY;
	bool messages = iucv_message_due(c->me, &type);

	type = TYPE_MESSAGE;
	messages = messages || iucv_message_due(c->me, &type);
	return (messages ? 1 : 0) | (c->me->complete ? 2 : 0);
}

unsigned iucv_do_test_completion(struct iucv_call *c)
{
	struct iucv_message *m;
	uint16_t audit;
	uint8_t rc = RC_OK;

	if (!search_flags_ok(c))
		return 0;
	if ((c->parm[IP_FLAGS1] & IP_BY_PATH) && !iucv_path(c))
		return iucv_fail(c, RC_PATH);
	m = search(c, c->me->complete, true, be32(c->parm + IP_SRCCLS), &rc);
	if (!m)
		return CC_NONE;
	if (rc)
		return iucv_fail(c, rc);
	memset(c->parm, 0, PARM_SIZE);
	describe_complete(m, c->parm);
	audit = m->audit;
	take_out(&c->me->complete, m);
	message_free(m);
	return audit ? CC_AUDIT : CC_OK;
}
