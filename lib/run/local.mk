noinst_LIBRARIES += lib/run/librun.a
lib_run_librun_a_SOURCES = \
	lib/run/ask.c lib/run/ask.h \
	lib/run/audit.c lib/run/audit.h \
	lib/run/dlopen_note.h lib/run/exits.h \
	lib/run/grace.c lib/run/grace.h \
	lib/run/journal.c lib/run/journal.h \
	lib/run/log.c lib/run/log.h \
	lib/run/origin.c lib/run/origin.h \
	lib/run/peer.h \
	lib/run/title.c lib/run/title.h

if HAVE_CMOCKA
run_tests = tests/unit/test_audit tests/unit/test_log_lines \
	tests/unit/test_journal
check_PROGRAMS += $(run_tests)
TESTS += $(run_tests)
run_test_libs = lib/run/librun.a lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c
tests_unit_test_audit_LDADD = $(run_test_libs)
tests_unit_test_log_lines_SOURCES = tests/unit/test_log_lines.c
tests_unit_test_log_lines_LDADD = $(run_test_libs)
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c
tests_unit_test_journal_LDADD = $(run_test_libs)
endif
