noinst_LIBRARIES += lib/wire/libwire.a
lib_wire_libwire_a_SOURCES =
