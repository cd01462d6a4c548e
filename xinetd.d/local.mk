# Installed as a sample only: a file that xinetd reads is the
# administrator's.
xinetdexamplesdir = $(examplesdir)/xinetd.d
xinetdexamples_DATA = xinetd.d/sshd-conn

xinetd.d/sshd-conn: xinetd.d/sshd-conn.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(FILL_IN_DIRS) $(srcdir)/$@.in >$@.tmp && mv -f $@.tmp $@

CLEANFILES += xinetd.d/sshd-conn
EXTRA_DIST += xinetd.d/sshd-conn.in
