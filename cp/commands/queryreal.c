/*
 * QUERY of the system's own devices, class B: DASD, LINES, GRAF, UR, ALL, an address or a
 * range of them; STORAGE and PROCESSR; SYSTEM and TDSK, who uses disks. GC20-1806; the
 * lines are those of VM/370 Release 6, module DMKCQP.
 *
 * Terminals are the connections there are; every volume is the system's, or attached.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consoles/listener.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/tape.h"
#include "cp/lineport.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/output.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vgraf.h"
#include "cp/vmblok.h"

#define ENTRIES_PER_LINE 4 /* of 18 columns */

enum real_class { REAL_DASD = 1, REAL_TAPE = 2, REAL_LINE = 4, REAL_GRAF = 8, REAL_UR = 16 };
enum { REAL_ALL = REAL_DASD | REAL_TAPE | REAL_LINE | REAL_GRAF | REAL_UR };

/* Which lines are wanted. */
enum { ACTIVE = 1, FREE = 2, OFFLINE = 4, ATTACHED = 8, BY_VOLID = 16 };

/* One device as it can be shown. */
struct real {
	enum real_class class;
	uint16_t raddr;
	char word[5];
	char volid[7];
	bool attached, offline;
	char active[80]; /* the line if it is in use, without word and address; "" not */
	char second[80]; /* a line behind that; "" none */
	char free[9];    /* FREE, ENABLED, DRAINED; "" not */
	char more[64];   /* what is mounted: " NAME R/O"; how a line is */
};

struct reals {
	struct real *list;
	size_t n, room;
};

static struct real *add(struct reals *all, enum real_class class, const char *word,
			uint16_t raddr)
{
	struct real *r;

	if (all->n == all->room) {
		all->room = all->room ? 2 * all->room : 32;
		all->list = realloc(all->list, all->room * sizeof(*all->list));
		if (!all->list)
			BUG("no memory for a list of devices");
	}
	r = &all->list[all->n++];
	*r = (struct real){ .class = class, .raddr = raddr };
	snprintf(r->word, sizeof(r->word), "%.4s", word);
	return r;
}

static void attached_to(struct real *r, const char *userid, uint16_t vaddr)
{
	r->attached = true;
	snprintf(r->active, sizeof(r->active), "ATTACH TO %-8s %03X", userid, vaddr);
}

/* ---- what there is */

static void add_disks(struct vmblok *vm, struct reals *all)
{
	for (const struct sysvolume *v = sysvolumes_first(vm->cp->volumes); v; v = v->next) {
		struct real *r;

		if (v->temporary)
			continue;
		r = add(all, REAL_DASD, "DASD", v->raddr);
		snprintf(r->volid, sizeof(r->volid), "%s", v->volid);
		r->offline = v->offline;
		if (v->unattached)
			snprintf(r->free, sizeof(r->free), "%s", v->volid);
		else
			snprintf(r->active, sizeof(r->active), "CP SYSTEM %-6s   %03u",
				 v->volid, v->users);
		for (const struct virtual_device *d = v->dedicated ? v->dedicated->devices : NULL;
		     d; d = d->next)
			if (d->disk && d->disk->dedicated && d->disk->volume == v)
				attached_to(r, v->dedicated->userid, d->vaddr);
	}
}

static void add_tapes(struct vmblok *vm, struct reals *all)
{
	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++) {
		const struct systape *d = &vm->cp->tapes->drive[i];
		struct real *r = add(all, REAL_TAPE, "TAPE", d->raddr);

		tape_mounted(d, r->more);
		r->offline = d->offline;
		if (d->user)
			attached_to(r, d->user->userid, d->vaddr);
		else if (d->system)
			snprintf(r->active, sizeof(r->active), "ATTACH TO SYSTEM");
		else
			snprintf(r->free, sizeof(r->free), "FREE");
	}
}

/* What its machine says of a line. */
struct line_search {
	uint16_t vaddr;
	char *more;
	size_t size;
};

