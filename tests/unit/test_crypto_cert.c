/*
 * Tests of crypto/cert.h: ssh-keygen's certificates of every kind, and ones
 * made here that lie in one field each (threats, rows 36 and 37).
 */
#include "test_crypto_hex.h"

#include "base/names.h"
#include "test_cert_made.h"
#include "test_crypto_made.h"

#define NOW 1700000000u			/* in 2023 */

/* test_cert_made.h says what that was. */
static void
says_what_was_asked_for(const struct cert *cert)
{
	struct cert_options options;

	assert_true(cert_names(cert, S("alice")));
	assert_true(cert_names(cert, S("bob")));
	assert_false(cert_names(cert, S("alice,bob")));
	assert_false(cert_names(cert, S("ali")));
	assert_false(cert_names(cert, S("")));
	assert_true(cert_signature_holds(cert));
	assert_null(cert_fault(cert, CERT_USER, NOW));
	assert_int_equal(cert_read_options(cert, &options),
	    CERT_OPTIONS_FINE);
	assert_true(span_is(options.force_command, "/bin/true"));
	assert_true(span_is(options.source_addresses, "10.0.0.0/8,::1"));
	assert_false(options.permit_pty);
	assert_true(options.permit_port && options.permit_agent &&
	    options.permit_x11 && options.permit_user_rc);
	assert_false(options.no_touch_required);
	assert_false(options.verify_required);
}

/* Each byte of it is signed, none may be missing, and none may follow. */
static void
nothing_else_holds(struct bytes *blob)
{
	struct cert cert;

	for (size_t n = 0; n < blob->len; n += 7) {
		blob->b[n] ^= 1;
		assert_false(cert_parse(view(blob), &cert) &&
		    cert_signature_holds(&cert));
		blob->b[n] ^= 1;
	}
	for (size_t n = 0; n < blob->len; n++)
		assert_false(cert_parse(span(blob->b, n), &cert));
	blob->b[blob->len++] = 0;
	assert_false(cert_parse(view(blob), &cert));
	assert_int_equal(cert.plain_len, 0);
}

static void
made_by_ssh_keygen(void **state)
{
	static const struct {
		const char *cert, *plain;
		enum key_type type;
		const char *log_name, *key_id;
	} made[] = {
		{ CERT_ED25519, PLAIN_ED25519, KEY_ED25519, "ED25519-CERT",
		    "id k_ed25519" },
		{ CERT_P256, PLAIN_P256, KEY_ECDSA_P256, "ECDSA-CERT",
		    "id k_ecdsa-256" },
		{ CERT_P384, PLAIN_P384, KEY_ECDSA_P384, "ECDSA-CERT",
		    "id k_ecdsa-384" },
		{ CERT_P521, PLAIN_P521, KEY_ECDSA_P521, "ECDSA-CERT",
		    "id k_ecdsa-521" },
		{ CERT_RSA, PLAIN_RSA, KEY_RSA, "RSA-CERT",
		    "id k_rsa-2048" },
		{ CERT_SK_ED25519, PLAIN_SK_ED25519, KEY_ED25519_SK,
		    "ED25519-SK-CERT", "id k_ed25519-sk" },
		{ CERT_SK_ECDSA, PLAIN_SK_ECDSA, KEY_ECDSA_SK,
		    "ECDSA-SK-CERT", "id k_ecdsa-sk" },
	};
	static struct bytes blob, plain, ca;
	struct pubkey_info info;
	struct cert cert;

	(void)state;
	decode(CA_PLAIN, &ca);
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		decode(made[i].cert, &blob);
		decode(made[i].plain, &plain);
		assert_true(cert_is(view(&blob)));
		assert_false(cert_is(view(&plain)));
		assert_false(pubkey_parse(view(&blob), &info));
		assert_false(cert_parse(view(&plain), &cert));
		assert_true(cert_parse(view(&blob), &cert));
		assert_true(span_equal(cert_plain(&cert), view(&plain)));
		assert_int_equal(cert.info.type, made[i].type);
		assert_string_equal(cert.log_name, made[i].log_name);
		assert_true(span_is(cert.key_id, made[i].key_id));
		assert_true(cert.serial == 7);
		assert_true(span_equal(cert.ca, view(&ca)));
		says_what_was_asked_for(&cert);
		nothing_else_holds(&blob);
	}
	decode(CERT_BY_SK, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_int_equal(cert.ca_info.type, KEY_ED25519_SK);
	assert_true(cert_signature_holds(&cert));
}

