/*
 * DUMP and VMDUMP. GC20-1820, DUMP and VMDUMP; the lines of DUMP are those of VM/370
 * Release 6, module DMKCDM.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/arrival.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/hexloc.h"
#include "cp/directory.h"
#include "cp/hardcopy.h"
#include "cp/message.h"
#include "cp/times.h"
#include "cp/vmblok.h"

#define LINE_BYTES  32u
#define LINE	    132
#define DUMPID_MAX  100

/* ---- lines of a dump */

struct dump {
	struct vmblok *vm;
	unsigned page;
	int rc; /* what went wrong with the printer */
	struct machine_registers registers;
	char line[LINE + 1];
};

static void put(struct dump *d, unsigned column, const char *text)
{
	size_t n = strlen(text);

	if (n > LINE - column)
		n = LINE - column;
	memcpy(d->line + column, text, n);
}

static void write_line(struct dump *d)
{
	enum hardcopy_result r = HARDCOPY_OK;

	if (!d->rc)
		r = hardcopy_line(d->vm, &d->page, d->line);
	memset(d->line, ' ', LINE);
	d->line[LINE] = '\0';
	if (r != HARDCOPY_OK)
		d->rc = cp_error(d->vm, "CDM", r == HARDCOPY_NO_PRINTER ? 60 : 61);
}

static void put_hex(struct dump *d, unsigned column, int digits, uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "%0*llX", digits, (unsigned long long)value);
	put(d, column, text);
}

/* Eight words; a gap of two more columns in the middle. */
static unsigned word_column(unsigned n)
{
	return 10 + 10 * n + (n >= 4 ? 2 : 0);
}

static void register_head(struct dump *d, const char *name, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%s %2u =", name, n);
	put(d, 0, text);
}

static void dump_registers(struct dump *d, const char *name, const uint32_t *values,
			   unsigned count)
{
	for (unsigned n = 0; n < count; n += 8) {
		register_head(d, name, n);
		for (unsigned i = n; i < n + 8 && i < count; i++)
			put_hex(d, word_column(i - n), 8, values[i]);
		write_line(d);
	}
	write_line(d);
}

static void dump_fprs(struct dump *d)
{
	char text[48];

	for (unsigned n = 0; n < 4; n++) {
		register_head(d, "FPR", 2 * n);
		put_hex(d, 10, 16, d->registers.fpr[n]);
		display_fpr_text(d->registers.fpr[n], text, sizeof(text));
		put(d, 30, text);
		write_line(d);
	}
	write_line(d);
}

static void dump_keys(struct dump *d)
{
	struct machine_request req = { .kind = MACHINE_KEY };
	uint32_t start = 0, run = 0;
	char text[48];

	for (uint32_t a = 0; a <= d->vm->storage; a += 2048) {
		req.address = a;
		if (a < d->vm->storage && !vm_call(d->vm, &req))
			break;
		if (a && (a >= d->vm->storage || req.value != run)) {
			snprintf(text, sizeof(text), "%06X TO %06X  KEY = %02X", start, a - 1,
				 run);
			put(d, 0, text);
			write_line(d);
			start = a;
		}
		run = req.value;
	}
	write_line(d);
}

static void dump_psw(struct dump *d)
{
	put(d, 0, "PSW =");
	put_hex(d, 6, 8, d->registers.psw >> 32);
	put_hex(d, 15, 8, d->registers.psw & 0xFFFFFFFF);
	write_line(d);
	write_line(d);
}

/* ---- storage */

static bool fetch(struct vmblok *vm, uint32_t address, uint8_t *data, size_t n)
{
	struct machine_request req = { .kind = MACHINE_FETCH, .address = address,
				       .data = data, .length = n, .space = SPACE_REAL };

	return vm_call(vm, &req);
}

static uint8_t key_at(struct vmblok *vm, uint32_t address)
{
	struct machine_request req = { .kind = MACHINE_KEY, .address = address };

	return vm_call(vm, &req) ? (uint8_t)req.value : 0;
}

static void storage_line(struct dump *d, uint32_t address, const uint8_t *data, uint8_t key)
{
	char text[LINE_BYTES + 3];

	put_hex(d, 0, 6, address);
	for (unsigned i = 0; i < 8; i++)
		put_hex(d, word_column(i), 8, be32(data + 4 * i));
	if (address % 2048 == 0)
		put_hex(d, 92, 2, key);
	text[0] = '*';
	for (unsigned i = 0; i < LINE_BYTES; i++) {
		char c = (char)codepage_037.to_latin1[data[i]];

		text[i + 1] = isprint((unsigned char)c) ? c : '.';
	}
	strcpy(text + LINE_BYTES + 1, "*");
	put(d, 96, text);
	write_line(d);
}

