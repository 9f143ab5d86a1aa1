#include "cp/password.h"

#include <crypt.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "consoles/loop.h"
#include "cp/datadir.h"
#include "cp/directory.h"
#include "cp/mask.h"

/*
 * yescrypt with 4M of memory. Eight capital letters are not worth more: what protects
 * them is that nobody reads the file, and that wrong ones are slow and counted.
 */
#define HASH_PREFIX "$y$"
#define HASH_COST   3

#define SAVE_EVERY 64 /* hashes */
#define HASHING_NICE 19

/* Something for a thread to compute, and its way back. */
struct job {
	struct job *next;
	struct passwords *pw;
	char password[9], hash[88];
	/* Hash: where it goes. */
	struct directory *directory; /* counted; NULL: check */
	struct directory_secret *secret;
	/* Check: */
	bool matches;
	void (*done)(void *arg, bool matches);
	void *arg;
};

/* A thread, and what it is to do. */
struct worker {
	struct passwords *pw;
	int nice;
	pthread_t thread;
	bool started;
	pthread_cond_t work;
	struct job *jobs; /* under the lock */
};

struct passwords {
	const char *dir, *source;
	struct loop *loop;
	pthread_mutex_t lock; /* jobs of the workers, quit */
	bool quit;
	/* Somebody waits for a check; hashes of a new directory may take their time. */
	struct worker checks, hashes;
	/* the CP thread's: */
	struct directory *directory; /* counted: the one that is in force */
	unsigned hashing, unsaved;
	struct mask_word *hashed; /* to become stars in the source */
	struct loop_timer mask_again;
	unsigned busy; /* how often somebody else had it open */
	bool said_in_clear;
	bool sound; /* DIR/passwords could be read, all of it */
	struct failed *failed;
	unsigned failed_users;
	struct trial *trials;
};

/* ---- wrong ones */

#define FIRST_DELAY 200 /* ms; each wrong one in a row doubles it */
#define MAX_DOUBLED 5
#define FAILED_USERS_MAX 1000

struct failed {
	struct failed *next;
	char whose[PASSWORD_WHOSE];
	unsigned count;
};

static struct failed **find_failed(struct passwords *pw, const char *whose)
{
	struct failed **at = &pw->failed;

	while (*at && strcmp((*at)->whose, whose) != 0)
		at = &(*at)->next;
	return at;
}

static void forget_failed(struct passwords *pw, struct failed **at)
{
	struct failed *f = *at;

	if (!f)
		return;
	*at = f->next;
	pw->failed_users--;
	free(f);
}

/* How long to let its author wait, in milliseconds. */
static unsigned count_wrong(struct passwords *pw, const char *whose)
{
	struct failed **at = find_failed(pw, whose), *f = *at;
	unsigned doubled;

	if (!f && pw->failed_users < FAILED_USERS_MAX) {
		f = calloc(1, sizeof(*f));
		if (!f)
			BUG("no memory for a password");
		snprintf(f->whose, sizeof(f->whose), "%s", whose);
		*at = f;
		pw->failed_users++;
	}
	doubled = f ? f->count++ : MAX_DOUBLED;
	return FIRST_DELAY << (doubled < MAX_DOUBLED ? doubled : MAX_DOUBLED);
}

static unsigned wrong_before(struct passwords *pw, const char *whose)
{
	struct failed **at = find_failed(pw, whose);

	return *at ? (*at)->count : 0;
}

/* ---- one password */

bool password_usable(const struct directory_secret *s)
{
	return (s->plain[0] || s->hash[0]) && !password_is(s, "NOLOG");
}

bool password_is(const struct directory_secret *s, const char *word)
{
	return strcmp(s->plain, word) == 0;
}

static bool same_text(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned differ = na != nb;

	for (size_t i = 0; i < na; i++)
		differ |= (unsigned)((uint8_t)a[i] ^ (uint8_t)(i < nb ? b[i] : 0));
	return differ == 0;
}

