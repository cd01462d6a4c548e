noinst_LIBRARIES += lib/auth/libauth.a
lib_auth_libauth_a_SOURCES = \
	lib/auth/access.c lib/auth/access.h \
	lib/auth/account.c lib/auth/account.h \
	lib/auth/authkeys.c lib/auth/authkeys.h \
	lib/auth/authkeys_line.c \
	lib/auth/strictmodes.c lib/auth/strictmodes.h
