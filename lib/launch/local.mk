noinst_LIBRARIES += lib/launch/liblaunch.a
lib_launch_liblaunch_a_SOURCES = \
	lib/launch/descriptors.c lib/launch/descriptors.h \
	lib/launch/environment.c lib/launch/environment.h \
	lib/launch/privsep.c lib/launch/privsep.h \
	lib/launch/systemd.c lib/launch/systemd.h
