/*
 * kexinit: codec of SSH_MSG_KEXINIT.  Pure layer, net only; never judges an
 * algorithm.
 */
#include "wire/kexinit.h"
#include "wire/numbers.h"

static struct span
name_list(struct cursor *in)
{
	struct span list = cursor_string(in);

	for (size_t i = 0; i < list.len; i++) {
		if (list.p[i] <= ' ' || list.p[i] >= 0x7f) {
			cursor_fail(in, WIRE_BAD_NAME);
			return span(NULL, 0);
		}
	}
	return list;
}

enum wire_err
wire_parse_kexinit(struct cursor in, struct wire_kexinit *out)
{
	struct wire_kexinit m = { 0 };
	struct span cookie = cursor_bytes(&in, sizeof m.cookie);

	if (cookie.len == sizeof m.cookie)
		memcpy(m.cookie, cookie.p, sizeof m.cookie);
	m.kex = name_list(&in);
	m.host_key = name_list(&in);
	m.cipher_c2s = name_list(&in);
	m.cipher_s2c = name_list(&in);
	m.mac_c2s = name_list(&in);
	m.mac_s2c = name_list(&in);
	m.comp_c2s = name_list(&in);
	m.comp_s2c = name_list(&in);
	m.lang_c2s = name_list(&in);
	m.lang_s2c = name_list(&in);
	m.first_kex_follows = cursor_bool(&in);
	m.reserved = cursor_u32(&in);

	*out = (struct wire_kexinit){ 0 };
	if (cursor_end(&in) == WIRE_OK)
		*out = m;
	return in.err;
}

void
wire_put_kexinit(struct sink *out, const struct wire_kexinit *m)
{
	sink_u8(out, SSH_MSG_KEXINIT);
	sink_bytes(out, span(m->cookie, sizeof m->cookie));
	sink_string(out, m->kex);
	sink_string(out, m->host_key);
	sink_string(out, m->cipher_c2s);
	sink_string(out, m->cipher_s2c);
	sink_string(out, m->mac_c2s);
	sink_string(out, m->mac_s2c);
	sink_string(out, m->comp_c2s);
	sink_string(out, m->comp_s2c);
	sink_string(out, m->lang_c2s);
	sink_string(out, m->lang_s2c);
	sink_bool(out, m->first_kex_follows);
	sink_u32(out, m->reserved);
}
