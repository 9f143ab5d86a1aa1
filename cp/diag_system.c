/*
 * DIAGNOSE codes that examine or change the system itself: X'04', X'1C', X'2C', X'30',
 * X'34', X'38', X'3C', X'48', X'50', X'74', X'78' and X'84'.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", DIAGNOSE Instruction in a Virtual
 * Machine; the order of the checks and what the guide does not say: DMKHVD, DMKHVE,
 * DMKDRD, DMKSNC, DMKUDR and DMKUDU of Release 6.
 *
 * DIFFERS: this CP has no real storage, no error recording cylinders, no dumps and
 * symbol table of its own, no 3704/3705 and 3800 images, and its directory is a file
 * of the host. These codes answer as a VM/370 that was generated without those does.
 *
 * Threads: the machine's, but for directory_answer().
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/cp.h"
#include "cp/diagnose_int.h"
#include "cp/message.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "devices/device.h"

#define PAGE	   4096u
#define LIST_MAX   1024u /* words in a page */
#define UPDATE_MAX 112u  /* bytes of X'84' */

/* What a page-sized buffer at raddr is refused with, or 0. */
static int check_page(const struct diag *d, uint32_t raddr)
{
	raddr &= 0xFFFFFF;
	if (!storage_has(cpu370_storage(d->cpu), raddr))
		return PIC_ADDRESSING;
	return raddr % PAGE ? PIC_SPECIFICATION : 0;
}

static int answer(const struct diag *d, unsigned cc)
{
	cpu370_set_cc(d->cpu, cc);
	return 0;
}

/* cc 3 with a reason in the register behind Ry. */
static int refuse(const struct diag *d, uint32_t reason)
{
	diag_set_gr(d, d->ry + 1, reason);
	return answer(d, 3);
}

/*
 * X'04' EXAMINE REAL STORAGE: every address of the list lies outside of it.
 */
int diag_examine_storage(const struct diag *d)
{
	uint32_t list = diag_gr(d, d->rx), count = diag_gr(d, d->ry);
	uint32_t result = diag_gr(d, d->ry + 1);

	if (count == 0 || count > LIST_MAX || (list ^ result) / PAGE)
		return PIC_SPECIFICATION;
	if (!storage_has(cpu370_storage(d->cpu), list & 0xFFFFFF))
		return PIC_SPECIFICATION;
	return PIC_ADDRESSING;
}

/* ---- the error recording area, of no cylinders */

enum recording { CLEAR_BUT_FRAMES = 1, CLEAR_ALL = 2 };
enum find_recording { FIND_START = 1, FIND_FIRST_RECORD = 2, FIND_FRAMES = 4 };
enum { REASON_CYLINDER = 4 };

/* X'1C' CLEAR ERROR RECORDING. */
int diag_clear_recording(const struct diag *d)
{
	uint32_t what = diag_gr(d, d->rx);

	return what == CLEAR_BUT_FRAMES || what == CLEAR_ALL ? 0 : PIC_SPECIFICATION;
}

/* X'2C' START OF ERROR RECORDING: CCPD of the start, and how many cylinders. */
int diag_find_recording(const struct diag *d)
{
	uint8_t what = diag_gr(d, d->rx) & 0xFF;

	if (what == FIND_START) {
		diag_set_gr(d, d->rx, 0x00000100); /* the first page of cylinder 0 */
		diag_set_gr(d, d->ry, 0);
		return answer(d, 0);
	}
	if (what == 0 || what & ~(FIND_FIRST_RECORD | FIND_FRAMES))
		return PIC_SPECIFICATION;
	if (what & FIND_FRAMES)
		diag_set_gr(d, d->ry, diag_gr(d, d->ry) & 0xFFFFFF00);
	if (what & FIND_FIRST_RECORD)
		diag_set_gr(d, d->rx, 0);
	return answer(d, 0);
}

/* X'30' READ ONE PAGE OF ERROR RECORDING: whatever it is, it lies outside. */
int diag_read_recording(const struct diag *d)
{
	int pic = d->ry == 15 ? PIC_SPECIFICATION : check_page(d, diag_gr(d, d->ry));

	return pic ? pic : refuse(d, REASON_CYLINDER);
}

/* ---- X'34' READ SYSTEM DUMP SPOOL FILE, X'38' READ SYSTEM SYMBOL TABLE */

enum { REASON_ADDRESS = 4, REASON_NOT_READER = 8, REASON_BUSY = 12 };

