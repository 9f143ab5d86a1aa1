#include "cp/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>

#include "base/compiler.h"
#include "base/log.h"
#include "consoles/console.h"
#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/directory.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/password.h"
#include "cp/sysvolume.h"
#include "cp/trouble.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* LINK entries that lead to LINK entries: followed so far. */
#define LEVELS_COMMAND 1
#define LEVELS_LOGON   2

bool link_mode_of(const char *word, enum link_mode *mode)
{
	static const char *const names[] = { "R", "RR", "W", "WR", "M", "MR", "MW" };
	size_t n = strlen(word);

	if (n > 1 && word[n - 1] == 'V')
		n--;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && strncmp(names[i], word, n) == 0) {
			*mode = (enum link_mode)i;
			return true;
		}
	return false;
}

/* ---- the table of modes */

enum decision {
	READ,        /* linked read-only, as wished */
	WRITE,       /* linked read/write */
	FORCED,      /* read-only, with a warning: others have it */
	NOT_READERS, /* 104: because of readers */
	NOT_WRITERS, /* 105, 106: because of a writer */
};

static enum decision decide(enum link_mode mode, const struct minidisk_sharers *s)
{
	static const enum decision table[][3] = {
		/*             nobody, readers,     writers */
		[LINK_R] =  { READ,  READ,        NOT_WRITERS },
		[LINK_RR] = { READ,  READ,        READ },
		[LINK_W] =  { WRITE, NOT_READERS, NOT_WRITERS },
		[LINK_WR] = { WRITE, FORCED,      FORCED },
		[LINK_M] =  { WRITE, WRITE,       NOT_WRITERS },
		[LINK_MR] = { WRITE, WRITE,       FORCED },
		[LINK_MW] = { WRITE, WRITE,       WRITE },
	};

	return table[mode][s->writers ? 2 : s->readers ? 1 : 0];
}

/* ---- finding the disk */

/* What a LINK leads to. */
struct target {
	const struct directory_user *owner; /* of the MDISK */
	const struct directory_entry *entry;
	struct sysvolume *volume; /* one use counted */
	struct virtual_device *old; /* the same disk at vaddr2, or NULL */
};

static const struct directory_entry *entry_at(const struct directory_user *user,
					      uint16_t vaddr)
{
	const struct directory_entry *e = user->devices;

	while (e && e->vaddr != vaddr)
		e = e->next;
	return e;
}

static int error_with_address(struct vmblok *vm, int number, const char *userid,
			      uint16_t vaddr)
{
	char text[8];

	snprintf(text, sizeof(text), "%03X", vaddr);
	return cp_error(vm, "LNK", number, userid, text);
}

static int error_with_volume(struct vmblok *vm, int number, const struct link_wanted *w,
			     const char *volid)
{
	char text[8];

	if (number == 117)
		return cp_error(vm, "LNK", 117, w->owner, volid);
	snprintf(text, sizeof(text), "%03X", w->vaddr1);
	return cp_error(vm, "LNK", number, w->owner, text, volid);
}

/* Follow the directory to an MDISK statement. */
static int find_entry(struct vmblok *vm, const struct link_wanted *w, struct target *t)
{
	unsigned levels = w->at_logon ? LEVELS_LOGON : LEVELS_COMMAND;
	uint16_t vaddr = w->vaddr1;

	t->owner = directory_find(vm->cp->directory, w->owner);
	if (!t->owner)
		return cp_error(vm, "LNK", 53, w->owner);
	for (;; levels--) {
		t->entry = entry_at(t->owner, vaddr);
		if (!t->entry)
			return error_with_address(vm, 107, w->owner, w->vaddr1);
		if (t->entry->kind != DIR_LINK)
			break;
		if (levels == 0)
			return cp_error(vm, "LNK", 52);
		vaddr = t->entry->vaddr2;
		t->owner = directory_find(vm->cp->directory, t->entry->userid);
		if (!t->owner)
			return cp_error(vm, "LNK", 53, t->entry->userid);
	}
	if (t->entry->kind != DIR_MDISK || t->entry->temporary)
		return error_with_address(vm, 109, w->owner, w->vaddr1);
	return 0;
}

