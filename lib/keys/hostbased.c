/*
 * hostbased: hosts that are trusted to say who their users are.  Keys role,
 * with the ids of the account.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "keys/hostbased.h"
#include "keys/internal.h"
#include "keys/knownhosts.h"
#include "keys/rhosts.h"

#define NAME_BYTES 256

const struct hostbased_files hostbased_system_files = { {
	[HOSTBASED_EQUIV] = "/etc/hosts.equiv",
	[HOSTBASED_EQUIV_SSH] = "/etc/ssh/shosts.equiv",
	[HOSTBASED_KNOWN] = "/etc/ssh/ssh_known_hosts",
	[HOSTBASED_KNOWN_2] = "/etc/ssh/ssh_known_hosts2",
} };
static_assert((int)HOSTBASED_FILE_COUNT == KEYS_HOST_FILES_COUNT,
    "a descriptor for each");

struct hostbased {
	char host[NAME_BYTES];		/* as the client has it */
	char user[NAME_BYTES];
	struct rhosts_want rhosts;
	struct known_host_want known;
	bool let_in, same, other, revoked;
};

/* --- files ---------------------------------------------------------------- */

static bool
is_safe(const struct keys *k, const struct stat *st)
{
	return !k->job->settings->strict_modes ||
	    ((st->st_uid == 0 || st->st_uid == k->job->uid) &&
		(st->st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

/*
 * A regular file, opened without waiting; -1 if there is none.  The user's
 * own must be writable by nobody else; refused starts the line that says so.
 */
static int
open_file(struct keys *k, const char *path, const char *refused)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == EACCES && k->job->stage == KEYS_STAGE_FILES)
		k->no_access = true;
	else if (fd < 0 && errno != ENOENT)
		keys_log(k, LOG_LEVEL_INFO, "Could not open '%s': %s", path,
		    strerror(errno));
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (is_safe(k, &st))
			return fd;
		keys_log(k, LOG_LEVEL_INFO, "%s refused for %.100s: bad "
		    "owner or modes for %.200s", refused, k->job->user, path);
	}
	fd_close(&fd);
	return -1;
}

static void
read_file(struct keys *k, const char *path, const char *refused,
    keys_line_fn *fn)
{
	int fd = open_file(k, path, refused);

	if (fd >= 0)
		(void)!keys_read_lines(k, fd, path, fn);
	fd_close(&fd);
}

/* Not a byte of it is looked at here; root may be who runs this. */
void
keys_hostbased_open(struct keys_job *job, const struct hostbased_files *files)
{
	for (size_t i = 0; i < HOSTBASED_FILE_COUNT; i++) {
		job->host_fd[i] = open(files->path[i], O_RDONLY | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC);
		job->host_errno[i] = errno;
	}
}

static void
read_system_file(struct keys *k, const struct hostbased_files *files,
    enum hostbased_file which, keys_line_fn *fn)
{
	int fd = k->job->host_fd[which];
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)!keys_read_lines(k, fd, files->path[which], fn);
	else if (fd < 0 && k->job->host_errno[which] != ENOENT)
		keys_log(k, LOG_LEVEL_INFO, "Could not open '%s': %s",
		    files->path[which], strerror(k->job->host_errno[which]));
}

