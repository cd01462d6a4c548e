noinst_LIBRARIES += lib/monitor/libmonitor.a
lib_monitor_libmonitor_a_SOURCES = \
	lib/monitor/attempt.c \
	lib/monitor/banner.c lib/monitor/banner.h \
	lib/monitor/children.c lib/monitor/children.h \
	lib/monitor/delay.c \
	lib/monitor/events.c \
	lib/monitor/internal.h \
	lib/monitor/kbdint.c \
	lib/monitor/key.c \
	lib/monitor/keys.c \
	lib/monitor/login.c \
	lib/monitor/monitor.c lib/monitor/monitor.h \
	lib/monitor/password.c \
	lib/monitor/policy.c \
	lib/monitor/publickey.c \
	lib/monitor/records.c \
	lib/monitor/sess.c \
	lib/monitor/session.c \
	lib/monitor/sign.c \
	lib/monitor/who.c

dist_man_MANS += man/sshd-conn.8

if HAVE_CMOCKA
monitor_tests = tests/unit/test_monitor_keys tests/unit/test_monitor_lies \
	tests/unit/test_monitor_login
check_PROGRAMS += $(monitor_tests)
TESTS += $(monitor_tests)
monitor_rig = tests/unit/monitor_rig.c tests/unit/monitor_rig.h \
	tests/unit/unit.h
# No text is read: a test says what would be in force.
monitor_test_ldflags = -Wl,--wrap=config_resolve
monitor_test_libs = lib/monitor/libmonitor.a lib/rules/librules.a \
	lib/auth/libauth.a \
	lib/keys/libkeys.a \
	lib/image/libimage.a lib/config/libconfig.a \
	lib/sandbox/libsandbox.a lib/run/librun.a lib/ipc/libipc.a \
	lib/crypto/libcrypto.a lib/base/libbase.a $(GCRYPT_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_test_monitor_keys_SOURCES = tests/unit/test_monitor_keys.c \
	$(monitor_rig)
tests_unit_test_monitor_keys_LDADD = $(monitor_test_libs)
tests_unit_test_monitor_keys_LDFLAGS = $(monitor_test_ldflags)
tests_unit_test_monitor_lies_SOURCES = tests/unit/test_monitor_lies.c \
	$(monitor_rig)
tests_unit_test_monitor_lies_LDADD = $(monitor_test_libs)
tests_unit_test_monitor_lies_LDFLAGS = $(monitor_test_ldflags)
tests_unit_test_monitor_login_SOURCES = tests/unit/test_monitor_login.c \
	$(monitor_rig)
tests_unit_test_monitor_login_LDADD = $(monitor_test_libs)
tests_unit_test_monitor_login_LDFLAGS = $(monitor_test_ldflags)
endif
