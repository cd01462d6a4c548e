# Fuzz targets.  With --enable-fuzzer they are libFuzzer programs, to be run
# by hand: tests/fuzz/fuzz_NAME CORPUS-COPY.  Without it each is linked with a
# driver that replays its corpus and mutations of it: tests of make check.
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/replay.c tests/fuzz/fuzz.h

fuzz_programs = \
	tests/fuzz/fuzz_auth \
	tests/fuzz/fuzz_cert \
	tests/fuzz/fuzz_channel \
	tests/fuzz/fuzz_cursor \
	tests/fuzz/fuzz_hostcert \
	tests/fuzz/fuzz_inflate \
	tests/fuzz/fuzz_ipc_keys \
	tests/fuzz/fuzz_ipc_mon \
	tests/fuzz/fuzz_ipc_policy \
	tests/fuzz/fuzz_ipc_sess \
	tests/fuzz/fuzz_ipc_usr \
	tests/fuzz/fuzz_kexinit \
	tests/fuzz/fuzz_keyblob \
	tests/fuzz/fuzz_keyfile \
	tests/fuzz/fuzz_krl \
	tests/fuzz/fuzz_negotiate \
	tests/fuzz/fuzz_net \
	tests/fuzz/fuzz_packets

if FUZZER
noinst_PROGRAMS += $(fuzz_programs)
FUZZ_DRIVER =
FUZZ_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
FUZZ_DRIVER = tests/fuzz/replay.c
FUZZ_LDFLAGS = $(AM_LDFLAGS)
endif

FUZZ_WIRE_LIBS = lib/wire/libwire.a lib/base/libbase.a
FUZZ_IPC_LIBS = lib/ipc/libipc.a lib/base/libbase.a
FUZZ_TRANSPORT_LIBS = lib/transport/libtransport.a lib/wire/libwire.a \
	lib/crypto/libcrypto.a lib/base/libbase.a $(GCRYPT_LIBS) $(ZLIB_LIBS)

tests_fuzz_fuzz_auth_SOURCES = tests/fuzz/fuzz_auth.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_auth_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_fuzz_auth_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_cert_SOURCES = tests/fuzz/fuzz_cert.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_cert_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
tests_fuzz_fuzz_cert_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_channel_SOURCES = tests/fuzz/fuzz_channel.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_channel_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_fuzz_channel_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_cursor_SOURCES = tests/fuzz/fuzz_cursor.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_cursor_LDADD = lib/base/libbase.a
tests_fuzz_fuzz_cursor_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_hostcert_SOURCES = tests/fuzz/fuzz_hostcert.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_hostcert_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
tests_fuzz_fuzz_hostcert_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_inflate_SOURCES = tests/fuzz/fuzz_inflate.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_inflate_LDADD = $(FUZZ_TRANSPORT_LIBS)
tests_fuzz_fuzz_inflate_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ipc_keys_SOURCES = tests/fuzz/fuzz_ipc_keys.c \
	tests/fuzz/ipc_again.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_ipc_keys_LDADD = $(FUZZ_IPC_LIBS)
tests_fuzz_fuzz_ipc_keys_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ipc_mon_SOURCES = tests/fuzz/fuzz_ipc_mon.c \
	tests/fuzz/ipc_again.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_ipc_mon_LDADD = $(FUZZ_IPC_LIBS)
tests_fuzz_fuzz_ipc_mon_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ipc_policy_SOURCES = tests/fuzz/fuzz_ipc_policy.c \
	tests/fuzz/ipc_again.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_ipc_policy_LDADD = $(FUZZ_IPC_LIBS)
tests_fuzz_fuzz_ipc_policy_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ipc_sess_SOURCES = tests/fuzz/fuzz_ipc_sess.c \
	tests/fuzz/ipc_again.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_ipc_sess_LDADD = $(FUZZ_IPC_LIBS)
tests_fuzz_fuzz_ipc_sess_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ipc_usr_SOURCES = tests/fuzz/fuzz_ipc_usr.c \
	tests/fuzz/ipc_again.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_ipc_usr_LDADD = $(FUZZ_IPC_LIBS)
tests_fuzz_fuzz_ipc_usr_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_kexinit_SOURCES = tests/fuzz/fuzz_kexinit.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_kexinit_LDADD = $(FUZZ_WIRE_LIBS)
tests_fuzz_fuzz_kexinit_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_keyblob_SOURCES = tests/fuzz/fuzz_keyblob.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_keyblob_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
tests_fuzz_fuzz_keyblob_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_keyfile_SOURCES = tests/fuzz/fuzz_keyfile.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_keyfile_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
tests_fuzz_fuzz_keyfile_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_krl_SOURCES = tests/fuzz/fuzz_krl.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_krl_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
tests_fuzz_fuzz_krl_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_negotiate_SOURCES = tests/fuzz/fuzz_negotiate.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_negotiate_LDADD = $(FUZZ_TRANSPORT_LIBS)
tests_fuzz_fuzz_negotiate_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_net_SOURCES = tests/fuzz/fuzz_net.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_net_LDADD = lib/net/libnet.a lib/conn/libconn.a \
	lib/ipc/libipc.a $(FUZZ_TRANSPORT_LIBS)
tests_fuzz_fuzz_net_LDFLAGS = $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_packets_SOURCES = tests/fuzz/fuzz_packets.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_packets_LDADD = $(FUZZ_TRANSPORT_LIBS)
tests_fuzz_fuzz_packets_LDFLAGS = $(FUZZ_LDFLAGS)

# Makes the corpora anew: tests/fuzz/seeds tests/fuzz/corpus, by hand.
check_PROGRAMS += tests/fuzz/seeds
tests_fuzz_seeds_SOURCES = tests/fuzz/seeds.c
tests_fuzz_seeds_LDADD = lib/wire/libwire.a lib/ipc/libipc.a \
	lib/base/libbase.a
