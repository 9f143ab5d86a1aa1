#include "cp/hardcopy.h"

#include <string.h>

#include "base/ebcdic.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

#define PAGE_LINES    60
#define COLUMNS	      132
#define WRITE_SPACE_1 0x09
#define SKIP_TO_1     0x8B

static struct unitrecord *printer_of(const struct vmblok *vm)
{
	for (const struct virtual_device *v = vm->devices; v; v = v->next)
		if (v->kind == DEVICE_PRINTER && v->ur)
			return v->ur;
	return NULL;
}

enum hardcopy_result hardcopy_line(struct vmblok *vm, unsigned *page, const char *text)
{
	struct unitrecord *ur = printer_of(vm);
	size_t n = strnlen(text, COLUMNS);
	uint8_t line[COLUMNS];

	if (!ur)
		return HARDCOPY_NO_PRINTER;
	while (n && text[n - 1] == ' ')
		n--;
	if (n == 0) /* a blank line is one blank */
		line[n++] = EBCDIC_SPACE;
	else
		ebcdic_from_latin1(&codepage_bracket, line, text, n);
	if (*page == 0 && !ur->sink.put(&ur->sink, SKIP_TO_1, NULL, 0))
		return HARDCOPY_FULL;
	if (!ur->sink.put(&ur->sink, WRITE_SPACE_1, line, n))
		return HARDCOPY_FULL;
	*page = (*page + 1) % PAGE_LINES;
	return HARDCOPY_OK;
}
