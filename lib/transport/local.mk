noinst_LIBRARIES += lib/transport/libtransport.a
lib_transport_libtransport_a_SOURCES = \
	lib/transport/compress.c lib/transport/compress.h \
	lib/transport/negotiate.c lib/transport/negotiate.h \
	lib/transport/packet.c lib/transport/packet.h

if HAVE_CMOCKA
transport_tests = \
	tests/unit/test_compress \
	tests/unit/test_negotiate \
	tests/unit/test_packet
check_PROGRAMS += $(transport_tests)
TESTS += $(transport_tests)
TRANSPORT_TEST_LIBS = lib/transport/libtransport.a lib/crypto/libcrypto.a \
	lib/wire/libwire.a lib/base/libbase.a $(CMOCKA_LIBS) $(GCRYPT_LIBS) \
	$(ZLIB_LIBS)
tests_unit_test_compress_SOURCES = \
	tests/unit/test_compress.c tests/unit/unit.h
tests_unit_test_compress_LDADD = $(TRANSPORT_TEST_LIBS)
tests_unit_test_negotiate_SOURCES = \
	tests/unit/test_negotiate.c tests/unit/unit.h
tests_unit_test_negotiate_LDADD = $(TRANSPORT_TEST_LIBS)
tests_unit_test_packet_SOURCES = tests/unit/test_packet.c \
	tests/unit/packet_keys.h tests/unit/unit.h
tests_unit_test_packet_LDADD = $(TRANSPORT_TEST_LIBS)
endif
