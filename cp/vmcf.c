#include "cp/vmcf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cp/diagnose_int.h"
#include "cp/place.h"
#include "cp/vmblok.h"

#define VMCF_CODE     0x4001
#define PARM_SIZE     40  /* of VMCPARM and of the message header */
#define USERID_SIZE   8
#define MESSAGE_LIMIT 50  /* sent and not answered, of one user */
#define SPECIAL_LIMIT 255 /* SMSGs that wait for one user: CP has no MESSAGE_LIMIT */

enum vmcf_function {
	AUTHORIZE, UNAUTHORIZE, SEND, SEND_RECEIVE, SENDX, RECEIVE, CANCEL, REPLY, QUIESCE,
	RESUME, IDENTIFY, REJECT, FUNCTIONS,
};

enum vmcf_rc {
	RC_OK, RC_ADDRESS, RC_FUNCTION, RC_PROTOCOL, RC_NOT_AUTHORIZED, RC_NOT_AVAILABLE,
	RC_PROTECTION, RC_TOO_LARGE, RC_DUPLICATE, RC_QUIESCED, RC_LIMIT, RC_REPLY_CANCELLED,
	RC_NOT_FOUND, RC_SYNCHRONIZATION, RC_TOO_LATE, RC_PAGING, RC_LENGTH, RC_OVERLAP,
	RC_NO_PRIORITY, RC_TRANSFER, RC_BUSY,
};

/* Flags of the parameter list, and the status of a message header. */
enum { FLAG_SPECIFIC = 0x80, FLAG_PRIORITY = 0x40, FLAG_SMSG = 0x20 };
enum { STATUS_RESPONSE = 0x80, STATUS_REJECTED = 0x40, STATUS_PRIORITY = 0x20 };

/* A message on the queue of its receiver or, when it is a response, of its sender. */
struct message {
	struct message *next;
	uint8_t status, error;
	uint16_t function;
	uint32_t id;
	uint8_t user[USERID_SIZE]; /* the other side */
	uint32_t vada, lena, vadb, lenb;
	uint8_t use[USERID_SIZE];
	uint8_t key;               /* of the PSW when it was sent */
	bool interrupt;            /* its external interruption is still to come */
	bool received;
	uint64_t sequence;
	uint8_t *text;             /* CP's data, instead of vada */
};

/* A machine that is authorized. */
struct vmcf_user {
	struct vmcf_user *next;
	struct vmblok *vm;
	uint8_t userid[USERID_SIZE], specific[USERID_SIZE];
	bool only_specific, priority, quiesced;
	uint32_t buffer, length; /* for headers and SENDX data */
	uint8_t key;
	uint32_t prefix;
	unsigned count;          /* messages sent and not answered */
	uint64_t sequence;       /* of its AUTHORIZE: older ones do not count */
	struct message *queue;
};

struct vmcf {
	pthread_mutex_t lock; /* everything here, and vm->vmcf, vm->vmcf_barred */
	struct vmcf_user *users;
	uint64_t sequence;
	uint32_t special_id;
};

static const uint8_t system_id[USERID_SIZE] = { 0xE2, 0xE8, 0xE2, 0xE3, 0xC5, 0xD4, 0x40,
						0x40 };

struct vmcf *vmcf_new(void)
{
	struct vmcf *hub = calloc(1, sizeof(*hub));

	if (!hub)
		BUG("no memory for VMCF");
	pthread_mutex_init(&hub->lock, NULL);
	return hub;
}

void vmcf_free(struct vmcf *hub)
{
	if (!hub)
		return;
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

static void userid_of(const struct vmblok *vm, uint8_t out[USERID_SIZE])
{
	memset(out, EBCDIC_SPACE, USERID_SIZE);
	ebcdic_from_latin1(&codepage_037, out, vm->userid, strlen(vm->userid));
}

static bool same_user(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, USERID_SIZE) == 0;
}

/* ---- the guests' storage */

