/*
 * cp/commands/commands.h - the functions behind the rows of table.c.
 *
 * Each executes one CP command for vm and returns its return code: 0 or the
 * number of the error message sent. Syntax: the row's synopsis.
 */
#ifndef CP_COMMANDS_H
#define CP_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

struct args;
struct vmblok;

/* logon.c */
int cmd_logon(struct vmblok *vm, struct args *args);
int cmd_logoff(struct vmblok *vm, struct args *args);
int cmd_disconn(struct vmblok *vm, struct args *args);
int cmd_autolog(struct vmblok *vm, struct args *args);
int cmd_force(struct vmblok *vm, struct args *args);

/* dial.c */
int cmd_dial(struct vmblok *vm, struct args *args);

/* talk.c */
int cmd_message(struct vmblok *vm, struct args *args);
int cmd_msgnoh(struct vmblok *vm, struct args *args);
int cmd_send(struct vmblok *vm, struct args *args);
int cmd_smsg(struct vmblok *vm, struct args *args);
int cmd_warning(struct vmblok *vm, struct args *args);
int cmd_sleep(struct vmblok *vm, struct args *args);
int cmd_echo(struct vmblok *vm, struct args *args);

/* query.c */
int cmd_query(struct vmblok *vm, struct args *args);

/* run.c */
int cmd_ipl(struct vmblok *vm, struct args *args);
int cmd_begin(struct vmblok *vm, struct args *args);
int cmd_attn(struct vmblok *vm, struct args *args);
int cmd_external(struct vmblok *vm, struct args *args);
int cmd_system(struct vmblok *vm, struct args *args);
int cmd_ready(struct vmblok *vm, struct args *args);
int cmd_notready(struct vmblok *vm, struct args *args);
int cmd_reset(struct vmblok *vm, struct args *args);

/* display.c, store.c */
int cmd_display(struct vmblok *vm, struct args *args);
int cmd_store(struct vmblok *vm, struct args *args);
int cmd_adstop(struct vmblok *vm, struct args *args);
/* A floating-point register as sign, decimal fraction and exponent. */
void display_fpr_text(uint64_t fpr, char *out, size_t size);

/* indicate.c, monitor.c */
int cmd_indicate(struct vmblok *vm, struct args *args);
int cmd_monitor(struct vmblok *vm, struct args *args);

/* dump.c */
int cmd_dump(struct vmblok *vm, struct args *args);
int cmd_vmdump(struct vmblok *vm, struct args *args);
/* trace.c */
int cmd_trace(struct vmblok *vm, struct args *args);

/* set.c */
int cmd_set(struct vmblok *vm, struct args *args);

/* terminal.c; word: PF or PFnn */
int cmd_terminal(struct vmblok *vm, struct args *args);
int query_terminal(struct vmblok *vm, struct args *args);
int query_pf(struct vmblok *vm, const char *word);

/* define.c */
int cmd_define(struct vmblok *vm, struct args *args);
int cmd_detach(struct vmblok *vm, struct args *args);

/* couple.c */
int cmd_couple(struct vmblok *vm, struct args *args);

/* tape.c */
int cmd_mount(struct vmblok *vm, struct args *args);
int cmd_rewind(struct vmblok *vm, struct args *args);

/* attach.c */
int cmd_attach(struct vmblok *vm, struct args *args);

/* link.c */
int cmd_link(struct vmblok *vm, struct args *args);
int cmd_savesys(struct vmblok *vm, struct args *args);
int query_links(struct vmblok *vm, struct args *args);

/* spoolcmd.c, change.c, order.c, transfer.c, tag.c, hold.c */
int cmd_spool(struct vmblok *vm, struct args *args);
int cmd_close(struct vmblok *vm, struct args *args);
int cmd_change(struct vmblok *vm, struct args *args);
int cmd_order(struct vmblok *vm, struct args *args);
int cmd_per(struct vmblok *vm, struct args *args);
int cmd_purge(struct vmblok *vm, struct args *args);
int cmd_transfer(struct vmblok *vm, struct args *args);
int cmd_tag(struct vmblok *vm, struct args *args);
int cmd_hold(struct vmblok *vm, struct args *args);
int cmd_free(struct vmblok *vm, struct args *args);

/* setother.c: operands of SET and QUERY */
int set_assist(struct vmblok *vm, struct args *args);
int set_sassist(struct vmblok *vm, struct args *args);
int set_cpassist(struct vmblok *vm, struct args *args);
int set_affinity(struct vmblok *vm, struct args *args);
int set_notrans(struct vmblok *vm, struct args *args);
int set_cpuid(struct vmblok *vm, struct args *args);
int set_journal(struct vmblok *vm, struct args *args);
int query_sassist(struct vmblok *vm, struct args *args);
int query_cpassist(struct vmblok *vm, struct args *args);
int query_journal(struct vmblok *vm, struct args *args);
int query_paging(struct vmblok *vm, struct args *args);

/* share.c: operands of SET and QUERY */
int set_share(struct vmblok *vm, struct args *args);
int set_priority(struct vmblok *vm, struct args *args);
int set_favored(struct vmblok *vm, struct args *args);
int set_reserve(struct vmblok *vm, struct args *args);
int query_share(struct vmblok *vm, struct args *args);
int query_per(struct vmblok *vm, struct args *args);
int query_priority(struct vmblok *vm, struct args *args);

/* queryspool.c: operands of QUERY */
int query_files(struct vmblok *vm, struct args *args);
int query_reader(struct vmblok *vm, struct args *args);
int query_printer(struct vmblok *vm, struct args *args);
int query_punch(struct vmblok *vm, struct args *args);
int query_hold(struct vmblok *vm, struct args *args);
/* realdev.c: QUERY UR of classes B and D */
/* QUERY of the system's devices, queryreal.c. */
int query_real_ur(struct vmblok *vm, struct args *args);
int query_real_dasd(struct vmblok *vm, struct args *args);
int query_real_lines(struct vmblok *vm, struct args *args);
int query_real_graf(struct vmblok *vm, struct args *args);
int query_real_storage(struct vmblok *vm, struct args *args);
int query_real_all(struct vmblok *vm, struct args *args);
int query_processors(struct vmblok *vm, struct args *args);
int query_system(struct vmblok *vm, struct args *args);
int query_tdisks(struct vmblok *vm, struct args *args);
/* raddr or raddr-raddr; false: it is neither, or there is no such device. */
bool query_real_address(struct vmblok *vm, const char *word, int *rc);

/* realdev.c */
int cmd_start(struct vmblok *vm, struct args *args);
int cmd_drain(struct vmblok *vm, struct args *args);
int cmd_flush(struct vmblok *vm, struct args *args);
int cmd_repeat(struct vmblok *vm, struct args *args);
int cmd_backspac(struct vmblok *vm, struct args *args);
int cmd_space(struct vmblok *vm, struct args *args);

/* acnt.c */
int cmd_acnt(struct vmblok *vm, struct args *args);

/* loadvfcb.c */
int cmd_loadvfcb(struct vmblok *vm, struct args *args);

/* vary.c */
int cmd_vary(struct vmblok *vm, struct args *args);
int cmd_enable(struct vmblok *vm, struct args *args);
int cmd_disable(struct vmblok *vm, struct args *args);

/* operate.c */
int cmd_shutdown(struct vmblok *vm, struct args *args);
int cmd_direct(struct vmblok *vm, struct args *args);
int cmd_help(struct vmblok *vm, struct args *args);

#endif
