/*
 * Tests of wire/channel.h.
 */
#include "wire/channel.h"
#include "wire/forward.h"
#include "wire/numbers.h"
#include "wire_codec.h"

static void
channel_open_put(struct sink *out, const void *p)
{
	const struct wire_channel_open *m = p;

	sink_u8(out, SSH_MSG_CHANNEL_OPEN);
	sink_string(out, m->type);
	sink_u32(out, m->peer_id);
	sink_u32(out, m->window_bytes);
	sink_u32(out, m->packet_max_bytes);
	sink_bytes(out, m->rest);
}
WIRE_CODEC(channel_open, struct wire_channel_open, true);

static void
channel_open_confirmation_put(struct sink *out, const void *p)
{
	const struct wire_channel_open_confirmation *m = p;

	wire_put_channel_open_confirmation(out, m->chan, m->peer_id,
	    m->window_bytes, m->packet_max_bytes);
	sink_bytes(out, m->rest);
}
WIRE_CODEC(channel_open_confirmation, struct wire_channel_open_confirmation,
    true);

static void
channel_open_failure_put(struct sink *out, const void *p)
{
	const struct wire_channel_open_failure *m = p;

	sink_u8(out, SSH_MSG_CHANNEL_OPEN_FAILURE);
	sink_u32(out, m->chan);
	sink_u32(out, m->reason);
	sink_string(out, m->text);
	sink_string(out, m->lang);
}
WIRE_CODEC(channel_open_failure, struct wire_channel_open_failure, false);

static void
channel_window_adjust_put(struct sink *out, const void *p)
{
	const struct wire_channel_window_adjust *m = p;

	wire_put_channel_window_adjust(out, m->chan, m->bytes);
}
WIRE_CODEC(channel_window_adjust, struct wire_channel_window_adjust, false);

static void
channel_data_put(struct sink *out, const void *p)
{
	const struct wire_channel_data *m = p;

	wire_put_channel_data_head(out, m->chan, (uint32_t)m->data.len);
	sink_bytes(out, m->data);
}
WIRE_CODEC(channel_data, struct wire_channel_data, false);

static void
channel_extended_data_put(struct sink *out, const void *p)
{
	const struct wire_channel_extended_data *m = p;

	wire_put_channel_extended_data_head(out, m->chan, m->code,
	    (uint32_t)m->data.len);
	sink_bytes(out, m->data);
}
WIRE_CODEC(channel_extended_data, struct wire_channel_extended_data, false);

static void
channel_id_put(struct sink *out, const void *m)
{
	wire_put_channel_close(out, *(const uint32_t *)m);
}
WIRE_CODEC(channel_id, uint32_t, false);

static void
global_request_put(struct sink *out, const void *p)
{
	const struct wire_global_request *m = p;

	sink_u8(out, SSH_MSG_GLOBAL_REQUEST);
	sink_string(out, m->name);
	sink_bool(out, m->want_reply);
	sink_bytes(out, m->rest);
}
WIRE_CODEC(global_request, struct wire_global_request, true);

static void
direct_tcpip_put(struct sink *out, const void *p)
{
	const struct wire_direct_tcpip *m = p;

	sink_u8(out, SSH_MSG_CHANNEL_OPEN);
	sink_string(out, m->host);
	sink_u32(out, m->port);
	sink_string(out, m->origin_host);
	sink_u32(out, m->origin_port);
}
WIRE_CODEC(direct_tcpip, struct wire_direct_tcpip, false);

static void
direct_streamlocal_put(struct sink *out, const void *p)
{
	const struct wire_direct_tcpip *m = p;

	sink_u8(out, SSH_MSG_CHANNEL_OPEN);
	sink_string(out, m->host);
	sink_string(out, m->origin_host);
	sink_u32(out, m->origin_port);
}
WIRE_CODEC(direct_streamlocal, struct wire_direct_tcpip, false);

