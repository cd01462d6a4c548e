noinst_LIBRARIES += lib/user/libuser.a
lib_user_libuser_a_SOURCES =
