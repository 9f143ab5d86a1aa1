#include "cp/vdevice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/accounting.h"
#include "cp/arrival.h"
#include "cp/couple.h"
#include "cp/link.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vgraf.h"
#include "cp/vline.h"
#include "cp/vmblok.h"
#include "devices/line_cable.h"

const char *vdevice_word(const struct virtual_device *vdev)
{
	switch (vdev->kind) {
	case DEVICE_CONSOLE: return "CONS";
	case DEVICE_GRAF:    return "GRAF";
	case DEVICE_READER:  return "RDR ";
	case DEVICE_PUNCH:   return "PUN ";
	case DEVICE_PRINTER: return "PRT ";
	case DEVICE_TAPE:    return "TAPE";
	case DEVICE_DASD:    return "DASD";
	case DEVICE_CTCA:    return "CTCA";
	case DEVICE_LINE:    return "LINE";
	}
	return "DEV ";
}

bool vdevice_address_ok(const struct vmblok *vm, uint16_t vaddr)
{
	return vaddr <= ((vm->set & SET_ECMODE) ? 0xFFF : 0x5FF);
}

struct virtual_device *vdevice_find(struct vmblok *vm, uint16_t vaddr)
{
	struct virtual_device *v = vm->devices;

	while (v && v->vaddr != vaddr)
		v = v->next;
	return v;
}

static void insert_in_order(struct vmblok *vm, struct virtual_device *vdev)
{
	struct virtual_device **at = &vm->devices;

	while (*at && (*at)->vaddr < vdev->vaddr)
		at = &(*at)->next;
	vdev->next = *at;
	*at = vdev;
}

static void insert(struct vmblok *vm, struct virtual_device *vdev)
{
	insert_in_order(vm, vdev);
	vdev->attached = clock_tod(&vm->cp->clock.clock);
}

static void take_out(struct vmblok *vm, struct virtual_device *vdev)
{
	struct virtual_device **at = &vm->devices;

	while (*at != vdev)
		at = &(*at)->next;
	*at = vdev->next;
}

/* Who had something of the system's pays for it. */
static void charge(struct vmblok *vm, const struct virtual_device *v)
{
	uint64_t now = clock_tod(&vm->cp->clock.clock);
	uint64_t seconds = (now - v->attached) / TOD_SECOND;

	if (!v->attached)
		return;
	if (v->tape || v->real_line || (v->disk && v->disk->dedicated))
		accounting_device(vm, "02", v->vaddr, v->type, seconds,
				  v->disk ? v->disk->cylinders : 0);
	else if (v->disk && v->disk->temporary)
		accounting_device(vm, "03", v->vaddr, v->type, seconds, v->disk->cylinders);
}

static void vdevice_free(struct vmblok *vm, struct virtual_device *vdev)
{
	charge(vm, vdev);
	unitrecord_free(vdev->ur);
	vgraf_free(vdev->graf);
	vline_free(vdev->line);
	if (vdev->disk)
		sysvolume_put(vm->cp->volumes, vdev->disk->volume);
	if (vdev->tape)
		systape_release(vdev->tape);
	if (vdev->real_line)
		sysline_release(vdev->real_line);
	free(vdev->disk);
	free(vdev);
}

static enum spool_queue queue_of(enum device_kind kind)
{
	return kind == DEVICE_READER ? SPOOL_RDR : kind == DEVICE_PUNCH ? SPOOL_PUN : SPOOL_PRT;
}

/* Of a line: on a cable, and what a terminal there is. */
static int line_words(const struct virtual_device *vdev, char **words)
{
	static char cable[] = "cable=yes", tele[] = "lnctl=tele2", ibm[] = "lnctl=ibm1",
		    term[] = "term=2741";
	int n = 0;

	words[n++] = cable;
	if (vdev->option[0] == 'T')
		words[n++] = tele;
	if (vdev->option[0] == 'I') {
		words[n++] = ibm;
		words[n++] = term;
	}
	return n;
}