static struct place place_of(const struct vmcf_user *u, const struct message *m,
			     uint32_t address)
{
	return (struct place){
		.storage = u ? machine_storage(u->vm->machine) : NULL, .text = m->text,
		.address = address, .prefix = u ? u->prefix : 0, .key = m->key,
	};
}

/* Both ends of an area of the caller's are in his storage. */
static bool address_ok(const struct diag *d, uint32_t at, uint32_t length)
{
	const struct place p = { .storage = cpu370_storage(d->cpu), .address = at,
				 .prefix = cpu370_prefix(d->cpu) };

	return place_exists(&p, length);
}

/* ---- messages; the lock is held in all of these */

static struct vmcf_user *find_user(const struct vmcf *hub, const uint8_t *userid)
{
	struct vmcf_user *u = hub->users;

	while (u && !same_user(u->userid, userid))
		u = u->next;
	return u;
}

static void message_free(struct message *m)
{
	free(m->text);
	free(m);
}

/* The message id of that other user on u's queue. */
static struct message *find_message(const struct vmcf_user *u, const uint8_t *userid,
				    uint32_t id)
{
	struct message *m = u->queue;

	while (m && (!same_user(m->user, userid) || m->function == IDENTIFY || m->id != id))
		m = m->next;
	return m;
}

static void wake(const struct vmcf_user *u)
{
	const struct machine_request req = { .kind = MACHINE_EXTERNAL, .value = VMCF_CODE };

	machine_post(u->vm->machine, &req);
}

/* Priority messages go before the others. from: whose name it bears now. */
static void enqueue(struct vmcf *hub, struct vmcf_user *u, struct message *m,
		    const uint8_t *from)
{
	struct message **at = &u->queue;

	while (*at && (!(m->status & STATUS_PRIORITY) || ((*at)->status & STATUS_PRIORITY)))
		at = &(*at)->next;
	m->next = *at;
	*at = m;
	memcpy(m->user, from, USERID_SIZE);
	m->interrupt = true;
	m->sequence = ++hub->sequence;
	wake(u);
}

static void dequeue(struct vmcf_user *u, struct message *m)
{
	struct message **at = &u->queue;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	m->next = NULL;
}

static void count_down(struct vmcf_user *sender, const struct message *m)
{
	if (sender && sender->count && m->sequence >= sender->sequence)
		sender->count--;
}

/*
 * A message leaves u's queue as a response to whoever sent it. False: he is not there
 * any more, and the message is gone.
 */
static bool respond(struct vmcf *hub, struct vmcf_user *u, struct message *m)
{
	struct vmcf_user *sender = m->text ? NULL : find_user(hub, m->user);

	dequeue(u, m);
	if (!sender) {
		message_free(m);
		return false;
	}
	m->status |= STATUS_RESPONSE;
	enqueue(hub, sender, m, u->userid);
	return true;
}

/*
 * Move data from one side to the other, up to the shorter length; both lengths become
 * what is left. Errors are left in the sides' error codes.
 */
static void transfer(const struct place *from, const struct place *to, struct message *source,
		     uint32_t *source_length, struct message *sink, uint32_t *sink_length)
{
	static const struct { uint8_t source, sink; } errors[] = {
		[PLACE_FROM_ADDRESSING] = { RC_ADDRESS, RC_TRANSFER },
		[PLACE_FROM_PROTECTION] = { RC_PROTECTION, RC_TRANSFER },
		[PLACE_TO_ADDRESSING] = { RC_TRANSFER, RC_ADDRESS },
		[PLACE_TO_PROTECTION] = { RC_TRANSFER, RC_PROTECTION },
		[PLACE_OVERLAP] = { RC_OVERLAP, RC_OVERLAP },
	};
	uint32_t total = *source_length < *sink_length ? *source_length : *sink_length, moved;
	enum place_error e;

	if (*source_length > *sink_length)
		source->error = sink->error = RC_LENGTH;
	e = place_copy(from, to, total, &moved);
	*source_length -= moved;
	*sink_length -= moved;
	if (e != PLACE_OK) {
		source->error = errors[e].source;
		sink->error = errors[e].sink;
	}
}

