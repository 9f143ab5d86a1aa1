#include "cp/separator.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/ebcdic.h"

#define ROWS	     7
#define CELL	     10 /* columns from letter to letter */
#define WRITE_SPACE_1 0x09
#define SKIP_1	     0x8B
#define PUNCH	     0x41

/* Letters of 7 rows of 5 dots, the leftmost in bit 0x10: A-Z, then 0-9. */
static const char font[36][ROWS + 1] = {
	"\x0E\x11\x11\x1F\x11\x11\x11", "\x1E\x11\x11\x1E\x11\x11\x1E",
	"\x0E\x11\x10\x10\x10\x11\x0E", "\x1E\x11\x11\x11\x11\x11\x1E",
	"\x1F\x10\x10\x1E\x10\x10\x1F", "\x1F\x10\x10\x1E\x10\x10\x10",
	"\x0E\x11\x10\x17\x11\x11\x0F", "\x11\x11\x11\x1F\x11\x11\x11",
	"\x0E\x04\x04\x04\x04\x04\x0E", "\x07\x02\x02\x02\x02\x12\x0C",
	"\x11\x12\x14\x18\x14\x12\x11", "\x10\x10\x10\x10\x10\x10\x1F",
	"\x11\x1B\x15\x15\x11\x11\x11", "\x11\x19\x15\x13\x11\x11\x11",
	"\x0E\x11\x11\x11\x11\x11\x0E", "\x1E\x11\x11\x1E\x10\x10\x10",
	"\x0E\x11\x11\x11\x15\x12\x0D", "\x1E\x11\x11\x1E\x14\x12\x11",
	"\x0F\x10\x10\x0E\x01\x01\x1E", "\x1F\x04\x04\x04\x04\x04\x04",
	"\x11\x11\x11\x11\x11\x11\x0E", "\x11\x11\x11\x11\x11\x0A\x04",
	"\x11\x11\x11\x15\x15\x1B\x11", "\x11\x11\x0A\x04\x0A\x11\x11",
	"\x11\x11\x0A\x04\x04\x04\x04", "\x1F\x01\x02\x04\x08\x10\x1F",
	"\x0E\x11\x13\x15\x19\x11\x0E", "\x04\x0C\x04\x04\x04\x04\x0E",
	"\x0E\x11\x01\x06\x08\x10\x1F", "\x1F\x01\x02\x06\x01\x11\x0E",
	"\x02\x06\x0A\x12\x1F\x02\x02", "\x1F\x10\x1E\x01\x01\x11\x0E",
	"\x06\x08\x10\x1E\x11\x11\x0E", "\x1F\x01\x02\x04\x08\x08\x08",
	"\x0E\x11\x11\x0E\x11\x11\x0E", "\x0E\x11\x11\x0F\x01\x02\x0C",
};

static void put(struct card_sink *sink, uint8_t op, const char *text, size_t width)
{
	uint8_t record[CARD_RECORD_MAX];
	size_t n = strnlen(text, sizeof(record));

	memset(record, EBCDIC_SPACE, sizeof(record));
	ebcdic_from_latin1(&codepage_037, record, text, n);
	(void)sink->put(sink, op, record, width > n ? width : n);
}

static unsigned dots(char c, unsigned row)
{
	if (isupper((unsigned char)c))
		return (unsigned)font[c - 'A'][row];
	if (isdigit((unsigned char)c))
		return (unsigned)font[26 + c - '0'][row];
	return 0;
}

/* Each dot is two characters wide and a line high; a letter is made of itself. */
static void large(struct card_sink *sink, const char *word)
{
	for (unsigned row = 0; row < ROWS; row++) {
		char line[8 * (CELL + 4) + 1];
		size_t n = 0;

		for (const char *c = word; *c && n + CELL + 4 < sizeof(line); c++) {
			for (unsigned bit = 0x10; bit; bit >>= 1) {
				line[n++] = dots(*c, row) & bit ? *c : ' ';
				line[n++] = dots(*c, row) & bit ? *c : ' ';
			}
			line[n++] = ' ';
			line[n++] = ' ';
		}
		line[n] = '\0';
		put(sink, WRITE_SPACE_1, line, 0);
	}
	put(sink, WRITE_SPACE_1, " ", 0);
}

static void facts(char line[160], const struct spool_file *f)
{
	time_t t = (time_t)f->created;
	char when[32];
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(when, sizeof(when), "%m/%d/%y %H:%M:%S", &tm);
	snprintf(line, 160, "USERID %-8s ORIGIN %-8s DIST %-8s FILE %04u CLASS %c %s  "
		 "RECORDS %06u  NAME %s %s", f->owner, f->origin, f->dist, f->id, f->class,
		 when, f->records, f->name, f->ftype);
}

static void page(struct card_sink *sink, const struct spool_file *f)
{
	char line[160];

	facts(line, f);
	put(sink, WRITE_SPACE_1, line, 0);
	for (unsigned i = 0; i < 3; i++)
		put(sink, WRITE_SPACE_1, " ", 0);
	large(sink, f->owner);
	large(sink, f->dist);
	put(sink, WRITE_SPACE_1, line, 0);
	(void)sink->put(sink, SKIP_1, (const uint8_t *)"", 0);
}

void separator_write(struct card_sink *sink, enum spool_queue queue,
		     const struct spool_file *file)
{
	char line[160];

	if (queue == SPOOL_PRT) {
		page(sink, file);
		page(sink, file);
		return;
	}
	facts(line, file);
	for (unsigned i = 0; i < 4; i++) {
		line[80] = '\0';
		put(sink, PUNCH, line, 80);
	}
}