/* Ask the machine to attach a device whose VDEVBLOK is complete. */
static bool attach_to_machine(struct vmblok *vm, struct virtual_device *vdev,
			      struct error *err)
{
	struct machine_request req = { .kind = MACHINE_ATTACH, .address = vdev->vaddr,
				       .class_name = vdev->type };
	char offset[24], cylinders[24], read_only[] = "ro", shared[] = "shared";
	char *words[4] = { offset, cylinders }, *mounted[2];
	bool ok;

	if (vdev->kind == DEVICE_CONSOLE) {
		req.terminal = vconsole_terminal(vm);
	} else if (vdev->graf) {
		req.terminal = vgraf_terminal(vdev->graf);
	} else if (vdev->line) {
		req.line = vline_cable(vdev->line);
		req.argc = line_words(vdev, words);
		req.argv = words;
	} else if (vdev->disk) {
		snprintf(offset, sizeof(offset), "offset=%u", vdev->disk->start);
		snprintf(cylinders, sizeof(cylinders), "cylinders=%u", vdev->disk->cylinders);
		req.volume = vdev->disk->volume->vol;
		req.counts = &vdev->disk->volume->counts;
		req.argv = words;
		req.argc = 2;
		if (vdev->disk->read_only)
			words[req.argc++] = read_only;
		if (vdev->disk->reserve)
			words[req.argc++] = shared;
	} else if (vdev->tape) {
		req.counts = &vdev->tape->counts;
		req.argc = systape_words(vdev->tape, mounted);
		req.argv = mounted;
	} else if (vdev->real_line) {
		req.counts = &vdev->real_line->counts;
		req.argc = vdev->real_line->count;
		req.argv = vdev->real_line->word;
	} else if (vdev->ur) {
		req.cards = &vdev->ur->source;
		req.sink = &vdev->ur->sink;
	}
	ok = vm_call(vm, &req);
	if (!ok && req.line)
		line_end_drop(req.line);
	*err = req.error;
	return ok;
}

struct virtual_device *vdevice_attach(struct vmblok *vm, const struct directory_entry *e)
{
	const struct device_class *class = device_class_find(e->type);
	struct error err;
	struct virtual_device *vdev;
	char subject[16];

	snprintf(subject, sizeof(subject), "%s %03X", vm->userid, e->vaddr);
	if (!class) {
		log_warn(subject, "there is no device type %s", e->type);
		vm_say(vm, "DEV %03X NOT DEFINED; DEVICE TYPE %s NOT SUPPORTED", e->vaddr,
		       e->type);
		return NULL;
	}
	vdev = calloc(1, sizeof(*vdev));
	if (!vdev)
		BUG("no memory for a VDEVBLOK");
	vdev->vaddr = e->vaddr;
	vdev->kind = class->kind;
	vdev->class = e->class;
	snprintf(vdev->type, sizeof(vdev->type), "%s", e->type);
	snprintf(vdev->option, sizeof(vdev->option), "%s", e->option);
	if (class->kind == DEVICE_GRAF)
		vdev->graf = vgraf_new(vm, e->vaddr);
	else if (class->kind == DEVICE_LINE)
		vdev->line = vline_new(vm, e->vaddr);
	else if (class->kind == DEVICE_CONSOLE)
		vdev->ur = unitrecord_new_console(vm->cp->spool, vm->userid, e->class,
						  vm->user->distcode);
	else if (class->kind != DEVICE_CTCA)
		vdev->ur = unitrecord_new(vm->cp->spool, queue_of(class->kind), vm->userid,
					  e->class, vm->user->distcode);
	if (vdev->ur)
		arrival_watch_limit(vm, vdev);
	if (!attach_to_machine(vm, vdev, &err)) {
		log_warn(subject, "%s", err.text);
		vm_say(vm, "DEV %03X NOT DEFINED; %s", e->vaddr, err.text);
		vdevice_free(vm, vdev);
		return NULL;
	}
	if (class->kind == DEVICE_CONSOLE && !vm->vconsole.present) {
		vm->vconsole.present = true;
		vm->vconsole.vaddr = e->vaddr;
	}
	insert(vm, vdev);
	if (vdev->kind == DEVICE_CTCA)
		vm_set_channels(vm);
	return vdev;
}

