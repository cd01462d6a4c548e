noinst_LIBRARIES += lib/user/libuser.a
lib_user_libuser_a_SOURCES = \
	lib/user/channel.c \
	lib/user/edge.c \
	lib/user/env.c lib/user/env.h \
	lib/user/login.c lib/user/login.h \
	lib/user/modes.c lib/user/modes.h \
	lib/user/pty.c lib/user/pty.h \
	lib/user/requests.c \
	lib/user/role.h \
	lib/user/session.c \
	lib/user/signames.c lib/user/signames.h \
	lib/user/spawn.c lib/user/spawn.h \
	lib/user/user.c lib/user/user.h
