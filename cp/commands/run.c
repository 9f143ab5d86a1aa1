/*
 * IPL, BEGIN, ATTN, EXTERNAL, SYSTEM, READY, NOTREADY, RESET: the buttons of the
 * virtual machine's console panel. GC20-1820.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/bytes.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/iucv.h"
#include "cp/message.h"
#include "cp/segment.h"
#include "cp/vdevice.h"
#include "cp/vgraf.h"
#include "cp/vline.h"
#include "cp/vmblok.h"
#include "cp/vmcf.h"

static void post(struct vmblok *vm, struct machine_request req)
{
	machine_post(vm->machine, &req);
}

/* Before a reset: read-ahead is forgotten, a reader's file begins again. */
static void reset_devices(struct vmblok *vm)
{
	vconsole_reset(vm);
	vmcf_reset(vm);
	iucv_reset(vm);
	for (struct virtual_device *v = vm->devices; v; v = v->next)
		if (v->ur)
			unitrecord_rewind(v->ur);
}

/* PARM text goes to R0-R15, padded with blanks to the last register it touches. */
static void load_parm(struct vmblok *vm, const char *parm)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	uint8_t text[64];
	size_t n = strlen(parm);

	if (!vm_call(vm, &req))
		return;
	memset(text, EBCDIC_SPACE, sizeof(text));
	ebcdic_from_latin1(&codepage_037, text, parm, n);
	for (size_t i = 0; i < (n + 3) / 4; i++)
		req.registers.gr[i] = be32(text + 4 * i);
	req.kind = MACHINE_SET_REGISTERS;
	req.which = REGISTERS_GR;
	vm_do(vm, &req);
}

struct ipl_operands {
	uint16_t vaddr;
	bool clear, noclear, stop, at_cylinder;
	uint32_t cylinder;
	const char *parm;
};

static int said_twice(struct vmblok *vm, bool *option, const char *word)
{
	if (*option)
		return cp_error(vm, "CFG", 3, word);
	*option = true;
	return 0;
}

/* Of a disk; for others it means nothing. */
static int take_cylinder(struct vmblok *vm, struct ipl_operands *ipl, const char *word)
{
	if (ipl->at_cylinder || !args_decimal(word, 65535, &ipl->cylinder))
		return cp_error(vm, "CFG", 2, word);
	ipl->at_cylinder = true;
	return 0;
}

static int ipl_options(struct vmblok *vm, bool named, struct args *args,
		       struct ipl_operands *ipl)
{
	const char *word;
	int rc = 0;

	while (!rc && !ipl->parm && (word = args_word(args))) {
		if (strcmp(word, "PARM") == 0)
			ipl->parm = args_rest(args);
		else if (named)
			return cp_error(vm, "CFG", 3, word);
		else if (strcmp(word, "STOP") == 0)
			rc = said_twice(vm, &ipl->stop, word);
		else if (abbreviates(word, "CLEAR", 2))
			rc = ipl->noclear ? cp_error(vm, "CFG", 13, word)
					  : said_twice(vm, &ipl->clear, word);
		else if (abbreviates(word, "NOCLEAR", 4))
			rc = ipl->clear ? cp_error(vm, "CFG", 13, word)
					: said_twice(vm, &ipl->noclear, word);
		else
			rc = take_cylinder(vm, ipl, word);
	}
	if (!rc && ipl->parm && strlen(ipl->parm) > 64)
		return cp_error(vm, "CFG", 177);
	return rc;
}

/* A first operand that is not a device address of at most three digits. */
static bool is_system_name(const char *what, uint16_t *vaddr)
{
	return strlen(what) > 3 || !args_vaddr(what, vaddr);
}

static int ipl_system(struct vmblok *vm, const char *name, const struct ipl_operands *ipl)
{
	int rc;

	rc = segment_ipl(vm, name);
	if (rc)
		return rc;
	reset_devices(vm);
	if (ipl->parm)
		load_parm(vm, ipl->parm);
	vm_begin(vm);
	return 0;
}

int cmd_ipl(struct vmblok *vm, struct args *args)
{
	const char *what = args_word(args);
	struct ipl_operands ipl = { 0 };
	struct virtual_device *vdev;
	char text[8];
	bool named;
	int rc;

	if (!what)
		return cp_error(vm, "CFG", 26);
	named = is_system_name(what, &ipl.vaddr);
	rc = ipl_options(vm, named, args, &ipl);
	if (rc)
		return rc;
	if (named)
		return ipl_system(vm, what, &ipl);
	vdev = vdevice_find(vm, ipl.vaddr);
	snprintf(text, sizeof(text), "%03X", ipl.vaddr);
	if (!vdev)
		return cp_error(vm, "CFG", 40, text);
	if (vdev->kind == DEVICE_CONSOLE || vdev->kind == DEVICE_GRAF ||
	    vdev->kind == DEVICE_PRINTER || vdev->kind == DEVICE_PUNCH)
		return cp_error(vm, "CFG", 6, text);
	reset_devices(vm);
	if (ipl.parm)
		load_parm(vm, ipl.parm);
	vm->settled = true;
	post(vm, (struct machine_request){ .kind = MACHINE_IPL, .address = ipl.vaddr,
					   .clear = ipl.clear, .on = ipl.stop,
					   .value = ipl.cylinder });
	vm_leave_cp(vm);
	return 0;
}

