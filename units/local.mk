# The service manager's files.  sed and not config.status fills in the
# directories, because sbindir there would still be ${exec_prefix}/sbin.
UNITS_GENERATED = \
	units/sshd-conn@.service \
	units/sshd-conn-keygen.service \
	units/sshd-conn-compile.path \
	units/sshd-conn-compile.service

dist_systemdsystemunit_DATA = units/sshd-conn.socket
nodist_systemdsystemunit_DATA = $(UNITS_GENERATED)
sysusers_DATA = units/sysusers.d/sshd-conn.conf
dist_tmpfiles_DATA = units/tmpfiles.d/sshd-conn.conf

# Samples that a person copies: nothing under /etc is ours to write.
examplesdir = $(datadir)/sshd-conn/examples
examples_DATA = units/inetd.conf

# The brackets keep config.status from filling in the patterns themselves.
FILL_IN_DIRS = $(SED) -e 's|[@]sbindir[@]|$(sbindir)|g' \
	-e 's|[@]sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|[@]privsep_user[@]|$(privsep_user)|g'

$(UNITS_GENERATED) units/sysusers.d/sshd-conn.conf units/inetd.conf: Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(FILL_IN_DIRS) $(srcdir)/$@.in >$@.tmp && mv -f $@.tmp $@

units/sshd-conn@.service: units/sshd-conn@.service.in
units/sshd-conn-keygen.service: units/sshd-conn-keygen.service.in
units/sshd-conn-compile.path: units/sshd-conn-compile.path.in
units/sshd-conn-compile.service: units/sshd-conn-compile.service.in
units/sysusers.d/sshd-conn.conf: units/sysusers.d/sshd-conn.conf.in
units/inetd.conf: units/inetd.conf.in

CLEANFILES += $(UNITS_GENERATED) units/sysusers.d/sshd-conn.conf \
	units/inetd.conf
EXTRA_DIST += units/sshd-conn@.service.in units/sshd-conn-keygen.service.in \
	units/sshd-conn-compile.path.in units/sshd-conn-compile.service.in \
	units/sysusers.d/sshd-conn.conf.in units/inetd.conf.in
