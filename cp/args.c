#include "cp/args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void args_init(struct args *args, const char *text)
{
	snprintf(args->text, sizeof(args->text), "%s", text);
	args->at = 0;
	args->words_used = 0;
}

static size_t skip_blanks(const struct args *args)
{
	return args->at + strspn(args->text + args->at, " \t");
}

const char *args_word(struct args *args)
{
	size_t start = skip_blanks(args);
	size_t n = strcspn(args->text + start, " \t");
	char *copy = args->words + args->words_used;

	args->at = start + n;
	if (n == 0)
		return NULL;
	if (args->words_used + n + 1 > sizeof(args->words))
		BUG("more words than a line can hold");
	for (size_t i = 0; i < n; i++)
		copy[i] = (char)toupper((unsigned char)args->text[start + i]);
	copy[n] = '\0';
	args->words_used += n + 1;
	return copy;
}

const char *args_peek(struct args *args)
{
	size_t at = args->at, used = args->words_used;
	const char *word = args_word(args);

	args->at = at;
	args->words_used = used;
	return word;
}

const char *args_rest(struct args *args)
{
	args->at = skip_blanks(args);
	return args->text + args->at;
}

bool abbreviates(const char *word, const char *name, size_t min)
{
	size_t n = strlen(word);

	return n >= min && n <= strlen(name) && strncmp(word, name, n) == 0;
}

bool args_hex(const char *word, unsigned digits, uint64_t *value)
{
	size_t n = word ? strlen(word) : 0;

	if (n == 0 || n > digits || strspn(word, "0123456789ABCDEFabcdef") != n)
		return false;
	*value = strtoull(word, NULL, 16);
	return true;
}

bool args_vaddr(const char *word, uint16_t *vaddr)
{
	uint64_t v;

	if (!args_hex(word, 3, &v))
		return false;
	*vaddr = (uint16_t)v;
	return true;
}

bool args_decimal(const char *word, uint32_t max, uint32_t *value)
{
	size_t n = word ? strlen(word) : 0;
	unsigned long v;

	if (n == 0 || n > 9 || strspn(word, "0123456789") != n)
		return false;
	v = strtoul(word, NULL, 10);
	if (v > max)
		return false;
	*value = (uint32_t)v;
	return true;
}
