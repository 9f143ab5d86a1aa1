/*
 * cp/check.h - vm370 check: is a data directory sound?
 *
 * Directory source and passwords, minidisks on their volumes, disk images track by
 * track, saved systems, the spool's and the accounting's data base. Nothing is
 * changed, and nothing is looked at while a vm370 runs on it.
 */
#ifndef CP_CHECK_H
#define CP_CHECK_H

/* Writes what it finds to standard output. Exit status: 0 sound, 1 not. */
int check_data_directory(const char *dir);

#endif