/* A certificate's fields, to be changed one at a time. */
struct fields {
	const char *type;
	uint32_t kind;
	struct span key_id, principals, critical, extensions, ca;
	uint64_t after, before;
	bool two_signatures;
};

static struct privkey *user_key, *ca_key;

/* The value of a list: names and, unless data is NULL, their data. */
static struct span
list(uint8_t *room, size_t size, const char *const *names,
    const struct span *data, size_t n)
{
	struct sink out = sink_of(room, size);

	for (size_t i = 0; i < n; i++) {
		sink_cstring(&out, names[i]);
		if (data != NULL)
			sink_string(&out, data[i]);
	}
	assert_true(sink_ok(&out));
	return sink_span(&out);
}

static struct fields
good_fields(void)
{
	static uint8_t room[64];
	static const char *const names[] = { "alice" };

	return (struct fields){
		.type = "ssh-ed25519-cert-v01@openssh.com",
		.kind = CERT_USER,
		.key_id = S("id"),
		.principals = list(room, sizeof room, names, NULL, 1),
		.critical = span(NULL, 0),
		.extensions = span(NULL, 0),
		.ca = privkey_public(ca_key),
		.before = UINT64_MAX,
	};
}

static void
make(const struct fields *f, struct bytes *blob)
{
	struct cursor in = cursor_of(privkey_public(user_key));
	struct sink out = sink_of(blob->b, sizeof blob->b);
	struct sink sig;
	uint8_t room[256];

	cursor_string(&in);
	sink_cstring(&out, f->type);
	sink_cstring(&out, "nonce");
	sink_bytes(&out, cursor_rest(&in));
	sink_u64(&out, 9);
	sink_u32(&out, f->kind);
	sink_string(&out, f->key_id);
	sink_string(&out, f->principals);
	sink_u64(&out, f->after);
	sink_u64(&out, f->before);
	sink_string(&out, f->critical);
	sink_string(&out, f->extensions);
	sink_cstring(&out, "");
	sink_string(&out, f->ca);
	sig = sink_of(room, sizeof room);
	assert_true(privkey_sign(ca_key, S("ssh-ed25519"), sink_span(&out),
	    &sig));
	sink_string(&out, sink_span(&sig));
	if (f->two_signatures)
		sink_string(&out, sink_span(&sig));
	assert_true(sink_ok(&out));
	blob->len = out.len;
}

/* The certificate of those fields, which lasts until the next. */
static bool
parses(const struct fields *f, struct cert *cert)
{
	static struct bytes blob;

	make(f, &blob);
	return cert_parse(view(&blob), cert);
}

static void
forms(void **state)
{
	struct fields f = good_fields();
	struct cert cert;

	(void)state;
	assert_true(parses(&f, &cert));
	assert_true(cert_signature_holds(&cert));
	f.kind = CERT_HOST;
	assert_true(parses(&f, &cert));
	assert_string_equal(cert_fault(&cert, CERT_USER, NOW),
	    "Certificate invalid: not a user certificate");
	assert_null(cert_fault(&cert, CERT_HOST, NOW));
	for (uint32_t kind = 0; kind < 5; kind++) {
		f.kind = kind;
		assert_int_equal(parses(&f, &cert), kind == 1 || kind == 2);
	}
	f = good_fields();
	f.two_signatures = true;
	assert_false(parses(&f, &cert));
	f = good_fields();
	f.type = "ssh-ed25519-cert-v02@openssh.com";
	assert_false(parses(&f, &cert));
	f.type = "sk-ssh-ed25519-cert-v01@openssh.com";
	assert_false(parses(&f, &cert));
}

