noinst_LIBRARIES += lib/run/librun.a
lib_run_librun_a_SOURCES = \
	lib/run/dlopen_note.h lib/run/exits.h \
	lib/run/log.c lib/run/log.h \
	lib/run/peer.h