int cmd_begin(struct vmblok *vm, struct args *args)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	const char *word = args_word(args);
	uint64_t location;

	if (word && !args_hex(word, 6, &location))
		return cp_error(vm, "CFC", 4, word);
	if (word && vm_call(vm, &req)) {
		req.kind = MACHINE_SET_REGISTERS;
		req.which = REGISTERS_PSW;
		req.registers.psw = (req.registers.psw & ~UINT64_C(0xFFFFFF)) | location;
		vm_do(vm, &req);
	}
	vm_begin(vm);
	return 0;
}

int cmd_attn(struct vmblok *vm, struct args *args)
{
	(void)args;
	vconsole_attention(vm);
	vm_begin(vm);
	return 0;
}

int cmd_external(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	uint64_t code = 0x40;
	bool timers = vm->set & SET_ECMODE; /* only such a machine has them */

	if (word && (!args_hex(word, 8, &code) || code == 0 ||
		     (code > 0xFF && !(timers && (code == 0x1004 || code == 0x1005)))))
		return cp_error(vm, "CPB", 5, word);
	post(vm, (struct machine_request){ .kind = MACHINE_EXTERNAL, .value = (uint32_t)code });
	vm_begin(vm);
	return 0;
}

#define PSW_EC	     UINT64_C(0x0008000000000000)
#define PSW_EC_ZEROS UINT64_C(0x0000C00000000000)

/* SYSTEM RESTART, unless the PSW at 0 is none for this machine. */
static int restart(struct vmblok *vm)
{
	uint8_t data[8] = { 0 };
	struct machine_request req = { .kind = MACHINE_FETCH, .data = data,
				       .length = sizeof(data), .space = SPACE_REAL };
	uint64_t psw;
	char text[24];

	psw = vm_call(vm, &req) ? be64(data) : 0;
	if ((psw & PSW_EC) && (!(vm->set & SET_ECMODE) || (psw & PSW_EC_ZEROS))) {
		snprintf(text, sizeof(text), "%08X  %08X", be32(data), be32(data + 4));
		return cp_error(vm, "CPB", 12, text);
	}
	vm->settled = true;
	post(vm, (struct machine_request){ .kind = MACHINE_RESTART });
	vm_leave_cp(vm);
	return 0;
}

int cmd_system(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct machine_request req = { .kind = MACHINE_RESET };

	if (word && strcmp(word, "RESTART") == 0)
		return restart(vm);
	req.clear = word && strcmp(word, "CLEAR") == 0;
	if (!word || (!req.clear && strcmp(word, "RESET") != 0))
		return cp_error(vm, "CPB", 26);
	reset_devices(vm);
	vm->settled = true;
	if (vm_call(vm, &req))
		vm_say(vm, req.clear ? "STORAGE CLEARED - SYSTEM RESET" : "SYSTEM RESET");
	/* A machine that was reset does not run: IPL or SYSTEM RESTART. */
	if (!vm->in_cp)
		vm_enter_cp(vm);
	return 0;
}

/* The device that the next word names; NULL with the message sent. */
static struct virtual_device *operand_device(struct vmblok *vm, struct args *args, int *rc)
{
	const char *word = args_word(args);
	struct virtual_device *vdev;
	char text[8];
	uint16_t vaddr;

	if (!word || !args_vaddr(word, &vaddr) || !vdevice_address_ok(vm, vaddr)) {
		*rc = cp_error(vm, "CPB", 22);
		return NULL;
	}
	vdev = vdevice_find(vm, vaddr);
	snprintf(text, sizeof(text), "%03X", vaddr);
	*rc = vdev ? 0 : cp_error(vm, "CPB", 40, text);
	return vdev;
}

static int set_ready(struct vmblok *vm, struct virtual_device *vdev, bool on)
{
	vdev->not_ready = !on;
	post(vm, (struct machine_request){ .kind = MACHINE_READY, .address = vdev->vaddr,
					   .on = on });
	return 0;
}

static int bad_type(struct vmblok *vm, const struct virtual_device *vdev)
{
	char text[8];

	snprintf(text, sizeof(text), "%03X", vdev->vaddr);
	return cp_error(vm, "CPB", 6, text);
}

int cmd_ready(struct vmblok *vm, struct args *args)
{
	int rc;
	struct virtual_device *vdev = operand_device(vm, args, &rc);

	if (!vdev)
		return rc;
	if (vdev->kind == DEVICE_CTCA && !vdev->far_end) /* COUPLE makes it ready */
		return bad_type(vm, vdev);
	return set_ready(vm, vdev, true);
}

int cmd_notready(struct vmblok *vm, struct args *args)
{
	int rc;
	struct virtual_device *vdev = operand_device(vm, args, &rc);

	if (!vdev)
		return rc;
	return vdev->ur ? set_ready(vm, vdev, false) : bad_type(vm, vdev);
}

int cmd_reset(struct vmblok *vm, struct args *args)
{
	int rc;
	struct virtual_device *vdev = operand_device(vm, args, &rc);
	struct machine_request req = { .kind = MACHINE_RESET_DEVICE };

	if (!vdev)
		return rc;
	req.address = vdev->vaddr;
	if (vdev->graf)
		vgraf_drop(vdev->graf, false);
	if (vdev->line)
		vline_drop(vdev->line, false);
	if (vm_call(vm, &req))
		vm_say(vm, "DEVICE RESET");
	return rc;
}
