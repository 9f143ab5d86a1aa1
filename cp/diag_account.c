/*
 * DIAGNOSE X'4C': a user's own accounting records.
 *
 * SC19-6203, "VM/370 System Programmer's Guide", DIAGNOSE Code X'4C'.
 *
 * Only code X'10' is there: codes X'00' to X'0C', which charge another user, are
 * answered as codes that CP does not know.
 *
 * Threads: the machine's.
 */
#include "cp/accounting.h"
#include "cp/diagnose_int.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"

#define OWN_RECORD 0x10
#define OWN_MAX	   70 /* bytes */

enum { CC_DONE = 0, CC_NO_OPTION = 1, CC_BAD_CODE = 3 };

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

int diag_accounting(const struct diag *d)
{
	if (!(d->vm->user->options & OPTION_ACCT))
		return answer(d, CC_NO_OPTION);
	if (diag_gr(d, d->ry) != OWN_RECORD)
		return answer(d, CC_BAD_CODE);
	return own_record(d);
}
