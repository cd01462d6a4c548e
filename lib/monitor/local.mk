noinst_LIBRARIES += lib/monitor/libmonitor.a
lib_monitor_libmonitor_a_SOURCES = \
	lib/monitor/banner.c lib/monitor/banner.h \
	lib/monitor/children.c lib/monitor/children.h \
	lib/monitor/delay.c \
	lib/monitor/events.c \
	lib/monitor/internal.h \
	lib/monitor/key.c \
	lib/monitor/login.c \
	lib/monitor/monitor.c lib/monitor/monitor.h \
	lib/monitor/policy.c \
	lib/monitor/records.c \
	lib/monitor/sess.c \
	lib/monitor/session.c \
	lib/monitor/sign.c
