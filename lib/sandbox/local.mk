noinst_LIBRARIES += lib/sandbox/libsandbox.a
lib_sandbox_libsandbox_a_SOURCES =
lib_sandbox_libsandbox_a_SOURCES += lib/sandbox/ids.c lib/sandbox/ids.h