static bool hash_matches(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *got;
	bool ok;

	if (!data)
		BUG("no memory for a password");
	got = crypt_r(password, hash, data);
	ok = got && got[0] != '*' && same_text(hash, got);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return ok;
}

/* Both of eight bytes: it does not show how long the right one is. */
static bool plain_matches(const char *plain, const char *password)
{
	char given[10] = "", real[10] = "";
	unsigned char differ = 0;

	strncpy(given, password, sizeof(given) - 1);
	strncpy(real, plain, sizeof(real) - 1);
	for (size_t i = 0; i < sizeof(given); i++)
		differ |= (unsigned char)(given[i] ^ real[i]);
	return differ == 0;
}

/* ---- DIR/passwords */

static bool wants_hash(const struct directory_secret *s, const struct directory_entry *e)
{
	return s->plain[0] && !password_is(s, e ? "ALL" : "NOLOG");
}

static void save_one(void *arg, const struct directory_user *u,
		     const struct directory_entry *e, unsigned kind,
		     struct directory_secret *s)
{
	FILE *f = arg;

	if (!s->hash[0])
		return;
	if (e)
		fprintf(f, "%s %03X %c %s\n", u->userid, e->vaddr, "RWM"[kind], s->hash);
	else
		fprintf(f, "%s - %s%s\n", u->userid, s->hash, s->is_userid ? " userid" : "");
}

/* A name is not sure to be on the disk before its directory is. */
static bool sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Put a file in the place of another, so that there always is one that is whole. */
static bool replace(FILE *f, const char *dir, const char *temporary, const char *path)
{
	bool ok = fflush(f) == 0 && fsync(fileno(f)) == 0;

	ok = fclose(f) == 0 && ok;
	ok = ok && rename(temporary, path) == 0 && sync_directory(dir);
	if (!ok) {
		log_error("directory", "%s: %s", path, strerror(errno));
		unlink(temporary);
	}
	return ok;
}

static FILE *begin_file(const char *path, char temporary[520])
{
	int fd;
	FILE *f;

	snprintf(temporary, 520, "%s.new", path);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		log_error("directory", "%s: %s", temporary, strerror(errno));
	return f;
}

static bool save_store(struct passwords *pw)
{
	char path[512], temporary[520];
	struct error err;
	FILE *f;

	if (!datadir_path(path, sizeof(path), pw->dir, DATADIR_PASSWORDS, &err))
		return false;
	f = begin_file(path, temporary);
	if (!f)
		return false;
	directory_secrets(pw->directory, save_one, f);
	return replace(f, pw->dir, temporary, path);
}

/* Where the hash of one line of the file belongs, if the source has a * there. */
static void give_hash(struct directory *dir, const char *userid, const char *where,
		      char kind, const char *hash, bool is_userid)
{
	const char *kinds = "RWM", *k = strchr(kinds, kind);
	const struct directory_user *u = directory_find(dir, userid);
	struct directory_secret *s = NULL;

	/* The directory is the caller's to complete. */
	if (u && where[0] == '-')
		s = (struct directory_secret *)&u->password;
	for (struct directory_entry *e = u && !s ? u->devices : NULL; e && kind && k; e = e->next)
		if (e->vaddr == strtoul(where, NULL, 16))
			s = &e->password[k - kinds];
	if (!s || !s->stored)
		return;
	snprintf(s->hash, sizeof(s->hash), "%s", hash);
	s->is_userid = is_userid;
}

static bool load_line(struct directory *dir, const char *line)
{
	char userid[9], where[4], a[88] = "", b[88] = "";
	int n = sscanf(line, "%8s %3s %87s %87s", userid, where, a, b);

	if (n >= 3 && where[0] == '-' && a[0] == '$')
		give_hash(dir, userid, where, 0, a, strcmp(b, "userid") == 0);
	else if (n == 4 && isxdigit((unsigned char)where[0]) && !a[1] && b[0] == '$')
		give_hash(dir, userid, where, a[0], b, false);
	else
		return false;
	return true;
}

