/*
 * vm370 - the virtual machine system: its command line.
 *
 *   vm370 init DIR [--deck USER=FILE | --media FOLDER]...
 *   vm370 run DIR [--port N] [--bind ADDRESS] [--no-panel] [--record FOLDER]
 *             [--tls-port N] [--tls-certificate FILE] [--tls-key FILE]
 *   vm370 cmd DIR 'COMMAND'
 *   vm370 punch DIR USER FILE [CLASS]
 *   vm370 console DIR USER
 *   vm370 check DIR
 *   vm370 stop DIR
 *   vm370 accounting DIR
 *   vm370 spool DIR list | DIR get ID [ebcdic]
 *   vm370 import-system DIR NAME FILE FIRST-PAGE PAGES [SHARED-PAGES]
 *
 * Exit status: 0 done; 1 host trouble, said on standard error; 2 wrong usage;
 * cmd: CP's return code.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cp/cardport.h"
#include "cp/check.h"
#include "cp/commands/document.h"
#include "cp/control.h"
#include "cp/cp.h"
#include "cp/datadir.h"
#include "cp/export.h"
#include "cp/media.h"
#include "cp/oppanel.h"
#include "cp/readiness.h"
#include "cp/savesys.h"
#include "cp/shellconsole.h"
#include "cp/spool.h"
#include "devices/deckfile.h"

struct subcommand {
	const char *name, *operands, *what;
	int (*run)(int argc, char **argv);
};
static const struct subcommand subcommands[];

static void print_usage(FILE *out, const struct subcommand *s)
{
	fprintf(out, "  %-5s %-13s %-40s %s\n", *s->name ? "vm370" : "", s->name, s->operands,
		s->what);
}

static int usage(FILE *out, int status)
{
	fprintf(out, "usage:\n");
	for (const struct subcommand *s = subcommands; s->name; s++)
		print_usage(out, s);
	return status;
}

/* What a subcommand returns whose operands are not what it takes; no exit status. */
#define BAD_OPERANDS (-1)

static int usage_of(const struct subcommand *s)
{
	fprintf(stderr, "usage:\n");
	do
		print_usage(stderr, s++);
	while (s->name && !*s->name);
	return 2;
}

static int trouble(const struct error *err)
{
	fprintf(stderr, "vm370: %s\n", err->text);
	return 1;
}

/* ---- decks */

/* All cards of a deck file: EBCDIC cards, or text lines that are translated. */
static uint8_t *read_deck(char *path, size_t *count, struct error *err)
{
	char *argv[] = { path };
	struct card_source *src = deckfile_source_new(1, argv, err);
	uint8_t record[CARD_RECORD_MAX], *cards = NULL, op;
	size_t room = 0, length;

	if (!src)
		return NULL;
	for (*count = 0; src->next(src, record, &length, &op) == CARD_OK; ++*count) {
		if (*count == room) {
			room = room ? 2 * room : 64;
			cards = realloc(cards, room * CARD_COLUMNS);
			if (!cards)
				BUG("no memory for a deck");
		}
		memcpy(cards + *count * CARD_COLUMNS, record, CARD_COLUMNS);
	}
	src->release(src);
	if (!cards)
		error_set(err, 0, "%s: no cards", path);
	return cards;
}

