noinst_LIBRARIES += lib/wire/libwire.a
lib_wire_libwire_a_SOURCES = \
	lib/wire/auth.c lib/wire/auth.h \
	lib/wire/channel.c lib/wire/channel.h \
	lib/wire/forward.c lib/wire/forward.h \
	lib/wire/ident.c lib/wire/ident.h \
	lib/wire/kex.c lib/wire/kex.h \
	lib/wire/kexinit.c lib/wire/kexinit.h \
	lib/wire/numbers.h \
	lib/wire/request.c lib/wire/request.h \
	lib/wire/transport.c lib/wire/transport.h