static bool type_fits(const struct sysvolume *v, const char *type)
{
	char real[8];

	sysvolume_type(v, real);
	return strcmp(real, strcmp(type, "2319") ? type : "2314") == 0;
}

/* Its volume, with one more use. */
static int find_volume(struct vmblok *vm, const struct link_wanted *w, struct target *t)
{
	struct sysvolume *v = sysvolume_find(vm->cp->volumes, t->entry->volid);
	struct error err = { 0, "" };

	if (!v || v->dedicated || v->offline || v->unattached)
		return error_with_volume(vm, 108, w, t->entry->volid);
	if (!sysvolume_get(v, &err)) {
		trouble_report(vm, w->vaddr2, err.text);
		return error_with_volume(vm, 108, w, t->entry->volid);
	}
	if (!type_fits(v, t->entry->type)) {
		sysvolume_put(vm->cp->volumes, v);
		return error_with_volume(vm, 117, w, t->entry->volid);
	}
	t->volume = v;
	return 0;
}

/* Is something else at vaddr2? The same disk may be: it is linked anew. */
static int find_old(struct vmblok *vm, const struct link_wanted *w, struct target *t)
{
	struct virtual_device *v = vdevice_find(vm, w->vaddr2);
	char vaddr1[8], vaddr2[8], word[8];

	if (!v)
		return 0;
	if (v->disk && v->disk->volume == t->volume && v->disk->start == t->entry->cylinder &&
	    !v->disk->dedicated) {
		t->old = v;
		return 0;
	}
	snprintf(vaddr1, sizeof(vaddr1), "%03X", w->vaddr1);
	snprintf(vaddr2, sizeof(vaddr2), "%03X", w->vaddr2);
	snprintf(word, sizeof(word), "%s", vdevice_word(v));
	word[strcspn(word, " ")] = '\0';
	return cp_error(vm, "LNK", 110, w->owner, vaddr1, word, vaddr2);
}

/* ---- passwords */

enum password_kind { PASSWORD_READ, PASSWORD_WRITE, PASSWORD_MULT };

static enum password_kind kind_of(enum link_mode mode)
{
	return mode <= LINK_RR ? PASSWORD_READ : mode <= LINK_WR ? PASSWORD_WRITE
								 : PASSWORD_MULT;
}

static enum link_mode entry_mode(const struct directory_entry *e)
{
	enum link_mode mode = LINK_W;

	(void)link_mode_of(e->mode, &mode);
	return mode;
}

/* A LINK that waits for its password to be typed, or for what is said about it. */
struct link_wait {
	struct link_wanted w;
	struct command_run *run;
	struct directory_secret right;
};

static int wait_new(struct vmblok *vm, const struct link_wanted *w, struct link_wait **wait)
{
	*wait = calloc(1, sizeof(**wait));
	if (!*wait)
		BUG("no memory for a LINK");
	(*wait)->w = *w;
	return command_wait(vm, &(*wait)->run);
}

static int link_again(struct vmblok *vm, void *arg)
{
	const struct link_wait *wait = arg;

	return link_minidisk(vm, &wait->w);
}

static void wait_over(struct link_wait *wait)
{
	command_go_on(wait->run, link_again, wait, 0);
	explicit_bzero(wait, sizeof(*wait));
	free(wait);
}

static void password_answered(struct vmblok *vm, const char *line)
{
	struct link_wait *wait = vm->prompt_arg;
	char *password = wait->w.password;
	size_t n = 0;

	for (; *line && n + 1 < sizeof(wait->w.password); line++)
		if (*line != ' ')
			password[n++] = (char)toupper((unsigned char)*line);
	/* Nothing typed is a wrong password, not a question asked again. */
	snprintf(password + n, sizeof(wait->w.password) - n, "%s", n ? "" : " ");
	wait_over(wait);
}

static void password_given_up(struct vmblok *vm)
{
	struct link_wait *wait = vm->prompt_arg;

	command_go_on(wait->run, NULL, NULL, 114);
	free(wait);
}

static int ask_password(struct vmblok *vm, const struct link_wanted *w,
			enum password_kind kind)
{
	static const char *const question[] = { "ENTER READ PASSWORD:",
						"ENTER WRITE PASSWORD:",
						"ENTER MULT PASSWORD:" };
	struct link_wait *wait;
	int rc = wait_new(vm, w, &wait);