static void
tcpip_forward_put(struct sink *out, const void *p)
{
	const struct wire_listen *m = p;

	sink_u8(out, SSH_MSG_GLOBAL_REQUEST);
	sink_string(out, m->host);
	sink_u32(out, m->port);
}
WIRE_CODEC(tcpip_forward, struct wire_listen, false);

static void
streamlocal_forward_put(struct sink *out, const void *p)
{
	const struct wire_listen *m = p;

	sink_u8(out, SSH_MSG_GLOBAL_REQUEST);
	sink_string(out, m->host);
}
WIRE_CODEC(streamlocal_forward, struct wire_listen, false);

static void
forwarding(void **state)
{
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	codec_check(&tcpip_forward_codec,
	    &(struct wire_listen){ S("localhost"), UINT32_MAX });
	codec_check(&streamlocal_forward_codec,
	    &(struct wire_listen){ S("/run/sock"), 0 });
	wire_put_tcpip_forward_success(&s, true, 0x1234);
	wire_put_tcpip_forward_success(&s, false, 0x1234);
	wire_put_forwarded_tcpip(&s, S("h"), 1, S("o"), 2);
	wire_put_forwarded_streamlocal(&s, S("p"));
	assert_span(sink_span(&s), "\x51\0\0\x12\x34" "\x51"
	    "\0\0\0\1h\0\0\0\1\0\0\0\1o\0\0\0\2"
	    "\0\0\0\1p\0\0\0\0");
	codec_check(&direct_tcpip_codec, &(struct wire_direct_tcpip){
	    S("www.example.org"), 80, S("192.0.2.1"), UINT32_MAX });
	codec_check(&direct_streamlocal_codec, &(struct wire_direct_tcpip){
	    S("/run/sock"), 0, S("reserved"), 1 });
}

static void
opening(void **state)
{
	(void)state;
	codec_check(&channel_open_codec, &(struct wire_channel_open){
	    S("session"), 7, 0x200000, 0x8000, span(NULL, 0) });
	codec_check(&channel_open_confirmation_codec,
	    &(struct wire_channel_open_confirmation){
	    3, 7, 0x200000, 0x8000, span(NULL, 0) });
	codec_check(&channel_open_failure_codec,
	    &(struct wire_channel_open_failure){
	    3, SSH_OPEN_CONNECT_FAILED, S("no route"), S("en") });
}