static void range_line(struct dump *d, uint32_t from, uint32_t to, const char *what)
{
	put_hex(d, 0, 6, from);
	put(d, 7, "TO");
	put_hex(d, 10, 6, to);
	put(d, 19, what);
	write_line(d);
}

#define SUPPRESSED "SUPPRESSED LINE(S) SAME AS ABOVE ....."

static void dump_storage(struct dump *d, const struct hexloc *loc)
{
	uint32_t address = loc->first & ~(LINE_BYTES - 1), last = loc->last | (LINE_BYTES - 1);
	uint32_t same_from = 0, same_to = 0;
	uint8_t data[LINE_BYTES], before[LINE_BYTES];
	bool have_before = false;
	uint8_t key = 0;

	for (; address <= last && !d->rc; address += LINE_BYTES) {
		if (address % 0x10000 == 0 && address > loc->first)
			vm_say(d->vm, "DUMPING LOC %06X", address);
		if (address % 2048 == 0) /* before it is fetched: that sets a bit */
			key = key_at(d->vm, address);
		if (!fetch(d->vm, address, data, sizeof(data))) {
			range_line(d, address, (address | 0xFFF) + 1, "NON-ADDRESSABLE STORAGE");
			address = (address | 0xFFF) + 1 - LINE_BYTES;
			have_before = false;
			continue;
		}
		if (have_before && memcmp(data, before, LINE_BYTES) == 0) {
			same_from = same_to ? same_from : address;
			same_to = address + LINE_BYTES;
			continue;
		}
		if (same_to)
			range_line(d, same_from, same_to, SUPPRESSED);
		same_to = 0;
		storage_line(d, address, data, key);
		memcpy(before, data, LINE_BYTES);
		have_before = true;
	}
	if (same_to)
		range_line(d, same_from, same_to, SUPPRESSED);
	write_line(d);
}

static void dump_head(struct dump *d, const struct hexloc *loc, const char *dumpid)
{
	char text[32];

	write_line(d);
	snprintf(text, sizeof(text), "DUMP LOC %06X-%06X", loc->first, loc->last);
	put(d, 0, text);
	put(d, 25, dumpid);
	write_line(d);
	write_line(d);
}

static void dump_machine(struct dump *d)
{
	dump_registers(d, "GPR", d->registers.gr, 16);
	dump_registers(d, "ECR", d->registers.cr, d->vm->set & SET_ECMODE ? 16 : 1);
	dump_fprs(d);
	dump_keys(d);
	dump_psw(d);
}

/* ---- DUMP */

/* "*anything to the end of the line", as it was typed, or "". */
static void find_dumpid(const char *line, char dumpid[DUMPID_MAX + 1])
{
	const char *at = line[0] == '*' ? line : strstr(line, " *");

	snprintf(dumpid, DUMPID_MAX + 1, "%s", !at ? "" : at == line ? at : at + 1);
	for (size_t n = strlen(dumpid); n && dumpid[n - 1] == ' '; n--)
		dumpid[n - 1] = '\0';
}

int cmd_dump(struct vmblok *vm, struct args *args)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	struct dump d = { .vm = vm };
	char dumpid[DUMPID_MAX + 1];
	const char *word;
	bool any = false;

	find_dumpid(args_rest(args), dumpid);
	memset(d.line, ' ', LINE);
	if (!vm_call(vm, &req))
		return 0;
	d.registers = req.registers;
	while (!d.rc && (word = args_word(args)) && word[0] != '*') {
		struct hexloc loc;
		int rc = hexloc_storage(vm, "CDM", strchr("LT", word[0]) ? word + 1 : word, &loc);

		if (rc)
			return rc;
		dump_head(&d, &loc, dumpid);
		if (!any)
			dump_machine(&d);
		any = true;
		dump_storage(&d, &loc);
	}
	if (d.rc)
		return d.rc;
	if (!any)
		return cp_error(vm, "CDM", 33);
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}

/* ---- VMDUMP */

#define RANGES_MAX 3
#define PAGE	   4096u
#define PIECE	   128u /* bytes of storage in a record */
#define READ_OP	   0x02