static void take_text(void *arg, const struct device *dev, const char *text)
{
	struct line_search *s = arg;

	if (dev->address != s->vaddr)
		return;
	snprintf(s->more, s->size, " %s", text);
	for (char *c = s->more; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

static void ask_machine(const struct sysline *l, struct real *r)
{
	struct line_search search = { l->vaddr, r->more, sizeof(r->more) };
	struct machine_request req = { .kind = MACHINE_DEVICES, .visit = take_text,
				       .visit_arg = &search };

	if (!vm_call(l->user, &req))
		r->more[0] = '\0';
}

/* Who is at a line is told of as a terminal. */
static bool has_terminal(struct cp *cp, const struct sysline *l)
{
	const struct vmblok *u = cp->vms;

	while (u && !(u->console && lineport_of(cp, u->console) == l))
		u = u->next;
	return u != NULL;
}

static void add_lines(struct vmblok *vm, struct reals *all)
{
	for (const struct sysline *l = syslines_first(vm->cp->lines); l; l = l->next) {
		struct real *r;

		if (l->port && has_terminal(vm->cp, l))
			continue;
		r = add(all, REAL_LINE, "LINE", l->raddr);
		r->offline = !sysline_online(l);
		if (!l->user) {
			snprintf(r->free, sizeof(r->free), "%s", lineport_state(l));
			if (l->port)
				snprintf(r->more, sizeof(r->more), " PORT %u",
					 listener_port(l->port));
			continue;
		}
		attached_to(r, l->user->userid, l->vaddr);
		ask_machine(l, r);
	}
}

static void add_unit_record(struct vmblok *vm, struct reals *all)
{
	for (struct output_device *d = output_next(vm->cp->output, NULL); d;
	     d = output_next(vm->cp->output, d)) {
		struct real *r = add(all, REAL_UR, output_word(d), output_address(d));
		char line[120];

		output_describe(d, line);
		snprintf(r->active, sizeof(r->active), "%.70s", line + 9);
		if (strncmp(r->active, "DRAINED", 7) == 0)
			snprintf(r->free, sizeof(r->free), "DRAINED");
		if (output_active(d, NULL, line))
			snprintf(r->second, sizeof(r->second), "%.79s", line);
	}
}

/* Of somebody who has logged on, has dialed, or sits before the logo. */
static void add_terminals(struct vmblok *vm, struct reals *all)
{
	for (struct vmblok *u = vm->cp->vms; u; u = u->next) {
		char text[16];
		const char *where = vm_terminal(u, text);
		struct real *r;

		for (struct virtual_device *d = u->devices; d; d = d->next) {
			struct vmblok *dialer = d->graf ? vgraf_dialer(d->graf) : NULL;

			if (!dialer)
				continue;
			where = vm_terminal(dialer, text);
			r = add(all, REAL_GRAF, where, (uint16_t)strtoul(where + 5, NULL, 16));
			attached_to(r, u->userid, d->vaddr);
		}
		if (!vm_attended(u) || u->leaving || u->dialed)
			continue;
		where = vm_terminal(u, text);
		r = add(all, strncmp(where, "GRAF", 4) == 0 ? REAL_GRAF : REAL_LINE, where,
			(uint16_t)strtoul(where + 5, NULL, 16));
		if (u->logged_on)
			snprintf(r->active, sizeof(r->active), "LOGON  AS %s", u->userid);
		else
			snprintf(r->free, sizeof(r->free), "ENABLED");
	}
}

static int by_address(const void *a, const void *b)
{
	const struct real *x = a, *y = b;

	return x->raddr - y->raddr;
}

static struct reals collect(struct vmblok *vm)
{
	struct reals all = { NULL, 0, 0 };

	add_disks(vm, &all);
	add_tapes(vm, &all);
	add_lines(vm, &all);
	add_unit_record(vm, &all);
	add_terminals(vm, &all);
	if (all.n)
		qsort(all.list, all.n, sizeof(*all.list), by_address);
	return all;
}

/* ---- how it is said */

static unsigned say_active(struct vmblok *vm, const struct real *r)
{
	if (r->offline || !r->active[0])
		return 0;
	if (r->more[0])
		vm_say(vm, "%-4s %03X %-22s%s", r->word, r->raddr, r->active, r->more);
	else
		vm_say(vm, "%-4s %03X %s", r->word, r->raddr, r->active);
	if (r->second[0])
		vm_say(vm, "%s", r->second);
	return 1;
}

/* A line of entries that is being filled. */
struct entries {
	struct vmblok *vm;
	char line[100];
	unsigned n;
};

static void flush(struct entries *e)
{
	size_t n = strlen(e->line);

	while (n && (e->line[n - 1] == ' ' || e->line[n - 1] == ','))
		e->line[--n] = '\0';
	if (n)
		vm_say(e->vm, "%s", e->line);
	e->line[0] = '\0';
	e->n = 0;
}

static void put_entry(struct entries *e, const struct real *r, const char *state)
{
	size_t used = strlen(e->line);

	snprintf(e->line + used, sizeof(e->line) - used, "%-4s %03X %-7s, ", r->word, r->raddr,
		 state);
	if (++e->n == ENTRIES_PER_LINE)
		flush(e);
}

/* One pass: those in use, the free ones, or those that are offline. */
static unsigned say_pass(struct vmblok *vm, const struct reals *all, unsigned classes,
			 unsigned pass, unsigned wanted, const char *volid)
{
	struct entries e = { .vm = vm, .n = 0 };
	unsigned n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct real *r = &all->list[i];

		if (!(r->class & classes) || (volid && strcmp(r->volid, volid) != 0) ||
		    ((wanted & ATTACHED) && !r->attached))
			continue;
		if (pass == ACTIVE) {
			n += say_active(vm, r);
		} else if (pass == OFFLINE ? r->offline : !r->offline && r->free[0]) {
			put_entry(&e, r, pass == OFFLINE ? "OFFLINE" : r->free);
			n++;
		}
	}
	flush(&e);
	return n;
}

static const char *class_word(unsigned classes)
{
	return classes == REAL_DASD ? "DASD" : classes == REAL_LINE ? "LINE" :
	       classes == REAL_GRAF ? "GRAF" : classes == REAL_UR ? "UR" :
	       classes == REAL_TAPE ? "TAPE" : "ALL";
}

static int say_devices(struct vmblok *vm, unsigned classes, unsigned wanted, const char *volid)
{
	struct reals all = collect(vm);
	unsigned n = 0;

	for (unsigned pass = ACTIVE; pass <= OFFLINE; pass <<= 1)
		if (wanted & pass)
			n += say_pass(vm, &all, classes, pass, wanted, volid);
	free(all.list);
	if (!n)
		vm_say(vm, "%-5s%-8sNOT FOUND", class_word(classes),
		       volid ? volid : wanted & FREE && wanted & ACTIVE ? "DEVICES" :
		       wanted & FREE ? "FREE" : wanted & ATTACHED ? "ATTACH" :
		       wanted & ACTIVE ? "ACTIVE" : "OFFLINE");
	return 0;
}

/* [ACTive|FREe|ATTach|OFFline|ALL|volid]; nothing is ACTIVE. */
static int query_class(struct vmblok *vm, struct args *args, unsigned class)
{
	const char *word = args_word(args);

	if (!word || abbreviates(word, "ACTIVE", 3))
		return say_devices(vm, class, ACTIVE, NULL);
	if (abbreviates(word, "FREE", 3))
		return say_devices(vm, class, FREE, NULL);
	if (abbreviates(word, "OFFLINE", 3))
		return say_devices(vm, class, OFFLINE, NULL);
	if (abbreviates(word, "ATTACH", 3))
		return say_devices(vm, class, ACTIVE | ATTACHED, NULL);
	if (abbreviates(word, "ALL", 3))
		return say_devices(vm, class, ACTIVE | FREE | OFFLINE, NULL);
	if (class != REAL_DASD)
		return cp_error(vm, "CQP", 3, word);
	if (strlen(word) > 6)
		return cp_error(vm, "CQP", 23);
	return say_devices(vm, class, ACTIVE | FREE | OFFLINE, word);
}

int query_real_dasd(struct vmblok *vm, struct args *args)
{
	return query_class(vm, args, REAL_DASD);
}

int query_real_lines(struct vmblok *vm, struct args *args)
{
	return query_class(vm, args, REAL_LINE);
}

int query_real_graf(struct vmblok *vm, struct args *args)
{
	return query_class(vm, args, REAL_GRAF);
}

int query_real_ur(struct vmblok *vm, struct args *args)
{
	return query_class(vm, args, REAL_UR);
}

/* ---- the processor and its storage, and all of it */

/* The host's: a machine of the time had up to 16M. */
int query_real_storage(struct vmblok *vm, struct args *args)
{
	unsigned long long pages = (unsigned long long)sysconf(_SC_PHYS_PAGES);
	unsigned long long size = (unsigned long long)sysconf(_SC_PAGESIZE);

	(void)args;
	vm_say(vm, "STORAGE = %05lluK", pages * size / 1024);
	return 0;
}

int query_processors(struct vmblok *vm, struct args *args)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	char line[80] = "";

	(void)args;
	for (long i = 0; i < count; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, "%sPROCESSOR %02ld ONLINE",
			 used ? ", " : "", i);
		if (i % 3 == 2 || i == count - 1) {
			vm_say(vm, "%s", line);
			line[0] = '\0';
		}
	}
	return 0;
}

