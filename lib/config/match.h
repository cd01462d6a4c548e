/*
 * match: does a connection fit a pattern of the configuration?
 *
 * Pure layer.  The same rules serve Match, AllowUsers and its kin, and
 * from="" of an authorized_keys line.
 *
 * Trust: lists are the administrator's or a user's; names and addresses may
 * be chosen by the peer (a reverse DNS name is).  Time is bounded by the
 * product of the lengths.
 */
#ifndef SSHD_CONN_CONFIG_MATCH_H
#define SSHD_CONN_CONFIG_MATCH_H

enum match_verdict {
	MATCH_BAD = -2,		/* the list itself is wrong */
	MATCH_DENIED = -1,	/* an entry with '!' fits: beats a yes */
	MATCH_NO = 0,
	MATCH_YES = 1,
};

/*
 * match_address_list - a numeric address against "10.0.0.0/8,!10.1.*,::1"
 *
 * Entries are addresses, CIDR networks (bits after the mask must be zero) or
 * wildcard patterns of the address's text.  address NULL: only check the
 * list, MATCH_BAD or MATCH_NO.
 */
enum match_verdict match_address_list(const char *address, const char *list);

/*
 * match_host_and_address - a comma-separated list that may name either
 *
 * host may be NULL or the address again when the name is not known.
 */
enum match_verdict match_host_and_address(const char *host,
    const char *address, const char *list);

/*
 * match_user - "user" or "user@hosts", as AllowUsers and DenyUsers have them
 *
 * user NULL: only check the pattern, MATCH_BAD or MATCH_NO.
 */
enum match_verdict match_user(const char *user, const char *host,
    const char *address, const char *pattern);

#endif
