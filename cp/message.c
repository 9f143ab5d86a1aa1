#include "cp/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "cp/vmblok.h"

/*
 * GC20-1808, "VM/370 System Messages", in number order. An & is a place that
 * the caller fills.
 */
static const struct message {
	int number;
	char severity;
	const char *text;
} messages[] = {
	{   1, 'E', "?CP: &" },
	{   2, 'E', "INVALID OPERAND - &" },
	{   3, 'E', "INVALID OPTION - &" },
	{   4, 'E', "INVALID HEXLOC - &" },
	{   5, 'E', "INVALID HEXDATA - &" },
	{   6, 'E', "INVALID DEVICE TYPE - &" },
	{   7, 'E', "INVALID USERID - &" },
	{   8, 'E', "INVALID SPOOLID - &" },
	{   9, 'E', "INVALID RANGE - &" },
	{  10, 'E', "INVALID REGISTER - &" },
	{  11, 'E', "INVALID DEVICE TYPE - & &" },
	{  12, 'E', "INVALID PSW - &" },
	{  13, 'E', "CONFLICTING OPTION - &" },
	{  20, 'E', "USERID MISSING OR INVALID" },
	{  21, 'E', "RADDR MISSING OR INVALID &" },
	{  22, 'E', "VADDR MISSING OR INVALID" },
	{  23, 'E', "VOLID MISSING OR INVALID" },
	{  24, 'E', "CYLS MISSING OR INVALID" },
	{  25, 'E', "STORAGE MISSING OR INVALID" },
	{  26, 'E', "OPERAND MISSING OR INVALID" },
	{  27, 'E', "SPOOLID MISSING OR INVALID" },
	{  28, 'E', "CLASS MISSING OR INVALID" },
	{  29, 'E', "FNAME FTYPE MISSING OR INVALID" },
	{  30, 'E', "COPIES MISSING OR INVALID" },
	{  31, 'E', "BUFFER MISSING OR INVALID" },
	{  32, 'E', "DISTCODE MISSING OR INVALID" },
	{  33, 'E', "HEXLOC MISSING OR INVALID" },
	{  35, 'E', "DEVICE TYPE MISSING OR INVALID" },
	{  36, 'E', "INDEX MISSING OR INVALID" },
	{  38, 'E', "PARAMETER & FOR & OPTION MISSING OR INVALID" },
	{  40, 'E', "DEV & DOES NOT EXIST" },
	{  41, 'E', "LOGMSG & DOES NOT EXIST" },
	{  42, 'E', "SPOOLID & DOES NOT EXIST" },
	{  43, 'E', "BUFFER & DOES NOT EXIST" },
	{  44, 'E', "SYSTEM & DOES NOT EXIST" },
	{  45, 'E', "& NOT LOGGED ON" },
	{  46, 'E', "& & OFFLINE" },
	{  47, 'E', "& & DOES NOT EXIST" },
	{  49, 'E', "& & IN USE" },
	{  50, 'E', "PASSWORD INCORRECT" },
	{  52, 'E', "ERROR IN CP DIRECTORY" },
	{  53, 'E', "& NOT IN CP DIRECTORY" },
	{  54, 'E', "ALREADY LOGGED ON &" },
	{  55, 'E', "LINE(S) NOT AVAILABLE ON &" },
	{  56, 'E', "LINE & BUSY ON &" },
	{  57, 'W', "& NOT RECEIVING; &" },
	{  58, 'E', "CTCA & BUSY ON &" },
	{  59, 'E', "AUTOLOG FAILED FOR & - &" },
	{  60, 'E', "DUMP FAILED; VIRTUAL PRINTER UNAVAILABLE" },
	{  61, 'E', "DUMP FAILED; VIRTUAL PRINTER ERROR" },
	{  67, 'E', "COMMAND FORMAT NOT VALID" },
	/* Of later systems than VM/370, which has no SEND. */
	{  68, 'E', "SEND FAILED; & IS NOT DISCONNECTED" },
	{  69, 'E', "SEND FAILED; NOT SECONDARY USER OF &" },
	{  70, 'E', "SEND FAILED; & DOES NOT READ" },
	{  90, 'E', "DEV & NOT DEFINED; DEV & NOT AVAILABLE" },
	{  91, 'E', "DASD & NOT DEFINED; TEMP SPACE NOT AVAILABLE" },
	{  92, 'E', "DEV & NOT DEFINED; & & ALREADY DEFINED" },
	{  94, 'E', "STORAGE EXCEEDS ALLOWED MAXIMUM" },
	{ 101, 'W', "DASD & FORCED R/O; R/O BY &" },
	{ 102, 'W', "DASD & FORCED R/O; R/W BY &" },
	{ 103, 'W', "DASD & FORCED R/O; R/W BY &; R/O BY &" },
	{ 104, 'E', "& & NOT LINKED; R/O BY &" },
	{ 105, 'E', "& & NOT LINKED; R/W BY &" },
	{ 106, 'E', "& & NOT LINKED; R/W BY &; R/O BY &" },
	{ 107, 'E', "& & NOT LINKED; NOT IN CP DIRECTORY" },
	{ 108, 'E', "& & NOT LINKED; VOLID & NOT MOUNTED" },
	{ 109, 'E', "& & NOT LINKED; INVALID LINK DEVICE" },
	{ 110, 'E', "& & NOT LINKED; & & ALREADY DEFINED" },
	{ 111, 'E', "& & NOT LINKED; NO READ PASSWORD" },
	{ 112, 'E', "& & NOT LINKED; NO WRITE PASSWORD" },
	{ 113, 'E', "& & NOT LINKED; NO MULT PASSWORD" },
	{ 114, 'E', "& & NOT LINKED; PASSWORD INCORRECT" },
	{ 115, 'E', "& INVALID; EXCESSIVE INCORRECT PASSWORDS" },
	{ 117, 'E', "USERID & NOT LINKED; VOLID & CONFLICT" },
	{ 118, 'E', "& &  NOT LINKED; COMMAND FORMAT NOT VALID" },
	{ 120, 'E', "& & NOT ATTACHED; & & ALREADY DEFINED" },
	{ 121, 'E', "& & NOT ATTACHED TO &" },
	{ 122, 'E', "& & ALREADY ATTACHED TO &" },
	{ 124, 'E', "DASD & IN USE BY & USERS" },
	{ 125, 'E', "DASD & VOLID & ALREADY ATTACHED TO SYSTEM" },
	{ 127, 'E', "DASD & VOLID & DOES NOT MATCH" },
	{ 131, 'E', "INSUFFICIENT FREE STORAGE AVAILABLE FOR & REQUEST" },
	{ 133, 'E', "DASD & NOT READY" },
	{ 140, 'E', "& & ATTACHED TO &" },
	{ 141, 'E', "& & NOT ACTIVE" },
	{ 143, 'E', "& & IN USE BY SYSTEM" },
	{ 146, 'E', "VMDUMP FAILED, SPOOLING ERROR" },
	{ 160, 'E', "HEXLOC & EXCEEDS STORAGE" },
	{ 162, 'W', "INVALID ECR & - &" },
	{ 163, 'E', "STORE EXCEEDS MAXIMUM REGISTER" },
	{ 164, 'E', "HEXLOC & NON-ADDRESSABLE STORAGE" },
	{ 170, 'E', "SYSTEM & EXCEEDS STORAGE" },
	{ 174, 'E', "PAGING I/O ERROR; IPL FAILED" },
	{ 175, 'E', "& ALREADY IN USE BY &" },
	{ 177, 'E', "PARM EXCEEDS 64 CHARACTERS" },
	{ 180, 'W', "TRACE NOT IN EFFECT" },
	{ 184, 'E', "VM ASSIST NOT AVAILABLE" },
	{ 186, 'E', "CP ASSIST NOT AVAILABLE" },
	{ 187, 'E', "TIMER ASSIST NOT AVAILABLE" },
	{ 189, 'E', "AFFINITY NOT SET, SYSTEM IN UNIPROCESSOR MODE" },
	{ 211, 'E', "MONITOR TAPE IS ALREADY ACTIVE" },
	{ 212, 'E', "MONITOR IS NOT ACTIVE" },
	{ 215, 'E', "MONITOR ACTIVE, DASD CANNOT BE ENABLED DYNAMICALLY" },
	{ 216, 'E', "SYSPROF CLASS IS DEPENDENT ON SCHEDULE AND DASTAP" },
	{ 217, 'E', "MONITOR TAPE NOT STARTED, NO CLASS ENABLED" },
	{ 221, 'E', "MONITOR TO SPOOL IS ALREADY ACTIVE" },
	{ 222, 'E', "TIME PARAMETER SPECIFIES INVALID TIME" },
	{ 223, 'E', "START TIME MUST PRECEDE STOP TIME" },
	{ 224, 'E', "LIMIT MUST BE BETWEEN 10 AND 50000" },
	{ 225, 'E', "INVALID MONITOR USERID SPECIFIED, MON NOT ENABLED" },
	{ 226, 'E', "FOR VALUE SPANS MIDNIGHT - COMMAND INVALID" },
	{ 227, 'E', "FOR OPTION INVALID WITH AUTODISK OFF" },
	{ 228, 'E', "FOR OPTION INVALID WITH MONITOR ON" },
	{ 230, 'E', "IPL SIO ERROR" },
	{ 232, 'E', "IPL UNIT ERROR, CSW=& &, SENSE=&" },
	{ 243, 'E', "FLASH MISSING OR INVALID" },
	{ 245, 'E', "CHARS MISSING OR INVALID" },
	{ 246, 'E', "FCB MISSING OR INVALID" },
	{ 253, 'E', "MODIFY MISSING OR INVALID" },
	{ 300, 'E', "SAVE REQUEST BEYOND VIRTUAL MACHINE SIZE" },
	{ 426, 'E', "RDR & SYSTEM SPOOL SPACE FULL; FILE PURGED" },
	{ 427, 'I', "& & SYSTEM SPOOL SPACE FULL; FILE CLOSED" },
	{ 429, 'I', "& & SPOOL ERROR; FILE &" },
	{ 431, 'A', "RDR & ID CARD MISSING OR INVALID" },
	{ 432, 'A', "RDR & ID CARD; & NOT IN CP DIRECTORY" },
	{ 433, 'A', "RDR & ID CARD; INVALID DATA - &" },
	{ 434, 'A', "RDR & FATAL I/O ERROR; FILE PURGED" },
	{ 435, 'E', "PAGING ERROR WRITING SAVED SYSTEM" },
	{ 441, 'E', "NOT ACCEPTED.  PREVIOUS BACKSPACE STILL BEING PROCESSED" },
	{ 450, 'W', "CP ENTERED; DISABLED WAIT PSW '& &'" },
	{ 453, 'W', "CP ENTERED; PROGRAM INTERRUPT LOOP" },
	{ 960, 'I', "SYSTEM WARM START DATA SAVED" },
	{ 707, 'E', "DIAL FUNCTION NOT AVAILABLE" },
	{ 961, 'W', "SYSTEM SHUTDOWN COMPLETE" },
};

static const struct message *find(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].number == number)
			return &messages[i];
	BUG("a message number that is not in the table");
}

static void fill(char *out, size_t size, const char *text, va_list ap)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++) {
		if (*text != '&') {
			out[n++] = *text;
			continue;
		}
		n += (size_t)snprintf(out + n, size - n, "%s", va_arg(ap, const char *));
		if (n >= size)
			n = size - 1;
	}
	out[n] = '\0';
}

static int vmessage(struct vmblok *vm, const char *module, int number, va_list ap)
{
	const struct message *m = find(number);
	char id[16], text[200];

	snprintf(id, sizeof(id), "DMK%s%03d%c", module, number, m->severity);
	fill(text, sizeof(text), m->text, ap);
	switch (vm->emsg) {
	case EMSG_ON:   vm_say(vm, "%s %s", id, text); break;
	case EMSG_TEXT: vm_say(vm, "%s", text); break;
	case EMSG_CODE: vm_say(vm, "%s", id); break;
	case EMSG_OFF:  break;
	}
	return number;
}

int cp_error(struct vmblok *vm, const char *module, int number, ...)
{
	va_list ap;
	int rc;

	va_start(ap, number);
	rc = vmessage(vm, module, number, ap);
	va_end(ap);
	return rc;
}
