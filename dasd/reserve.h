/*
 * dasd/reserve.h - parts of a volume that one user of it keeps from the others.
 *
 * RESERVE and RELEASE of disks that several machines of one process share. A user
 * is a part of the volume and a claim to it; two users whose parts overlap share a
 * disk.
 *
 * Threads: any, for a user one at a time. The lock is held while released() is
 * called, which must not call back and not wait.
 */
#ifndef DASD_RESERVE_H
#define DASD_RESERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct volume;

struct volume_user {
	uint32_t first, count; /* its part, in cylinders or blocks */
	/* What it was refused has been given back. Called on the other's thread. */
	void (*released)(struct volume_user *user);
	void *arg;

	/* reserve.c */
	struct volume_user *next;
	bool holds, waits;
};

/* Of a volume; belongs to it. */
struct reservations {
	atomic_uint held; /* users that hold their part */
	struct volume_user *users;
};

/* first, count, released and arg are filled in. */
void volume_user_add(struct volume *vol, struct volume_user *user);
/* Gives back what it holds. */
void volume_user_remove(struct volume *vol, struct volume_user *user);

/*
 * May the user touch its part, and nobody else holds any of it? If not it is told
 * by released(). Costs next to nothing while nothing is reserved.
 */
bool volume_user_admitted(struct volume *vol, struct volume_user *user);

/*
 * Reserve the user's part; take: even if others hold some of it, who lose it. false:
 * somebody does, and released() will be called.
 */
bool volume_reserve(struct volume *vol, struct volume_user *user, bool take);
void volume_release(struct volume *vol, struct volume_user *user);

#endif
