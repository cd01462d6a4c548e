noinst_LIBRARIES += lib/image/libimage.a
lib_image_libimage_a_SOURCES = \
	lib/image/builtin.c lib/image/builtin.h \
	lib/image/checksum.c lib/image/checksum.h \
	lib/image/choose.c lib/image/choose.h \
	lib/image/form.c lib/image/form.h \
	lib/image/gather.c lib/image/gather.h \
	lib/image/hostkeys.c lib/image/hostkeys.h \
	lib/image/image.h \
	lib/image/internal.h \
	lib/image/open.c \
	lib/image/place.c \
	lib/image/prune.c \
	lib/image/secret.c \
	lib/image/stamp.c lib/image/stamp.h \
	lib/image/store.c \
	lib/image/text.c lib/image/text.h

IMAGE_LIBS = lib/image/libimage.a lib/config/libconfig.a \
	lib/crypto/libcrypto.a lib/base/libbase.a $(GCRYPT_LIBS)

# A configuration packed and unpacked means the same: tests/config/run.
EXTRA_DIST += tests/config/test_pack.py
check_PROGRAMS += tests/config/repack
tests_config_repack_SOURCES = tests/config/repack.c
tests_config_repack_LDADD = lib/config/libconfig.a lib/base/libbase.a

if HAVE_CMOCKA
image_tests = tests/unit/test_image_choose tests/unit/test_image_file \
	tests/unit/test_image_pack tests/unit/test_image_prune
check_PROGRAMS += $(image_tests)
TESTS += $(image_tests)
tests_unit_test_image_choose_SOURCES = tests/unit/test_image_choose.c \
	tests/unit/image_rig.h tests/unit/unit.h
tests_unit_test_image_choose_LDADD = $(IMAGE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_image_file_SOURCES = tests/unit/test_image_file.c \
	tests/unit/image_rig.h tests/unit/unit.h
tests_unit_test_image_file_LDADD = $(IMAGE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_image_pack_SOURCES = tests/unit/test_image_pack.c \
	tests/unit/unit.h
tests_unit_test_image_pack_LDADD = $(IMAGE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_image_prune_SOURCES = tests/unit/test_image_prune.c \
	tests/unit/image_rig.h tests/unit/unit.h
tests_unit_test_image_prune_LDADD = $(IMAGE_LIBS) $(CMOCKA_LIBS)
endif

if FUZZER
noinst_PROGRAMS += tests/fuzz/fuzz_image
else
check_PROGRAMS += tests/fuzz/fuzz_image
TESTS += tests/fuzz/fuzz_image
endif
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_image_LDADD = $(IMAGE_LIBS)
tests_fuzz_fuzz_image_LDFLAGS = $(FUZZ_LDFLAGS)
