noinst_LIBRARIES += lib/net/libnet.a
lib_net_libnet_a_SOURCES = \
	lib/net/answers.c lib/net/ask.c lib/net/auth.c lib/net/data.c \
	lib/net/dispatch.c lib/net/enter.c \
	lib/net/extinfo.c lib/net/forward.c lib/net/global.c lib/net/hostkeys.c \
	lib/net/idle.c lib/net/io.c lib/net/kex.c lib/net/net.c lib/net/net.h \
	lib/net/newkeys.c lib/net/over.c lib/net/pump.c lib/net/qos.c lib/net/refuse.c \
	lib/net/session.c \
	lib/net/state.h lib/net/wait.c

# net_run() in these, with the test as peer, monitor and user.
if HAVE_CMOCKA
net_tests = \
	tests/unit/test_net_data \
	tests/unit/test_net_forward \
	tests/unit/test_net_gex \
	tests/unit/test_net_hostkeys \
	tests/unit/test_net_idle \
	tests/unit/test_net_kex \
	tests/unit/test_net_lies \
	tests/unit/test_net_listen \
	tests/unit/test_net_matrix
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
NET_TEST_LIBS = lib/net/libnet.a lib/sandbox/libsandbox.a \
	lib/conn/libconn.a lib/transport/libtransport.a lib/wire/libwire.a \
	lib/ipc/libipc.a lib/crypto/libcrypto.a lib/base/libbase.a \
	$(CMOCKA_LIBS) $(GCRYPT_LIBS) $(ZLIB_LIBS) -lutil
NET_TEST_MINI = tests/unit/mini_client.c tests/unit/mini_client.h \
	tests/unit/mini_roles.c tests/unit/unit.h
tests_unit_test_net_data_SOURCES = \
	tests/unit/test_net_data.c $(NET_TEST_MINI)
tests_unit_test_net_data_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_gex_SOURCES = \
	tests/unit/test_net_gex.c $(NET_TEST_MINI)
tests_unit_test_net_gex_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_forward_SOURCES = \
	tests/unit/test_net_forward.c $(NET_TEST_MINI)
tests_unit_test_net_forward_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_hostkeys_SOURCES = \
	tests/unit/test_net_hostkeys.c $(NET_TEST_MINI)
tests_unit_test_net_hostkeys_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_idle_SOURCES = \
	tests/unit/test_net_idle.c $(NET_TEST_MINI)
tests_unit_test_net_idle_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_kex_SOURCES = \
	tests/unit/test_net_kex.c $(NET_TEST_MINI)
tests_unit_test_net_kex_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_lies_SOURCES = \
	tests/unit/test_net_lies.c $(NET_TEST_MINI)
tests_unit_test_net_lies_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_listen_SOURCES = \
	tests/unit/test_net_listen.c $(NET_TEST_MINI)
tests_unit_test_net_listen_LDADD = $(NET_TEST_LIBS)
tests_unit_test_net_matrix_SOURCES = \
	tests/unit/test_net_matrix.c $(NET_TEST_MINI)
tests_unit_test_net_matrix_LDADD = $(NET_TEST_LIBS)
endif
