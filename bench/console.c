/*
 * bench/console.c - how fast and for how many the console server is.
 *
 *   bench/console PORT [CLIENTS [TYPING]]
 *
 * A load of TN3270 clients (classic, IBM-3278-2) in one process, in front of a
 * server whose application writes back what is typed (tests/echo_server, or a
 * guest under Hercules). Prints "name value unit" lines:
 *
 *   one client, as fast as it can, then TYPING clients that press ENTER every
 *   100 ms, then as many as it can at once; then CLIENTS connections at once.
 *
 * A round trip is from the ENTER record to the end of the record that holds the
 * answer. Twice: "..._median", "..._p99" until this program has read the answer;
 * "..._served_..." until the answer's bytes were in this program's socket, by the
 * kernel's time stamp. The difference is how long this program had to wait for a
 * processor, which is not the server's doing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define THINK_NS 100000000ull
#define WARM_UP	 200 /* round trips not counted */

enum state { LOGO, READ, READY, WAITING };

struct client {
	int fd;
	enum state state;
	uint64_t sent, next; /* ns */
	unsigned done;
	bool iac;
	unsigned char verb; /* of an option command, 0 none */
	bool sub;
};

static int epoll;
static uint64_t *samples, *served;
static size_t sample_count, sample_max;
static unsigned ready_clients;
static bool think;

/* The kernel's time stamps are of this clock. */
static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(struct client *c, const void *bytes, size_t n)
{
	if (send(c->fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send");
}

static void enter(struct client *c, const char *text, size_t n)
{
	static const unsigned char head[] = { 0x7D, 0x5B, 0x60, 0x11, 0x5B, 0x60 };
	unsigned char record[64];

	memcpy(record, head, 6);
	memcpy(record + 6, text, n);
	memcpy(record + 6 + n, "\xFF\xEF", 2);
	put(c, record, 8 + n);
}

static void type(struct client *c)
{
	c->state = WAITING;
	c->sent = now_ns();
	enter(c, "\x88\x85\x93\x93\x96", 5); /* hello */
}

static void record(struct client *c, uint64_t arrived)
{
	uint64_t now = now_ns();

	switch (c->state) {
	case LOGO:
		enter(c, "", 0);
		c->state = READ;
		break;
	case READ:
		c->state = READY;
		ready_clients++;
		break;
	case READY: break;
	case WAITING:
		c->done++;
		if (sample_count < sample_max) {
			samples[sample_count] = now - c->sent;
			served[sample_count++] =
				arrived > c->sent ? arrived - c->sent : 0;
		}
		c->state = READY;
		if (think)
			c->next = c->sent + THINK_NS;
		else
			type(c);
		break;
	}
}

static void option(struct client *c, unsigned char verb, unsigned char opt)
{
	unsigned char answer[3] = { 255, 0, opt };

	if (verb == 252 || verb == 254)
		return;
	if (verb == 253)
		answer[1] = opt == 24 || opt == 25 || opt == 0 ? 251 : 252;
	else
		answer[1] = opt == 25 || opt == 0 ? 253 : 254;
	put(c, answer, 3);
}

static void byte(struct client *c, unsigned char b, uint64_t arrived)
{
	static const char type_is[] = "\xFF\xFA\x18\0IBM-3278-2\xFF\xF0";

	if (c->verb) {
		option(c, c->verb, b);
		c->verb = 0;
	} else if (!c->iac) {
		c->iac = b == 255;
	} else {
		c->iac = false;
		if (b >= 251 && b <= 254)
			c->verb = b;
		else if (b == 240)
			put(c, type_is, sizeof(type_is) - 1);
		else if (b == 239)
			record(c, arrived);
	}
}

static void read_client(struct client *c)
{
	unsigned char bytes[16384], control[128];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(c->fd, &m, 0);
	uint64_t arrived = now_ns();

	if (n <= 0)
		die("server closed a connection");
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		struct timespec ts;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(h), sizeof(ts));
		arrived = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	}
	for (ssize_t i = 0; i < n; i++)
		byte(c, bytes[i], arrived);
}