	vm_ask(vm, question[kind], true, password_answered);
	vm->prompt_given_up = password_given_up;
	vm->prompt_arg = wait;
	return rc;
}

static void password_tried(void *arg, bool right, unsigned wrong)
{
	struct link_wait *wait = arg;

	(void)wrong; /* who tries knows them */
	wait->w.is_wrong = !right;
	wait->w.right = wait->right;
	wait_over(wait);
}

static int try_password(struct vmblok *vm, const struct link_wanted *w,
			const struct directory_secret *right)
{
	struct link_wait *wait;
	char whose[PASSWORD_WHOSE];
	int rc = wait_new(vm, w, &wait);

	wait->right = *right;
	snprintf(whose, sizeof(whose), "%s %03X", w->owner, w->vaddr1);
	password_try(vm->cp->passwords, right, whose, w->password, password_tried, wait);
	return rc;
}

/* It was found right, and this is still what it was compared with. */
static bool found_right(const struct link_wanted *w, const struct directory_secret *right)
{
	return password_usable(&w->right) && strcmp(w->right.hash, right->hash) == 0 &&
	       strcmp(w->right.plain, right->plain) == 0;
}

/* Accounting records 05, a LINK made, and 06, one with a wrong password. */
static void journal(struct vmblok *vm, const struct link_wanted *w, const char *code)
{
	const struct accounting_event e = {
		.code = code, .userid = vm->userid, .account = vm->user->account,
		.terminal = vm->console ? (uint16_t)console_number(vm->console) : 0,
		.target = w->owner, .vaddr = w->vaddr1, .count = vm->link_failures,
		.limit = LINK_WRONG_PASSWORDS,
	};

	if (!w->at_logon)
		accounting_journal(vm->cp->accounting, &e);
}

/* 0: go on. */
static int check_password(struct vmblok *vm, const struct link_wanted *w,
			  const struct target *t)
{
	static const int none[] = { 111, 112, 113 };
	enum password_kind kind = kind_of(w->mode);
	const struct directory_secret *right = &t->entry->password[kind];

	if (w->at_logon || (vm->user->options & OPTION_LNKNOPAS))
		return 0;
	if (strcmp(t->owner->userid, vm->userid) == 0 &&
	    kind_of(entry_mode(t->entry)) >= kind)
		return 0;
	if (!password_usable(right))
		return error_with_address(vm, none[kind], w->owner, w->vaddr1);
	if (password_is(right, "ALL"))
		return 0;
	if (!w->password[0])
		return ask_password(vm, w, kind);
	if (!w->is_wrong)
		return found_right(w, right) ? 0 : try_password(vm, w, right);
	++vm->link_failures;
	journal(vm, w, "06");
	if (vm->link_failures > LINK_WRONG_PASSWORDS)
		return cp_error(vm, "LNK", 115, "LINK");
	return error_with_address(vm, 114, w->owner, w->vaddr1);
}

/* ---- what is said */

static const char *by(char out[24], unsigned n, const struct vmblok *one)
{
	if (n == 1)
		snprintf(out, 24, "%s", one->userid);
	else
		snprintf(out, 24, "%03u USERS", n);
	return out;
}

static int refuse(struct vmblok *vm, const struct link_wanted *w, enum decision d,
		  const struct minidisk_sharers *s)
{
	char vaddr[8], readers[24], writers[24];

	snprintf(vaddr, sizeof(vaddr), "%03X", w->vaddr1);
	by(readers, s->readers, s->reader);
	by(writers, s->writers, s->writer);
	if (d == NOT_READERS)
		return cp_error(vm, "LNK", 104, w->owner, vaddr, readers);
	if (s->readers)
		return cp_error(vm, "LNK", 106, w->owner, vaddr, writers, readers);
	return cp_error(vm, "LNK", 105, w->owner, vaddr, writers);
}

static int warn_forced(struct vmblok *vm, const struct link_wanted *w,
		       const struct minidisk_sharers *s)
{
	char vaddr[8], readers[24], writers[24];

	snprintf(vaddr, sizeof(vaddr), "%03X", w->vaddr2);
	by(readers, s->readers, s->reader);
	by(writers, s->writers, s->writer);
	if (!s->writers)
		return cp_error(vm, "LNK", 101, vaddr, readers);
	if (s->readers)
		return cp_error(vm, "LNK", 103, vaddr, writers, readers);
	return cp_error(vm, "LNK", 102, vaddr, writers);
}