/* A spool file's name and type from a path: "x/hello.ipl" is HELLO IPL. */
static void deck_name(const char *path, char name[9], char type[9])
{
	const char *base = strrchr(path, '/');
	const char *dot;

	base = base ? base + 1 : path;
	dot = strrchr(base, '.');
	snprintf(name, 9, "%.*s", dot && dot - base < 8 ? (int)(dot - base) : 8, base);
	snprintf(type, 9, "%s", dot ? dot + 1 : "");
	for (char *c = name; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '$';
	for (char *c = type; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '$';
}

/* ---- init */

/* USER=FILE: a deck that is in a user's reader from the beginning. */
static bool first_deck(struct spool *sp, char *operand, struct error *err)
{
	char name[9], type[9], *file = strchr(operand, '=');
	struct spool_file description;
	uint8_t *cards;
	size_t count;
	bool ok;

	if (!file || file - operand > CP_USERID_MAX) {
		error_set(err, 0, "--deck %s: USER=FILE expected", operand);
		return false;
	}
	*file++ = '\0';
	cards = read_deck(file, &count, err);
	if (!cards)
		return false;
	deck_name(file, name, type);
	ok = spool_deck(sp, operand, operand, name, type, 'A', cards, count, &description, err);
	free(cards);
	return ok;
}

static bool first_decks(const char *dir, int argc, char **argv, struct error *err)
{
	char path[512];
	struct spool *sp;
	bool ok = true;

	if (argc == 0)
		return true;
	if (!datadir_path(path, sizeof(path), dir, DATADIR_SPOOL, err))
		return false;
	sp = spool_open(path, err);
	for (int i = 0; sp && ok && i < argc; i += 2)
		if (strcmp(argv[i], "--deck") == 0)
			ok = first_deck(sp, argv[i + 1], err);
	spool_close(sp);
	return sp && ok;
}

static void say_installed(const char *line)
{
	printf("vm370: %s\n", line);
}

static bool all_media(const char *dir, int argc, char **argv, struct error *err)
{
	for (int i = 0; i < argc; i += 2)
		if (strcmp(argv[i], "--media") == 0 &&
		    !media_install(dir, argv[i + 1], say_installed, err))
			return false;
	return true;
}

static int cmd_init(int argc, char **argv)
{
	struct error err;

	if (argc < 1 || argc % 2 == 0)
		return BAD_OPERANDS;
	for (int i = 1; i < argc; i += 2)
		if (strcmp(argv[i], "--deck") != 0 && strcmp(argv[i], "--media") != 0)
			return BAD_OPERANDS;
	if (!datadir_init(argv[0], &err) || !all_media(argv[0], argc - 1, argv + 1, &err) ||
	    !first_decks(argv[0], argc - 1, argv + 1, &err))
		return trouble(&err);
	return 0;
}

/* ---- run */

static bool parse_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || v > 65535)
		return false;
	*port = (uint16_t)v;
	return true;
}

static bool port_option(const char *name, const char *text, uint16_t *port)
{
	if (parse_port(text, port))
		return true;
	fprintf(stderr, "vm370: --%s %s: 0 to 65535\n", name, text);
	return false;
}

static bool count_option(const char *name, const char *text, unsigned *count)
{
	uint16_t n;

	if (parse_port(text, &n) && n > 0) {
		*count = n;
		return true;
	}
	fprintf(stderr, "vm370: --%s %s: 1 to 65535\n", name, text);
	return false;
}

enum run_option { PORT = 1, BIND, TLS_PORT, CERTIFICATE, KEY, RECORD, NO_PANEL, CARD_PORT,
		  DRAIN, SPOOL_FILES, SPOOL_MEGABYTES, TERMINALS, PER_ADDRESS, IDLE, SUPPRESS };

/* One option of run, its value in optarg. */
static bool run_option(struct cp_options *o, int which)
{
	unsigned megabytes;

	switch (which) {
	case PORT:
		return port_option("port", optarg, &o->port);
	case TLS_PORT:
		o->tls = true;
		return port_option("tls-port", optarg, &o->tls_port);
	case BIND: o->bind = optarg; break;
	case CERTIFICATE: o->tls_certificate = optarg; break;
	case KEY: o->tls_key = optarg; break;
	case RECORD: o->record = optarg; break;
	case NO_PANEL: o->panel = false; break;
	case DRAIN: o->drain = true; break;
	case SUPPRESS: o->suppress_passwords = true; break;
	case CARD_PORT:
		o->cards = true;
		return port_option("card-port", optarg, &o->card_port);
	case SPOOL_FILES:
		return count_option("spool-files", optarg, &o->spool_limits.files);
	case SPOOL_MEGABYTES:
		if (!count_option("spool-megabytes", optarg, &megabytes))
			return false;
		o->spool_limits.file_bytes = (uint64_t)megabytes << 20;
		break;
	case TERMINALS:
		return count_option("terminals", optarg, &o->terminals);
	case PER_ADDRESS:
		return count_option("terminals-per-address", optarg,
				    &o->terminals_per_address);
	case IDLE:
		return count_option("idle", optarg, &o->idle_minutes);
	default: return false;
	}
	return true;
}

