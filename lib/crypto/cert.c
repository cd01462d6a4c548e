/*
 * cert: certificates of keys.  Pure layer.
 *
 * Must never take a certificate for more than what its CA wrote.
 */
#include <string.h>

#include "crypto/cert.h"
#include "crypto/pubkey_impl.h"

static const struct {
	const char *name;
	enum key_type type;
	const char *log_name;
} kinds[] = {
	{ "ssh-ed25519-cert-v01@openssh.com", KEY_ED25519, "ED25519-CERT" },
	{ "ecdsa-sha2-nistp256-cert-v01@openssh.com", KEY_ECDSA_P256,
	    "ECDSA-CERT" },
	{ "ecdsa-sha2-nistp384-cert-v01@openssh.com", KEY_ECDSA_P384,
	    "ECDSA-CERT" },
	{ "ecdsa-sha2-nistp521-cert-v01@openssh.com", KEY_ECDSA_P521,
	    "ECDSA-CERT" },
	{ "ssh-rsa-cert-v01@openssh.com", KEY_RSA, "RSA-CERT" },
	{ "sk-ssh-ed25519-cert-v01@openssh.com", KEY_ED25519_SK,
	    "ED25519-SK-CERT" },
	{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", KEY_ECDSA_SK,
	    "ECDSA-SK-CERT" },
};

static size_t
kind_index(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (span_is(name, kinds[i].name))
			return i;
	}
	return ARRAY_LEN(kinds);
}

bool
cert_is(struct span blob)
{
	struct cursor in = cursor_of(blob);

	return kind_index(cursor_name(&in)) < ARRAY_LEN(kinds);
}

/* A text of C's kind: a NUL would hide what is behind it. */
static struct span
take_text(struct cursor *in)
{
	struct span text = cursor_string(in);

	if (text.len > 0 && memchr(text.p, 0, text.len) != NULL)
		cursor_fail(in, WIRE_BAD_VALUE);
	return text;
}

bool
cert_next_principal(struct span *list, struct span *name)
{
	struct cursor in = cursor_of(*list);

	if (list->len == 0)
		return false;
	*name = take_text(&in);
	*list = cursor_rest(&in);
	return in.err == WIRE_OK;
}

static bool
principals_sane(struct span list)
{
	struct cursor in = cursor_of(list);
	size_t count = 0;

	while (in.left > 0 && in.err == WIRE_OK &&
	    count <= CERT_PRINCIPALS_MAX_COUNT) {
		take_text(&in);
		count++;
	}
	return in.err == WIRE_OK && count <= CERT_PRINCIPALS_MAX_COUNT;
}

/* Pairs of a name and a value: form only. */
static bool
options_sane(struct span list)
{
	struct cursor in = cursor_of(list);

	while (in.left > 0) {
		take_text(&in);
		cursor_string(&in);
	}
	return in.err == WIRE_OK;
}

/* What stands behind the key's own fields. */
static void
read_body(struct cursor *in, struct span blob, struct cert *cert)
{
	cert->serial = cursor_u64(in);
	cert->type = cursor_u32(in);
	cert->key_id = take_text(in);
	cert->principals = cursor_string(in);
	cert->valid_after = cursor_u64(in);
	cert->valid_before = cursor_u64(in);
	cert->critical = cursor_string(in);
	cert->extensions = cursor_string(in);
	cursor_string(in);		/* reserved */
	cert->ca = cursor_string(in);
	cert->signed_part = span(blob.p, blob.len - in->left);
	cert->signature = cursor_string(in);
}

static bool
body_sane(struct cert *cert)
{
	struct cursor in = cursor_of(cert->signature);

	cert->ca_alg = cursor_name(&in);
	/* pubkey_parse() knows no certificate: a CA is never one. */
	return in.err == WIRE_OK &&
	    (cert->type == CERT_USER || cert->type == CERT_HOST) &&
	    principals_sane(cert->principals) &&
	    options_sane(cert->critical) && options_sane(cert->extensions) &&
	    pubkey_parse(cert->ca, &cert->ca_info);
}

