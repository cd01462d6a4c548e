EXTRA_DIST += \
	tests/e2e/spread \
	tests/e2e/harness.py \
	tests/e2e/libssh-client.c \
	tests/e2e/pytest.ini \
	tests/e2e/run \
	tests/e2e/superserver.py \
	tests/e2e/test_auth.py \
	tests/e2e/test_certificates.py \
	tests/e2e/test_bigconf.py \
	tests/e2e/test_clients.py \
	tests/e2e/test_compile.py \
	tests/e2e/test_dns.py \
	tests/e2e/test_environment.py \
	tests/e2e/test_forward.py \
	tests/e2e/test_hangs.py \
	tests/e2e/test_hostbased.py \
	tests/e2e/test_hostcert.py \
	tests/e2e/test_hostkeys.py \
	tests/e2e/test_image.py \
	tests/e2e/test_key_options.py \
	tests/e2e/test_login.py \
	tests/e2e/test_logs.py \
	tests/e2e/test_old_algorithms.py \
	tests/e2e/test_pty.py \
	tests/e2e/test_roles.py \
	tests/e2e/test_session.py \
	tests/e2e/test_sk.py \
	tests/e2e/test_spawn.py \
	tests/e2e/test_transport.py
EXTRA_DIST += tests/e2e/inject.c tests/e2e/test_inside_net.py
EXTRA_DIST += tests/e2e/faults.c tests/e2e/test_faults.py
EXTRA_DIST += tests/e2e/passwords.py tests/e2e/test_password.py \
	tests/e2e/test_kbdint.py tests/e2e/test_methods.py
