/*
 * policy: codec of what user must enforce.  Monitor and user.
 */
#include "ipc/policy.h"
#include "ipc/sess.h"

void
policy_put(struct sink *out, const struct user_policy *m)
{
	sink_u8(out, SESS_ANS_POLICY);
	sink_string(out, m->user);
	sink_string(out, m->home);
	sink_string(out, m->shell);
	sink_u32(out, m->uid);
	sink_u32(out, m->gid);
	sink_string(out, m->remote_host);
	sink_u32(out, m->remote_port);
	sink_string(out, m->local_host);
	sink_u32(out, m->local_port);
	sink_string(out, m->key_env);
	sink_string(out, m->session_env);
	sink_string(out, m->set_env);
	sink_string(out, m->accept_env);
	sink_string(out, m->default_path);
	sink_bool(out, m->forced);
	sink_string(out, m->forced_command);
	sink_bool(out, m->forced_by_key);
	sink_string(out, m->subsystems);
	sink_u32(out, m->max_sessions);
	sink_bool(out, m->permit_tty);
	sink_bool(out, m->permit_user_rc);
	sink_string(out, m->user_environment);
	sink_bool(out, m->in_chroot);
	sink_bool(out, m->password_expired);
	sink_bool(out, m->session_refused);
	sink_string(out, m->login_text);
	sink_string(out, m->auth_info);
	sink_bool(out, m->print_motd);
	sink_bool(out, m->print_last_log);
	sink_bool(out, m->use_pam);
	sink_bool(out, m->check_nologin);
	sink_bool(out, m->login_records);
	sink_bool(out, m->debug);
	sink_u32(out, m->tcp_forwarding);
	sink_u32(out, m->streamlocal_forwarding);
	sink_bool(out, m->agent_forwarding);
	sink_bool(out, m->x11_forwarding);
	sink_u32(out, m->tunnel_modes);
	sink_u32(out, m->tunnel_device);
	sink_u32(out, m->gateway_ports);
	sink_u32(out, m->address_family);
	sink_u32(out, m->stream_bind_mask);
	sink_bool(out, m->stream_bind_unlink);
	sink_string(out, m->permit_open);
	sink_string(out, m->key_permit_open);
	sink_string(out, m->permit_listen);
	sink_string(out, m->key_permit_listen);
}

static struct span
get_list(struct cursor *in)
{
	struct span list = cursor_string(in), rest = list, item;

	while (policy_next(&rest, &item))
		;
	if (rest.len > 0)
		cursor_fail(in, WIRE_BAD_VALUE);
	return list;
}

bool
policy_get(struct cursor in, struct user_policy *m)
{
	m->user = cursor_string(&in);
	m->home = cursor_string(&in);
	m->shell = cursor_string(&in);
	m->uid = cursor_u32(&in);
	m->gid = cursor_u32(&in);
	m->remote_host = cursor_string(&in);
	m->remote_port = cursor_u32(&in);
	m->local_host = cursor_string(&in);
	m->local_port = cursor_u32(&in);
	m->key_env = get_list(&in);
	m->session_env = get_list(&in);
	m->set_env = get_list(&in);
	m->accept_env = get_list(&in);
	m->default_path = cursor_string(&in);
	m->forced = cursor_bool(&in);
	m->forced_command = cursor_string(&in);
	m->forced_by_key = cursor_bool(&in);
	m->subsystems = get_list(&in);
	m->max_sessions = cursor_u32(&in);
	m->permit_tty = cursor_bool(&in);
	m->permit_user_rc = cursor_bool(&in);
	m->user_environment = cursor_string(&in);
	m->in_chroot = cursor_bool(&in);
	m->password_expired = cursor_bool(&in);
	m->session_refused = cursor_bool(&in);
	m->login_text = cursor_string(&in);
	m->auth_info = cursor_string(&in);
	m->print_motd = cursor_bool(&in);
	m->print_last_log = cursor_bool(&in);
	m->use_pam = cursor_bool(&in);
	m->check_nologin = cursor_bool(&in);
	m->login_records = cursor_bool(&in);
	m->debug = cursor_bool(&in);
	m->tcp_forwarding = cursor_u32(&in);
	m->streamlocal_forwarding = cursor_u32(&in);
	m->agent_forwarding = cursor_bool(&in);
	m->x11_forwarding = cursor_bool(&in);
	m->tunnel_modes = cursor_u32(&in);
	m->tunnel_device = cursor_u32(&in);
	m->gateway_ports = cursor_u32(&in);
	m->address_family = cursor_u32(&in);
	if (m->address_family > POLICY_FAMILY_INET6)
		cursor_fail(&in, WIRE_BAD_VALUE);
	m->stream_bind_mask = cursor_u32(&in);
	m->stream_bind_unlink = cursor_bool(&in);
	m->permit_open = get_list(&in);
	m->key_permit_open = get_list(&in);
	m->permit_listen = get_list(&in);
	m->key_permit_listen = get_list(&in);
	/* A command that nobody forces would be one that does not run. */
	if (!m->forced && (m->forced_command.len > 0 || m->forced_by_key))
		cursor_fail(&in, WIRE_BAD_VALUE);
	if (cursor_end(&in) == WIRE_OK)
		return true;
	*m = (struct user_policy){ 0 };
	return false;
}

bool
policy_next(struct span *list, struct span *item)
{
	struct cursor in = cursor_of(*list);

	*item = span(NULL, 0);
	if (in.left == 0)
		return false;
	*item = cursor_string(&in);
	if (in.err != WIRE_OK)
		return false;
	*list = cursor_rest(&in);
	return true;
}