int query_real_all(struct vmblok *vm, struct args *args)
{
	query_real_storage(vm, args);
	query_processors(vm, args);
	return say_devices(vm, REAL_ALL, ACTIVE | FREE | OFFLINE, NULL);
}

/* ---- an address, or a range */

static bool say_one(struct vmblok *vm, const struct reals *all, unsigned raddr)
{
	struct entries e = { .vm = vm, .n = 0 };
	bool found = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct real *r = &all->list[i];

		if (r->raddr != raddr)
			continue;
		if (!say_active(vm, r) && r->more[0] && !r->offline)
			vm_say(vm, "%-4s %03X %-7s%s", r->word, r->raddr, r->free, r->more);
		else if (r->offline || !r->active[0])
			put_entry(&e, r, r->offline ? "OFFLINE" : r->free);
		flush(&e);
		found = true;
	}
	return found;
}

bool query_real_address(struct vmblok *vm, const char *word, int *rc)
{
	const char *dash = strchr(word, '-');
	uint16_t first, last;
	struct reals all;
	char text[8];

	snprintf(text, sizeof(text), "%.*s", (int)(dash ? dash - word : 7), word);
	if (!args_vaddr(text, &first) || (dash && !args_vaddr(dash + 1, &last)))
		return false;
	if (dash && last <= first)
		return false;
	all = collect(vm);
	*rc = 0;
	if (!dash && !say_one(vm, &all, first)) {
		free(all.list);
		return false;
	}
	for (unsigned a = first; dash && a <= last; a++) {
		snprintf(text, sizeof(text), "%03X", a);
		if (!say_one(vm, &all, a))
			*rc = cp_error(vm, "CQP", 40, text);
	}
	free(all.list);
	return true;
}

