noinst_LIBRARIES += lib/ipc/libipc.a
lib_ipc_libipc_a_SOURCES = \
	lib/ipc/frame.c lib/ipc/frame.h \
	lib/ipc/fwd.c lib/ipc/fwd.h \
	lib/ipc/keys.c lib/ipc/keys.h \
	lib/ipc/limits.c lib/ipc/limits.h \
	lib/ipc/mon.c lib/ipc/mon.h \
	lib/ipc/policy.c lib/ipc/policy.h \
	lib/ipc/sess.c lib/ipc/sess.h \
	lib/ipc/usr.c lib/ipc/usr.h
