#include "dasd/reserve.h"

#include <pthread.h>

#include "dasd/layer.h"

static bool overlap(const struct volume_user *a, const struct volume_user *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

/* Another user that holds some of this one's part, or NULL. */
static struct volume_user *holder_locked(const struct reservations *r,
					 const struct volume_user *user)
{
	struct volume_user *other = r->users;

	while (other && (other == user || !other->holds || !overlap(other, user)))
		other = other->next;
	return other;
}

static void give_back_locked(struct reservations *r, struct volume_user *user)
{
	if (!user->holds)
		return;
	user->holds = false;
	atomic_fetch_sub(&r->held, 1);
	for (struct volume_user *other = r->users; other; other = other->next) {
		if (!other->waits || !overlap(other, user) || holder_locked(r, other))
			continue;
		other->waits = false;
		other->released(other);
	}
}

void volume_user_add(struct volume *vol, struct volume_user *user)
{
	struct reservations *r = volume_reservations_lock(vol);

	user->holds = user->waits = false;
	user->next = r->users;
	r->users = user;
	volume_reservations_unlock(vol);
}

void volume_user_remove(struct volume *vol, struct volume_user *user)
{
	struct reservations *r = volume_reservations_lock(vol);
	struct volume_user **link = &r->users;

	user->waits = false;
	give_back_locked(r, user);
	while (*link && *link != user)
		link = &(*link)->next;
	if (*link)
		*link = user->next;
	volume_reservations_unlock(vol);
}

bool volume_user_admitted(struct volume *vol, struct volume_user *user)
{
	struct reservations *r;
	bool refused;

	if (!volume_any_reserved(vol))
		return true;
	r = volume_reservations_lock(vol);
	refused = holder_locked(r, user) != NULL;
	user->waits = user->waits || refused;
	volume_reservations_unlock(vol);
	return !refused;
}

bool volume_reserve(struct volume *vol, struct volume_user *user, bool take)
{
	struct reservations *r = volume_reservations_lock(vol);
	struct volume_user *other;

	while (take && (other = holder_locked(r, user)) != NULL) {
		other->holds = false;
		atomic_fetch_sub(&r->held, 1);
	}
	other = holder_locked(r, user);
	user->waits = user->waits || other;
	if (!other && !user->holds) {
		user->holds = true;
		atomic_fetch_add(&r->held, 1);
	}
	volume_reservations_unlock(vol);
	return !other;
}

void volume_release(struct volume *vol, struct volume_user *user)
{
	give_back_locked(volume_reservations_lock(vol), user);
	volume_reservations_unlock(vol);
}
