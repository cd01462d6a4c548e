noinst_LIBRARIES += lib/sandbox/libsandbox.a
lib_sandbox_libsandbox_a_SOURCES = \
	lib/sandbox/confine.c lib/sandbox/confine.h \
	lib/sandbox/ids.c lib/sandbox/ids.h \
	lib/sandbox/seccomp.c lib/sandbox/seccomp.h
