#include "s370/cardsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "devices/deckfile.h"
#include "devices/machine.h"
#include "s370/sockdev.h"

#define DECK_MAX     (64u << 20) /* bytes */
#define IDLE_SECONDS 60		 /* a sender that sends nothing is dropped */
#define WORDS_MAX    8

struct cardsocket {
	struct machine *machine;
	uint16_t address;
	int listener;
	int wake[2]; /* closed at the writing end: the thread shall end */
	pthread_t thread;
	char *words[WORDS_MAX]; /* of a deck; words[0] is its file */
	int word_count;
	char subject[16];

	pthread_mutex_t lock; /* below */
	pthread_cond_t changed;
	bool loaded; /* the reader has a deck of ours that is not read yet */
	bool ending;
};

/* A deck in the reader: cards of a file, and who wants to know that they are read. */
struct deck {
	struct card_source source;
	struct card_source *file;
	struct cardsocket *socket;
};

/* ---- on the machine's thread */

static void set_loaded(struct cardsocket *s, bool loaded)
{
	pthread_mutex_lock(&s->lock);
	s->loaded = loaded;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static enum card_result deck_next(struct card_source *source, uint8_t *record,
				  size_t *length, uint8_t *op)
{
	struct deck *d = (struct deck *)source;
	enum card_result result = d->file->next(d->file, record, length, op);

	if (result != CARD_OK)
		set_loaded(d->socket, false);
	return result;
}

static void deck_release(struct card_source *source)
{
	struct deck *d = (struct deck *)source;

	d->file->release(d->file);
	set_loaded(d->socket, false);
	free(d);
}

/* ---- the socket's thread */

/* Wait for fd, at most ms (-1: for ever). false: time is up, or the socket is to end. */
static bool await(struct cardsocket *s, int fd, int ms)
{
	struct pollfd p[] = {
		{.fd = s->wake[0], .events = POLLIN},
		{ .fd = fd,	    .events = POLLIN}
	};

	while (poll(p, 2, ms) < 0)
		if (errno != EINTR)
			return false;
	return !p[0].revents && p[1].revents;
}

/* Everything that comes over a connection into a file in memory; false: no deck. */
static bool receive(struct cardsocket *s, int fd, int file)
{
	uint8_t buffer[16384];
	size_t size = 0;
	ssize_t n;

	while (await(s, fd, IDLE_SECONDS * 1000)) {
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n == 0)
			return size > 0;
		if (n < 0)
			break;
		size += (size_t)n;
		if (size > DECK_MAX || write(file, buffer, (size_t)n) != n)
			break;
	}
	log_warn(s->subject, "a deck did not come whole and is dropped");
	return false;
}

static void mount(struct cardsocket *s, int file)
{
	struct deck *d = calloc(1, sizeof(*d));
	struct machine_request req = { .kind = MACHINE_MOUNT, .address = s->address };
	struct error err = { 0 };
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	s->words[0] = path;
	if (d)
		d->file = deckfile_source_new(s->word_count, s->words, &err);
	if (!d || !d->file) {
		log_warn(s->subject, "%s", err.text);
		free(d);
		return;
	}
	d->source.next = deck_next;
	d->source.release = deck_release;
	d->socket = s;
	req.cards = &d->source;
	set_loaded(s, true);
	if (!machine_call(s->machine, &req)) {
		log_warn(s->subject, "%s", req.error.text);
		deck_release(&d->source);
	}
}

/* Wait until the last deck is read. false: end. */
static bool await_empty(struct cardsocket *s)
{
	bool ending;

	pthread_mutex_lock(&s->lock);
	while (s->loaded && !s->ending)
		pthread_cond_wait(&s->changed, &s->lock);
	ending = s->ending;
	pthread_mutex_unlock(&s->lock);
	return !ending;
}

static void take_deck(struct cardsocket *s, int fd)
{
	int file = memfd_create("deck", MFD_CLOEXEC);

	if (file < 0)
		log_error(s->subject, "no memory for a deck");
	else if (receive(s, fd, file) && await_empty(s))
		mount(s, file);
	if (file >= 0)
		close(file);
	close(fd);
}

static void *socket_main(void *arg)
{
	struct cardsocket *s = arg;

	while (await(s, s->listener, -1)) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			take_deck(s, fd);
		if (!await_empty(s))
			break;
	}
	return NULL;
}

/* ---- for the owner */

bool cardsocket_wanted(int count, char *const *words)
{
	for (int i = 0; i < count; i++)
		if (strcasecmp(words[i], "sockdev") == 0)
			return true;
	return false;
}

uint16_t cardsocket_address(const struct cardsocket *s)
{
	return s->address;
}

/* Sort the words: where to listen, and those of each deck, which are kept. */
static const char *take_words(struct cardsocket *s, int count, char *const *words)
{
	static char text[] = "ascii";
	const char *where = NULL;
	bool format = false;

	s->word_count = 1;
	for (int i = 0; i < count; i++) {
		if (strcasecmp(words[i], "sockdev") == 0)
			continue;
		if (strchr(words[i], ':') || (words[i][0] >= '0' && words[i][0] <= '9')) {
			where = words[i];
			continue;
		}
		format |= strcasecmp(words[i], "ebcdic") == 0 ||
			  strcasecmp(words[i], "ascii") == 0;
		if (s->word_count < WORDS_MAX - 1)
			s->words[s->word_count++] = strdup(words[i]);
	}
	if (!format)
		s->words[s->word_count++] = strdup(text);
	return where;
}

void cardsocket_free(struct cardsocket *s)
{
	for (int i = 1; i < s->word_count; i++)
		free(s->words[i]);
	if (s->listener >= 0)
		close(s->listener);
	for (int i = 0; i < 2; i++)
		if (s->wake[i] >= 0)
			close(s->wake[i]);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct cardsocket *cardsocket_new(struct machine *machine, uint16_t address, int count,
				  char *const *words, struct error *err)
{
	struct cardsocket *s = calloc(1, sizeof(*s));
	const char *where;

	if (!s) {
		error_set(err, ENOMEM, "no memory for a socket");
		return NULL;
	}
	s->machine = machine;
	s->address = address;
	s->listener = s->wake[0] = s->wake[1] = -1;
	snprintf(s->subject, sizeof(s->subject), "%03X", address);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	where = take_words(s, count, words);
	if (!where)
		error_set(err, 0, "%03X: sockdev needs a port", address);
	else if ((s->listener = sockdev_listen(where, err)) >= 0 &&
		 pipe2(s->wake, O_CLOEXEC) == 0 &&
		 pthread_create(&s->thread, NULL, socket_main, s) == 0)
		return s;
	cardsocket_free(s);
	return NULL;
}

void cardsocket_stop(struct cardsocket *s)
{
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	close(s->wake[1]);
	s->wake[1] = -1;
	pthread_join(s->thread, NULL);
}