struct complaint {
	void (*report)(void *arg, const char *sentence);
	void *arg;
};

static void complain_of(void *arg, const struct directory_user *u,
			const struct directory_entry *e, unsigned kind,
			struct directory_secret *s)
{
	static const char *const kinds[] = { "read", "write", "multiple" };
	const struct complaint *c = arg;
	char sentence[160];

	if (!s->stored || s->hash[0])
		return;
	if (e)
		snprintf(sentence, sizeof(sentence), "line %u: no %s password of %s %03X is "
			 "stored: write one instead of the *", s->line, kinds[kind],
			 u->userid, e->vaddr);
	else
		snprintf(sentence, sizeof(sentence), "line %u: no password of %s is stored: "
			 "write one instead of the *", s->line, u->userid);
	c->report(c->arg, sentence);
}

bool passwords_fill(const char *dir, struct directory *directory,
		    void (*report)(void *arg, const char *sentence), void *arg)
{
	const struct complaint c = { report, arg };
	char path[512], line[256];
	unsigned number = 0;
	struct error err;
	bool ok = true;
	FILE *f;

	if (!datadir_path(path, sizeof(path), dir, DATADIR_PASSWORDS, &err))
		return false;
	errno = 0;
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		number++;
		if (load_line(directory, line))
			continue;
		snprintf(line, sizeof(line), "%.200s:%u: not a line of passwords", path, number);
		report(arg, line);
		ok = false;
	}
	if (f ? ferror(f) : errno != ENOENT) {
		snprintf(line, sizeof(line), "%.200s: %s", path, strerror(errno));
		report(arg, line);
		ok = false;
	}
	if (f)
		fclose(f);
	directory_secrets(directory, complain_of, (void *)&c);
	return ok;
}

/* ---- the source: hashed passwords become stars */

/* When to try again: soon, for most have a file open for a moment; then seldom. */
#define MASK_AGAIN_MS 20 /* more each time */
#define MASK_AGAIN_MAX 500
#define MASK_SAID_AT 100 /* after a minute or two */

static void mask_source(struct passwords *pw);

static void forget_hashed(struct passwords *pw)
{
	while (pw->hashed) {
		struct mask_word *h = pw->hashed;

		pw->hashed = h->next;
		explicit_bzero(h, sizeof(*h));
		free(h);
	}
	loop_timer_stop(pw->loop, &pw->mask_again);
	pw->busy = 0;
}

static void mask_now(void *arg)
{
	mask_source(arg);
}

/* Said once for each directory, not for every batch of its passwords. */
static void say_in_clear(struct passwords *pw, const char *why)
{
	if (!pw->said_in_clear)
		log_warn("directory", "passwords are left in clear in the source: %s", why);
	pw->said_in_clear = true;
}

static void mask_source(struct passwords *pw)
{
	struct error err;
	enum mask_result result = mask_words(pw->source, pw->hashed, &err);

	if (result == MASK_BUSY) {
		pw->busy += pw->busy < MASK_AGAIN_MAX;
		if (pw->busy == MASK_SAID_AT)
			say_in_clear(pw, "another program keeps it open");
		loop_timer_start(pw->loop, &pw->mask_again, MASK_AGAIN_MS * pw->busy, mask_now,
				 pw);
		return;
	}
	if (result == MASK_FAILED)
		say_in_clear(pw, err.text);
	forget_hashed(pw);
}

static void save(struct passwords *pw)
{
	pw->unsaved = 0;
	/* What could not be read would be lost. */
	if (!pw->sound)
		say_in_clear(pw, DATADIR_PASSWORDS " has errors and is not written again");
	if (pw->sound && save_store(pw))
		mask_source(pw);
	else
		forget_hashed(pw);
}

/* ---- the threads */

static void make_hash(struct job *j)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *got = NULL;

	if (!data)
		BUG("no memory for a password");
	if (crypt_gensalt_rn(HASH_PREFIX, HASH_COST, NULL, 0, setting, sizeof(setting)))
		got = crypt_r(j->password, setting, data);
	if (got && got[0] == '$' && strlen(got) < sizeof(j->hash))
		strcpy(j->hash, got);
	explicit_bzero(data, sizeof(*data));
	free(data);
}