bool
cert_parse(struct span blob, struct cert *out)
{
	struct cursor in = cursor_of(blob);
	struct key_parts parts = { .kind = NULL };
	struct sink plain = sink_of(out->plain, sizeof out->plain);
	size_t kind = kind_index(cursor_name(&in));

	memset(out, 0, sizeof *out);
	if (kind == ARRAY_LEN(kinds) || blob.len > CERT_BLOB_MAX_BYTES)
		return false;
	parts.kind = key_kind_of(kinds[kind].type);
	cursor_string(&in);		/* nonce */
	if (!key_read(&in, &parts))
		return false;
	key_join(&plain, &parts);
	read_body(&in, blob, out);
	out->plain_len = plain.len;
	out->key_name = kinds[kind].name;
	out->log_name = kinds[kind].log_name;
	if (cursor_end(&in) == WIRE_OK && sink_ok(&plain) &&
	    pubkey_parse(sink_span(&plain), &out->info) && body_sane(out))
		return true;
	memset(out, 0, sizeof *out);
	return false;
}

bool
cert_signature_holds(const struct cert *cert)
{
	struct sig_details details;

	return pubkey_verify_details(cert->ca_alg, cert->ca,
	    cert->signed_part, cert->signature, &details);
}

const char *
cert_fault(const struct cert *cert, enum cert_type want, uint64_t now_sec)
{
	if (cert->type != want)
		return want == CERT_USER ?
		    "Certificate invalid: not a user certificate" :
		    "Certificate invalid: not a host certificate";
	if (now_sec < cert->valid_after)
		return "Certificate invalid: not yet valid";
	if (now_sec >= cert->valid_before)
		return "Certificate invalid: expired";
	if (cert->principals.len == 0)
		return "Certificate lacks principal list";
	return NULL;
}

bool
cert_names(const struct cert *cert, struct span name)
{
	struct span list = cert->principals, one;

	while (cert_next_principal(&list, &one)) {
		if (span_equal(one, name))
			return true;
	}
	return false;
}

/* An option's value, which is one string inside of a string. */
static enum cert_option_fault
read_value(struct span data, bool *has, struct span *value)
{
	struct cursor in = cursor_of(data);
	struct span text = take_text(&in);

	if (in.err != WIRE_OK)
		return CERT_OPTION_UNREADABLE;
	if (in.left > 0)
		return CERT_OPTION_CORRUPT;
	if (*has)
		return CERT_OPTION_TWICE;
	*has = true;
	*value = text;
	return CERT_OPTIONS_FINE;
}

static enum cert_option_fault
read_critical(struct span name, struct span data, struct cert_options *out)
{
	if (span_is(name, "force-command"))
		return read_value(data, &out->has_command,
		    &out->force_command);
	if (span_is(name, "source-address"))
		return read_value(data, &out->has_source,
		    &out->source_addresses);
	if (!span_is(name, "verify-required"))
		return CERT_OPTION_UNKNOWN;
	out->verify_required = true;
	return data.len == 0 ? CERT_OPTIONS_FINE : CERT_OPTION_CORRUPT;
}

static enum cert_option_fault
read_extension(struct span name, struct span data, struct cert_options *out)
{
	const struct {
		const char *name;
		bool *flag;
	} rows[] = {
		{ "no-touch-required", &out->no_touch_required },
		{ "permit-X11-forwarding", &out->permit_x11 },
		{ "permit-agent-forwarding", &out->permit_agent },
		{ "permit-port-forwarding", &out->permit_port },
		{ "permit-pty", &out->permit_pty },
		{ "permit-user-rc", &out->permit_user_rc },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!span_is(name, rows[i].name))
			continue;
		*rows[i].flag = true;
		return data.len == 0 ? CERT_OPTIONS_FINE :
		    CERT_OPTION_CORRUPT;
	}
	out->ignored = name;
	return CERT_OPTIONS_FINE;
}

enum cert_option_fault
cert_read_options(const struct cert *cert, struct cert_options *out)
{
	const struct span lists[] = { cert->critical, cert->extensions };
	enum cert_option_fault fault = CERT_OPTIONS_FINE;
	struct cert_options found = { .has_command = false };
	struct span name = span(NULL, 0), data;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct cursor in = cursor_of(lists[i]);

		while (in.left > 0 && fault == CERT_OPTIONS_FINE) {
			name = take_text(&in);
			data = cursor_string(&in);
			if (in.err != WIRE_OK)
				fault = CERT_OPTION_UNREADABLE;
			else if (i == 0)
				fault = read_critical(name, data, &found);
			else
				fault = read_extension(name, data, &found);
		}
	}
	if (fault != CERT_OPTIONS_FINE)
		found = (struct cert_options){ .ignored = name };
	*out = found;
	return fault;
}
