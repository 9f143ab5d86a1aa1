/*
 * The CP commands, in the order in which an abbreviation is looked up (that of
 * VM/370 Release 6). HELP prints the synopses; capitals are the shortest form.
 */
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/vmblok.h"

#define G CLASS_G
#define ANY CLASS_ANY

const struct cp_command cp_commands[] = {
	/* name, letters, classes, when, function, synopsis */
	{ "LOGON", 1, ANY, BEFORE_LOGON, cmd_logon, "Logon userid [password] [Noipl]" },
	{ "LOGIN", 1, ANY, BEFORE_LOGON, cmd_logon, NULL },
	{ "DIAL", 1, ANY, BEFORE_LOGON, cmd_dial, "Dial userid [vaddr]" },
	{ "ATTACH", 3, CLASS_B, LOGGED_ON, cmd_attach,
	  "ATTach raddr [To] userid|* [[As] vaddr] [R/O] [VOLID volid] | ATTach raddr...|raddr-raddr [To] userid|* [R/O] | ATTach raddr [To] SYSTEM [As] volid" },
	{ "ATTN", 4, G, LOGGED_ON, cmd_attn, "ATTN" },
	{ "ADSTOP", 6, G, LOGGED_ON, cmd_adstop, "ADSTOP hexloc|OFF" },
	{ "ACNT", 4, CLASS_A, LOGGED_ON, cmd_acnt, "ACNT userid...|ALL" },
	{ "AUTOLOG", 6, CLASS_A | CLASS_B, LOGGED_ON, cmd_autolog,
	  "AUTOLOg userid password [ipl-operands]" },
	{ "BEGIN", 1, G, LOGGED_ON | BETWEEN, cmd_begin, "Begin [hexloc]" },
	{ "BACKSPAC", 2, CLASS_D, LOGGED_ON, cmd_backspac,
	  "BAckspac raddr [File | pages [EOF]]" },
	{ "CHANGE", 2, CLASS_D | G, LOGGED_ON, cmd_change,
	  "CHange [userid|SYSTEM] Reader|Printer|PUnch spoolid|CLass c|ALL [CLass c] "
	  "[COpy nn] [HOld|NOHold] [SYS|NOSYS] [DIst code] [NAme fn [ft]]" },
	{ "CLOSE", 1, G, LOGGED_ON, cmd_close,
	  "Close Reader|Printer|PUnch|CONsole|vaddr [PUrge] [HOld|NOHold] [DIst code] "
	  "[NAme fn [ft]]" },
	{ "COUPLE", 6, G, LOGGED_ON, cmd_couple, "COUPLE vaddr [To] userid|* vaddr" },
	{ "DISPLAY", 1, G, LOGGED_ON, cmd_display,
	  "Display [L|T|K]hexloc[-hexloc|END|.count] | Greg | Yreg | Xreg | Psw | CAW | CSW" },
	{ "DEFINE", 3, G, LOGGED_ON, cmd_define,
	  "DEFine Reader|Printer|PUnch|CONsole|GRaf|CTCa|vaddr [As] vaddr | LIne [As] vaddr [IBM1|TELE2|BSC] | T3350 [As] vaddr [CYL] nnn |"
	  " STORage [As] nnnnnK | CHANnels [As] SEL|BMX" },
	{ "DETACH", 3, CLASS_B | G, LOGGED_ON, cmd_detach, "DETach vaddr|vaddr-vaddr... | DETach raddr...|raddr-raddr [From] userid|*|SYSTEM [LEAVE]" },
	{ "DISCONN", 4, ANY, LOGGED_ON, cmd_disconn, "DISConn [HOld]" },
	{ "DIRECT", 6, CLASS_A | CLASS_B | CLASS_C, LOGGED_ON, cmd_direct, "DIRECT" },
	{ "DISABLE", 4, CLASS_A | CLASS_B, LOGGED_ON, cmd_disable, "DISAble raddr...|ALL" },
	{ "DRAIN", 2, CLASS_D, LOGGED_ON, cmd_drain,
	  "DRain [Reader|Printer|PUnch|ALL|raddr...]" },
	{ "DUMP", 2, G, LOGGED_ON, cmd_dump,
	  "DUmp [L|T]hexloc[-hexloc|END|.count]... [*dumpid]" },
	{ "ECHO", 2, G, LOGGED_ON, cmd_echo, "ECho [nn]" },
	{ "ENABLE", 2, CLASS_A | CLASS_B, LOGGED_ON, cmd_enable, "ENable raddr...|ALL" },
	{ "EXTERNAL", 3, G, LOGGED_ON, cmd_external, "EXTernal [code]" },
	{ "FLUSH", 1, CLASS_D, LOGGED_ON, cmd_flush, "Flush raddr [ALL] [HOld]" },
	{ "FORCE", 5, CLASS_A, LOGGED_ON, cmd_force, "FORCE userid" },
	{ "HELP", 1, ANY, ANYTIME, cmd_help, "Help [command]" },
	{ "HOLD", 2, CLASS_D, LOGGED_ON, cmd_hold, "HOld userid [Printer|PUnch|ALL]" },
	{ "IPL", 1, G, LOGGED_ON | BETWEEN, cmd_ipl, "Ipl vaddr|system [cylinder] [CLear|NOCLear] [STOP] [PARM text]" },
	{ "LINK", 4, G, LOGGED_ON, cmd_link,
	  "LINK [To] userid|* vaddr [As] vaddr [R|RR|W|WR|M|MR|MW] [[PASS=] password]" },
	{ "LOADVFCB", 8, G, LOGGED_ON, cmd_loadvfcb, "LOADVFCB vaddr Fcb name [Index [nn]]" },
	{ "LOGOFF", 3, ANY, LOGGED_ON, cmd_logoff, "LOGoff [HOld]" },
	{ "LOGOUT", 3, ANY, LOGGED_ON, cmd_logoff, NULL },
	{ "MONITOR", 3, CLASS_A | CLASS_E, LOGGED_ON, cmd_monitor,
	  "MONitor STArt SPOOL [TO userid] | STArt TAPE raddr | STOP SPOOL|TAPE | CLose | Display | "
	  "ENable class... | INTerval n [SEC|MIN] | LIMit n|* [STOP|NOSTOP|SAMPLE] | AUTODisk ON|OFF | "
	  "TIME FROM hh:mm TO hh:mm|FOR hh:mm|ALL|NONE | SEeks Include|Exclude raddr...|DElete|DIsplay" },
	{ "MSG", 1, ANY, LOGGED_ON, cmd_message, "Msg userid|*|OPerator|ALL text" },
	{ "MOUNT", 5, CLASS_B, LOGGED_ON, cmd_mount, "MOUNT raddr name|OFF [NEW] [R/O]" },
	{ "MSGNOH", 6, CLASS_A | CLASS_B, LOGGED_ON, cmd_msgnoh, "MSGNOH userid|ALL text" },
	{ "MESSAGE", 2, ANY, LOGGED_ON, cmd_message, "MEssage userid|*|OPerator|ALL text" },
	{ "NOTREADY", 4, G, LOGGED_ON, cmd_notready, "NOTReady vaddr" },
	{ "ORDER", 3, CLASS_D | G, LOGGED_ON, cmd_order,
	  "ORDer [userid|SYSTEM] Reader|Printer|PUnch CLass c|spoolid..." },
	{ "PER", 3, G, LOGGED_ON, cmd_per,
	  "PER Branch [range] | Greg[n] [hex] | Ifetch [hexdata] | Mask hexloc hexdata | "
	  "PAgetrace [n[K]] | STore [range | hexloc hexdata] ... [Range range] [SKip n] [STEp n] "
	  "[RUn|NORun] [TErminal|NOTerminal] [PRinter|NOPrinter] [CMd command[;command]] | "
	  "PER type OFF | PER Dump|TABle|COunt|ENd | PER SAve|GET name | PER Clear [name] | "
	  "PER Query [name|*]" },
	{ "PURGE", 3, CLASS_D | G, LOGGED_ON, cmd_purge,
	  "PURge [userid|SYSTEM] Reader|Printer|PUnch|ALL [CLass c|spoolid|ALL]..." },
	{ "QUERY", 1, ANY, LOGGED_ON, cmd_query,
	  "Query Time|Names|Users|userid|Virtual ...|Files|Reader|Printer|PUnch|Set|TERMinal|PF|PFnn" },
	{ "READY", 5, G, LOGGED_ON, cmd_ready, "READY vaddr" },
	{ "FREE", 2, CLASS_D, LOGGED_ON, cmd_free, "FRee userid [Printer|PUnch|ALL]" },
	{ "REPEAT", 3, CLASS_D, LOGGED_ON, cmd_repeat, "REPeat raddr [nn] [HOld]" },
	{ "REWIND", 3, G, LOGGED_ON, cmd_rewind, "REWind vaddr" },
	{ "REQUEST", 3, G, LOGGED_ON, cmd_attn, "REQuest" },
	{ "RESET", 5, G, LOGGED_ON, cmd_reset, "RESET vaddr" },
	{ "SYSTEM", 3, G, LOGGED_ON | BETWEEN, cmd_system, "SYStem CLEAR|RESET|RESTART" },
	{ "SAVESYS", 7, CLASS_C | CLASS_E, LOGGED_ON | BETWEEN, cmd_savesys,
	  "SAVESYS systemname" },
	{ "INDICATE", 3, CLASS_E | G, LOGGED_ON, cmd_indicate,
	  "INDicate [LOAd | USEr [userid|*] | Queues | I/o | PAGing [Wait|All]]" },
	{ "TRANSFER", 4, CLASS_D | G, LOGGED_ON, cmd_transfer,
	  "TRANsfer [userid|SYSTEM] [Reader|Printer|PUnch] spoolid|CLass c|ALL "
	  "[To] userid | From userid|ALL [Reader|Printer|PUnch]" },
	{ "SET", 3, CLASS_A | CLASS_B | G, LOGGED_ON, cmd_set,
	  "SET MSG|WNG ON|OFF|IUCV, IMSG|ACNT|SMSG|RUN|LINEDit|ECmode|ISAM|PAGEX|AUTOPoll ON|OFF, "
	  "EMSG ON|OFF|CODE|TEXT, TIMER ON|OFF|REAL, CPUid hex, ASsist ON|OFF, "
	  "SHAre userid [RELative n|ABSolute n%] [n%] [NOLimit|LIMITSoft|LIMITHard], "
	  "PRIORity userid nn, FAVORed userid [nn|OFF], REServe userid nn|OFF, "
	  "JOurnal ON|OFF, LOGmsg [NULL], "
	  "PFnn [IMMed|DELayed] [text|TAB n...|COPY [raddr]|RETRIEVE]" },
	{ "SHUTDOWN", 8, CLASS_A, LOGGED_ON, cmd_shutdown, "SHUTDOWN" },
	{ "SLEEP", 2, ANY, LOGGED_ON, cmd_sleep, "SLeep [nn [SEC|MIN|HRS]]" },
	{ "SPACE", 3, CLASS_D, LOGGED_ON, cmd_space, "SPAce raddr" },
	{ "SPOOL", 2, G, LOGGED_ON, cmd_spool,
	  "SPool Reader|Printer|PUnch|CONsole|vaddr [CLass c] [CONt|NOCont] [HOld|NOHold] "
	  "[EOF|NOEof] [COpy nn] [[To] userid|For userid|OFF] [CLOse|PUrge] [STArt|STOp] "
	  "[TErm|NOTErm]" },
	{ "STORE", 2, G, LOGGED_ON | BETWEEN, cmd_store,
	  "STore [L]hexloc word... | Shexloc hex | Greg word... | Xreg word... | Yreg hex... | "
	  "Psw [word] word | STATUS" },
	{ "START", 3, CLASS_D, LOGGED_ON, cmd_start,
	  "STArt [Reader|Printer|PUnch|ALL | raddr [CLass cccc] [NOSep]...]" },
	{ "TAG", 2, G, LOGGED_ON, cmd_tag,
	  "TAg [QUery] DEv Printer|PUnch|CONsole|vaddr [text] | TAg [QUery] FILe spoolid [text]" },
	{ "TERMINAL", 4, G, LOGGED_ON, cmd_terminal,
	  "TERMinal CHardel|LINEDel|LINENd|EScape|TABchar ON|OFF|c, LINESize n, MODe CP|VM, "
	  "HILIght|HOld|TIMEstamp|APL|TEXT|ATtn|Mask ON|OFF, MORE nn nn" },
	{ "TRACE", 2, G, LOGGED_ON, cmd_trace,
	  "TRace SVC|I/O|PROgram|EXTernal|PRIV|SIO|CCW|BRanch|INSTruct|CSW|ALL... "
	  "[[Printer|TERMinal|BOTH] [NORun|RUN] | OFF] | TRace END" },
	{ "VMDUMP", 3, G, LOGGED_ON, cmd_vmdump,
	  "VMDump [hexloc[-hexloc|END|.count]]... [To userid|* | SYSTEM] [FORMAT type] "
	  "[*dumpid]" },
	{ "VARY", 4, CLASS_B, LOGGED_ON, cmd_vary, "VARY ONline|OFFline raddr|raddr-raddr..." },
	{ "WNG", 1, CLASS_A | CLASS_B, LOGGED_ON, cmd_warning, "Wng userid|ALL text" },
	{ "WARNING", 1, CLASS_A | CLASS_B, LOGGED_ON, cmd_warning, "Warning userid|ALL text" },
	{ "SEND", 4, CLASS_C | G, LOGGED_ON, cmd_send, "SEND [CP] userid [text]" },
	{ "SMSG", 2, G, LOGGED_ON, cmd_smsg, "SMsg userid|* text" },
	{ 0 },
};
