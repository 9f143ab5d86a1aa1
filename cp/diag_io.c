/*
 * DIAGNOSE X'18', standard DASD I/O, and X'20', general I/O: channel programs that
 * are run to their end while the guest waits, without an interruption. X'28', dynamic
 * channel program modification.
 */
#include <string.h>

#include "base/bytes.h"
#include "cp/diagnose_int.h"
#include "cp/savesys.h"
#include "cp/segment.h"
#include "cp/vmblok.h"
#include "devices/ckd.h"
#include "devices/device.h"

#define PACKAGES_MAX 15   /* READs and WRITEs of a chain */
#define COUNT_MAX    2048 /* bytes of one */
#define CCW_SIZE     8
#define CSW          0x40

enum { FLAG_CD = 0x80, FLAG_CC = 0x40, FLAG_PCI = 0x08, FLAG_IDA = 0x04 };

/* The standard's answers: condition code and R15. */
enum fault {
	FAULT_NO_DEVICE = 0x101, FAULT_NOT_DASD = 0x102, FAULT_READ_ONLY = 0x103,
	FAULT_CYLINDER = 0x104, FAULT_BUSY = 0x105,
	FAULT_ALIGNMENT = 0x205, FAULT_ARGUMENT = 0x206, FAULT_CCW = 0x207,
	FAULT_NO_COUNT = 0x208, FAULT_COUNT = 0x209, FAULT_BUFFER = 0x20A,
	FAULT_PACKAGES = 0x20B, FAULT_OTHER_CYLINDER = 0x20C,
};

struct ccw {
	uint8_t command, flags;
	uint32_t address;
	uint16_t count;
};

/* A chain while it is looked at. */
struct chain {
	const struct diag *d;
	struct ckd_facts disk;
	uint32_t at;   /* of the next CCW */
	uint8_t key;
	uint16_t cylinder;
	enum fault fault;
};

static bool fail(struct chain *c, enum fault fault)
{
	c->fault = fault;
	return false;
}

static bool next_ccw(struct chain *c, struct ccw *ccw)
{
	uint8_t b[CCW_SIZE];

	if (diag_move(c->d, false, c->at, b, sizeof(b), 0))
		return fail(c, FAULT_ARGUMENT);
	*ccw = (struct ccw){ .command = b[0], .flags = b[4], .address = be24(b + 1),
			     .count = be16(b + 6) };
	c->at += CCW_SIZE;
	if (ccw->flags & (FLAG_CD | FLAG_PCI | FLAG_IDA))
		return fail(c, FAULT_CCW);
	return true;
}

/* The next CCW must be that command, chained. */
static bool expect(struct chain *c, uint8_t command, struct ccw *ccw)
{
	if (!next_ccw(c, ccw))
		return false;
	if (ccw->command != command || !(ccw->flags & FLAG_CC))
		return fail(c, FAULT_CCW);
	return true;
}

/* The cylinder in a seek argument. */
static bool seek_argument(struct chain *c, const struct ccw *ccw, uint16_t *cylinder)
{
	uint8_t b[6];

	if (ccw->count != sizeof(b))
		return fail(c, FAULT_CCW);
	if (diag_move(c->d, false, ccw->address, b, sizeof(b), 0))
		return fail(c, FAULT_ARGUMENT);
	*cylinder = be16(b + 2);
	return true;
}

static bool first_seek(struct chain *c)
{
	struct ccw ccw;

	if (!expect(c, 0x07, &ccw) || !seek_argument(c, &ccw, &c->cylinder))
		return false;
	return c->cylinder < c->disk.cylinders || fail(c, FAULT_CYLINDER);
}

/* TIC *-8, back to the search. */
static bool expect_tic(struct chain *c)
{
	uint32_t search = c->at - CCW_SIZE;
	uint8_t b[CCW_SIZE];

	if (diag_move(c->d, false, c->at, b, sizeof(b), 0))
		return fail(c, FAULT_ARGUMENT);
	c->at += CCW_SIZE;
	return ((b[0] & 0x0F) == 0x08 && be24(b + 1) == (search & 0xFFFFFF)) ||
	       fail(c, FAULT_CCW);
}

static bool search(struct chain *c, struct ccw *ccw)
{
	uint8_t sector, id[5];

	if (ccw->command == 0x23) {
		if (ccw->count != 1 || !c->disk.sectors)
			return fail(c, FAULT_CCW);
		if (diag_move(c->d, false, ccw->address, &sector, 1, 0))
			return fail(c, FAULT_ARGUMENT);
		if (!next_ccw(c, ccw))
			return false;
	}
	if (ccw->command != 0x31 || !(ccw->flags & FLAG_CC) || ccw->count != 5)
		return fail(c, FAULT_CCW);
	if (diag_move(c->d, false, ccw->address, id, sizeof(id), 0))
		return fail(c, FAULT_ARGUMENT);
	return expect_tic(c);
}

