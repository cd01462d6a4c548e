noinst_LIBRARIES += lib/rules/librules.a
lib_rules_librules_a_SOURCES = \
	lib/rules/methods.c lib/rules/methods.h \
	lib/rules/password.c lib/rules/password.h \
	lib/rules/policy.c lib/rules/policy.h \
	lib/rules/record.c lib/rules/record.h

if HAVE_CMOCKA
rules_tests = tests/unit/test_rules_login tests/unit/test_rules_methods \
	tests/unit/test_rules_policy \
	tests/unit/test_rules_record
check_PROGRAMS += $(rules_tests)
TESTS += $(rules_tests)
tests_unit_test_rules_login_SOURCES = tests/unit/test_rules_login.c
tests_unit_test_rules_login_LDADD = lib/rules/librules.a \
	lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_rules_methods_SOURCES = tests/unit/test_rules_methods.c
tests_unit_test_rules_methods_LDADD = lib/rules/librules.a \
	lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_rules_policy_SOURCES = \
	tests/unit/test_rules_policy.c tests/unit/unit.h
tests_unit_test_rules_policy_LDADD = lib/rules/librules.a \
	lib/ipc/libipc.a lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_rules_record_SOURCES = \
	tests/unit/test_rules_record.c tests/unit/unit.h
tests_unit_test_rules_record_LDADD = lib/rules/librules.a \
	lib/run/librun.a lib/base/libbase.a $(CMOCKA_LIBS)
endif
