noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = \
	lib/base/base64.c lib/base/base64.h \
	lib/base/cursor.c lib/base/cursor.h \
	lib/base/fd.c lib/base/fd.h \
	lib/base/names.c lib/base/names.h \
	lib/base/pattern.c lib/base/pattern.h \
	lib/base/secret.c lib/base/secret.h \
	lib/base/sink.c lib/base/sink.h \
	lib/base/span.h lib/base/sysdef.h \
	lib/base/text.c lib/base/text.h \
	lib/base/tokens.c lib/base/tokens.h \
	lib/base/vis.c lib/base/vis.h
