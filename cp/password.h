/*
 * cp/password.h - passwords of users and minidisks, kept as yescrypt hashes.
 *
 *   DIR/passwords   USERID - HASH [userid]         a user; "userid": it is his name
 *                   USERID VADDR R|W|M HASH        a minidisk, for that kind of LINK
 *
 * Who edits user.direct writes a new password where it belongs. When the system has
 * read that (at its start, or DIRECT), a thread hashes it, the hash is kept in
 * DIR/passwords, and then the word in user.direct becomes a *, which stands for the
 * hash kept (cp/mask.h: an editor loses nothing by that). NOLOG and ALL are no
 * passwords and stay.
 *
 * A hash takes some 10 ms of CPU time, so passwords are checked on a thread of their own.
 *
 * Threads: the CP thread; two of its own that compute.
 */
#ifndef CP_PASSWORD_H
#define CP_PASSWORD_H

#include <stdbool.h>

#include "base/error.h"

struct directory;
struct directory_secret;
struct directory_user;
struct loop;
struct passwords;

/* source: path of the directory source. Both strings and the loop must live on. */
struct passwords *passwords_new(const char *dir, const char *source, struct loop *loop);
/* Work that is not done is dropped: the next start finds it again. */
void passwords_free(struct passwords *pw);

/*
 * A directory was read: give it the hashes it refers to, and begin to hash what is
 * new in it. report() hears of each * without a hash.
 */
void passwords_take(struct passwords *pw, struct directory *dir,
		    void (*report)(void *arg, const char *sentence), void *arg);
/* Only the hashes; for a check that changes nothing. False: DIR/passwords is unsound. */
bool passwords_fill(const char *dir, struct directory *directory,
		    void (*report)(void *arg, const char *sentence), void *arg);

/* Is there a password at all, and may somebody log on with it? */
bool password_usable(const struct directory_secret *s);
bool password_is(const struct directory_secret *s, const char *word); /* NOLOG, ALL */

#define PASSWORD_WHOSE 14 /* "USERID", "USERID 191", and an end */

/*
 * Is it the right one? done() is called on the loop, for a right one soon. For a wrong
 * one later, and the later the more wrong ones there were since the last right one,
 * for the same user or disk and from wherever; done() gets their number.
 */
void password_try(struct passwords *pw, const struct directory_secret *s,
		  const char *whose, const char *password,
		  void (*done)(void *arg, bool right, unsigned wrong), void *arg);

#endif
