/* check.h - assertions that stay on in every build.
 *
 * CHECK is for what only a mistake in our own code can break: arguments, invariants, states.
 * Never for anything that came from outside (a file, the wire, a user, the store's bytes).
 * A failed CHECK prints where and what, and aborts: both programs are crash-safe by design. */
#ifndef KC_BASE_CHECK_H
#define KC_BASE_CHECK_H

#if defined(__GNUC__)
#define MUST_USE __attribute__ ((warn_unused_result))
#if defined(__MINGW32__) /* its "printf" means the old run time's, which knows no %zu */
#define PRINTF_LIKE(fmt, args) __attribute__ ((format (gnu_printf, fmt, args)))
#else
#define PRINTF_LIKE(fmt, args) __attribute__ ((format (printf, fmt, args)))
#endif
#define NO_RETURN __attribute__ ((noreturn))
#else
#define MUST_USE
#define PRINTF_LIKE(fmt, args)
#define NO_RETURN
#endif

NO_RETURN void check_failed (const char *file, int line, const char *what);

#define CHECK(cond) ((cond) ? (void)0 : check_failed (__FILE__, __LINE__, #cond))
#define UNREACHABLE() check_failed (__FILE__, __LINE__, "unreachable")

#endif