static void job_free(struct job *j)
{
	directory_put(j->directory);
	explicit_bzero(j, sizeof(*j));
	free(j);
}

static void note_hashed(struct passwords *pw, const struct directory_secret *s)
{
	struct mask_word *h = calloc(1, sizeof(*h));

	if (!h)
		BUG("no memory for a password");
	h->line = s->line;
	h->column = s->column;
	memcpy(h->plain, s->plain, sizeof(h->plain));
	h->next = pw->hashed;
	pw->hashed = h;
}

/* On the loop: the hash takes the password's place. */
static void take_hash(struct job *j)
{
	struct passwords *pw = j->pw;

	pw->hashing--;
	if (!j->hash[0]) {
		log_error("directory", "line %u: the password cannot be hashed", j->secret->line);
	} else if (j->directory == pw->directory) { /* otherwise it was read anew meanwhile */
		note_hashed(pw, j->secret);
		memcpy(j->secret->hash, j->hash, sizeof(j->hash));
		explicit_bzero(j->secret->plain, sizeof(j->secret->plain));
		pw->unsaved++;
	}
	if (pw->unsaved && (pw->unsaved >= SAVE_EVERY || !pw->hashing))
		save(pw);
}

static void job_done(void *arg)
{
	struct job *j = arg;

	if (j->directory)
		take_hash(j);
	else
		j->done(j->arg, j->matches);
	job_free(j);
}

static struct job *next_job(struct worker *w)
{
	struct passwords *pw = w->pw;
	struct job *j;

	pthread_mutex_lock(&pw->lock);
	while (!w->jobs && !pw->quit)
		pthread_cond_wait(&w->work, &pw->lock);
	j = pw->quit ? NULL : w->jobs;
	if (j)
		w->jobs = j->next;
	pthread_mutex_unlock(&pw->lock);
	return j;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct job *j;

	if (w->nice)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), w->nice);
	while ((j = next_job(w))) {
		if (j->directory)
			make_hash(j);
		else
			j->matches = hash_matches(j->hash, j->password);
		loop_post(w->pw->loop, job_done, j);
	}
	return NULL;
}

static void submit(struct worker *w, struct job *j)
{
	struct job **at = &w->jobs;

	pthread_mutex_lock(&w->pw->lock);
	while (*at)
		at = &(*at)->next;
	*at = j;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->pw->lock);
	if (!w->started && pthread_create(&w->thread, NULL, work, w) != 0)
		BUG("no thread for passwords");
	w->started = true;
}

static void worker_init(struct worker *w, struct passwords *pw, int nice)
{
	w->pw = pw;
	w->nice = nice;
	pthread_cond_init(&w->work, NULL);
}

/* pw->quit is set. */
static void worker_end(struct worker *w)
{
	pthread_mutex_lock(&w->pw->lock);
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->pw->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
}

/* It has ended: what it did not do. */
static void worker_release(struct worker *w)
{
	while (w->jobs) {
		struct job *j = w->jobs;

		w->jobs = j->next;
		if (!j->directory)
			j->done(j->arg, false); /* it gives back what it holds */
		job_free(j);
	}
	pthread_cond_destroy(&w->work);
}

static struct job *job_new(struct passwords *pw, const char *password)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		BUG("no memory for a password");
	j->pw = pw;
	snprintf(j->password, sizeof(j->password), "%s", password);
	return j;
}

/* ---- is it right? */

/* Somebody who waits for an answer. */
struct trial {
	struct trial *next;
	struct passwords *pw;
	char whose[PASSWORD_WHOSE];
	struct loop_timer timer;
	bool right;
	void (*done)(void *arg, bool right, unsigned wrong);
	void *arg;
};