/*
 * The spool file: records of EBCDIC text and binary, each kind known by its first
 * eight bytes.
 *
 *   VMDUMP   userid (8), date and time (16), storage in bytes (4), dump id (100)
 *   STATUS   PSW (8), general (64), control (64), floating-point registers (32), TOD,
 *            clock comparator and CPU timer (8 each)
 *   STORAGE  address (4), storage key (1), zeros (3), 128 bytes
 *
 * DIFFERS: VM/370's file has pages of 4096 bytes for IPCS, which does not exist here.
 */
struct vmdump {
	struct vmblok *vm;
	struct hexloc ranges[RANGES_MAX];
	unsigned count;
	bool to, format, dss;
	char owner[CP_USERID_MAX + 1], type[9], dumpid[DUMPID_MAX + 1];
};

static bool put_record(struct spool_writer *w, const char *kind, const uint8_t *data, size_t n,
		       struct error *err)
{
	uint8_t record[256];
	char padded[16];

	snprintf(padded, sizeof(padded), "%-8s", kind);
	ebcdic_from_latin1(&codepage_037, record, padded, 8);
	memcpy(record + 8, data, n);
	return spool_write(w, READ_OP, record, 8 + n, err);
}

static bool put_header(const struct vmdump *v, struct spool_writer *w, struct error *err)
{
	char text[160], date[CP_DATE_SIZE], clock[CP_DATE_SIZE];
	uint8_t data[128];

	snprintf(text, sizeof(text), "%-8s%-8s%-8s    %-100s", v->vm->userid, times_date(date),
		 times_clock(clock), v->dumpid);
	ebcdic_from_latin1(&codepage_037, data, text, sizeof(data));
	put_be32(data + 24, v->vm->storage);
	return put_record(w, "VMDUMP", data, sizeof(data), err);
}

static bool put_status(const struct vmdump *v, struct spool_writer *w, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	const struct machine_registers *r = &req.registers;
	uint8_t data[192];

	if (!vm_call(v->vm, &req))
		return false;
	put_be64(data, r->psw);
	for (unsigned n = 0; n < 16; n++) {
		put_be32(data + 8 + 4 * n, r->gr[n]);
		put_be32(data + 72 + 4 * n, r->cr[n]);
	}
	for (unsigned n = 0; n < 4; n++)
		put_be64(data + 136 + 8 * n, r->fpr[n]);
	put_be64(data + 168, r->clocks.tod);
	put_be64(data + 176, r->clocks.comparator);
	put_be64(data + 184, r->clocks.timer);
	return put_record(w, "STATUS", data, sizeof(data), err);
}

static bool put_storage(const struct vmdump *v, const struct hexloc *loc,
			struct spool_writer *w, struct error *err)
{
	uint8_t data[8 + PIECE];

	for (uint32_t a = loc->first; a <= loc->last; a += PIECE) {
		if (!fetch(v->vm, a, data + 8, PIECE))
			continue; /* a hole between segments */
		put_be32(data, a);
		put_be32(data + 4, (uint32_t)key_at(v->vm, a) << 24);
		if (!put_record(w, "STORAGE", data, sizeof(data), err))
			return false;
	}
	return true;
}

/* In ascending order; what overlaps is made one. */
static void merge_ranges(struct vmdump *v)
{
	for (unsigned i = 0; i < v->count; i++)
		for (unsigned j = i + 1; j < v->count; j++)
			if (v->ranges[j].first < v->ranges[i].first) {
				struct hexloc t = v->ranges[i];

				v->ranges[i] = v->ranges[j];
				v->ranges[j] = t;
			}
	for (unsigned i = 0; i + 1 < v->count;) {
		struct hexloc *a = &v->ranges[i], *b = a + 1;

		if (b->first > a->last + 1) {
			i++;
			continue;
		}
		if (b->last > a->last)
			a->last = b->last;
		memmove(b, b + 1, (v->count - i - 2) * sizeof(*b));
		v->count--;
	}
}

static bool write_dump(struct vmdump *v, struct error *err)
{
	struct spool *sp = v->vm->cp->spool;
	struct spool_file f = { .queue = SPOOL_RDR, .class = 'V', .copies = 1 };
	struct spool_writer *w = spool_room(sp, v->vm->userid, err)
					 ? spool_write_begin(sp, err) : NULL;
	bool ok = w && put_header(v, w, err) && put_status(v, w, err);

	for (unsigned i = 0; ok && i < v->count; i++)
		ok = put_storage(v, &v->ranges[i], w, err);
	if (!ok) {
		if (w)
			spool_write_abandon(w);
		return false;
	}
	snprintf(f.owner, sizeof(f.owner), "%s", v->owner);
	snprintf(f.origin, sizeof(f.origin), "%s", v->vm->userid);
	snprintf(f.type, sizeof(f.type), "DMP");
	snprintf(f.name, sizeof(f.name), "VMDUMP");
	snprintf(f.ftype, sizeof(f.ftype), "%s", v->type);
	snprintf(f.dist, sizeof(f.dist), "%s", v->vm->user->distcode);
	if (!spool_write_close(w, &f, err))
		return false;
	arrival_announce(v->vm->cp, &f, v->vm->userid);
	return true;
}

