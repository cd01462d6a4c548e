/*
 * algorithms: what this build can negotiate, told to the parser by main.
 *
 * Pure layer.  config/ must not include crypto/, so the lists come in as
 * text.  A newer algorithm only makes these lists longer.
 */
#ifndef SSHD_CONN_CONFIG_ALGORITHMS_H
#define SSHD_CONN_CONFIG_ALGORITHMS_H

/*
 * Comma-separated names.  _all is what exists, _default what is offered
 * when the file says nothing, in order of preference.
 */
struct config_algorithms {
	const char *kex_all, *kex_default;
	const char *ciphers_all, *ciphers_default;
	const char *macs_all, *macs_default;
	/* Signatures; the three below differ from these where not NULL. */
	const char *sigs_all, *sigs_default;
	/* HostKeyAlgorithms. */
	const char *hostkeys_all, *hostkeys_default;
	/* PubkeyAcceptedAlgorithms, HostbasedAcceptedAlgorithms. */
	const char *pubkeys_all, *pubkeys_default;
	/* CASignatureAlgorithms. */
	const char *ca_all, *ca_default;
	/* What Match Version is compared with; NULL: nothing matches. */
	const char *version;
};

/*
 * config_set_algorithms - once, before the first config_read()
 *
 * The struct is copied, its strings are borrowed for the rest of the
 * program.  A list that is NULL is not checked: whatever the file says is
 * taken as it is, and the default is the empty string (tests of other
 * things).
 */
void config_set_algorithms(const struct config_algorithms *algorithms);

#endif
