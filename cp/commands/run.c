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
	bool clear, noclear, stop;
	const char *parm;
};

static int ipl_options(struct vmblok *vm, struct args *args, struct ipl_operands *ipl)
{
	const char *word;

	while ((word = args_word(args))) {
		if (abbreviates(word, "CLEAR", 2)) {
			if (ipl->clear)
				return cp_error(vm, "CFG", 3, word);
			ipl->clear = true;
		} else if (abbreviates(word, "NOCLEAR", 3)) {
			ipl->noclear = true;
		} else if (strcmp(word, "STOP") == 0) {
			ipl->stop = true;
		} else if (strcmp(word, "PARM") == 0) {
			ipl->parm = args_rest(args);
			break;
		} else {
			return cp_error(vm, "CFG", 3, word);
		}
		if (ipl->clear && ipl->noclear)
			return cp_error(vm, "CFG", 13, word);
	}
	if (ipl->parm && strlen(ipl->parm) > 64)
		return cp_error(vm, "CFG", 177);
	return 0;
}

/* A first operand that is not a device address of at most three digits. */
static bool is_system_name(const char *what, uint16_t *vaddr)
{
	return strlen(what) > 3 || !args_vaddr(what, vaddr);
}

static int ipl_system(struct vmblok *vm, const char *name, const struct ipl_operands *ipl)
{
	int rc;

	if (ipl->clear || ipl->noclear || ipl->stop)
		return cp_error(vm, "CFG", 3, ipl->stop ? "STOP" : "CLEAR");
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
	bool named;
	int rc;

	if (!what)
		return cp_error(vm, "CFG", 26);
	named = is_system_name(what, &ipl.vaddr);
	rc = ipl_options(vm, args, &ipl);
	if (rc)
		return rc;
	if (named)
		return ipl_system(vm, what, &ipl);
	vdev = vdevice_find(vm, ipl.vaddr);
	if (!vdev)
		return cp_error(vm, "CFG", 40, what);
	if (vdev->kind == DEVICE_CONSOLE || vdev->kind == DEVICE_GRAF ||
	    vdev->kind == DEVICE_PRINTER || vdev->kind == DEVICE_PUNCH)
		return cp_error(vm, "CFG", 6, what);
	reset_devices(vm);
	if (ipl.parm)
		load_parm(vm, ipl.parm);
	vm->settled = true;
	post(vm, (struct machine_request){ .kind = MACHINE_IPL, .address = ipl.vaddr,
					   .clear = ipl.clear, .on = ipl.stop });
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

	if (word && (!args_hex(word, 4, &code) || code == 0 ||
		     (code > 0xFF && code != 0x1004 && code != 0x1005)))
		return cp_error(vm, "CPB", 5, word);
	post(vm, (struct machine_request){ .kind = MACHINE_EXTERNAL, .value = (uint32_t)code });
	vm_begin(vm);
	return 0;
}

int cmd_system(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct machine_request req = { .kind = MACHINE_RESET };

	if (!word)
		return cp_error(vm, "CPB", 26);
	if (abbreviates(word, "RESTART", 3)) {
		vm->settled = true;
		post(vm, (struct machine_request){ .kind = MACHINE_RESTART });
		vm_leave_cp(vm);
		return 0;
	}
	req.clear = abbreviates(word, "CLEAR", 2);
	if (!req.clear && !abbreviates(word, "RESET", 3))
		return cp_error(vm, "CPB", 2, word);
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
	uint16_t vaddr;

	if (!word || !args_vaddr(word, &vaddr)) {
		*rc = cp_error(vm, "CPB", 22);
		return NULL;
	}
	vdev = vdevice_find(vm, vaddr);
	*rc = vdev ? 0 : cp_error(vm, "CPB", 40, word);
	return vdev;
}

static int set_ready(struct vmblok *vm, struct args *args, bool on)
{
	int rc;
	struct virtual_device *vdev = operand_device(vm, args, &rc);
	char vaddr[8];

	if (vdev && vdev->kind == DEVICE_CTCA) { /* it follows its cable */
		snprintf(vaddr, sizeof(vaddr), "%03X", vdev->vaddr);
		return cp_error(vm, "CPB", 6, vaddr);
	}
	if (vdev)
		post(vm, (struct machine_request){ .kind = MACHINE_READY,
						   .address = vdev->vaddr, .on = on });
	return rc;
}

int cmd_ready(struct vmblok *vm, struct args *args)
{
	return set_ready(vm, args, true);
}

int cmd_notready(struct vmblok *vm, struct args *args)
{
	return set_ready(vm, args, false);
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
