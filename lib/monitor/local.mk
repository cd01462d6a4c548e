noinst_LIBRARIES += lib/monitor/libmonitor.a
lib_monitor_libmonitor_a_SOURCES =
