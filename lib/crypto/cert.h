/*
 * cert: OpenSSH certificates (PROTOCOL.certkeys), for users and hosts.
 * Pure layer: keys judges with it what a peer sent.
 *
 * A certificate's blob, as a request or a file has it:
 *
 *	string	type, such as "ssh-ed25519-cert-v01@openssh.com"
 *	string	nonce
 *	....	the key's own fields
 *	uint64	serial
 *	uint32	1 for a user's, 2 for a host's
 *	string	key id, a text for logs
 *	string	principals, each a string
 *	uint64	valid after, uint64 valid before: seconds since 1970
 *	string	critical options, string extensions: pairs of strings
 *	string	reserved
 *	string	CA's public key blob
 *	string	CA's signature over all that is in front of it
 */
#ifndef SSHD_CONN_CRYPTO_CERT_H
#define SSHD_CONN_CRYPTO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/sysdef.h"
#include "crypto/pubkey.h"

/* One fits into a packet of 35000 bytes, with a signature behind it. */
#define CERT_BLOB_MAX_BYTES (24 * 1024)
#define CERT_PRINCIPALS_MAX_COUNT 256

enum cert_type {
	CERT_USER = 1,
	CERT_HOST = 2,
};

/* A certificate, taken apart; the spans borrow from its blob. */
struct cert {
	struct pubkey_info info;	/* of the key that it is about */
	const char *key_name;		/* "ssh-ed25519-cert-v01@..." */
	const char *log_name;		/* "ED25519-CERT": log contract */
	uint8_t plain[KEY_BLOB_MAX_BYTES];	/* that key's own blob */
	size_t plain_len;
	uint64_t serial;
	uint32_t type;			/* enum cert_type */
	struct span key_id;
	struct span principals;		/* see cert_next_principal() */
	uint64_t valid_after, valid_before;
	struct span critical, extensions;
	struct span ca;			/* a plain key's blob */
	struct pubkey_info ca_info;
	struct span ca_alg;		/* what the CA signed with */
	struct span signed_part, signature;
};

/* Does the blob say that it is a certificate?  Its name only is looked at. */
bool cert_is(struct span blob);

/*
 * cert_parse - is this a well-formed certificate of a key that we know, by a
 * CA whose key could be one?
 *
 * The key and the CA's are judged as pubkey_parse() does; a certificate is
 * no CA.  Names have no NUL in them.  Neither the signature nor a date is
 * looked at.  False, with *out zero, otherwise.
 *
 * Trust: blob is hostile; time is bounded by CERT_BLOB_MAX_BYTES.
 */
bool cert_parse(struct span blob, struct cert *out) MUST_USE;

/* The blob of the key that the certificate is about; borrows from it. */
static inline struct span
cert_plain(const struct cert *cert)
{
	return span(cert->plain, cert->plain_len);
}

/*
 * cert_signature_holds - has the CA signed this?
 *
 * Whether the CA is trusted, and with which algorithms, is the caller's to
 * see.  A CA in a security key need not have been touched.
 */
bool cert_signature_holds(const struct cert *cert) MUST_USE;

/*
 * cert_fault - what is wrong with it as a certificate of this type at this
 * time, in OpenSSH's words; NULL if nothing is
 *
 * One without any principal is good for nobody (CVE-2024-7594).
 */
const char *cert_fault(const struct cert *cert, enum cert_type want,
    uint64_t now_sec);

/* The next of a list of principals, from the front; false at the end. */
bool cert_next_principal(struct span *list, struct span *name);

/* Is this very name in it?  There are no patterns in a user's. */
bool cert_names(const struct cert *cert, struct span name) MUST_USE;

/* What a user's certificate asks and allows; spans borrow from the blob. */
struct cert_options {
	bool has_command, has_source;
	struct span force_command;
	struct span source_addresses;	/* CIDR, with commas; form unjudged */
	bool verify_required;
	bool no_touch_required;
	bool permit_x11, permit_agent, permit_port, permit_pty, permit_user_rc;
	struct span ignored;		/* an extension that nobody knows */
};

enum cert_option_fault {
	CERT_OPTIONS_FINE,
	CERT_OPTION_UNKNOWN,	/* and critical */
	CERT_OPTION_TWICE,
	CERT_OPTION_UNREADABLE,	/* its value is not one string */
	CERT_OPTION_CORRUPT,	/* bytes are left behind the value */
};

/*
 * cert_read_options - critical options and extensions
 *
 * On a fault *out is zero but for ignored, which is the option's name.
 */
enum cert_option_fault cert_read_options(const struct cert *cert,
    struct cert_options *out) MUST_USE;

#endif