/* Are all bytes of a buffer in storage? */
static bool in_storage(const struct diag *d, uint32_t address, uint32_t length)
{
	const struct storage *st = cpu370_storage(d->cpu);

	return address + length <= 1u << 24 && storage_has(st, address) &&
	       storage_has(st, address + length - 1);
}

/* A page that other machines share is not to be read into. */
static bool reads_into_shared(const struct diag *d, const struct ccw *ccw)
{
	uint32_t last = ccw->address + ccw->count - 1;

	return segment_shares_page(d->vm, ccw->address / SYSTEM_PAGE) ||
	       segment_shares_page(d->vm, last / SYSTEM_PAGE);
}

static bool transfer(struct chain *c, const struct ccw *ccw)
{
	if (ccw->command != 0x06 && ccw->command != 0x05)
		return fail(c, FAULT_CCW);
	if (ccw->command == 0x05 && c->disk.read_only)
		return fail(c, FAULT_READ_ONLY);
	if (ccw->count == 0)
		return fail(c, FAULT_NO_COUNT);
	if (ccw->count > COUNT_MAX)
		return fail(c, FAULT_COUNT);
	if (!in_storage(c->d, ccw->address, ccw->count) ||
	    (ccw->command == 0x06 && reads_into_shared(c->d, ccw)))
		return fail(c, FAULT_BUFFER);
	return true;
}

/* Between two transfers: perhaps SEEK HEAD, on the same cylinder. */
static bool seek_head(struct chain *c, struct ccw *ccw)
{
	uint16_t cylinder;

	if (ccw->command != 0x1B)
		return true;
	if (!seek_argument(c, ccw, &cylinder))
		return false;
	if (cylinder != c->cylinder)
		return fail(c, FAULT_OTHER_CYLINDER);
	return next_ccw(c, ccw);
}

/* Is all of it as the standard wants it? */
static bool chain_is_standard(struct chain *c, uint32_t packages)
{
	struct ccw ccw;

	if (!first_seek(c) || !next_ccw(c, &ccw))
		return false;
	for (;;) {
		if (!search(c, &ccw) || !next_ccw(c, &ccw) || !transfer(c, &ccw))
			return false;
		if (!(ccw.flags & FLAG_CC))
			return true;
		if (--packages == 0)
			return fail(c, FAULT_PACKAGES);
		if (!next_ccw(c, &ccw) || !seek_head(c, &ccw))
			return false;
	}
}

static int answer_fault(const struct diag *d, enum fault fault)
{
	return diag_answer(d, fault >> 8, fault & 0xFF);
}

static void store_csw(const struct diag *d, uint8_t csw[CCW_SIZE])
{
	/* Assigned storage is there, and key 0 may always store. */
	(void)diag_move(d, true, CSW, csw, CCW_SIZE, 0);
}

int diag_disk_io(const struct diag *d)
{
	uint32_t vaddr = diag_gr(d, d->rx), caw = diag_gr(d, d->ry), packages = diag_gr(d, 15);
	struct chain c = { .d = d, .at = caw & 0xFFFFFF, .key = caw >> 24 & 0xF0 };
	struct device *dev;
	uint8_t csw[CCW_SIZE];

	if (d->rx == 15 || d->ry == 15)
		return PIC_SPECIFICATION;
	if (caw & 7)
		return answer_fault(d, FAULT_ALIGNMENT);
	dev = vaddr <= 0xFFFF ? machine_device(d->vm->machine, (uint16_t)vaddr) : NULL;
	if (!dev)
		return answer_fault(d, FAULT_NO_DEVICE);
	if (!ckd_facts(dev, &c.disk))
		return answer_fault(d, FAULT_NOT_DASD);
	if (packages < 1 || packages > PACKAGES_MAX)
		return answer_fault(d, FAULT_PACKAGES);
	if (!chain_is_standard(&c, packages))
		return answer_fault(d, c.fault);
	if (machine_run_program(d->vm->machine, dev->address, c.key, caw & 0xFFFFFF, csw))
		return answer_fault(d, FAULT_BUSY);
	if (csw[4] == (US_CE | US_DE) && csw[5] == 0)
		return diag_answer(d, 0, 0);
	store_csw(d, csw);
	return diag_answer(d, 3, 13);
}

/* What the sense bytes 0 and 1 are put into: the low half of Ry. */
static void give_sense(const struct diag *d, const struct device *dev)
{
	uint32_t sense = (uint32_t)dev->sense[0] << 8 | dev->sense[1];

	diag_set_gr(d, d->ry, (diag_gr(d, d->ry) & 0xFFFF0000) | sense);
}

