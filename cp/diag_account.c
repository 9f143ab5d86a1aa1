/*
 * DIAGNOSE X'4C': whom a machine's use is charged to, and a user's own accounting
 * records. For users with OPTION ACCT.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", DIAGNOSE Code X'4C'.
 *
 * Threads: the machine's, but for charge_answer().
 */
#include <string.h>

#include "base/ebcdic.h"
#include "cp/accounting.h"
#include "cp/diagnose_int.h"
#include "cp/directory.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"

enum account_code {
	CHARGE_USERID = 0x00, CHARGE_ACCOUNT = 0x04, CHARGE_DIST = 0x08, CHARGE_BOTH = 0x0C,
	OWN_RECORD = 0x10,
};

#define OWN_MAX	 70 /* bytes */
#define LIST	 24 /* userid, account number, distribution code */

enum { CC_DONE = 0, CC_NO_OPTION = 1, CC_NO_USER = 2, CC_BAD_CODE = 3 };

static int answer(const struct diag *d, unsigned cc)
{
	cpu370_set_cc(d->cpu, cc);
	return 0;
}

static int own_record(const struct diag *d)
{
	uint32_t length = diag_gr(d, d->ry + 1);
	uint8_t data[OWN_MAX];
	int pic;

	if (d->ry == 15 || length == 0 || length > OWN_MAX)
		return PIC_SPECIFICATION;
	pic = diag_move(d, false, diag_gr(d, d->rx), data, length, diag_key(d));
	if (pic)
		return pic;
	accounting_own(d->vm->cp->accounting, d->vm->userid, d->vm->user->account, data,
		       length);
	return answer(d, CC_DONE);
}

/* Eight EBCDIC characters without the blanks at their end. */
static void field(char out[9], const uint8_t *text)
{
	size_t n = 8;

	ebcdic_to_latin1(&codepage_037, out, text, 8);
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

static void set_distribution(struct vmblok *vm, const char *code)
{
	for (struct virtual_device *v = vm->devices; v; v = v->next) {
		if (!v->ur)
			continue;
		pthread_mutex_lock(&v->ur->lock);
		memcpy(v->ur->opt.dist, code, sizeof(v->ur->opt.dist));
		pthread_mutex_unlock(&v->ur->lock);
	}
}

/* On the CP thread: cut the record of the time so far, then charge the other. */
static void charge_answer(struct question *q)
{
	struct accounting_charge charge = { .userid = "" };
	struct vmblok *vm = q->vm;
	char dist[9] = "";

	if (vm->leaving)
		return;
	if (q->length) {
		field(charge.userid, q->data);
		if (q->in[0] & CHARGE_ACCOUNT)
			field(charge.account, q->data + 8);
		if (q->in[0] & CHARGE_DIST)
			field(dist, q->data + 16);
		if (!directory_find(vm->cp->directory, charge.userid)) {
			q->out[0] = CC_NO_USER;
			return;
		}
	}
	accounting_user(vm);
	vm->charge = charge;
	vm->link_failures = 0;
	if (dist[0])
		set_distribution(vm, dist);
	q->out[0] = CC_DONE;
}

static int charge(const struct diag *d, uint32_t code)
{
	uint32_t at = diag_gr(d, d->rx);
	uint8_t list[LIST];
	struct question *q;
	int pic;

	if (at == 0) { /* from now on himself again */
		q = question_ask(d, charge_answer, code, 0);
	} else {
		if (at % 8)
			return PIC_SPECIFICATION;
		pic = diag_move(d, false, at, list, sizeof(list), diag_key(d));
		if (pic)
			return pic;
		q = question_ask_with(d, charge_answer, code, list, sizeof(list));
	}
	if (!q) /* the machine is being freed */
		return 0;
	pic = answer(d, q->out[0]);
	question_put(q);
	return pic;
}

int diag_accounting(const struct diag *d)
{
	uint32_t code = diag_gr(d, d->ry);

	if (!(d->vm->user->options & OPTION_ACCT))
		return answer(d, CC_NO_OPTION);
	switch (code) {
	case CHARGE_USERID:
	case CHARGE_ACCOUNT:
	case CHARGE_DIST:
	case CHARGE_BOTH: return charge(d, code);
	case OWN_RECORD: return own_record(d);
	default: return answer(d, CC_BAD_CODE);
	}
}
