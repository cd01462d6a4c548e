/*
 * sshd-conn: an SSH-2 server for one connection, executed by a service
 * manager.
 *
 * main reads the command line and the configuration, says who the peer is,
 * sends the first flight (identification and KEXINIT), and becomes the
 * monitor; net is forked off before any secret is read.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "config/algorithms.h"
#include "config/config.h"
#include "config/options.h"
#include "config/origin.h"
#include "crypto/init.h"
#include "image/builtin.h"
#include "image/choose.h"
#include "image/hostkeys.h"
#include "ipc/frame.h"
#include "keys/keys.h"
#include "launch/descriptors.h"
#include "launch/environment.h"
#include "launch/privsep.h"
#include "launch/systemd.h"
#include "monitor/monitor.h"
#include "net/net.h"
#include "offer/offer.h"
#include "run/exits.h"
#include "run/grace.h"
#include "run/log.h"
#include "run/origin.h"
#include "run/title.h"
#include "sandbox/confine.h"
#include "tell/tell.h"
#include "user/user.h"

/* Descriptors that net may hold: its own few, and three a channel. */
#define NET_FDS_MAX 1024

struct server {
	struct options options;
	struct connection conn;
	struct peer peer;
	struct config_algorithms algorithms;	/* borrowed by config */
	struct image_places places;	/* from the environment */
	struct image_choice choice;
	struct config *config;		/* choice's */
	struct settings settings;
	struct hostkeys hostkeys;
	const char *notify_socket;	/* systemd's, before the scrubbing */
	const char *auth_socket;	/* SSH_AUTH_SOCK, likewise */
	char *key_credential;		/* a file's path; NULL: no directory */
	char ident[OFFER_IDENT_BYTES];
	struct net_params net;
	struct net_first_flight first;
	struct confine confine;
	bool root;
};

static int
fatal(int status, const char *what)
{
	log_line(LOG_LEVEL_FATAL, false, "%s: %s", what, strerror(errno));
	return status;
}

/* --- configuration ---------------------------------------------------------- */

static void
tell_config_what_is_built_in(struct server *s)
{
	s->algorithms = image_builtin_algorithms(offer_ident);
	config_set_algorithms(&s->algorithms);
}

static int
refuse_config(const struct server *s)
{
	size_t count;
	const struct config_message *m = config_messages(s->config, &count);

	for (size_t i = 0; i < count; i++) {
		if (m[i].severity == CONFIG_ERROR)
			log_line(LOG_LEVEL_ERROR, false, "%s line %u: %s",
			    m[i].file, m[i].line, m[i].text);
	}
	log_line(LOG_LEVEL_FATAL, false, "terminating, bad configuration");
	return EXIT_CONFIG;
}

/* The log must know that wrong text is not in force.  Once a change. */
static void
tell_wrong_text(const struct image_choice *choice)
{
	const struct config_message *m;

	if (!choice->tell)
		return;
	m = image_text_error(&choice->text);
	log_line(LOG_LEVEL_ERROR, false, "%s line %u: %s; the last good "
	    "configuration stays in force", m->file, m->line, m->text);
}

static bool
open_log(struct server *s)
{
	const struct options *o = &s->options;
	enum log_target target = o->log_file != NULL ? LOG_TO_FILE
	    : o->log_stderr			     ? LOG_TO_STDERR
						     : LOG_TO_SYSLOG;
	enum log_level level = (enum log_level)s->settings.log_level;
	int facility = s->settings.syslog_facility;
	char path[PATH_MAX] = "";

	if (target != LOG_TO_FILE)
		return log_open(target, NULL, level, facility);
	if (options_log_file(o, path) &&
	    log_open(target, path, level, facility))
		return true;
	/* A directory that is missing is no reason to lock anyone out. */
	if (!log_open(LOG_TO_SYSLOG, NULL, level, facility))
		return false;
	log_line(LOG_LEVEL_ERROR, false, "Couldn't open logfile %s: %s", path,
	    strerror(errno));
	return true;
}

static bool
resolve(struct server *s)
{
	struct config_spec spec = {
		.addr = s->peer.remote_host,
		.host = s->peer.remote_host,
		.laddr = s->peer.local_host,
		.lport = s->peer.local_port,
	};

	(void)config_fix(s->config, &s->options.fixed);
	return config_resolve(s->config, &spec, &s->settings);
}

