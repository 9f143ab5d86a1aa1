#include "cp/cp.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/accounting.h"
#include "cp/cardport.h"
#include "cp/control.h"
#include "cp/datadir.h"
#include "cp/directory.h"
#include "cp/extents.h"
#include "cp/iucv.h"
#include "cp/lineport.h"
#include "cp/load.h"
#include "cp/logmsg.h"
#include "cp/monitor.h"
#include "cp/output.h"
#include "cp/oppanel.h"
#include "cp/password.h"
#include "cp/session.h"
#include "cp/share.h"
#include "cp/savesys.h"
#include "cp/spool.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"
#include "cp/vmcf.h"
#include "cp/watch.h"

/* ---- directory */

static void log_complaint(void *arg, const char *sentence)
{
	(void)arg;
	log_error("directory", "%s", sentence);
}

static void log_line(void *arg, const char *sentence)
{
	(void)arg;
	log_error("lines", "%s", sentence);
}

static void log_warning(void *arg, const char *sentence)
{
	(void)arg;
	log_warn("directory", "%s", sentence);
}

bool cp_reload_directory(struct cp *cp, void (*report)(void *arg, const char *sentence),
			 void *arg)
{
	struct directory *fresh;

	fresh = directory_read(cp->directory_path, report, arg);
	if (!fresh)
		return false;
	directory_put(cp->directory);
	cp->directory = fresh;
	passwords_take(cp->passwords, fresh, report, arg);
	(void)extents_check(fresh, cp->volumes, log_warning, NULL);
	return true;
}

/* Userid and password alike are for playing on loopback only. */
static void warn_of_passwords(const struct cp *cp, const char *bind)
{
	unsigned n = 0;

	if (!bind || strncmp(bind, "127.", 4) == 0 || strcmp(bind, "localhost") == 0 ||
	    strcmp(bind, "::1") == 0)
		return;
	for (const struct directory_user *u = directory_users(cp->directory); u; u = u->next)
		n += u->password.is_userid;
	if (n)
		log_warn("directory", "%u users have their userid as password, and %s can be "
			 "reached from other machines", n, bind);
}

/* ---- the operator */

static bool start_operator(struct cp *cp, struct error *err)
{
	const struct directory_user *user = directory_find(cp->directory, "OPERATOR");

	if (!user) {
		error_set(err, 0, "%s/%s: there is no USER OPERATOR", cp->dir,
			  DATADIR_DIRECTORY);
		return false;
	}
	cp->oper = session_autolog(cp, user, err);
	if (cp->oper)
		cp->oper->term.mode_cp = true;
	return cp->oper != NULL;
}

/* ---- start and stop */

/* Terminals of the second port are numbered from X'800' on. */
#define TLS_FIRST_NUMBER 0x800

static bool start_listeners(struct cp *cp, const struct cp_options *options,
			    struct error *err)
{
	struct listener_options listen = {
		.bind = options->bind, .port = options->port, .record = options->record,
		.tls_certificate = options->tls_certificate, .tls_key = options->tls_key,
		.max_clients = options->terminals,
		.max_per_address = options->terminals_per_address,
		.idle_s = options->idle_minutes * 60,
	};

	cp->listener = listener_new(cp->loop, &listen, &session_events, cp, err);
	if (!cp->listener || !options->tls)
		return cp->listener != NULL;
	listen.port = options->tls_port;
	listen.tls = true;
	listen.first_number = TLS_FIRST_NUMBER;
	cp->tls_listener = listener_new(cp->loop, &listen, &session_events, cp, err);
	return cp->tls_listener != NULL;
}

struct cp *cp_start(const struct cp_options *options, struct error *err)
{
	struct cp *cp = calloc(1, sizeof(*cp));
	char path[512];

