/*
 * cp/password.h - is that the password of a directory entry?
 */
#ifndef CP_PASSWORD_H
#define CP_PASSWORD_H

#include <stdbool.h>

struct directory_user;

/* Takes the same time whether and wherever the two differ. */
bool password_matches(const struct directory_user *user, const char *password);

#endif