/* ---- the functions */

struct call {
	const struct diag *d;
	struct vmcf *hub;
	struct vmcf_user *me, *sink;
	struct message p; /* the parameter list; status: its flags */
};

static enum vmcf_rc do_authorize(struct call *c)
{
	struct vmblok *vm = c->d->vm;
	struct vmcf_user *u = c->me;
	uint8_t byte;

	if (c->p.vada % 8 || c->p.lena < PARM_SIZE ||
	    !address_ok(c->d, c->p.vada, c->p.lena))
		return RC_ADDRESS;
	if (diag_move(c->d, false, c->p.vada, &byte, 1, c->p.key) ||
	    diag_move(c->d, true, c->p.vada, &byte, 1, c->p.key))
		return RC_PROTECTION;
	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			BUG("no memory for VMCF");
		u->vm = vm;
		userid_of(vm, u->userid);
		u->sequence = ++c->hub->sequence;
		u->next = c->hub->users;
		c->hub->users = vm->vmcf = u;
	}
	u->buffer = c->p.vada & 0xFFFFFF;
	u->length = c->p.lena;
	u->key = c->p.key;
	u->prefix = cpu370_prefix(c->d->cpu);
	u->priority = c->p.status & FLAG_PRIORITY;
	u->only_specific = c->p.status & FLAG_SPECIFIC;
	memcpy(u->specific, c->p.user, USERID_SIZE);
	return RC_OK;
}

static void unauthorize(struct vmcf *hub, struct vmcf_user *u)
{
	struct vmcf_user **at = &hub->users;

	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	u->vm->vmcf = NULL;
	while (u->queue) {
		struct message *m = u->queue;

		if (m->status & STATUS_RESPONSE) {
			u->queue = m->next;
			message_free(m);
			continue;
		}
		m->error = RC_NOT_AVAILABLE;
		respond(hub, u, m); /* not to himself: he is out of the list */
	}
	free(u);
}

static enum vmcf_rc do_unauthorize(struct call *c)
{
	unauthorize(c->hub, c->me);
	return RC_OK;
}

/* Can a message be sent to the user it names? */
static enum vmcf_rc check_sink(struct call *c)
{
	if (c->me->count >= MESSAGE_LIMIT)
		return RC_LIMIT;
	if (same_user(c->p.user, system_id))
		return RC_QUIESCED;
	c->sink = find_user(c->hub, c->p.user);
	if (!c->sink)
		return RC_NOT_AVAILABLE;
	if (c->sink->quiesced)
		return RC_QUIESCED;
	if ((c->p.status & FLAG_PRIORITY) && !c->sink->priority)
		return RC_NO_PRIORITY;
	if (c->sink->only_specific && !same_user(c->sink->specific, c->me->userid))
		return RC_NOT_AVAILABLE;
	return RC_OK;
}

/* A copy of the parameter list goes to the receiver. */
static void build(struct call *c, uint8_t status)
{
	struct message *m = malloc(sizeof(*m));

	if (!m)
		BUG("no memory for VMCF");
	*m = c->p;
	m->status = status | ((c->p.status & FLAG_PRIORITY) ? STATUS_PRIORITY : 0);
	m->error = 0;
	c->me->count++;
	enqueue(c->hub, c->sink, m, c->me->userid);
}

static enum vmcf_rc do_send(struct call *c)
{
	enum vmcf_rc rc = check_sink(c);

	if (rc != RC_OK)
		return rc;
	if (!address_ok(c->d, c->p.vada, c->p.lena) ||
	    (c->p.function == SEND_RECEIVE && !address_ok(c->d, c->p.vadb, c->p.lenb)))
		return RC_ADDRESS;
	if (c->p.function == SENDX && c->p.lena > c->sink->length - PARM_SIZE)
		return RC_TOO_LARGE;
	if (find_message(c->me, c->p.user, c->p.id) ||
	    find_message(c->sink, c->me->userid, c->p.id))
		return RC_DUPLICATE;
	build(c, 0);
	return RC_OK;
}

