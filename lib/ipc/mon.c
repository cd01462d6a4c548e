/*
 * mon: codec of the net/monitor edge.  Both roles; neither logs nor exits.
 */
#include "ipc/mon.h"

void
mon_sign_put(struct sink *out, const struct mon_sign *m)
{
	sink_u8(out, MON_REQ_SIGN);
	sink_string(out, m->kex_name);
	sink_string(out, m->sig_name);
	sink_string(out, m->client_ident);
	sink_string(out, m->server_ident);
	sink_string(out, m->client_kexinit);
	sink_string(out, m->server_kexinit);
	sink_string(out, m->host_key);
	sink_string(out, m->client_public);
	sink_string(out, m->server_public);
	sink_string(out, m->shared);
	sink_u32(out, m->gex_min);
	sink_u32(out, m->gex_n);
	sink_u32(out, m->gex_max);
	sink_string(out, m->gex_prime);
	sink_string(out, m->gex_generator);
}

bool
mon_sign_get(struct cursor in, struct mon_sign *m)
{
	m->kex_name = cursor_name(&in);
	m->sig_name = cursor_name(&in);
	m->client_ident = cursor_string(&in);
	m->server_ident = cursor_string(&in);
	m->client_kexinit = cursor_string(&in);
	m->server_kexinit = cursor_string(&in);
	m->host_key = cursor_string(&in);
	m->client_public = cursor_string(&in);
	m->server_public = cursor_string(&in);
	m->shared = cursor_string(&in);
	m->gex_min = cursor_u32(&in);
	m->gex_n = cursor_u32(&in);
	m->gex_max = cursor_u32(&in);
	m->gex_prime = cursor_string(&in);
	m->gex_generator = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_sign){ 0 };
	return false;
}

void
mon_signature_put(struct sink *out, struct span signature)
{
	sink_u8(out, MON_ANS_SIGN);
	sink_string(out, signature);
}

/* A message that is one string. */
static bool
get_string(struct cursor in, struct span *out)
{
	*out = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*out = span(NULL, 0);
	return false;
}

bool
mon_signature_get(struct cursor in, struct span *signature)
{
	return get_string(in, signature);
}

void
mon_prove_put(struct sink *out, struct span host_key)
{
	sink_u8(out, MON_REQ_PROVE);
	sink_string(out, host_key);
}

bool
mon_prove_get(struct cursor in, struct span *host_key)
{
	return get_string(in, host_key);
}

void
mon_proof_put(struct sink *out, struct span signature)
{
	sink_u8(out, MON_ANS_PROVE);
	sink_string(out, signature);
}

bool
mon_proof_get(struct cursor in, struct span *signature)
{
	return get_string(in, signature);
}

void
mon_banner_put(struct sink *out, struct span text)
{
	sink_u8(out, MON_ORDER_BANNER);
	sink_string(out, text);
}

bool
mon_banner_get(struct cursor in, struct span *text)
{
	return get_string(in, text);
}

void
mon_sig_algs_put(struct sink *out, struct span names)
{
	sink_u8(out, MON_ORDER_SIG_ALGS);
	sink_string(out, names);
}

bool
mon_sig_algs_get(struct cursor in, struct span *names)
{
	return get_string(in, names);
}

void
mon_auth_put(struct sink *out, enum mon_req type, const struct mon_auth *m)
{
	sink_u8(out, (uint8_t)type);
	sink_string(out, m->user);
	sink_string(out, m->service);
	sink_string(out, m->method);
	sink_string(out, m->algorithm);
	sink_string(out, m->key);
	sink_string(out, m->signature);
	sink_string(out, m->host_key);
	sink_bool(out, m->hostbound);
	sink_string(out, m->password);
	sink_bool(out, m->change);
	sink_string(out, m->devices);
	sink_string(out, m->client_host);
	sink_string(out, m->client_user);
}