struct virtual_device *vdevice_attach_disk(struct vmblok *vm, uint16_t vaddr, const char *type,
					   const struct minidisk *disk, struct error *err)
{
	struct virtual_device *vdev = calloc(1, sizeof(*vdev));

	if (!vdev || !(vdev->disk = malloc(sizeof(*disk))))
		BUG("no memory for a VDEVBLOK");
	*vdev->disk = *disk;
	vdev->vaddr = vaddr;
	vdev->kind = DEVICE_DASD;
	snprintf(vdev->type, sizeof(vdev->type), "%s", type);
	if (!attach_to_machine(vm, vdev, err)) {
		vdevice_free(vm, vdev);
		return NULL;
	}
	insert(vm, vdev);
	return vdev;
}

static void attach_temporary(struct vmblok *vm, const struct directory_entry *e)
{
	struct error err = { 0, "" };
	char vaddr[8];

	snprintf(vaddr, sizeof(vaddr), "%03X", e->vaddr);
	if (minidisk_temporary(vm, e->vaddr, e->type, e->cylinders, &err))
		return;
	log_warn(vm->userid, "%s: %s", vaddr, err.text);
	cp_error(vm, "LOG", 91, vaddr);
}

struct virtual_device *vdevice_attach_volume(struct vmblok *vm, uint16_t vaddr,
					     struct sysvolume *volume, bool read_only,
					     struct error *err)
{
	struct minidisk disk = { .volume = volume, .dedicated = true };
	char type[8];

	if (volume->offline) {
		error_set(err, 0, "%s is offline", volume->volid);
		return NULL;
	}
	if (volume->users) {
		error_set(err, 0, "%s is in use", volume->volid);
		return NULL;
	}
	if (!sysvolume_get(volume, err))
		return NULL;
	sysvolume_type(volume, type);
	disk.cylinders = volume_info(volume->vol)->cylinders;
	disk.read_only = read_only || volume_info(volume->vol)->read_only;
	volume->dedicated = vm;
	return vdevice_attach_disk(vm, vaddr, type, &disk, err);
}

static struct virtual_device *new_real(uint16_t vaddr, enum device_kind kind, const char *type)
{
	struct virtual_device *vdev = calloc(1, sizeof(*vdev));

	if (!vdev)
		BUG("no memory for a VDEVBLOK");
	vdev->vaddr = vaddr;
	vdev->kind = kind;
	snprintf(vdev->type, sizeof(vdev->type), "%s", type);
	return vdev;
}

struct virtual_device *vdevice_attach_tape(struct vmblok *vm, uint16_t vaddr,
					   struct systape *drive, struct error *err)
{
	struct virtual_device *vdev = new_real(vaddr, DEVICE_TAPE, drive->type);

	vdev->tape = drive;
	if (!attach_to_machine(vm, vdev, err)) {
		free(vdev);
		return NULL;
	}
	drive->user = vm;
	drive->vaddr = vaddr;
	insert(vm, vdev);
	return vdev;
}

struct virtual_device *vdevice_attach_line(struct vmblok *vm, uint16_t vaddr,
					   struct sysline *line, struct error *err)
{
	struct virtual_device *vdev = new_real(vaddr, DEVICE_LINE, line->type);

	vdev->real_line = line;
	if (!attach_to_machine(vm, vdev, err)) {
		free(vdev);
		return NULL;
	}
	line->user = vm;
	line->vaddr = vaddr;
	insert(vm, vdev);
	return vdev;
}

bool vdevice_move_tape(struct vmblok *vm, struct virtual_device *vdev, uint16_t vaddr,
		       struct error *err)
{
	struct machine_request req = { .kind = MACHINE_MOVE, .address = vdev->vaddr,
				       .value = vaddr };

	if (!vm_call(vm, &req)) {
		*err = req.error;
		return false;
	}
	take_out(vm, vdev);
	vdev->vaddr = vdev->tape->vaddr = vaddr;
	insert_in_order(vm, vdev);
	return true;
}

