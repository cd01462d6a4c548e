# cmocka tests, one program a file, linked with the archives that it tests.
# Each prints cmocka's own report; CMOCKA_MESSAGE_OUTPUT=xml or tap and
# CMOCKA_XML_FILE=DIR/%g.xml choose another for a program that counts.
# The tests of crypto, config and so on stand in those folders' local.mk.
EXTRA_DIST += tests/unit/skip-no-cmocka

UNIT_BASE_LIBS = lib/base/libbase.a $(CMOCKA_LIBS)
UNIT_WIRE_LIBS = lib/wire/libwire.a $(UNIT_BASE_LIBS)
UNIT_IPC_LIBS = lib/ipc/libipc.a $(UNIT_BASE_LIBS)
UNIT_CODEC = tests/unit/codec.c tests/unit/unit.h

if HAVE_CMOCKA
unit_tests = \
	tests/unit/test_base_cursor \
	tests/unit/test_base_fd \
	tests/unit/test_base_names \
	tests/unit/test_base_sink \
	tests/unit/test_base_text \
	tests/unit/test_ipc_codec \
	tests/unit/test_ipc_frame \
	tests/unit/test_ipc_keys \
	tests/unit/test_sandbox_work \
	tests/unit/test_wire_auth \
	tests/unit/test_wire_channel \
	tests/unit/test_wire_ident \
	tests/unit/test_wire_request \
	tests/unit/test_wire_transport
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

tests_unit_test_base_cursor_SOURCES = \
	tests/unit/test_base_cursor.c tests/unit/unit.h
tests_unit_test_base_cursor_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_base_fd_SOURCES = \
	tests/unit/test_base_fd.c tests/unit/unit.h
tests_unit_test_base_fd_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_base_names_SOURCES = \
	tests/unit/test_base_names.c tests/unit/unit.h
tests_unit_test_base_names_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_base_sink_SOURCES = \
	tests/unit/test_base_sink.c tests/unit/unit.h
tests_unit_test_base_sink_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_base_text_SOURCES = \
	tests/unit/test_base_text.c tests/unit/unit.h
tests_unit_test_base_text_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_ipc_codec_SOURCES = tests/unit/test_ipc_codec.c $(UNIT_CODEC)
tests_unit_test_ipc_codec_LDADD = $(UNIT_IPC_LIBS)
tests_unit_test_ipc_frame_SOURCES = \
	tests/unit/test_ipc_frame.c tests/unit/unit.h
tests_unit_test_ipc_frame_LDADD = $(UNIT_IPC_LIBS)
tests_unit_test_ipc_keys_SOURCES = tests/unit/test_ipc_keys.c $(UNIT_CODEC)
tests_unit_test_ipc_keys_LDADD = $(UNIT_IPC_LIBS)
tests_unit_test_sandbox_work_SOURCES = \
	tests/unit/test_sandbox_work.c tests/unit/unit.h
tests_unit_test_sandbox_work_LDADD = lib/sandbox/libsandbox.a \
	lib/transport/libtransport.a lib/crypto/libcrypto.a \
	$(UNIT_IPC_LIBS) $(GCRYPT_LIBS) $(ZLIB_LIBS)
tests_unit_test_wire_auth_SOURCES = \
	tests/unit/test_wire_auth.c tests/unit/wire_codec.h $(UNIT_CODEC)
tests_unit_test_wire_auth_LDADD = $(UNIT_WIRE_LIBS)
tests_unit_test_wire_channel_SOURCES = \
	tests/unit/test_wire_channel.c tests/unit/wire_codec.h $(UNIT_CODEC)
tests_unit_test_wire_channel_LDADD = $(UNIT_WIRE_LIBS)
tests_unit_test_wire_ident_SOURCES = \
	tests/unit/test_wire_ident.c tests/unit/unit.h
tests_unit_test_wire_ident_LDADD = $(UNIT_WIRE_LIBS)
tests_unit_test_wire_request_SOURCES = \
	tests/unit/test_wire_request.c tests/unit/wire_codec.h $(UNIT_CODEC)
tests_unit_test_wire_request_LDADD = $(UNIT_WIRE_LIBS)
tests_unit_test_wire_transport_SOURCES = \
	tests/unit/test_wire_transport.c tests/unit/wire_codec.h $(UNIT_CODEC)
tests_unit_test_wire_transport_LDADD = $(UNIT_WIRE_LIBS)
else
TESTS += tests/unit/skip-no-cmocka
endif
