/*
 * cp/commands/document.h - docs/commands.md, made from the command table.
 */
#ifndef CP_DOCUMENT_H
#define CP_DOCUMENT_H

#include <stdio.h>

/* Write the page: a row for each command, then what of VM/370 is not there. */
void document_commands(FILE *out);

#endif