static enum vmcf_rc do_identify(struct call *c)
{
	enum vmcf_rc rc = check_sink(c);

	if (rc == RC_OK)
		build(c, STATUS_RESPONSE);
	return rc;
}

/* A message that its receiver is about to answer. */
static enum vmcf_rc find_to_answer(struct call *c, struct message **found)
{
	struct message *m = find_message(c->me, c->p.user, c->p.id);

	*found = m;
	if (!m)
		return RC_NOT_FOUND;
	if (c->p.function == REPLY && m->function != SEND_RECEIVE)
		return RC_PROTOCOL;
	if (m->status & STATUS_RESPONSE)
		return RC_PROTOCOL;
	return m->interrupt ? RC_SYNCHRONIZATION : RC_OK;
}

/* The end of a message, with the receiver's doubleword. */
static enum vmcf_rc finish(struct call *c, struct message *m)
{
	memcpy(m->use, c->p.use, USERID_SIZE);
	return respond(c->hub, c->me, m) ? RC_OK : RC_NOT_AVAILABLE;
}

/* Where the data of a message comes from, or goes to by REPLY. */
static bool sender_place(struct call *c, const struct message *m, uint32_t address,
			 struct place *p)
{
	const struct vmcf_user *sender = find_user(c->hub, m->user);

	if (!sender)
		return false;
	*p = place_of(sender, m, address);
	return true;
}

static enum vmcf_rc do_receive(struct call *c)
{
	struct message *m;
	enum vmcf_rc rc = find_to_answer(c, &m);
	const struct place here = place_of(c->me, &c->p, c->p.vada);
	struct place there;

	if (rc == RC_OK && m->received)
		rc = RC_PROTOCOL;
	if (rc == RC_OK && !address_ok(c->d, c->p.vada, c->p.lena))
		rc = RC_ADDRESS;
	if (rc != RC_OK)
		return rc;
	m->received = true;
	c->p.error = 0;
	if (sender_place(c, m, m->vada, &there))
		transfer(&there, &here, m, &m->lena, &c->p, &c->p.lena);
	else
		m->error = c->p.error = RC_NOT_AVAILABLE;
	if (m->function == SEND_RECEIVE)
		return c->p.error;
	rc = finish(c, m);
	return rc == RC_OK ? c->p.error : rc;
}

static enum vmcf_rc do_reply(struct call *c)
{
	struct message *m;
	enum vmcf_rc rc = find_to_answer(c, &m);
	const struct place here = place_of(c->me, &c->p, c->p.vada);
	struct place there;

	if (rc == RC_OK && !address_ok(c->d, c->p.vada, c->p.lena))
		rc = RC_ADDRESS;
	if (rc != RC_OK)
		return rc;
	c->p.error = 0;
	if (sender_place(c, m, m->vadb, &there))
		transfer(&here, &there, &c->p, &c->p.lena, m, &m->lenb);
	else
		m->error = c->p.error = RC_NOT_AVAILABLE;
	rc = finish(c, m);
	return rc == RC_OK ? c->p.error : rc;
}

static enum vmcf_rc do_reject(struct call *c)
{
	struct message *m;
	enum vmcf_rc rc = find_to_answer(c, &m);

	if (rc != RC_OK)
		return rc;
	m->status |= STATUS_REJECTED;
	return finish(c, m);
}

static enum vmcf_rc do_cancel(struct call *c)
{
	struct vmcf_user *sink = find_user(c->hub, c->p.user);
	struct message *m;
	enum vmcf_rc rc;

	if (!sink)
		return RC_NOT_AVAILABLE;
	m = find_message(c->me, c->p.user, c->p.id);
	if (m && (m->status & STATUS_RESPONSE))
		return RC_TOO_LATE;
	if (m && sink != c->me)
		return RC_PROTOCOL;
	m = find_message(sink, c->me->userid, c->p.id);
	if (!m)
		return RC_NOT_FOUND;
	rc = m->received ? RC_REPLY_CANCELLED : RC_OK;
	dequeue(sink, m);
	count_down(c->me, m);
	message_free(m);
	return rc;
}

