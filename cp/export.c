#include "cp/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cp/accounting.h"
#include "cp/datadir.h"
#include "cp/spool.h"
#include "devices/printfile.h"

static int trouble(const struct error *err)
{
	fprintf(stderr, "vm370: %s\n", err->text);
	return 1;
}

static struct spool *open_spool(const char *dir, struct error *err)
{
	char path[512];

	if (!datadir_path(path, sizeof(path), dir, DATADIR_SPOOL, err))
		return NULL;
	return spool_open_read_only(path, err);
}

static void list_file(void *arg, const struct spool_file *f, bool in_use)
{
	static const char *const hold[] = { "NONE", "USER", "SYS", "USYS" };
	time_t t = (time_t)f->created;
	char when[32];
	struct tm tm;

	(void)arg;
	(void)in_use;
	localtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%04u %-3s %-8s %-8s %c %-3s %7u %2u %-4s %s %s %s\n", f->id,
	       spool_queue_name[f->queue], f->owner, f->origin, f->class, f->type, f->records,
	       f->copies, hold[f->hold & 3], when, f->name, f->ftype);
}

static bool get_file(struct spool *sp, unsigned id, const char *form, struct error *err)
{
	struct spool_reader *r = spool_read_open(sp, id, err);
	char out[] = "/dev/fd/1", word[8];
	char *words[] = { out, word };
	const struct spool_file *f;
	uint8_t record[SPOOL_RECORD_MAX], op;
	struct card_sink *sink;
	size_t length;
	bool ok = true;

	if (!r)
		return false;
	f = spool_reader_file(r);
	snprintf(word, sizeof(word), "%s", form);
	sink = printfile_sink_new(strcmp(f->type, "PRT") == 0 || strcmp(f->type, "CON") == 0
					  ? PRINTFILE_PRINTER : PRINTFILE_PUNCH,
				  2, words, err);
	if (!sink) {
		spool_read_close(r, false);
		return false;
	}
	while (ok && spool_read(r, record, &length, &op))
		ok = sink->put(sink, op, record, length);
	sink->release(sink);
	spool_read_close(r, false);
	if (!ok)
		error_set(err, 0, "the output cannot be written");
	return ok;
}

int export_spool(int argc, char **argv)
{
	struct error err = { 0, "" };
	struct spool *sp;
	bool list = argc == 2 && strcmp(argv[1], "list") == 0;
	bool ebcdic = argc == 4 && strcmp(argv[3], "ebcdic") == 0;
	bool ok = true;

	if (!list && !((argc == 3 || ebcdic) && strcmp(argv[1], "get") == 0))
		return 2;
	sp = open_spool(argv[0], &err);
	if (!sp)
		return trouble(&err);
	if (list)
		for (unsigned q = 0; q < SPOOL_QUEUES; q++)
			spool_list(sp, q, NULL, list_file, NULL);
	else
		ok = get_file(sp, (unsigned)strtoul(argv[2], NULL, 10),
			      ebcdic ? "ebcdic" : "ascii", &err);
	spool_close(sp);
	return ok ? 0 : trouble(&err);
}

int export_accounting(int argc, char **argv)
{
	struct error err = { 0, "" };

	if (argc != 1)
		return 2;
	return accounting_export(argv[0], stdout, &err) ? 0 : trouble(&err);
}