static void
types_are_names(void **state)
{
	struct wire_channel_open m;

	(void)state;
	assert_int_equal(wire_parse_channel_open(cursor_of(BYTES(
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")), &m), WIRE_BAD_NAME);
	assert_int_equal(wire_parse_channel_open(cursor_of(BYTES(
	    "\0\0\0\2a\0\0\0\0\1\0\0\0\2\0\0\0\3")), &m), WIRE_BAD_NAME);
	assert_int_equal(m.peer_id, 0);
	assert_int_equal(wire_parse_channel_open(cursor_of(BYTES(
	    "\0\0\0\2ab\0\0\0\1\0\0\0\2\0\0\0\3rest")), &m), WIRE_OK);
	assert_int_equal(m.peer_id, 1);
	assert_int_equal(m.window_bytes, 2);
	assert_int_equal(m.packet_max_bytes, 3);
	assert_span(m.rest, "rest");
}

static void
data(void **state)
{
	uint32_t id = 0xfffffffe;

	(void)state;
	codec_check(&channel_window_adjust_codec,
	    &(struct wire_channel_window_adjust){ 3, UINT32_MAX });
	codec_check(&channel_data_codec,
	    &(struct wire_channel_data){ 3, BYTES("a\0b") });
	codec_check(&channel_data_codec,
	    &(struct wire_channel_data){ 3, BYTES("") });
	codec_check(&channel_extended_data_codec,
	    &(struct wire_channel_extended_data){
	    3, SSH_EXTENDED_DATA_STDERR, BYTES("a\0b") });
	codec_check(&channel_id_codec, &id);
}

static void
heads_have_their_size(void **state)
{
	uint8_t buf[32];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_channel_data_head(&s, 1, 2);
	assert_int_equal(s.len, WIRE_CHANNEL_DATA_HEAD_BYTES);
	assert_span(sink_span(&s), "\x5e\0\0\0\1\0\0\0\2");
	s = sink_of(buf, sizeof buf);
	wire_put_channel_extended_data_head(&s, 1, 2, 3);
	assert_int_equal(s.len, WIRE_CHANNEL_EXTENDED_DATA_HEAD_BYTES);
	assert_span(sink_span(&s), "\x5f\0\0\0\1\0\0\0\2\0\0\0\3");
}

static void
host_keys(void **state)
{
	const struct span keys[] = { S("one"), S(""), S("three") };
	const size_t head = 1 + 4 + strlen("hostkeys-00@openssh.com") + 1;
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);
	struct span got[3], rest;
	size_t count;

	(void)state;
	wire_put_hostkeys(&s, keys, 2);
	assert_span(sink_span(&s), "\x50\0\0\0\x17hostkeys-00@openssh.com"
	    "\0\0\0\0\3one\0\0\0\0");
	s = sink_of(buf, sizeof buf);
	wire_put_hostkeys(&s, keys, 3);
	rest = span(buf + head, s.len - head);
	assert_int_equal(wire_parse_hostkeys_prove(cursor_of(rest), got, 3,
	    &count), WIRE_OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_true(span_equal(got[i], keys[i]));
	assert_int_equal(wire_parse_hostkeys_prove(cursor_of(rest), got, 2,
	    &count), WIRE_LONG);
	assert_int_equal(count, 0);
	assert_int_equal(wire_parse_hostkeys_prove(cursor_of(span(rest.p,
	    rest.len - 1)), got, 3, &count), WIRE_SHORT);
	assert_int_equal(count, 0);
	assert_int_equal(wire_parse_hostkeys_prove(cursor_of(span(rest.p, 0)),
	    got, 3, &count), WIRE_SHORT);
}

static void
global_requests(void **state)
{
	uint8_t buf[128];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	codec_check(&global_request_codec, &(struct wire_global_request){
	    S("tcpip-forward"), true, span(NULL, 0) });
	wire_put_request_success(&s);
	wire_put_request_failure(&s);
	wire_put_global_request_head(&s, "a", false);
	wire_put_keepalive_global(&s);
	assert_span(sink_span(&s), "\x51\x52\x50\0\0\0\1a\0"
	    "\x50\0\0\0\x15keepalive@openssh.com\1");
}

static void
what_is_only_sent(void **state)
{
	uint8_t buf[256];
	struct sink s = sink_of(buf, sizeof buf);

	(void)state;
	wire_put_channel_open(&s, "x11", 1, 2, 3);
	wire_put_channel_open_failure(&s, 4,
	    SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, S("no"));
	wire_put_channel_eof(&s, 5);
	wire_put_channel_close(&s, 6);
	wire_put_channel_success(&s, 7);
	wire_put_channel_failure(&s, 8);
	assert_span(sink_span(&s),
	    "\x5a\0\0\0\3x11\0\0\0\1\0\0\0\2\0\0\0\3"
	    "\x5c\0\0\0\4\0\0\0\1\0\0\0\2no\0\0\0\0"
	    "\x60\0\0\0\5" "\x61\0\0\0\6" "\x63\0\0\0\7" "\x64\0\0\0\x08");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(forwarding),
		cmocka_unit_test(types_are_names),
		cmocka_unit_test(data),
		cmocka_unit_test(heads_have_their_size),
		cmocka_unit_test(global_requests),
		cmocka_unit_test(host_keys),
		cmocka_unit_test(what_is_only_sent),
	};

	return cmocka_run_group_tests_name("wire_channel", tests, NULL, NULL);
}
