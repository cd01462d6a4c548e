/*
 * sysdef: the few macros that every file may want.  Pure layer.
 */
#ifndef SSHD_CONN_BASE_SYSDEF_H
#define SSHD_CONN_BASE_SYSDEF_H

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MUST_USE	__attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN	__attribute__((noreturn))
#define UNUSED		__attribute__((unused))

/*
 * A large array that is written before it is read: hardened builds would
 * otherwise fill it, page by page, each time its function is called.
 */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNINITIALIZED	__attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

#endif
