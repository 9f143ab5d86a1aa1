/*
 * base/compiler.h - the compiler extensions this project allows itself.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define LIKELY(x)            __builtin_expect(!!(x), 1)
#define UNLIKELY(x)          __builtin_expect(!!(x), 0)
#define PRINTF_LIKE(f, a)    __attribute__((format(printf, f, a)))
#define MUST_USE             __attribute__((warn_unused_result))
#define NORETURN             __attribute__((noreturn))
#define FALLTHROUGH          __attribute__((fallthrough))
#define ALWAYS_INLINE        inline __attribute__((always_inline))
#define NOINLINE             __attribute__((noinline))
#define ARRAY_SIZE(a)        (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))

#endif