static enum vmcf_rc do_quiesce(struct call *c)
{
	c->me->quiesced = true;
	return RC_OK;
}

static enum vmcf_rc do_resume(struct call *c)
{
	c->me->quiesced = false;
	return RC_OK;
}

static enum vmcf_rc (*const functions[FUNCTIONS])(struct call *c) = {
	[AUTHORIZE] = do_authorize, [UNAUTHORIZE] = do_unauthorize, [SEND] = do_send,
	[SEND_RECEIVE] = do_send,   [SENDX] = do_send,              [RECEIVE] = do_receive,
	[CANCEL] = do_cancel,       [REPLY] = do_reply,             [QUIESCE] = do_quiesce,
	[RESUME] = do_resume,       [IDENTIFY] = do_identify,       [REJECT] = do_reject,
};

/* AUTHORIZE with the SMSG flag is SET SMSG ON as well. */
static void smsg_on(void *arg)
{
	struct vmblok *vm = arg;

	vm->set |= SET_SMSG;
	vm_put(vm);
}

static void parse(struct message *m, const uint8_t *b)
{
	*m = (struct message){
		.status = b[0], .function = be16(b + 2), .id = be32(b + 4),
		.vada = be32(b + 0x10), .lena = be32(b + 0x14),
		.vadb = be32(b + 0x18), .lenb = be32(b + 0x1C),
	};
	memcpy(m->user, b + 8, USERID_SIZE);
	memcpy(m->use, b + 0x20, USERID_SIZE);
}

static enum vmcf_rc execute(struct call *c)
{
	struct vmblok *vm = c->d->vm;

	if (c->p.function >= FUNCTIONS)
		return RC_FUNCTION;
	if (vm->vmcf_barred)
		return RC_NOT_AUTHORIZED;
	c->me = vm->vmcf;
	if (!c->me && c->p.function != AUTHORIZE)
		return RC_NOT_AUTHORIZED;
	return functions[c->p.function](c);
}

int vmcf_diagnose(const struct diag *d)
{
	struct call c = { .d = d, .hub = d->vm->cp->vmcf };
	uint8_t parm[PARM_SIZE];
	enum vmcf_rc rc;
	int pic;

	if (diag_gr(d, d->rx) % 8)
		return PIC_SPECIFICATION;
	pic = diag_move(d, false, diag_gr(d, d->rx), parm, sizeof(parm), diag_key(d));
	if (pic)
		return pic;
	parse(&c.p, parm);
	c.p.key = diag_key(d);
	pthread_mutex_lock(&c.hub->lock);
	rc = execute(&c);
	pthread_mutex_unlock(&c.hub->lock);
	if (rc == RC_OK && c.p.function == AUTHORIZE && (c.p.status & FLAG_SMSG))
		loop_post(d->vm->cp->loop, smsg_on, vm_get(d->vm));
	diag_set_gr(d, d->ry, rc);
	return 0;
}

/* ---- the external interruption */

static void put_header(uint8_t b[PARM_SIZE], const struct message *m)
{
	b[0] = m->status;
	b[1] = m->error;
	put_be16(b + 2, m->function);
	put_be32(b + 4, m->id);
	memcpy(b + 8, m->user, USERID_SIZE);
	put_be32(b + 0x10, m->vada);
	put_be32(b + 0x14, m->lena);
	put_be32(b + 0x18, m->vadb);
	put_be32(b + 0x1C, m->lenb);
	memcpy(b + 0x20, m->use, USERID_SIZE);
}

/* The data of a SENDX, behind its header. The message is answered with that. */
static bool take_sendx(struct vmcf *hub, struct vmcf_user *u, struct message *m)
{
	struct message sink = { .key = u->key };
	const struct vmcf_user *sender = m->text ? NULL : find_user(hub, m->user);
	const struct place to = place_of(u, &sink, u->buffer + PARM_SIZE);
	uint32_t room = u->length - PARM_SIZE;
	struct place from;
	bool ok;

	if (!m->text && !sender) {
		dequeue(u, m);
		message_free(m);
		return true; /* the header is there, the data is not */
	}
	from = place_of(sender, m, m->vada);
	if (m->lena > room)
		m->error = RC_TOO_LARGE;
	else
		transfer(&from, &to, m, &m->lena, &sink, &room);
	ok = m->error == 0;
	respond(hub, u, m);
	return ok;
}

