noinst_LIBRARIES += lib/tell/libtell.a
lib_tell_libtell_a_SOURCES = lib/tell/tell.c lib/tell/tell.h
