noinst_LIBRARIES += lib/sandbox/libsandbox.a
lib_sandbox_libsandbox_a_SOURCES = \
	lib/sandbox/chroot.c lib/sandbox/chroot.h \
	lib/sandbox/child.c lib/sandbox/child.h \
	lib/sandbox/confine.c lib/sandbox/confine.h \
	lib/sandbox/ids.c lib/sandbox/ids.h \
	lib/sandbox/seccomp.c lib/sandbox/seccomp.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sandbox tests/unit/test_chroot
TESTS += tests/unit/test_sandbox tests/unit/test_chroot
tests_unit_test_sandbox_SOURCES = \
	tests/unit/test_sandbox.c tests/unit/unit.h
tests_unit_test_sandbox_LDADD = lib/sandbox/libsandbox.a \
	lib/base/libbase.a $(CMOCKA_LIBS)
tests_unit_test_chroot_SOURCES = tests/unit/test_chroot.c tests/unit/unit.h
tests_unit_test_chroot_LDADD = lib/sandbox/libsandbox.a \
	lib/base/libbase.a $(CMOCKA_LIBS)
endif