/* NULs in names, and lists that are none, or too long. */
static void
lists(void **state)
{
	static const char *names[CERT_PRINCIPALS_MAX_COUNT + 1];
	struct fields f = good_fields();
	uint8_t room[8192];
	struct cert cert;

	(void)state;
	f.key_id = span("a\0b", 3);
	assert_false(parses(&f, &cert));
	f = good_fields();
	f.principals = span("\0\0\0\5a\0b", 7);
	assert_false(parses(&f, &cert));
	f.principals = span("\0\0\0\3a\0b", 7);
	assert_false(parses(&f, &cert));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		names[i] = "a";
	f.principals = list(room, sizeof room, names, NULL,
	    CERT_PRINCIPALS_MAX_COUNT);
	assert_true(parses(&f, &cert));
	f.principals = list(room, sizeof room, names, NULL,
	    CERT_PRINCIPALS_MAX_COUNT + 1);
	assert_false(parses(&f, &cert));
	f = good_fields();
	f.critical = list(room, sizeof room, names, NULL, 1);
	assert_false(parses(&f, &cert));
}

/* The CA is a certificate, or of no kind, or another than signed. */
static void
authorities(void **state)
{
	static struct bytes other;
	struct fields f = good_fields();
	struct cert cert;

	(void)state;
	make(&f, &other);
	f.ca = view(&other);
	assert_false(parses(&f, &cert));
	f.ca = span(NULL, 0);
	assert_false(parses(&f, &cert));
	f.ca = privkey_public(user_key);
	assert_true(parses(&f, &cert));
	assert_false(cert_signature_holds(&cert));
}

static void
dates_and_names(void **state)
{
	static struct bytes blob;
	struct fields f = good_fields();
	struct cert cert;

	(void)state;
	f.after = NOW + 1;
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_string_equal(cert_fault(&cert, CERT_USER, NOW),
	    "Certificate invalid: not yet valid");
	assert_null(cert_fault(&cert, CERT_USER, NOW + 1));
	f.after = UINT64_MAX;
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_non_null(cert_fault(&cert, CERT_USER, NOW));
	f.after = 0;
	f.before = NOW;
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_string_equal(cert_fault(&cert, CERT_USER, NOW),
	    "Certificate invalid: expired");
	assert_null(cert_fault(&cert, CERT_USER, NOW - 1));
	f = good_fields();
	f.principals = span(NULL, 0);
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_string_equal(cert_fault(&cert, CERT_USER, NOW),
	    "Certificate lacks principal list");
	assert_false(cert_names(&cert, S("")));
	/* Neither commas nor wildcards mean anything in a name. */
	f.principals = span("\0\0\0\6a,root\0\0\0\1*", 15);
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	assert_false(cert_names(&cert, S("root")));
	assert_false(cert_names(&cert, S("a")));
	assert_false(cert_names(&cert, S("alice")));
	assert_true(cert_names(&cert, S("*")));
}

/* One critical option or extension, with this data, read. */
static enum cert_option_fault
option(bool critical, const char *const *names, const struct span *data,
    size_t n, struct cert_options *out)
{
	static struct bytes blob;
	static struct cert cert;
	static uint8_t room[512];
	struct fields f = good_fields();
	struct span value = list(room, sizeof room, names, data, n);

	*(critical ? &f.critical : &f.extensions) = value;
	make(&f, &blob);
	assert_true(cert_parse(view(&blob), &cert));
	return cert_read_options(&cert, out);
}