static bool
in_home(const struct keys *k, const char *name, char path[static PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", k->job->home, name);

	return n > 0 && n < PATH_MAX;
}

/* --- may this user of this host come in? ---------------------------------- */

/* True ends this file: the first line that is about them decides. */
static bool
rhosts_says(struct keys *k, struct span line, const char *where)
{
	enum rhosts said = rhosts_line(line, &k->hostbased->rhosts);

	if (said == RHOSTS_YES) {
		k->hostbased->let_in = true;
		keys_log(k, LOG_LEVEL_DEBUG1, "%s: accepted", where);
	}
	return said != RHOSTS_NOTHING;
}

static bool
home_is_safe(struct keys *k)
{
	struct stat st;

	if (stat(k->job->home, &st) < 0) {
		keys_log(k, LOG_LEVEL_INFO, "Rhosts authentication refused "
		    "for %.100s: no home directory %.200s", k->job->user,
		    k->job->home);
		return false;
	}
	if (is_safe(k, &st))
		return true;
	keys_log(k, LOG_LEVEL_INFO, "Rhosts authentication refused for "
	    "%.100s: bad ownership or modes for home directory.",
	    k->job->user);
	return false;
}

/* Root is not let in by the system's files, only by its own. */
static bool
is_let_in(struct keys *k, const struct hostbased_files *files)
{
	enum ignore_rhosts ignore = k->job->settings->ignore_rhosts;
	char path[PATH_MAX];

	if (k->job->uid != 0)
		read_system_file(k, files, HOSTBASED_EQUIV, rhosts_says);
	if (k->job->uid != 0 && !k->hostbased->let_in)
		read_system_file(k, files, HOSTBASED_EQUIV_SSH, rhosts_says);
	if (k->hostbased->let_in || ignore == IGNORE_RHOSTS_YES ||
	    !home_is_safe(k))
		return k->hostbased->let_in;
	if (in_home(k, ".shosts", path))
		read_file(k, path, "Rhosts authentication", rhosts_says);
	if (!k->hostbased->let_in && ignore == IGNORE_RHOSTS_NO &&
	    in_home(k, ".rhosts", path))
		read_file(k, path, "Rhosts authentication", rhosts_says);
	return k->hostbased->let_in;
}

/* --- is the key that host's? ---------------------------------------------- */

/* Reads on: a later line may revoke what an earlier one has named. */
static bool
known_hosts_say(struct keys *k, struct span line, const char *where)
{
	struct hostbased *h = k->hostbased;

	switch (known_host_line(line, &h->known)) {
	case KNOWN_HOST_SAME:
		h->same = true;
		keys_log(k, LOG_LEVEL_DEBUG1, "key for %.200s found at %s",
		    (const char *)h->known.host.p, where);
		break;
	case KNOWN_HOST_OTHER:
		h->other = true;
		break;
	case KNOWN_HOST_REVOKED:
		h->revoked = true;
		break;
	case KNOWN_HOST_NOTHING:
		break;
	}
	return h->revoked;
}

/* The second pair of files counts for hosts that the first does not know. */
static bool
is_known(struct keys *k, const struct hostbased_files *files)
{
	static const char *const own[] = { ".ssh/known_hosts",
		".ssh/known_hosts2" };
	struct hostbased *h = k->hostbased;
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(own) && !h->revoked; i++) {
		bool was_known = h->same || h->other;
		bool was_same = h->same;

		read_system_file(k, files, i == 0 ? HOSTBASED_KNOWN :
		    HOSTBASED_KNOWN_2, known_hosts_say);
		if (!k->job->settings->ignore_user_known_hosts &&
		    in_home(k, own[i], path))
			read_file(k, path, "Authentication",
			    known_hosts_say);
		if (was_known)
			h->same = was_same;
	}
	if (h->revoked)
		keys_log(k, LOG_LEVEL_ERROR, "WARNING: revoked key for "
		    "%.200s attempted authentication",
		    (const char *)h->known.host.p);
	return h->same && !h->revoked;
}

/*
 * A certificate has to be this host's, and now.  What it says is critical is
 * for a host nothing that anybody knows.
 */
static bool
cert_is_good(struct keys *k)
{
	const struct cert *c = &k->cert;
	const char *fault;

	if (!k->is_cert)
		return true;
	fault = cert_fault(c, CERT_HOST, (uint64_t)time(NULL));
	if (fault == NULL && !cert_names(c, k->hostbased->known.host))
		fault = "Certificate invalid: name is not a listed principal";
	if (fault == NULL && c->critical.len > 0)
		fault = "Certificate contains unsupported critical options";
	if (fault != NULL)
		keys_log(k, LOG_LEVEL_ERROR, "%s", fault);
	return fault == NULL;
}

/* --- the two together ----------------------------------------------------- */

/*
 * Who they say they are: names that a C string holds.  A dot at the end is
 * the root of the DNS.
 */
static bool
read_names(struct keys *k)
{
	struct hostbased *h = k->hostbased;
	size_t n, at;

	if (!span_copy_str(k->job->client_host, h->host, sizeof h->host) ||
	    !span_copy_str(k->job->client_user, h->user, sizeof h->user))
		return false;
	n = strlen(h->host);
	if (n > 0 && h->host[n - 1] == '.')
		h->host[n - 1] = '\0';
	at = strlen(k->text);
	snprintf(k->text + at, sizeof k->text - at,
	    ", client user \"%.100s\", client host \"%.100s\"", h->user,
	    h->host);
	return h->host[0] != '\0' && h->user[0] != '\0';
}

/* Which host is it, and at which address? */
static bool
find_host(struct keys *k)
{
	const struct keys_job *job = k->job;
	struct hostbased *h = k->hostbased;
	const char *name = h->host;

	h->rhosts = (struct rhosts_want){ name, name, h->user, job->user };
	if (!job->settings->hostbased_uses_name_from_packet_only) {
		/* A peer without an address is no host. */
		if (!keys_peer_has_address(k))
			return false;
		name = peer_name(job->peer);
		h->rhosts.host = name;
		h->rhosts.address = job->peer->remote_host;
		if (strcasecmp(name, h->host) != 0)
			keys_log(k, LOG_LEVEL_INFO, "userauth_hostbased "
			    "mismatch: client sends %s, but we resolve %s "
			    "to %s", h->host, job->peer->remote_host, name);
	}
	h->known.host = span_str(name);
	h->known.key = k->plain;
	h->known.ca = k->cert.ca;	/* empty without a certificate */
	return true;
}

bool
keys_hostbased(struct keys *k, const struct hostbased_files *files)
{
	struct hostbased h = { .let_in = false };
	bool ok;

	k->hostbased = &h;
	ok = read_names(k) && find_host(k) && is_let_in(k, files) &&
	    cert_is_good(k) && is_known(k, files);
	k->hostbased = NULL;
	if (!ok)
		return false;
	k->options = keys_options_all();
	keys_log(k, LOG_LEVEL_VERBOSE, "Accepted %s%s",
	    k->is_cert ? "certificate" : "public key", k->text);
	return true;
}
