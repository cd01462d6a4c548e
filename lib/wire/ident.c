/*
 * ident: the identification line.  Pure layer, net only; neither reads the
 * socket nor decides what to answer.
 */
#include "wire/ident.h"

static struct span
take_until(struct span *line, char stop)
{
	const uint8_t *at = NULL;
	struct span head = *line;

	if (line->len > 0)
		at = memchr(line->p, stop, line->len);
	if (at == NULL) {
		*line = span(NULL, 0);
		return head;
	}
	head.len = (size_t)(at - line->p);
	*line = span(at + 1, line->len - head.len - 1);
	return head;
}

static bool
is_text(struct span s, bool ascii_only)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
		if (ascii_only && s.p[i] > 0x7f)
			return false;
	}
	return true;
}

enum wire_err
wire_parse_ident(struct span line, struct wire_ident *out)
{
	struct wire_ident m;
	struct span rest = line;

	*out = (struct wire_ident){ 0 };
	if (line.len > SSH_IDENT_MAX_BYTES)
		return WIRE_LONG;
	if (!span_is(take_until(&rest, '-'), "SSH"))
		return WIRE_BAD_NAME;
	m.proto = take_until(&rest, '-');
	m.software = take_until(&rest, ' ');
	m.comments = rest;
	if (m.proto.len == 0 || m.software.len == 0 ||
	    !is_text(m.proto, true) || !is_text(m.software, true) ||
	    !is_text(m.comments, false))
		return WIRE_BAD_NAME;
	/* RFC 4253 5.1: "1.99" is how a 2.0 that can also do 1.x says so. */
	if (!span_is(m.proto, "2.0") && !span_is(m.proto, "1.99"))
		return WIRE_BAD_VALUE;
	*out = m;
	return WIRE_OK;
}