static bool run_options(int argc, char **argv, struct cp_options *o)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, PORT },
		{ "bind", required_argument, NULL, BIND },
		{ "tls-port", required_argument, NULL, TLS_PORT },
		{ "tls-certificate", required_argument, NULL, CERTIFICATE },
		{ "tls-key", required_argument, NULL, KEY },
		{ "record", required_argument, NULL, RECORD },
		{ "no-panel", no_argument, NULL, NO_PANEL },
		{ "drain", no_argument, NULL, DRAIN },
		{ "card-port", required_argument, NULL, CARD_PORT },
		{ "spool-files", required_argument, NULL, SPOOL_FILES },
		{ "spool-megabytes", required_argument, NULL, SPOOL_MEGABYTES },
		{ "terminals", required_argument, NULL, TERMINALS },
		{ "terminals-per-address", required_argument, NULL, PER_ADDRESS },
		{ "idle", required_argument, NULL, IDLE },
		{ "suppress-passwords", no_argument, NULL, SUPPRESS },
		{ "suppress-link-passwords", no_argument, NULL, SUPPRESS }, /* its first name */
		{ 0 },
	};
	int c;

	o->panel = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!run_option(o, c))
			return false;
	}
	if (optind != argc - 1)
		return false;
	o->dir = argv[optind];
	return true;
}

/* The line that scripts wait for; on the panel it is the first one. */
static void say_ready(struct cp *cp, const struct cp_options *o)
{
	const char *bind = o->bind ? o->bind : "127.0.0.1";
	char line[160];
	size_t n;

	n = (size_t)snprintf(line, sizeof(line), "vm370: ready on %.80s port %u", bind,
			     listener_port(cp->listener));
	if (cp->tls_listener)
		snprintf(line + n, sizeof(line) - n, ", TLS port %u",
			 listener_port(cp->tls_listener));
	if (cp->cardport)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), ", card port %u",
			 cardport_number(cp->cardport));
	oppanel_line(cp->panel, line, false);
}

static bool open_panel(struct cp *cp, bool panel, struct error *err)
{
	cp->panel = oppanel_open(cp, panel, err);
	if (cp->panel || !panel)
		return cp->panel != NULL;
	fprintf(stderr, "vm370: no panel: %s\n", err->text);
	cp->panel = oppanel_open(cp, false, err);
	return cp->panel != NULL;
}

/*
 * Signals are for the CP thread, which waits for them at a descriptor: block
 * them before there are other threads.
 */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like others */
	signal(SIGHUP, SIG_IGN); /* the panel's terminal may go away; we stay */
}

/* A descriptor for every client and image: as many as the host lets us have. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int cmd_run(int argc, char **argv)
{
	struct cp_options options = { .port = 3270,
				      .spool_limits = { 2500, UINT64_C(1) << 30 } };
	struct error err = { 0, "" };
	struct cp *cp;
	int lock, status = 0;

	/* getopt wants the subcommand in argv[0]. */
	if (!run_options(argc + 1, argv - 1, &options))
		return BAD_OPERANDS;
	lock = datadir_lock(options.dir, &err);
	if (lock < 0)
		return trouble(&err);
	block_signals();
	raise_limits();
	cp = cp_start(&options, &err);
	if (!cp) {
		close(lock);
		return trouble(&err);
	}
	if (open_panel(cp, options.panel, &err)) {
		say_ready(cp, &options);
		readiness("READY=1");
		cp_run(cp);
		readiness("STOPPING=1");
	} else {
		status = trouble(&err);
	}
	cp_stop(cp);
	close(lock);
	return status;
}

/* ---- cmd, punch */

static int cmd_cmd(int argc, char **argv)
{
	char line[CP_LINE_MAX + 8];
	struct error err;
	int rc;

	if (argc != 2)
		return BAD_OPERANDS;
	if (strlen(argv[1]) > CP_LINE_MAX || strchr(argv[1], '\n')) {
		fprintf(stderr, "vm370: a command is one line of at most %d characters\n",
			CP_LINE_MAX);
		return 2;
	}
	snprintf(line, sizeof(line), "CMD %s", argv[1]);
	rc = control_call(argv[0], line, NULL, 0, &err);
	return rc < 0 ? trouble(&err) : rc > 255 ? 255 : rc;
}

static int cmd_punch(int argc, char **argv)
{
	char line[64], userid[CP_USERID_MAX + 1] = "", name[9], type[9];
	char class = 'A';
	uint8_t *cards;
	size_t count;
	struct error err;
	int rc;

	if (argc < 3 || argc > 4 || strlen(argv[1]) > CP_USERID_MAX)
		return BAD_OPERANDS;
	if (argc == 4) {
		class = (char)toupper((unsigned char)argv[3][0]);
		if (argv[3][1] || !isalnum((unsigned char)class)) {
			fprintf(stderr, "vm370: a class is one letter or digit\n");
			return 2;
		}
	}
	for (size_t i = 0; argv[1][i]; i++)
		userid[i] = (char)toupper((unsigned char)argv[1][i]);
	cards = read_deck(argv[2], &count, &err);
	if (!cards)
		return trouble(&err);
	deck_name(argv[2], name, type);
	snprintf(line, sizeof(line), "PUNCH %s %zu/%c %s %s", userid, count, class, name, type);
	rc = control_call(argv[0], line, cards, count * CARD_COLUMNS, &err);
	free(cards);
	return rc < 0 ? trouble(&err) : rc > 255 ? 255 : rc;
}

