noinst_LIBRARIES += lib/rules/librules.a
lib_rules_librules_a_SOURCES = \
	lib/rules/policy.c lib/rules/policy.h
