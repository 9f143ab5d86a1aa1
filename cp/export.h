/*
 * cp/export.h - the subcommands of vm370 that read a data directory's databases
 * without disturbing a vm370 that runs on it: spool and accounting.
 *
 * Each takes the words behind its name and returns the exit status; 2: wrong
 * usage, nothing was said.
 */
#ifndef CP_EXPORT_H
#define CP_EXPORT_H

/* DIR list | DIR get ID [ebcdic] */
int export_spool(int argc, char **argv);
/* DIR: the accounting records as CSV */
int export_accounting(int argc, char **argv);

#endif
