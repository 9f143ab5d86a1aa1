#include "s370/sockdev.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int sockdev_listen(const char *where, struct error *err)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	const char *colon = strrchr(where, ':');
	char host[100] = "127.0.0.1";
	struct addrinfo *found;
	int e, fd, on = 1;

	if (colon && colon != where)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	e = getaddrinfo(host, colon ? colon + 1 : where, &hints, &found);
	if (e) {
		error_set(err, 0, "%s: %s", where, gai_strerror(e));
		return -1;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	e = fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 8) != 0
		    ? errno
		    : 0;
	freeaddrinfo(found);
	if (!e)
		return fd;
	error_errno(err, e, "%s", where);
	if (fd >= 0)
		close(fd);
	return -1;
}
