EXTRA_DIST += \
	tests/hostile/sshraw.py