static bool
read_config(struct server *s)
{
	tell_config_what_is_built_in(s);
	if (!image_choose_for(&s->options, &s->places, &s->choice))
		return false;
	s->config = s->choice.config;
	return resolve(s);
}

/* --- the first flight --------------------------------------------------------- */

static void
fill_net_params(struct server *s)
{
	offer_params(&s->net, s->ident, s->config, &s->settings, &s->hostkeys,
	    image_of_files(&s->choice));
	s->net.in_fd = s->conn.in_fd;
	s->net.out_fd = s->conn.out_fd;
	s->net.stream_socket = s->conn.stream_socket;
	while (s->net.debug_level < 3 && log_wanted((enum log_level)(
	    LOG_LEVEL_DEBUG1 + (int)s->net.debug_level)))
		s->net.debug_level++;
}

static bool
send_first_flight(struct server *s)
{
	fill_net_params(s);
	if (!net_first_flight(&s->net, &s->first)) {
		errno = EMSGSIZE;
		return false;
	}
	/* A peer that is gone already is net's to notice. */
	signal(SIGPIPE, SIG_IGN);
	(void)!fd_write_all(s->conn.out_fd, s->first.bytes, s->first.len);
	return descriptors_set_nonblock(&s->conn);
}

/* --- roles ------------------------------------------------------------------------ */

static bool
find_privsep_user(struct server *s)
{
	s->confine = (struct confine){ .root = s->root,
		.parent = getpid(), .fds_max = NET_FDS_MAX };
	if (!s->root)
		return true;
	if (privsep_find(PRIVSEP_USER, &s->confine.uid, &s->confine.gid))
		return true;
	log_line(LOG_LEVEL_FATAL, false,
	    "Privilege separation user %s does not exist", PRIVSEP_USER);
	return false;
}

static void
show_user_of_net(const char *user)
{
	title_set("%s [net]", user);
}

/* Its socket: the one that is named, or that the spawner had. */
static const char *
host_key_agent(const struct server *s)
{
	const char *path = s->settings.host_key_agent;

	return path != NULL && strcmp(path, "SSH_AUTH_SOCK") == 0 ?
	    s->auth_socket : path;
}

static int
run_roles(struct server *s)
{
	struct monitor_host_key keys[HOSTKEYS_MAX_COUNT];
	struct monitor_params m = {
		.config = s->config, .settings = &s->settings,
		.image = image_of_files(&s->choice),
		.timing_image = s->choice.image,
		.peer = &s->peer, .host_keys = keys,
		.host_key_count = s->hostkeys.count,
		.host_key_agent = host_key_agent(s),
		.key_credential = s->key_credential,
		.server_sig_algs = s->net.server_sig_algs,
		.server_ident = s->ident, .root = s->root,
		.nobody_uid = s->confine.uid, .nobody_gid = s->confine.gid,
		.user_role = user_run, .limits_of = offer_limits,
		.keys_role = keys_run,
		.tell_manager = systemd_status,
		.notify_socket = s->notify_socket,
	};
	int edge[2];

	if (!ipc_pair(edge))
		return fatal(EXIT_ENV, "socketpair");
	m.net_pid = fork();
	if (m.net_pid < 0)
		return fatal(EXIT_ENV, "fork");
	if (m.net_pid == 0) {
		close(edge[0]);
		title_set("[net]");
		s->net.show_user = show_user_of_net;
		net_enter(&s->net, &s->first, &s->confine, edge[1]);
	}
	close(edge[1]);
	m.net_fd = edge[0];
	if (!descriptors_leave(&s->conn))
		return fatal(EXIT_ENV, "/dev/null");
	for (size_t i = 0; i < s->hostkeys.count; i++)
		keys[i] = (struct monitor_host_key){ s->hostkeys.path[i],
			s->hostkeys.blob[i], s->hostkeys.cert[i] };
	/* Now that the peer has all it needs to go on for a while. */
	image_publish(&s->choice);
	return monitor_run(&m);
}

/* The administrator learns what makes keys, and the peer that none is here. */
static int
refuse_without_keys(struct server *s)
{
	const char *file;
	unsigned int line;

	if (config_origin(s->config, "HostKey", &file, &line))
		log_line(LOG_LEVEL_ERROR, false, "HostKey of %s line %u names "
		    "no usable key", file, line);
	log_line(LOG_LEVEL_ERROR, false, "no usable host key: start "
	    "sshd-conn-keygen.service, or run sshd-conn-keygen");
	log_line(LOG_LEVEL_FATAL, false, "no hostkeys available -- exiting.");
	fill_net_params(s);
	signal(SIGPIPE, SIG_IGN);
	net_refuse(&s->net, NET_REFUSE_NO_HOST_KEY, "no host keys available; "
	    "sshd-conn-keygen.service makes them");
	return EXIT_ENV;
}

