# The system tests need root and a machine of their own, so they are no part
# of `make check`: tests/run starts them.  Also shipped here: the commands of
# tests/ itself.
EXTRA_DIST += README.md .ci/run tests/build tests/count tests/deps tests/run tests/serve \
	tests/system/run tests/system/systemd-box tests/system/overlay \
	tests/system/conftest.py tests/system/test_compile.py \
	tests/system/test_as_openssh.py tests/system/test_install.py tests/system/test_logind.py \
	tests/system/test_readers.py \
	tests/system/test_spawners.py \
	tests/system/test_systemd.py
