noinst_LIBRARIES += lib/conn/libconn.a
lib_conn_libconn_a_SOURCES = lib/conn/channel.c lib/conn/channel.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_channel
TESTS += tests/unit/test_channel
tests_unit_test_channel_SOURCES = \
	tests/unit/test_channel.c tests/unit/unit.h
tests_unit_test_channel_LDADD = lib/conn/libconn.a lib/base/libbase.a \
	$(CMOCKA_LIBS)
endif
