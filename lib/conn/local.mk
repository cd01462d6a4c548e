noinst_LIBRARIES += lib/conn/libconn.a
lib_conn_libconn_a_SOURCES = lib/conn/channel.c lib/conn/channel.h
