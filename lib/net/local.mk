noinst_LIBRARIES += lib/net/libnet.a
lib_net_libnet_a_SOURCES = \
	lib/net/ask.c lib/net/auth.c lib/net/data.c lib/net/dispatch.c \
	lib/net/io.c lib/net/kex.c lib/net/net.c lib/net/net.h \
	lib/net/newkeys.c lib/net/over.c lib/net/session.c lib/net/state.h