/* Serve sockets for at most ms. */
static void turn(int ms)
{
	struct epoll_event ready[256];
	int n = epoll_wait(epoll, ready, 256, ms);

	for (int i = 0; i < n; i++)
		read_client(ready[i].data.ptr);
}

static void wait_ready(unsigned count)
{
	while (ready_clients < count)
		turn(1000);
}

/* patient: each waits until the one before is served (Hercules drops some otherwise). */
static struct client *connect_clients(unsigned count, unsigned short port, bool patient)
{
	struct client *all = calloc(count, sizeof(*all));
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1;

	if (!all)
		die("memory");
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (unsigned i = 0; i < count; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &all[i] };

		all[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (all[i].fd < 0 ||
		    connect(all[i].fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
			die("connect");
		setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		setsockopt(all[i].fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
		epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &ev);
		if (patient)
			wait_ready(i + 1);
	}
	return all;
}

static void close_clients(struct client *all, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(all[i].fd);
	free(all);
	ready_clients = 0;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void figures(const char *name, const char *what, uint64_t *s, size_t n)
{
	qsort(s, n, sizeof(*s), ascending);
	printf("%s%s_median %.1f us\n", name, what, (double)s[n / 2] / 1000);
	printf("%s%s_p99 %.1f us\n", name, what, (double)s[n - 1 - n / 100] / 1000);
	printf("%s%s_max %.1f us\n", name, what, (double)s[n - 1] / 1000);
}

static void report(const char *name, size_t skip)
{
	size_t n = sample_count > skip ? sample_count - skip : 0;

	if (!n)
		return;
	figures(name, "", samples + (sample_count - n), n);
	figures(name, "_served", served + (sample_count - n), n);
	printf("%s_samples %zu count\n", name, n);
	fflush(stdout);
}

/* Everybody types for some seconds, with THINK_NS between two ENTERs or none. */
static void load(const char *name, unsigned short port, unsigned count, bool thinking,
		 unsigned seconds)
{
	struct client *all = connect_clients(count, port, true);
	uint64_t start, end;

	wait_ready(count);
	sample_count = 0;
	think = thinking;
	start = now_ns();
	end = start + seconds * 1000000000ull;
	for (unsigned i = 0; i < count; i++) {
		all[i].next = start + THINK_NS * i / count;
		if (!thinking)
			type(&all[i]);
	}
	while (now_ns() < end) {
		uint64_t now = now_ns();

		for (unsigned i = 0; thinking && i < count; i++)
			if (all[i].state == READY && all[i].next <= now)
				type(&all[i]);
		turn(thinking ? 1 : 100);
	}
	report(name, count == 1 ? WARM_UP : count);
	printf("%s_rate %.0f per_s\n", name, (double)sample_count / seconds);
	close_clients(all, count);
}

static void many(unsigned short port, unsigned count)
{
	uint64_t start = now_ns();
	struct client *all = connect_clients(count, port, false);

	wait_ready(count);
	printf("connect_%u %.1f ms\n", count, (double)(now_ns() - start) / 1e6);
	sample_count = 0;
	think = true;
	for (unsigned i = 0; i < count; i++)
		type(&all[i]);
	while (sample_count < count)
		turn(1000);
	report("all_at_once", 0);
	close_clients(all, count);
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	unsigned short port;
	unsigned clients = argc > 2 ? (unsigned)atoi(argv[2]) : 2000;
	unsigned typing = argc > 3 ? (unsigned)atoi(argv[3]) : 500;

	if (argc < 2) {
		fprintf(stderr, "usage: console PORT [CLIENTS [TYPING]]\n");
		return 2;
	}
	port = (unsigned short)atoi(argv[1]);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	epoll = epoll_create1(0);
	sample_max = 4000000;
	samples = malloc(sample_max * sizeof(*samples));
	served = malloc(sample_max * sizeof(*served));
	if (!samples || !served)
		die("memory");
	load("one_client", port, 1, false, 3);
	if (typing > 1) {
		load("typing", port, typing, true, 5);
		load("flat_out", port, typing, false, 3);
	}
	if (clients > 1)
		many(port, clients);
	return 0;
}