static int cmd_console(int argc, char **argv)
{
	struct error err = { 0, "" };
	int rc;

	if (argc != 2 || strlen(argv[1]) > CP_USERID_MAX)
		return BAD_OPERANDS;
	rc = shellconsole_run(argv[0], argv[1], &err);
	return rc < 0 ? trouble(&err) : rc > 255 ? 255 : rc;
}

static int cmd_check(int argc, char **argv)
{
	return argc == 1 ? check_data_directory(argv[0]) : BAD_OPERANDS;
}

/* SHUTDOWN, and wait until the directory is free. */
static int cmd_stop(int argc, char **argv)
{
	struct error err;

	if (argc != 1)
		return BAD_OPERANDS;
	if (control_call(argv[0], "CMD SHUTDOWN", NULL, 0, &err) < 0)
		return trouble(&err);
	return datadir_wait(argv[0], &err) ? 0 : trouble(&err);
}

static bool parse_pages(const char *text, uint32_t *pages)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || v > SYSTEM_PAGES)
		return false;
	*pages = (uint32_t)v;
	return true;
}

static int cmd_import_system(int argc, char **argv)
{
	uint32_t first, count;
	struct error err;

	if (argc < 5 || argc > 6 || !parse_pages(argv[3], &first) ||
	    !parse_pages(argv[4], &count))
		return BAD_OPERANDS;
	return system_import(argv[0], argv[1], argv[2], first, count, argc > 5 ? argv[5] : "",
			     &err) ? 0 : trouble(&err);
}

static int cmd_spool(int argc, char **argv)
{
	int status = export_spool(argc, argv);

	return status == 2 ? BAD_OPERANDS : status;
}

static int cmd_accounting(int argc, char **argv)
{
	int status = export_accounting(argc, argv);

	return status == 2 ? BAD_OPERANDS : status;
}

static int cmd_help(int argc, char **argv)
{
	if (argc == 1 && strcmp(argv[0], "commands") == 0) {
		document_commands(stdout);
		return 0;
	}
	return usage(stdout, 0);
}

static const struct subcommand subcommands[] = {
	{ "init", "DIR [--deck USER=FILE | --media FOLDER]...", "make a data directory with working defaults",
	  cmd_init },
	{ "run", "DIR [--port N] [--bind ADDRESS] [--card-port N]...", "run the system until SHUTDOWN", cmd_run },
	{ "", "[--no-panel] [--record FOLDER]", "log lines, not the panel; record sessions", NULL },
	{ "", "[--drain] [--suppress-passwords]", "no output yet; no passwords in commands", NULL },
	{ "", "[--tls-port N] [--tls-certificate FILE] [--tls-key FILE]", "", NULL },
	{ "", "[--terminals N] [--terminals-per-address N] [--idle MINUTES]", "limits", NULL },
	{ "", "[--spool-files N] [--spool-megabytes N]", "limits of one user", NULL },
	{ "cmd", "DIR 'COMMAND'", "execute an operator's command", cmd_cmd },
	{ "punch", "DIR USER FILE [CLASS]", "put a deck into a user's reader", cmd_punch },
	{ "console", "DIR USER", "see and drive a user's console", cmd_console },
	{ "check", "DIR", "verify everything, change nothing", cmd_check },
	{ "stop", "DIR", "orderly shutdown of the system on DIR", cmd_stop },
	{ "import-system", "DIR NAME FILE FIRST-PAGE PAGES [SHARED]",
	  "bring in a saved system or segment", cmd_import_system },
	{ "spool", "DIR list | DIR get ID [ebcdic]", "look at spool files", cmd_spool },
	{ "accounting", "DIR", "the accounting records as CSV", cmd_accounting },
	{ "help", "[commands]", "show this, or all CP commands", cmd_help },
	{ 0 },
};

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr, 2);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return usage(stdout, 0);
	for (const struct subcommand *s = subcommands; s->name; s++)
		if (s->run && strcmp(s->name, argv[1]) == 0) {
			int status = s->run(argc - 2, argv + 2);

			return status == BAD_OPERANDS ? usage_of(s) : status;
		}
	fprintf(stderr, "vm370: no such command: %s\n", argv[1]);
	return usage(stderr, 2);
}
