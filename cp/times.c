#include "cp/times.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

static void format(char out[CP_DATE_SIZE], const char *how)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	if (strftime(out, CP_DATE_SIZE, how, &tm) == 0)
		out[0] = '\0';
	for (char *c = out; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

const char *times_date(char out[CP_DATE_SIZE])
{
	format(out, "%m/%d/%y");
	return out;
}

const char *times_clock(char out[CP_DATE_SIZE])
{
	format(out, "%H:%M:%S");
	return out;
}

const char *times_full(char out[CP_DATE_SIZE])
{
	format(out, "%H:%M:%S %Z %A %m/%d/%y");
	return out;
}

const char *times_connect(char out[CP_DATE_SIZE], uint64_t tod)
{
	unsigned s = (unsigned)(tod / TOD_SECOND);

	snprintf(out, CP_DATE_SIZE, "%02u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
	return out;
}

const char *times_cpu(char out[CP_DATE_SIZE], uint64_t ns)
{
	unsigned hs = (unsigned)(ns / 10000000);

	snprintf(out, CP_DATE_SIZE, "%03u:%02u.%02u", hs / 6000, hs / 100 % 60, hs % 100);
	return out;
}