bool
mon_auth_get(struct cursor in, struct mon_auth *m)
{
	m->user = cursor_string(&in);
	m->service = cursor_string(&in);
	m->method = cursor_string(&in);
	m->algorithm = cursor_string(&in);
	m->key = cursor_string(&in);
	m->signature = cursor_string(&in);
	m->host_key = cursor_string(&in);
	m->hostbound = cursor_bool(&in);
	m->password = cursor_string(&in);
	m->change = cursor_bool(&in);
	m->devices = cursor_string(&in);
	m->client_host = cursor_string(&in);
	m->client_user = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_auth){ 0 };
	return false;
}

void
mon_verdict_put(struct sink *out, enum mon_ans type,
    const struct mon_verdict *m)
{
	sink_u8(out, (uint8_t)type);
	sink_u32(out, m->result);
	sink_bool(out, m->partial);
	sink_string(out, m->methods);
	sink_u32(out, m->reason);
	sink_string(out, m->text);
	sink_string(out, m->banner);
}

bool
mon_verdict_get(struct cursor in, struct mon_verdict *m)
{
	m->result = cursor_u32(&in);
	m->partial = cursor_bool(&in);
	m->methods = cursor_string(&in);
	m->reason = cursor_u32(&in);
	m->text = cursor_string(&in);
	m->banner = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_verdict){ 0 };
	return false;
}

void
mon_prompt_put(struct sink *out, const struct mon_prompt *m)
{
	sink_u8(out, MON_ANS_PROMPT);
	sink_string(out, m->banner);
	sink_string(out, m->instruction);
	sink_bool(out, m->has_prompt);
	sink_string(out, m->prompt);
	sink_bool(out, m->echo);
}

bool
mon_prompt_get(struct cursor in, struct mon_prompt *m)
{
	m->banner = cursor_string(&in);
	m->instruction = cursor_string(&in);
	m->has_prompt = cursor_bool(&in);
	m->prompt = cursor_string(&in);
	m->echo = cursor_bool(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_prompt){ 0 };
	return false;
}

void
mon_response_put(struct sink *out, const struct mon_response *m)
{
	sink_u8(out, MON_REQ_AUTH_RESPONSE);
	sink_bool(out, m->given);
	sink_u32(out, m->count);
	sink_string(out, m->answer);
}

bool
mon_response_get(struct cursor in, struct mon_response *m)
{
	m->given = cursor_bool(&in);
	m->count = cursor_u32(&in);
	m->answer = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_response){ 0 };
	return false;
}

void
mon_event_put(struct sink *out, const struct mon_event *m)
{
	sink_u8(out, MON_REQ_EVENT);
	sink_u8(out, m->kind);
	sink_u32(out, m->code);
	sink_string(out, m->detail);
	sink_string(out, m->text);
}

bool
mon_event_get(struct cursor in, struct mon_event *m)
{
	m->kind = cursor_u8(&in);
	m->code = cursor_u32(&in);
	m->detail = cursor_string(&in);
	m->text = cursor_string(&in);
	if (m->kind == MON_EVENT_NONE || m->kind >= MON_EVENT_COUNT ||
	    m->detail.len > MON_EVENT_TEXT_MAX_BYTES ||
	    m->text.len > MON_EVENT_TEXT_MAX_BYTES)
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_event){ 0 };
	return false;
}

void
mon_done_put(struct sink *out, const struct mon_done *m)
{
	sink_u8(out, MON_REQ_DONE);
	sink_u64(out, m->sent_bytes);
	sink_u64(out, m->received_bytes);
	sink_u64(out, m->rekeys);
}

bool
mon_done_get(struct cursor in, struct mon_done *m)
{
	m->sent_bytes = cursor_u64(&in);
	m->received_bytes = cursor_u64(&in);
	m->rekeys = cursor_u64(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_done){ 0 };
	return false;
}

void
mon_stop_put(struct sink *out, const struct mon_stop *m)
{
	sink_u8(out, MON_ORDER_STOP);
	sink_u32(out, m->reason);
	sink_string(out, m->text);
}

bool
mon_stop_get(struct cursor in, struct mon_stop *m)
{
	m->reason = cursor_u32(&in);
	m->text = cursor_string(&in);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct mon_stop){ 0 };
	return false;
}
