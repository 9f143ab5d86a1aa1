#include "cp/password.h"

#include <string.h>

#include "cp/directory.h"

bool password_matches(const struct directory_user *user, const char *password)
{
	char given[sizeof(user->password) + 1] = "", real[sizeof(given)] = "";
	unsigned char differ = 0;

	strncpy(given, password, sizeof(given) - 1);
	strncpy(real, user->password, sizeof(real) - 1);
	for (size_t i = 0; i < sizeof(given); i++)
		differ |= (unsigned char)(given[i] ^ real[i]);
	return differ == 0;
}
