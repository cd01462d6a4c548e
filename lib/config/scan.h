/*
 * scan: numbers as sshd_config writes them.  Pure layer, internal.
 *
 * Each returns false, with *out zero, for anything that is not wholly such a
 * number.
 */
#ifndef SSHD_CONN_CONFIG_SCAN_H
#define SSHD_CONN_CONFIG_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sysdef.h"

/* Decimal digits with an optional sign, from min to max. */
bool scan_int(const char *s, int64_t min, int64_t max, int64_t *out) MUST_USE;

/* "90", "1h30m", "2w": seconds, up to INT_MAX. */
bool scan_time(const char *s, int64_t *sec) MUST_USE;

/* "4096", "1.5G": bytes; B K M G T P E, in powers of 1024. */
bool scan_size(const char *s, int64_t *bytes) MUST_USE;

/* 0 to 65535, or the name of a TCP service. */
bool scan_port(const char *s, unsigned int *port) MUST_USE;

/* A DSCP name or number; "none" is IPQOS_NONE. */
#define IPQOS_NONE INT32_MAX
bool scan_ip_qos(const char *s, int64_t *out) MUST_USE;

/* The name for a value, or NULL; the caller prints it in hex then. */
const char *ip_qos_name(int value);

#endif