/* DEDICATE of a device that only one user can have. */
static bool attach_whole(struct vmblok *vm, const struct directory_entry *e, struct error *err)
{
	struct systape *drive = e->by_volid ? NULL : systape_at(vm->cp->tapes, e->raddr);
	struct sysline *line = e->by_volid ? NULL : sysline_at(vm->cp->lines, e->raddr);
	struct sysvolume *v;

	if (drive && (drive->user || drive->system || drive->offline))
		return false;
	if (drive)
		return vdevice_attach_tape(vm, e->vaddr, drive, err);
	if (line && (line->user || line->port || !sysline_online(line)))
		return false;
	if (line)
		return vdevice_attach_line(vm, e->vaddr, line, err);
	v = e->by_volid ? sysvolume_find(vm->cp->volumes, e->volid)
			: sysvolume_at(vm->cp->volumes, e->raddr);
	if (!v)
		error_set(err, 0, "volume %s is not there", e->volid);
	return v && vdevice_attach_volume(vm, e->vaddr, v, e->read_only, err);
}

static void attach_dedicated(struct vmblok *vm, const struct directory_entry *e)
{
	struct error err = { 0, "" };
	char vaddr[8], raddr[8];

	if (e->kind == DIR_DEDICATE && attach_whole(vm, e, &err))
		return;
	if (err.text[0])
		log_warn(vm->userid, "%03X: %s", e->vaddr, err.text);
	snprintf(vaddr, sizeof(vaddr), "%03X", e->vaddr);
	snprintf(raddr, sizeof(raddr), "%03X", e->raddr);
	cp_error(vm, "LOG", 90, vaddr,
		 e->type[0] ? e->type : e->by_volid ? e->volid : raddr);
}

/* The 3270s of SPECIAL, also the consoles of a 3138, 3148 and 3158, CTCA and lines. */
static bool is_special(const char *type)
{
	const struct device_class *class = device_class_find(type);

	return class && (class->kind == DEVICE_GRAF || class->kind == DEVICE_CTCA ||
			 class->kind == DEVICE_LINE);
}

void vdevice_attach_all(struct vmblok *vm, const struct directory_user *user)
{
	for (const struct directory_entry *e = user->devices; e; e = e->next) {
		switch (e->kind) {
		case DIR_CONSOLE:
			snprintf(vm->secuser, sizeof(vm->secuser), "%s", e->userid);
			vdevice_attach(vm, e);
			break;
		case DIR_SPOOL:
			vdevice_attach(vm, e);
			break;
		case DIR_MDISK:
			if (e->temporary)
				attach_temporary(vm, e);
			else
				link_directory_entry(vm, e);
			break;
		case DIR_LINK:
			link_directory_entry(vm, e);
			break;
		case DIR_SPECIAL:
			if (is_special(e->type))
				vdevice_attach(vm, e);
			else
				attach_dedicated(vm, e);
			break;
		case DIR_DEDICATE:
			attach_dedicated(vm, e);
			break;
		}
	}
}

void vdevice_attach_again(struct vmblok *vm)
{
	struct error err;

	for (struct virtual_device *v = vm->devices; v; v = v->next)
		if (!attach_to_machine(vm, v, &err))
			log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
	couple_again(vm);
}

static void close_file(struct vmblok *vm, struct virtual_device *vdev)
{
	struct unitrecord_close how = { .keep = true };
	struct error err;

	if (vdev->ur && !unitrecord_close(vdev->ur, &how, &err))
		log_error(vm->userid, "%03X: %s", vdev->vaddr, err.text);
}

void vdevice_detach(struct vmblok *vm, struct virtual_device *vdev)
{
	struct machine_request req = { .kind = MACHINE_DETACH, .address = vdev->vaddr };

	couple_drop(vm, vdev);
	if (!vm_call(vm, &req))
		log_warn(vm->userid, "%03X: %s", vdev->vaddr, req.error.text);
	if (vdev->kind == DEVICE_CONSOLE && vm->vconsole.vaddr == vdev->vaddr) {
		vm->vconsole.present = false;
		vconsole_reset(vm);
	}
	close_file(vm, vdev);
	take_out(vm, vdev);
	if (vdev->kind == DEVICE_CTCA)
		vm_set_channels(vm);
	vdevice_free(vm, vdev);
}

void vdevice_release_all(struct vmblok *vm)
{
	while (vm->devices) {
		struct virtual_device *vdev = vm->devices;

		couple_drop(vm, vdev);
		vm->devices = vdev->next;
		close_file(vm, vdev);
		vdevice_free(vm, vdev);
	}
}
