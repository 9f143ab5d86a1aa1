/*
 * tests/unit/ports.h - numbers of TCP ports for tests of what must be told both ends'.
 */
#ifndef TESTS_UNIT_PORTS_H
#define TESTS_UNIT_PORTS_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static inline bool port_is_free(uint16_t port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok = bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;

	close(fd);
	return ok;
}

/*
 * The first of four ports, a multiple of four, that are free just now; another process
 * gets others. They are not among those that Linux gives to clients (32768 and up): one
 * of these could be any connection's in the next moment.
 */
static inline uint16_t free_ports(void)
{
	for (unsigned n = 0; n < 1000; n++) {
		unsigned p = 10000 + 4 * (((unsigned)getpid() * 7 + n * 13) % 5000);
		unsigned i = 0;

		while (i < 4 && port_is_free((uint16_t)(p + i)))
			i++;
		if (i == 4)
			return (uint16_t)p;
	}
	ck_abort_msg("no free ports");
}

#endif
