noinst_LIBRARIES += lib/user/libuser.a
lib_user_libuser_a_SOURCES = \
	lib/user/authinfo.c \
	lib/user/agent.c \
	lib/user/channel.c \
	lib/user/dial.c \
	lib/user/edge.c \
	lib/user/env.c lib/user/env.h \
	lib/user/forward.c lib/user/forward.h \
	lib/user/listen.c \
	lib/user/login.c lib/user/login.h \
	lib/user/modes.c lib/user/modes.h \
	lib/user/pty.c lib/user/pty.h \
	lib/user/requests.c \
	lib/user/resolve.c lib/user/resolve.h \
	lib/user/role.h \
	lib/user/session.c \
	lib/user/signames.c lib/user/signames.h \
	lib/user/spawn.c lib/user/spawn.h \
	lib/user/title.c \
	lib/user/user.c lib/user/user.h

# The role itself runs in these, driven from both of its edges.
if HAVE_CMOCKA
user_tests = \
	tests/unit/test_user_forward \
	tests/unit/test_user_lies \
	tests/unit/test_user_listen \
	tests/unit/test_user_login \
	tests/unit/test_user_role \
	tests/unit/test_user_tables
check_PROGRAMS += $(user_tests)
TESTS += $(user_tests)
USER_TEST_LIBS = lib/user/libuser.a lib/run/librun.a lib/ipc/libipc.a lib/base/libbase.a \
	$(CMOCKA_LIBS)
tests_unit_test_user_forward_SOURCES = \
	tests/unit/test_user_forward.c tests/unit/test_user_rig.h
tests_unit_test_user_forward_LDADD = $(USER_TEST_LIBS)
tests_unit_test_user_lies_SOURCES = \
	tests/unit/test_user_lies.c tests/unit/test_user_rig.h
tests_unit_test_user_lies_LDADD = $(USER_TEST_LIBS)
tests_unit_test_user_login_SOURCES = \
	tests/unit/test_user_login.c tests/unit/test_user_rig.h
tests_unit_test_user_login_LDADD = $(USER_TEST_LIBS)
tests_unit_test_user_listen_SOURCES = \
	tests/unit/test_user_listen.c tests/unit/test_user_rig.h
tests_unit_test_user_listen_LDADD = $(USER_TEST_LIBS)
tests_unit_test_user_role_SOURCES = \
	tests/unit/test_user_role.c tests/unit/test_user_rig.h
tests_unit_test_user_role_LDADD = $(USER_TEST_LIBS)
tests_unit_test_user_tables_SOURCES = tests/unit/test_user_tables.c
tests_unit_test_user_tables_LDADD = $(USER_TEST_LIBS)
endif
