/* Guest bytes moved unseen by thread sanitizer: see "guest bytes" in cpu370/int.h. */
#include "cpu370/int.h"

#ifdef GUEST_WATCHED

void guest_copy(void *to, const void *from, size_t n)
{
	volatile uint8_t *out = to;
	const volatile uint8_t *in = from;

	for (size_t i = 0; i < n; i++)
		out[i] = in[i];
}

void guest_move(void *to, const void *from, size_t n)
{
	volatile uint8_t *out = to;
	const volatile uint8_t *in = from;

	if ((uintptr_t)to <= (uintptr_t)from) {
		guest_copy(to, from, n);
		return;
	}
	for (size_t i = n; i > 0; i--)
		out[i - 1] = in[i - 1];
}

void guest_fill(void *to, uint8_t byte, size_t n)
{
	volatile uint8_t *out = to;

	for (size_t i = 0; i < n; i++)
		out[i] = byte;
}

void full_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

#endif