/* Whole pages of a range; the messages are DMKVMD's. */
static int add_range(struct vmdump *v, const char *word)
{
	size_t n = strcspn(word, "-:.");
	const char *end = word[n] ? word + n + 1 : NULL;
	char first[CP_LINE_MAX + 1], text[24];
	uint64_t a = 0, b;

	if (v->count == RANGES_MAX)
		return cp_error(v->vm, "VMD", 9, word);
	snprintf(first, sizeof(first), "%.*s", (int)n, word);
	if (n && !args_hex(first, 6, &a))
		return cp_error(v->vm, "VMD", 33);
	if (a >= v->vm->storage)
		return cp_error(v->vm, "VMD", 160, first);
	b = end ? v->vm->storage - 1 : a;
	if (end && *end && strcmp(end, "END") != 0) {
		if (!args_hex(end, 6, &b))
			return cp_error(v->vm, "VMD", 33);
		if (word[n] == '.')
			b = b ? a + b - 1 : a;
		if (b >= v->vm->storage)
			return cp_error(v->vm, "VMD", 160, end);
		if (b < a) {
			snprintf(text, sizeof(text), "%06X-%06X", (unsigned)a, (unsigned)b);
			return cp_error(v->vm, "VMD", 9, text);
		}
	}
	v->ranges[v->count++] = (struct hexloc){ .first = (uint32_t)a & ~(PAGE - 1),
						 .last = (uint32_t)b | (PAGE - 1) };
	return 0;
}

static int set_receiver(struct vmdump *v, const char *userid)
{
	const struct directory_user *user;

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(v->vm, "VMD", 20);
	if (strcmp(userid, "*") == 0)
		userid = v->vm->userid;
	user = directory_find(v->vm->cp->directory, userid);
	if (!user)
		return cp_error(v->vm, "VMD", 53, userid);
	snprintf(v->owner, sizeof(v->owner), "%s", user->userid);
	return 0;
}

static int vmdump_option(struct vmdump *v, const char *word, struct args *args)
{
	bool receiver = strcmp(word, "TO") == 0 || strcmp(word, "SYSTEM") == 0;

	if (receiver) {
		if (v->to)
			return cp_error(v->vm, "VMD", 13, word);
		v->to = true;
		return set_receiver(v, word[0] == 'T' ? args_word(args)
						      : v->vm->cp->oper->userid);
	}
	if (strcmp(word, "FORMAT") == 0) {
		const char *type = args_word(args);

		if (v->format)
			return cp_error(v->vm, "VMD", 13, word);
		v->format = true;
		if (!type || strlen(type) > 8)
			return cp_error(v->vm, "VMD", 38, type ? type : "", "FORMAT");
		snprintf(v->type, sizeof(v->type), "%s", type);
		return 0;
	}
	if (strcmp(word, "DSS") == 0) {
		/* Segments outside of storage: all segments lie within it here. */
		return cp_error(v->vm, "VMD", 13, word);
	}
	return add_range(v, word);
}

int cmd_vmdump(struct vmblok *vm, struct args *args)
{
	struct vmdump v = { .vm = vm, .type = "FILE" };
	struct error err = { 0, "" };
	const char *word;
	int rc = 0;

	snprintf(v.owner, sizeof(v.owner), "%s", vm->userid);
	find_dumpid(args_rest(args), v.dumpid);
	/* The id without its asterisk. */
	memmove(v.dumpid, v.dumpid + (v.dumpid[0] == '*'), DUMPID_MAX);
	while (!rc && (word = args_word(args)) && word[0] != '*')
		rc = vmdump_option(&v, word, args);
	if (rc)
		return rc;
	if (!v.count)
		v.ranges[v.count++] = (struct hexloc){ .first = 0, .last = vm->storage - 1 };
	merge_ranges(&v);
	if (!write_dump(&v, &err)) {
		log_warn(vm->userid, "VMDUMP: %s", err.text);
		return cp_error(vm, "VMD", 146);
	}
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}
