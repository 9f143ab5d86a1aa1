#include "cp/commands/hexloc.h"

#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/message.h"
#include "cp/vmblok.h"

static int exceeds(struct vmblok *vm, const char *module, uint64_t address)
{
	char text[16];

	snprintf(text, sizeof(text), "%06X", (unsigned)(address & 0xFFFFFF));
	return cp_error(vm, module, 160, text);
}

/* The part behind the first address. Sets loc->last. */
static int range(struct vmblok *vm, const char *module, const char *word, const char *rest,
		 struct hexloc *loc)
{
	uint64_t v;

	loc->last = loc->first + 3;
	if (rest[0] == '.') {
		if (!args_hex(rest + 1, 6, &v) || v == 0)
			return cp_error(vm, module, 9, word);
		loc->last = loc->first + (uint32_t)v - 1;
	} else if (rest[0] && (!rest[1] || strcmp(rest + 1, "END") == 0)) {
		loc->last = vm->storage - 1;
	} else if (rest[0]) {
		if (!args_hex(rest + 1, 6, &v))
			return cp_error(vm, module, 4, word);
		if (v < loc->first)
			return cp_error(vm, module, 9, word);
		loc->last = (uint32_t)v | 3;
	}
	return 0;
}

int hexloc_parse(struct vmblok *vm, const char *module, const char *word, struct hexloc *loc)
{
	char first[16];
	const char *at = word;
	size_t n;
	uint64_t v = 0;
	int rc;

	*loc = (struct hexloc){ .text = *at == 'T', .keys = *at == 'K' };
	if (*at == 'L' || *at == 'T' || *at == 'K')
		at++;
	n = strcspn(at, "-:.");
	snprintf(first, sizeof(first), "%.*s", (int)n, at);
	if (n > 6 || (n && !args_hex(first, 6, &v)))
		return cp_error(vm, module, 4, word);
	/* A letter alone is all of storage, as if 0-END. */
	if (n == 0 && !at[0])
		at = "-";
	else
		at += n;
	if (v >= vm->storage)
		return exceeds(vm, module, v);
	loc->first = (uint32_t)v & (loc->text ? ~15u : ~3u);
	rc = range(vm, module, word, at, loc);
	if (rc)
		return rc;
	if (loc->last >= vm->storage)
		return exceeds(vm, module, loc->last);
	if (loc->text)
		loc->last |= 15;
	return 0;
}