static void answer(void *arg)
{
	struct trial *t = arg, **at = &t->pw->trials;
	unsigned wrong = wrong_before(t->pw, t->whose);

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	loop_timer_stop(t->pw->loop, &t->timer);
	if (t->right)
		forget_failed(t->pw, find_failed(t->pw, t->whose));
	t->done(t->arg, t->right, wrong);
	free(t);
}

static void found_out(void *arg, bool matches)
{
	struct trial *t = arg;

	t->right = matches;
	if (matches)
		answer(t);
	else
		loop_timer_start(t->pw->loop, &t->timer, count_wrong(t->pw, t->whose), answer, t);
}

static void plain_right(void *arg)
{
	found_out(arg, true);
}

static void plain_wrong(void *arg)
{
	found_out(arg, false);
}

void password_try(struct passwords *pw, const struct directory_secret *s, const char *whose,
		  const char *password, void (*done)(void *arg, bool right, unsigned wrong),
		  void *arg)
{
	struct trial *t = calloc(1, sizeof(*t));
	struct job *j;

	if (!t)
		BUG("no memory for a password");
	*t = (struct trial){ .next = pw->trials, .pw = pw, .done = done, .arg = arg };
	snprintf(t->whose, sizeof(t->whose), "%s", whose);
	pw->trials = t;
	if (s->hash[0] && strlen(password) <= 8) {
		j = job_new(pw, password);
		memcpy(j->hash, s->hash, sizeof(j->hash));
		j->done = found_out;
		j->arg = t;
		submit(&pw->checks, j);
	} else if (!s->hash[0] && s->plain[0] && plain_matches(s->plain, password)) {
		loop_post(pw->loop, plain_right, t);
	} else {
		loop_post(pw->loop, plain_wrong, t);
	}
}

/* ---- a directory was read */

static void hash_one(void *arg, const struct directory_user *u,
		     const struct directory_entry *e, unsigned kind,
		     struct directory_secret *s)
{
	struct passwords *pw = arg;
	struct job *j;

	(void)kind;
	s->is_userid = s->is_userid || (!e && strcmp(s->plain, u->userid) == 0);
	if (!wants_hash(s, e))
		return;
	j = job_new(pw, s->plain);
	j->directory = directory_get(pw->directory);
	j->secret = s;
	pw->hashing++;
	submit(&pw->hashes, j);
}

void passwords_take(struct passwords *pw, struct directory *dir,
		    void (*report)(void *arg, const char *sentence), void *arg)
{
	forget_hashed(pw);
	pw->said_in_clear = false;
	directory_put(pw->directory);
	pw->directory = directory_get(dir);
	pw->sound = passwords_fill(pw->dir, dir, report, arg);
	directory_secrets(dir, hash_one, pw);
}

struct passwords *passwords_new(const char *dir, const char *source, struct loop *loop)
{
	struct passwords *pw = calloc(1, sizeof(*pw));

	if (!pw)
		BUG("no memory for passwords");
	pw->dir = dir;
	pw->source = source;
	pw->loop = loop;
	pthread_mutex_init(&pw->lock, NULL);
	worker_init(&pw->checks, pw, 0);
	worker_init(&pw->hashes, pw, HASHING_NICE);
	return pw;
}

void passwords_free(struct passwords *pw)
{
	if (!pw)
		return;
	pthread_mutex_lock(&pw->lock);
	pw->quit = true;
	pthread_mutex_unlock(&pw->lock);
	worker_end(&pw->checks);
	worker_end(&pw->hashes);
	loop_drain(pw->loop); /* answers that were on their way */
	worker_release(&pw->checks);
	worker_release(&pw->hashes);
	while (pw->trials)
		answer(pw->trials);
	if (pw->unsaved)
		save(pw);
	else if (pw->hashed)
		mask_source(pw);
	if (pw->hashed)
		say_in_clear(pw, "another program has it open; the next start tries again");
	forget_hashed(pw);
	while (pw->failed)
		forget_failed(pw, &pw->failed);
	directory_put(pw->directory);
	pthread_mutex_destroy(&pw->lock);
	free(pw);
}