static void
options(void **state)
{
	const char *const names[] = { "force-command", "force-command" };
	const char *const source[] = { "source-address", "source-address" };
	const char *const odd[] = { "odd@example.org" };
	const char *const verify[] = { "verify-required" };
	const char *const touch[] = { "no-touch-required" };
	const struct span good[] = { span("\0\0\0\2ls", 6),
		span("\0\0\0\2ls", 6) };
	const struct span more[] = { span("\0\0\0\2lsx", 7) };
	const struct span less[] = { span("\0\0\0\3ls", 6) };
	const struct span nul[] = { span("\0\0\0\2l\0", 6) };
	const struct span empty[] = { span(NULL, 0) };
	struct cert_options o;

	(void)state;
	assert_int_equal(option(true, names, good, 1, &o), CERT_OPTIONS_FINE);
	assert_true(o.has_command && span_is(o.force_command, "ls"));
	assert_false(o.permit_pty || o.permit_port || o.permit_agent ||
	    o.permit_x11 || o.permit_user_rc);
	assert_int_equal(option(true, names, good, 2, &o), CERT_OPTION_TWICE);
	assert_false(o.has_command);
	assert_true(span_is(o.ignored, "force-command"));
	assert_int_equal(option(true, source, good, 2, &o),
	    CERT_OPTION_TWICE);
	assert_int_equal(option(true, names, more, 1, &o),
	    CERT_OPTION_CORRUPT);
	assert_int_equal(option(true, names, less, 1, &o),
	    CERT_OPTION_UNREADABLE);
	assert_int_equal(option(true, names, nul, 1, &o),
	    CERT_OPTION_UNREADABLE);
	assert_int_equal(option(true, names, empty, 1, &o),
	    CERT_OPTION_UNREADABLE);
	assert_int_equal(option(true, odd, good, 1, &o), CERT_OPTION_UNKNOWN);
	assert_int_equal(option(false, odd, good, 1, &o), CERT_OPTIONS_FINE);
	assert_true(span_is(o.ignored, "odd@example.org"));
	assert_int_equal(option(true, verify, empty, 1, &o),
	    CERT_OPTIONS_FINE);
	assert_true(o.verify_required);
	assert_int_equal(option(true, verify, good, 1, &o),
	    CERT_OPTION_CORRUPT);
	assert_int_equal(option(false, touch, empty, 1, &o),
	    CERT_OPTIONS_FINE);
	assert_true(o.no_touch_required);
	assert_int_equal(option(false, touch, good, 1, &o),
	    CERT_OPTION_CORRUPT);
	/* What permits is no critical option, and the other way round. */
	assert_int_equal(option(true, touch, empty, 1, &o),
	    CERT_OPTION_UNKNOWN);
	assert_int_equal(option(false, names, good, 1, &o),
	    CERT_OPTIONS_FINE);
	assert_false(o.has_command);
}

static void
algorithms(void **state)
{
	struct span list = span_str(sig_alg_user_all_names()), name;
	size_t certs = 0, plain = 0;

	(void)state;
	while (names_next(&list, &name)) {
		struct span of = sig_alg_of_cert(name);

		certs += of.len > 0;
		plain += of.len == 0;
		assert_int_equal(sig_alg_key_type(name) == KEY_NONE,
		    of.len > 0);
		assert_true(sig_alg_known(of.len > 0 ? of : name));
	}
	assert_int_equal(certs, 10);
	assert_int_equal(plain, 10);
	assert_true(span_is(sig_alg_of_cert(
	    S("rsa-sha2-256-cert-v01@openssh.com")), "rsa-sha2-256"));
	assert_true(span_is(sig_alg_of_cert(
	    S("sk-ssh-ed25519-cert-v01@openssh.com")),
	    "sk-ssh-ed25519@openssh.com"));
	assert_int_equal(sig_alg_of_cert(
	    S("ssh-dss-cert-v01@openssh.com")).len, 0);
	assert_int_equal(sig_alg_of_cert(S("-cert-v01@openssh.com")).len, 0);
	assert_int_equal(sig_alg_of_cert(S("")).len, 0);
}

static int
start(void **state)
{
	(void)state;
	return make_two_keys(&user_key, PRIVKEY_ED25519, &ca_key, PRIVKEY_ED25519);
}

static int
stop(void **state)
{
	(void)state;
	return free_two_keys(user_key, ca_key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_by_ssh_keygen),
		cmocka_unit_test(forms),
		cmocka_unit_test(lists),
		cmocka_unit_test(authorities),
		cmocka_unit_test(dates_and_names),
		cmocka_unit_test(options),
		cmocka_unit_test(algorithms),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