static void
say_of_key(const char *line)
{
	log_line(LOG_LEVEL_ERROR, false, "%s", line);
}

/* Text that names no key of ours is as wrong as any other wrong text. */
static bool
load_host_keys(struct server *s)
{
	const char *file;
	unsigned int line;
	bool named = config_origin(s->config, "HostKey", &file, &line);

	if (image_hostkeys_load(&s->settings, image_of_files(&s->choice),
	    say_of_key, &s->hostkeys))
		return true;
	if (!image_fall_back(&s->choice))
		return false;
	if (s->choice.tell)
		log_line(LOG_LEVEL_ERROR, false, "%s line %u: no hostkeys "
		    "available; the last good configuration stays in force",
		    named ? file : s->options.config_file, line);
	s->config = s->choice.config;
	return resolve(s) && image_hostkeys_load(&s->settings, NULL,
	    say_of_key, &s->hostkeys);
}

static int
serve(struct server *s)
{
	if (!load_host_keys(s))
		return refuse_without_keys(s);
	if (!send_first_flight(s))
		return fatal(EXIT_ENV, "first flight");
	/* From here on something of others' may be asked, and hang. */
	grace_start(s->settings.login_grace_sec, &s->peer);
	if (!find_privsep_user(s))
		return EXIT_ENV;
	return run_roles(s);
}

static bool
accept_peer(struct server *s)
{
	if (!origin_has_ip_options(s->conn.in_fd))
		return true;
	log_line(LOG_LEVEL_INFO, false, "Connection from %s port %u with IP "
	    "options refused", s->peer.remote_host, s->peer.remote_port);
	return false;
}

/*
 * Keys that a host gives its guest or container, through the unit's
 * ImportCredential; systemd.system-credentials(7) has the name.
 */
static void
find_key_credential(struct server *s)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (folder != NULL && asprintf(&s->key_credential, "%s/%s", folder,
	    "ssh.ephemeral-authorized_keys-all") < 0)
		s->key_credential = NULL;
}

static int
start(struct server *s)
{
	const char *wrong = descriptors_find(&s->conn);

	if (wrong != NULL)
		return EXIT_ENV;
	if (s->conn.stderr_is_peer)
		log_forbid_stderr();
	origin_find(s->conn.in_fd, &s->peer);
	if (s->options.utmp_name_max >= 0)
		s->peer.utmp_name_max = (unsigned int)s->options.utmp_name_max;
	log_about_peer(&s->peer);
	s->notify_socket = getenv("NOTIFY_SOCKET");
	s->auth_socket = getenv("SSH_AUTH_SOCK");
	image_places_find(&s->places);
	image_hostkeys_find_credentials(&s->hostkeys);
	find_key_credential(s);
	environment_scrub();
	title_set("[accepted]");
	environment_reset_signals();
	prctl(PR_SET_NAME, "sshd");
	if (!crypto_init() || !read_config(s) || !open_log(s))
		return EXIT_ENV;
	if (!config_valid(s->config))
		return refuse_config(s);
	tell_wrong_text(&s->choice);
	if (!accept_peer(s))
		return EXIT_PEER;
	origin_tune(s->conn.in_fd, s->settings.tcp_keepalive);
	return serve(s);
}

/*
 * Buffers of a frame's size and more come from mmap(2): a page of theirs
 * that is never used is then never made, in any of the three processes.
 */
static void
keep_memory_small(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 32 * 1024);
#endif
}

int
main(int argc, char **argv)
{
	struct server *s;
	int status;

	keep_memory_small();
	/* Large enough to be mapped: what stays unused costs nothing. */
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return EXIT_ENV;
	s->root = geteuid() == 0;
	title_init(argc, argv);
	if (!options_parse(&s->options, argc, argv)) {
		status = tell_wrong_options(&s->options);
	} else if (s->options.job != JOB_SERVE) {
		status = tell_job(&s->options, offer_ident, s->root);
	} else {
		status = start(s);
		descriptors_restore(&s->conn);
	}
	image_choice_free(&s->choice);
	image_places_free(&s->places);
	image_hostkeys_free(&s->hostkeys);
	options_free(&s->options);
	free(s->key_credential);
	free(s);
	return status;
}