/* ---- who uses disks */

static void put_user(struct entries *e, const struct vmblok *u, const struct virtual_device *v)
{
	size_t used = strlen(e->line);
	char mode[12];

	if (v->disk->temporary)
		snprintf(mode, sizeof(mode), "%03u", v->disk->cylinders);
	else
		snprintf(mode, sizeof(mode), "%s", v->disk->read_only ? "R/O" : "R/W");
	snprintf(e->line + used, sizeof(e->line) - used, "%-8s %03X %s, ", u->userid, v->vaddr,
		 mode);
	if (++e->n == ENTRIES_PER_LINE)
		flush(e);
}

/* Of a volume; or, volume NULL, of all T-disks. */
static int say_users_of(struct vmblok *vm, const struct sysvolume *volume)
{
	struct entries e = { .vm = vm, .n = 0 };
	unsigned n = 0;

	for (const struct vmblok *u = vm->cp->vms; u; u = u->next)
		for (const struct virtual_device *v = u->devices; v; v = v->next) {
			if (!v->disk || (volume ? v->disk->volume != volume
						: !v->disk->temporary))
				continue;
			put_user(&e, u, v);
			n++;
		}
	flush(&e);
	if (!n)
		vm_say(vm, "DASD %-8sNOT FOUND", volume ? "MDISKS" : "TDSKS");
	return 0;
}

int query_tdisks(struct vmblok *vm, struct args *args)
{
	(void)args;
	return say_users_of(vm, NULL);
}

int query_system(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	const struct sysvolume *v;
	uint16_t raddr;
	struct reals all;
	int rc = 40;

	if (!word || !args_vaddr(word, &raddr))
		return cp_error(vm, "CQP", 21, word ? word : "");
	v = sysvolume_at(vm->cp->volumes, raddr);
	if (v)
		return say_users_of(vm, v);
	all = collect(vm);
	for (size_t i = 0; i < all.n; i++)
		if (all.list[i].raddr == raddr)
			rc = 6;
	free(all.list);
	return rc == 6 ? cp_error(vm, "CQP", 6, word) : cp_error(vm, "CQP", 40, word);
}