int diag_general_io(const struct diag *d)
{
	uint32_t vaddr = diag_gr(d, d->rx), caw = diag_gr(d, d->ry);
	struct device *dev;
	uint8_t csw[CCW_SIZE];
	unsigned cc;

	if (d->rx == 15 || d->ry == 15 || (caw & 7))
		return PIC_SPECIFICATION;
	dev = vaddr <= 0xFFFF ? machine_device(d->vm->machine, (uint16_t)vaddr) : NULL;
	if (!dev)
		return diag_answer(d, 1, 1);
	cc = machine_run_program(d->vm->machine, dev->address, caw >> 24 & 0xF0,
				 caw & 0xFFFFFF, csw);
	if (cc)
		return diag_answer(d, 1, cc == 3 ? 1 : 5);
	store_csw(d, csw); /* always, unlike X'18': DMKGIO */
	if (csw[4] == (US_CE | US_DE) && csw[5] == 0)
		return diag_answer(d, 0, 0);
	if (!(csw[4] & US_UC) && (csw[4] & US_UX))
		return diag_answer(d, 2, 2);
	if (!(csw[4] & US_UC) && csw[5] == 0x40)
		return diag_answer(d, 2, 3);
	give_sense(d, dev);
	return diag_answer(d, 3, 13);
}

/* ---- X'28' DYNAMIC CHANNEL PROGRAM MODIFICATION */

enum { COMMAND_TIC = 0x08, COMMAND_NOP = 0x03 };
enum modification {
	MODIFY_SAME_REGISTER = 1, MODIFY_NO_DEVICE, MODIFY_NO_STORAGE, MODIFY_ALIGNMENT,
	MODIFY_NOT_FOUND, MODIFY_COMMAND, MODIFY_NO_TARGET, MODIFY_TARGET_ALIGNMENT,
	MODIFY_TOO_LATE,
};

#define PROGRAM_MAX 4096 /* CCWs that are looked at; a loop is no error */

static bool is_tic(uint8_t command)
{
	return (command & 0x0F) == COMMAND_TIC;
}

/* Does the program that begins at first have a CCW there? */
static bool in_program(const struct diag *d, uint32_t first, uint32_t wanted)
{
	uint8_t ccw[CCW_SIZE];

	for (unsigned n = 0; n < PROGRAM_MAX; n++) {
		if (first == wanted)
			return true;
		if (diag_move(d, false, first, ccw, sizeof(ccw), 0))
			return false;
		/* A search that succeeds skips the TIC behind it. */
		if (is_tic(ccw[0]) && be24(ccw + 1) < first && first - be24(ccw + 1) == CCW_SIZE)
			first += CCW_SIZE;
		else if (is_tic(ccw[0]))
			first = be24(ccw + 1);
		else if (ccw[4] & (FLAG_CD | FLAG_CC))
			first += CCW_SIZE;
		else
			return false;
	}
	return false;
}

/*
 * Our channels fetch each CCW when its turn comes, so a changed one has its effect
 * without being told: what is left is to say whether it is in time.
 */
int diag_change_program(const struct diag *d)
{
	uint32_t at = diag_gr(d, d->rx), vaddr = diag_gr(d, d->ry) & 0xFFFF, first;
	uint8_t ccw[CCW_SIZE];

	if (d->rx == d->ry)
		return diag_answer(d, 1, MODIFY_SAME_REGISTER);
	if (at % CCW_SIZE)
		return diag_answer(d, 1, MODIFY_ALIGNMENT);
	if (!machine_device(d->vm->machine, (uint16_t)vaddr))
		return diag_answer(d, 1, MODIFY_NO_DEVICE);
	at &= 0xFFFFFF;
	if (diag_move(d, false, at, ccw, sizeof(ccw), 0))
		return diag_answer(d, 1, MODIFY_NO_STORAGE);
	if (ccw[0] != COMMAND_NOP && !is_tic(ccw[0]))
		return diag_answer(d, 1, MODIFY_COMMAND);
	if (!machine_program(d->vm->machine, (uint16_t)vaddr, &first))
		return diag_answer(d, 2, MODIFY_TOO_LATE);
	if (!in_program(d, first, at))
		return diag_answer(d, 1, MODIFY_NOT_FOUND);
	if (is_tic(ccw[0]) && be24(ccw + 1) % CCW_SIZE)
		return diag_answer(d, 1, MODIFY_TARGET_ALIGNMENT);
	if (is_tic(ccw[0]) && !storage_has(cpu370_storage(d->cpu), be24(ccw + 1)))
		return diag_answer(d, 1, MODIFY_NO_TARGET);
	return diag_answer(d, 0, 0);
}
