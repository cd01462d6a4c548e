EXTRA_DIST += \
	tests/e2e/harness.py tests/e2e/pytest.ini tests/e2e/run \
	tests/e2e/superserver.py tests/e2e/test_transport.py
