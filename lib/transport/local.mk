noinst_LIBRARIES += lib/transport/libtransport.a
lib_transport_libtransport_a_SOURCES = \
	lib/transport/compress.c lib/transport/compress.h \
	lib/transport/negotiate.c lib/transport/negotiate.h \
	lib/transport/packet.c lib/transport/packet.h