/* The header of m into u's buffer. False: it could not be stored. */
static bool take(struct vmcf *hub, struct vmcf_user *u, struct message *m)
{
	const struct message buffer = { .key = u->key };
	const struct place to = place_of(u, &buffer, u->buffer);
	uint8_t header[PARM_SIZE];
	bool response = m->status & STATUS_RESPONSE, ok;

	m->interrupt = false;
	put_header(header, m);
	ok = place_store(&to, header, sizeof(header)) == STORAGE_OK;
	if (response) {
		count_down(m->function == IDENTIFY ? find_user(hub, m->user) : u, m);
		dequeue(u, m);
		message_free(m);
	} else if (!ok) {
		m->error = RC_TRANSFER;
		respond(hub, u, m);
	} else if (m->function == SENDX) {
		ok = take_sendx(hub, u, m);
	}
	return ok;
}

static struct message *first_interrupt(const struct vmcf_user *u)
{
	struct message *m = u ? u->queue : NULL;

	while (m && !m->interrupt)
		m = m->next;
	return m;
}

bool vmcf_external(struct vmblok *vm, struct cpu370 *cpu, bool *more)
{
	struct vmcf *hub = vm->cp->vmcf;
	struct message *m;
	bool taken = false;

	(void)cpu;
	pthread_mutex_lock(&hub->lock);
	while (!taken && (m = first_interrupt(vm->vmcf)))
		taken = take(hub, vm->vmcf, m);
	*more = first_interrupt(vm->vmcf) != NULL;
	pthread_mutex_unlock(&hub->lock);
	return taken;
}

/* ---- for CP */

void vmcf_bar(struct vmblok *vm, bool barred)
{
	struct vmcf *hub = vm->cp->vmcf;

	pthread_mutex_lock(&hub->lock);
	vm->vmcf_barred = barred;
	if (vm->vmcf)
		unauthorize(hub, vm->vmcf);
	pthread_mutex_unlock(&hub->lock);
}

void vmcf_reset(struct vmblok *vm)
{
	vmcf_bar(vm, false);
}

static unsigned specials(const struct vmcf_user *u)
{
	unsigned n = 0;

	for (const struct message *m = u->queue; m; m = m->next)
		n += m->text != NULL;
	return n;
}

static enum vmcf_rc send_special(struct vmcf *hub, struct vmcf_user *to, struct message *m)
{
	if (!to)
		return RC_NOT_AVAILABLE;
	if (to->quiesced)
		return RC_QUIESCED;
	if (to->only_specific && !same_user(to->specific, system_id))
		return RC_NOT_AVAILABLE;
	if (m->lena > to->length - PARM_SIZE)
		return RC_TOO_LARGE;
	if (specials(to) >= SPECIAL_LIMIT)
		return RC_LIMIT;
	m->id = ++hub->special_id;
	enqueue(hub, to, m, system_id);
	return RC_OK;
}

int vmcf_special_message(struct vmblok *from, struct vmblok *to, const char *text)
{
	struct vmcf *hub = from->cp->vmcf;
	struct message *m = calloc(1, sizeof(*m));
	size_t n = strlen(text);
	enum vmcf_rc rc;

	if (!m || !(m->text = malloc(n + 1)))
		BUG("no memory for SMSG");
	m->function = SENDX;
	m->lena = (uint32_t)n;
	userid_of(from, m->use);
	ebcdic_from_latin1(&codepage_037, m->text, text, n);
	pthread_mutex_lock(&hub->lock);
	rc = send_special(hub, to->vmcf, m);
	pthread_mutex_unlock(&hub->lock);
	if (rc != RC_OK)
		message_free(m);
	return (int)rc;
}