	if (!cp)
		BUG("no memory for CP");
	cp->dir = options->dir;
	system_clock_init(&cp->clock);
	cp->started = clock_tod(&cp->clock.clock);
	cp->volumes = sysvolumes_new(cp->dir);
	cp->tapes = systapes_new(cp->dir);
	cp->lines = syslines_new(cp->dir, log_line, NULL);
	cp->systems = systems_new(cp->dir);
	cp->vmcf = vmcf_new();
	cp->iucv = iucv_new();
	cp->loop = loop_new(err);
	if (!cp->loop || !datadir_path(cp->directory_path, sizeof(cp->directory_path),
				       cp->dir, DATADIR_DIRECTORY, err))
		goto fail;
	cp->passwords = passwords_new(cp->dir, cp->directory_path, cp->loop);
	cp->dispatcher = dispatcher_new(cp);
	cp->load = load_start(cp);
	cp->monitor = monitor_new(cp);
	if (!cp_reload_directory(cp, log_complaint, NULL)) {
		error_set(err, 0, "%s/%s has errors", cp->dir, DATADIR_DIRECTORY);
		goto fail;
	}
	if (!datadir_path(path, sizeof(path), cp->dir, DATADIR_SPOOL, err))
		goto fail;
	cp->spool = spool_open(path, err);
	if (!cp->spool)
		goto fail;
	logmsg_load(cp);
	spool_set_limits(cp->spool, &options->spool_limits);
	cp->accounting = accounting_open(cp->dir, err);
	if (!cp->accounting)
		goto fail;
	cp->suppress_passwords = options->suppress_passwords;
	cp->output = output_open(cp, options->drain, err);
	if (!cp->output || !start_operator(cp, err))
		goto fail;
	cp->control = control_open(cp, err);
	if (!cp->control)
		goto fail;
	if (!start_listeners(cp, options, err))
		goto fail;
	cp->watch = watch_open(cp, err);
	if (!cp->watch)
		goto fail;
	if (options->cards && !(cp->cardport = cardport_open(cp, options->card_port, err)))
		goto fail;
	warn_of_passwords(cp, options->bind);
	return cp;
fail:
	cp_stop(cp);
	return NULL;
}

static void end_loop(void *arg)
{
	struct cp *cp = arg;

	loop_stop(cp->loop);
}

void cp_shutdown(struct cp *cp)
{
	struct vmblok *vm, *next;

	if (cp->shutdown)
		return;
	cp->shutdown = true;
	for (vm = cp->vms; vm; vm = next) {
		next = vm->next;
		if (vm->logged_on && !vm->leaving)
			session_logoff(vm, LOGOFF_SYSTEM, false);
	}
	/* Behind the second halves of the logoffs, which are in the same queue. */
	loop_post(cp->loop, end_loop, cp);
}

static void signalled(void *arg, unsigned events)
{
	struct cp *cp = arg;
	struct signalfd_siginfo info;

	(void)events;
	if (read(cp->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	log_info("system", "signal %u: shutting down", info.ssi_signo);
	cp_shutdown(cp);
}

void cp_run(struct cp *cp)
{
	struct loop_watch *watch = NULL;
	struct error err;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	cp->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (cp->signals >= 0)
		watch = loop_watch(cp->loop, cp->signals, LOOP_READ, signalled, cp, &err);
	if (!watch)
		log_error("system", "signals are not watched");
	loop_run(cp->loop);
	if (watch)
		loop_unwatch(watch);
	if (cp->signals >= 0)
		close(cp->signals);
}

void cp_stop(struct cp *cp)
{
	listener_free(cp->listener);
	listener_free(cp->tls_listener);
	lineports_close(cp);
	watch_close(cp->watch);
	cardport_close(cp->cardport);
	oppanel_close(cp->panel);
	control_close(cp->control);
	while (cp->vms) {
		struct vmblok *vm = cp->vms;

		if (vm->logged_on)
			vm_dismantle(vm);
		vm_remove(vm);
	}
	monitor_free(cp->monitor);
	dispatcher_free(cp->dispatcher);
	load_stop(cp->load);
	output_close(cp->output); /* behind the machines, which tell it of files */
	passwords_free(cp->passwords);
	if (cp->loop)
		loop_drain(cp->loop);
	sysvolumes_free(cp->volumes);
	systapes_free(cp->tapes);
	syslines_free(cp->lines);
	systems_free(cp->systems);
	vmcf_free(cp->vmcf);
	iucv_free(cp->iucv);
	accounting_close(cp->accounting);
	spool_close(cp->spool);
	directory_put(cp->directory);
	logmsg_free(cp);
	loop_free(cp->loop);
	free(cp);
}
