#include "cp/lineedit.h"

bool lineedit_next(const struct lineedit_symbols *s, const char **text,
		   char line[CP_LINE_MAX + 1])
{
	const char *c = *text;
	bool deleted = false;
	size_t n = 0;

	for (; *c; c++) {
		if (s->escape && *c == s->escape && c[1]) {
			c++;
		} else if (s->chardel && *c == s->chardel) {
			n -= n > 0;
			deleted = true;
			continue;
		} else if (s->linedel && *c == s->linedel) {
			n = 0;
			deleted = true;
			continue;
		} else if (s->linend && *c == s->linend) {
			break;
		}
		if (n < CP_LINE_MAX)
			line[n++] = *c;
	}
	line[n] = '\0';
	*text = *c ? c + 1 : NULL;
	return n > 0 || !deleted;
}