int diag_read_dump(const struct diag *d)
{
	int pic = check_page(d, diag_gr(d, d->rx));
	uint32_t vaddr = diag_gr(d, d->ry), first;
	struct device *dev;

	if (pic || d->ry == 15)
		return pic ? pic : PIC_SPECIFICATION;
	dev = vaddr && vaddr <= 0xFFFF
		? machine_device(d->vm->machine, (uint16_t)vaddr) : NULL;
	if (!dev)
		return refuse(d, REASON_ADDRESS);
	if (dev->class->kind != DEVICE_READER)
		return refuse(d, REASON_NOT_READER);
	if (machine_program(d->vm->machine, dev->address, &first))
		return refuse(d, REASON_BUSY);
	return answer(d, 2); /* no such file */
}

int diag_read_symbols(const struct diag *d)
{
	int pic = check_page(d, diag_gr(d, d->rx));

	return pic ? pic : answer(d, 1); /* not available */
}

/* ---- X'3C' DYNAMIC UPDATE OF THE USER DIRECTORY */

static void log_complaint(void *arg, const char *sentence)
{
	const struct vmblok *vm = arg;

	log_warn(vm->userid, "%s", sentence);
}

/* On the CP thread; the data are the six characters of a volume's serial. */
static void directory_answer(struct question *q)
{
	char volid[7];
	size_t n = 6;

	q->out[0] = 2;
	if (q->vm->leaving)
		return;
	ebcdic_to_latin1(&codepage_037, volid, q->data, 6);
	while (n && volid[n - 1] == ' ')
		n--;
	volid[n] = '\0';
	if (sysvolume_find(q->vm->cp->volumes, volid) &&
	    cp_reload_directory(q->vm->cp, log_complaint, q->vm))
		q->out[0] = 0;
}

/* The serial must be that of a volume of the system; what is read is user.direct. */
int diag_new_directory(const struct diag *d)
{
	struct question *q;
	uint8_t volid[8];

	put_be32(volid, diag_gr(d, d->rx));
	put_be32(volid + 4, diag_gr(d, d->ry));
	q = question_ask_with(d, directory_answer, 0, volid, 6);
	if (!q) /* the machine is being freed */
		return 0;
	cpu370_set_cc(d->cpu, q->out[0]);
	question_put(q);
	return 0;
}

/* ---- X'48': a CP tells that it is one */

enum { SVC_76_IS_OURS = 4, IS_A_CP = 8 };

/* CP wants to know only for its own recording of SVC 76, which we do not have. */
int diag_second_level(const struct diag *d)
{
	uint32_t what = diag_gr(d, d->rx);

	return what == SVC_76_IS_OURS || what == IS_A_CP ? 0 : PIC_SPECIFICATION;
}

/* ---- images of communication controllers and printers: there are none */

enum { NO_SUCH_SYSTEM = 44, NO_SUCH_LIBRARY = 4 };

static void say_no_ncp(struct question *q)
{
	if (!q->vm->leaving)
		(void)cp_error(q->vm, "SNC", 44, "");
}

/* X'50' SAVE 370X CONTROL PROGRAM IMAGE. */
int diag_save_ncp(const struct diag *d)
{
	struct question *q = question_ask(d, say_no_ncp, 0, 0);

	if (q)
		question_put(q);
	diag_set_gr(d, d->ry, NO_SUCH_SYSTEM);
	return 0;
}

/* X'74' LOAD OR SAVE A 3800 IMAGE LIBRARY: Rx and Rx+1 name, Ry page, Ry+1 length. */
int diag_image_library(const struct diag *d)
{
	uint32_t at = diag_gr(d, d->ry), end = at + (diag_gr(d, d->ry + 1) & 0xFFFFFF);

	if (d->rx == 15 || d->ry == 15 || at % PAGE)
		return PIC_SPECIFICATION;
	if (end < at || end >= storage_size(cpu370_storage(d->cpu)))
		return PIC_ADDRESSING;
	diag_set_gr(d, d->ry, NO_SUCH_LIBRARY);
	return 0;
}

/* X'78' MASS STORAGE SYSTEM: what a CP without DMKSSS answers. */
int diag_mass_storage(const struct diag *d)
{
	(void)d;
	return PIC_PROTECTION;
}

/* ---- X'84' DIRECTORY UPDATE IN PLACE */

enum update_error { UPDATE_OPERATION = 28, UPDATE_TOO_LONG = 101, UPDATE_NO_LENGTH = 102 };

/* There is no directory in place: no operation is one that it knows. */
int diag_update_directory(const struct diag *d)
{
	uint8_t list[UPDATE_MAX];
	int32_t length = (int32_t)diag_gr(d, d->ry);
	uint32_t error = UPDATE_OPERATION;
	int pic = 0;

	if (length > (int32_t)UPDATE_MAX)
		error = UPDATE_TOO_LONG;
	else if (length <= 0)
		error = UPDATE_NO_LENGTH;
	else
		pic = diag_move(d, false, diag_gr(d, d->rx), list, (size_t)length, 0);
	if (pic)
		return pic;
	diag_set_gr(d, d->ry, error);
	return answer(d, 1);
}
