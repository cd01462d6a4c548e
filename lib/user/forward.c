/*
 * forward: what may be connected to.  User process; this file is the wall:
 * it must never let anything be looked up or dialled that the policy does
 * not permit, whatever net sends.
 */
#include <stdio.h>
#include <string.h>

#include "base/pattern.h"
#include "base/vis.h"
#include "user/forward.h"

/* As much of a name as a log line has. */
#define SHOWN_BYTES	401

/*
 * split - is the entry's port this one?  Then *place is its host
 *
 * [HOST] is HOST; the last colon is the port's.  An entry without a colon is
 * a port, and its host NULL.
 */
static bool
split(struct span entry, uint32_t port, struct span *place)
{
	char want[8];
	size_t at = entry.len;
	struct span part;

	*place = span(NULL, 0);
	while (at > 0 && entry.p[at - 1] != ':')
		at--;
	snprintf(want, sizeof want, "%u", port);
	part = span(entry.p + at, entry.len - at);
	if (at > 0)
		*place = span(entry.p, at - 1);
	if (place->len >= 2 && place->p[0] == '[' &&
	    place->p[place->len - 1] == ']')
		*place = span(place->p + 1, place->len - 2);
	return span_is(part, "*") || span_is(part, want);
}

/* No patterns: "*" is any host, the rest is compared as it stands. */
static bool
matches(struct span entry, struct span host, uint32_t port)
{
	struct span place;

	return split(entry, port, &place) && place.p != NULL &&
	    (span_is(place, "*") || span_equal(place, host));
}

static bool
matches_listen(struct span entry, struct span host, uint32_t port)
{
	char low[USER_HOST_MAX_BYTES + 1];
	struct span place;

	if (!split(entry, port, &place) ||
	    !span_copy_str(host, low, sizeof low))
		return false;
	if (place.p == NULL)
		return true;
	for (char *p = low; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return pattern_match(span_str(low), place);
}

bool
forward_in_list(struct span list, struct span host, uint32_t port)
{
	struct span entry;

	while (policy_next(&list, &entry)) {
		if (matches(entry, host, port))
			return true;
	}
	return false;
}

bool
forward_in_listen_list(struct span list, struct span host, uint32_t port)
{
	struct span entry;

	while (policy_next(&list, &entry)) {
		if (matches_listen(entry, host, port))
			return true;
	}
	return false;
}

bool
forward_has(const struct user *u, uint32_t number)
{
	return number < ARRAY_LEN(u->dials) &&
	    (u->dials[number] != NULL || u->forwarded[number]);
}

bool
forward_close(struct user *u, uint32_t number)
{
	if (u->dials[number] != NULL)
		return false;
	u->forwarded[number] = false;
	return true;
}

static void
refuse(struct user *u, const struct usr_dial *m)
{
	user_tell_refused(u, m->chan, USER_DIAL_PROHIBITED, "open failed");
}

static bool
may_dial_tcp(struct user *u, const struct usr_dial *m)
{
	const struct user_policy *p = &u->policy;
	char host[SHOWN_BYTES], who[SHOWN_BYTES];

	vis_text(m->host, host, sizeof host);
	vis_text(m->origin_host, who, sizeof who);
	if ((p->tcp_forwarding & POLICY_FORWARD_LOCAL) == 0) {
		user_event(u, SESS_EVENT_INFO, 0, "refused local port "
		    "forward: originator %.100s port %u, target %.100s port "
		    "%u", who, m->origin_port, host, m->port);
		return false;
	}
	if (forward_in_list(p->permit_open, m->host, m->port) &&
	    forward_in_list(p->key_permit_open, m->host, m->port))
		return true;
	vis_text(p->remote_host, who, sizeof who);
	user_event(u, SESS_EVENT_INFO, 0, "Received request from %.100s port "
	    "%u to connect to host %.100s port %u, but the request was "
	    "denied.", who, p->remote_port, host, m->port);
	return false;
}

static bool
may_dial_unix(struct user *u, const struct usr_dial *m)
{
	char path[SHOWN_BYTES], who[SHOWN_BYTES];

	if ((u->policy.streamlocal_forwarding & POLICY_FORWARD_LOCAL) != 0)
		return true;
	user_event(u, SESS_EVENT_INFO, 0, "refused streamlocal port forward: "
	    "originator %.100s port %u, target %.100s",
	    vis_text(m->origin_host, who, sizeof who), m->origin_port,
	    vis_text(m->host, path, sizeof path));
	return false;
}

bool
asuser_dial(void *ctx, struct ipc_frame *frame)
{
	struct user *u = ctx;
	struct usr_dial m;
	char host[USER_HOST_MAX_BYTES + 1];
	bool unix_path;

	if (!usr_dial_get(frame->body, &m))
		return false;
	if (channel_find(u, m.chan) != NULL || forward_has(u, m.chan)) {
		u->why = "request that the channel's state does not allow";
		return false;
	}
	unix_path = m.kind == USER_SOCKET_UNIX;
	/* A NUL would name another place than the one that was judged. */
	if (!span_copy_str(m.host, host, sizeof host) ||
	    !(unix_path ? may_dial_unix(u, &m) : may_dial_tcp(u, &m)))
		refuse(u, &m);
	else if (unix_path)
		dial_unix(u, m.chan, host);
	else
		dial_tcp(u, m.chan, host, (uint16_t)m.port);
	return true;
}