static void say_linked(struct vmblok *vm, const struct link_wanted *w, bool read_only,
		       const struct minidisk_sharers *s)
{
	bool tell = s->writers || (!read_only && s->readers);
	char readers[24], writers[24];

	if (!tell && (w->at_logon || w->by_guest))
		return;
	by(readers, s->readers, s->reader);
	by(writers, s->writers, s->writer);
	vm_say(vm, "DASD %03X LINKED %s%s%s%s%s", w->vaddr2, read_only ? "R/O" : "R/W",
	       s->writers ? "; R/W BY " : "", s->writers ? writers : "",
	       tell && s->readers ? "; R/O BY " : "", tell && s->readers ? readers : "");
}

/* ---- linking */

static int attach(struct vmblok *vm, const struct link_wanted *w, struct target *t,
		  bool read_only)
{
	uint32_t there = volume_info(t->volume->vol)->cylinders, start = t->entry->cylinder;
	struct minidisk disk = { .volume = t->volume, .start = start,
				 .cylinders = t->entry->cylinders };
	struct error err = { 0, "" };

	disk.read_only = read_only || volume_info(t->volume->vol)->read_only;
	disk.reserve = strchr(t->entry->mode, 'V') != NULL;
	/* A full-pack minidisk may count alternate cylinders that the image lacks. */
	if (start < there && disk.cylinders > there - start)
		disk.cylinders = there - start;
	if (t->old)
		vdevice_detach(vm, t->old);
	t->volume = NULL; /* the device's now, even if it fails */
	if (vdevice_attach_disk(vm, w->vaddr2, t->entry->type, &disk, &err))
		return 0;
	trouble_report(vm, w->vaddr2, err.text);
	return error_with_volume(vm, 108, w, t->entry->volid);
}

static int link_target(struct vmblok *vm, struct link_wanted *w, struct target *t)
{
	struct minidisk_sharers sharers;
	enum decision d;
	int rc;

	rc = find_old(vm, w, t);
	if (rc)
		return rc;
	if (!w->mode_given)
		w->mode = strcmp(t->owner->userid, vm->userid) == 0 ? entry_mode(t->entry)
								    : LINK_R;
	minidisk_sharers(vm->cp, t->volume, t->entry->cylinder, t->old, &sharers);
	d = decide(w->mode, &sharers);
	if (d == NOT_READERS || d == NOT_WRITERS)
		return refuse(vm, w, d, &sharers);
	rc = check_password(vm, w, t);
	if (rc)
		return rc;
	rc = attach(vm, w, t, d != WRITE);
	if (rc)
		return rc;
	if (t->owner && strcmp(t->owner->userid, vm->userid) != 0)
		journal(vm, w, "05");
	if (d == FORCED)
		return warn_forced(vm, w, &sharers);
	say_linked(vm, w, vdevice_find(vm, w->vaddr2)->disk->read_only, &sharers);
	return 0;
}

int link_minidisk(struct vmblok *vm, const struct link_wanted *wanted)
{
	struct link_wanted w = *wanted;
	struct target t = { 0 };
	int rc;

	if (!w.at_logon && vm->link_failures >= LINK_WRONG_PASSWORDS)
		return cp_error(vm, "LNK", 115, "LINK");
	rc = find_entry(vm, &w, &t);
	if (!rc)
		rc = find_volume(vm, &w, &t);
	if (!rc)
		rc = link_target(vm, &w, &t);
	if (t.volume)
		sysvolume_put(vm->cp->volumes, t.volume);
	return rc;
}

void link_directory_entry(struct vmblok *vm, const struct directory_entry *e)
{
	struct link_wanted w = { .at_logon = true, .mode_given = true, .vaddr2 = e->vaddr };

	snprintf(w.owner, sizeof(w.owner), "%s", e->kind == DIR_LINK ? e->userid : vm->userid);
	w.vaddr1 = e->kind == DIR_LINK ? e->vaddr2 : e->vaddr;
	if (!link_mode_of(e->mode, &w.mode))
		w.mode = LINK_R;
	(void)link_minidisk(vm, &w);
}
