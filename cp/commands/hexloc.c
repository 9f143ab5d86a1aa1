#include "cp/commands/hexloc.h"

#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/message.h"
#include "cp/vmblok.h"

/* What one kind of operand allows. */
struct kind {
	struct vmblok *vm;
	const char *module;
	uint32_t max;      /* highest address or register */
	size_t digits;     /* of a number */
	unsigned step;     /* registers: 1 or 2; storage: 1 */
	bool storage;
};

static int bad_number(const struct kind *k, const char *text, bool count)
{
	return cp_error(k->vm, k->module, k->storage && !count ? 4 : 3, text);
}

/* Registers are tried as decimal numbers first. */
static bool convert(const struct kind *k, const char *text, uint32_t *n)
{
	uint64_t hex;

	if (!k->storage && args_decimal(text, UINT32_MAX, n))
		return true;
	if (!args_hex(text, (unsigned)k->digits, &hex))
		return false;
	*n = (uint32_t)hex;
	return true;
}

static int number(const struct kind *k, const char *text, bool count, uint32_t *n)
{
	if (strlen(text) > k->digits)
		return cp_error(k->vm, k->module, 3, text);
	if (!convert(k, text, n) || (count && *n == 0))
		return bad_number(k, text, count);
	return 0;
}

static int bad_range(const struct kind *k, const struct hexloc *loc)
{
	char text[24];

	if (k->storage)
		snprintf(text, sizeof(text), "%06X-%06X", loc->first, loc->last);
	else
		snprintf(text, sizeof(text), "%02u-%02u", loc->first, loc->last % 100);
	return cp_error(k->vm, k->module, 9, text);
}

static int parse(const struct kind *k, const char *text, struct hexloc *loc)
{
	size_t n = strcspn(text, "-:.");
	const char *end = text[n] ? text + n + 1 : "";
	bool range = text[n] || !n, count = text[n] == '.';
	char first[CP_LINE_MAX + 1];
	uint32_t value = 0;
	int rc;

	*loc = (struct hexloc){ .first = 0, .last = k->max };
	snprintf(first, sizeof(first), "%.*s", (int)n, text);
	if (*end && strcmp(end, "END") != 0) {
		rc = number(k, end, count, &value);
		if (rc)
			return rc;
		if (!k->storage && !count && value % k->step)
			return cp_error(k->vm, k->module, 10, end);
		loc->last = value;
	} else {
		count = false;
	}
	if (n) {
		rc = number(k, first, false, &loc->first);
		if (rc)
			return rc;
		if (loc->first > k->max)
			return cp_error(k->vm, k->module, k->storage ? 160 : 10, first);
		if (loc->first % k->step)
			return cp_error(k->vm, k->module, 3, first);
	}
	if (count)
		loc->last = loc->first + value * k->step - 1;
	else if (!range)
		loc->last = loc->first;
	if (loc->first > loc->last || loc->last > k->max + (count ? k->step - 1 : 0))
		return bad_range(k, loc);
	return 0;
}

int hexloc_storage(struct vmblok *vm, const char *module, const char *text,
		   struct hexloc *loc)
{
	const struct kind k = { .vm = vm, .module = module, .max = vm->storage - 1,
				.digits = 6, .step = 1, .storage = true };

	return parse(&k, text, loc);
}

int hexloc_registers(struct vmblok *vm, const char *module, const char *text, unsigned step,
		     struct hexloc *loc)
{
	const struct kind k = { .vm = vm, .module = module, .max = step == 2 ? 6 : 15,
				.digits = step == 2 ? 1 : 2, .step = step };

	return parse(&k, text, loc);
}
