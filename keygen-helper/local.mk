sbin_PROGRAMS += sshd-conn-keygen
sshd_conn_keygen_SOURCES = \
	keygen-helper/keygen.c \
	keygen-helper/hostkey.c keygen-helper/hostkey.h \
	keygen-helper/place.c keygen-helper/place.h
sshd_conn_keygen_LDADD = lib/crypto/libcrypto.a lib/base/libbase.a \
	$(GCRYPT_LIBS)
dist_man_MANS += man/sshd-conn-keygen.8
