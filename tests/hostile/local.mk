EXTRA_DIST += \
	tests/hostile/mutate.py \
	tests/hostile/sshraw.py \
	tests/hostile/test_authentication.py \
	tests/hostile/test_channels.py \
	tests/hostile/test_enumeration.py \
	tests/hostile/test_forwarding.py \
	tests/hostile/test_identification.py \
	tests/hostile/test_matrix.py \
	tests/hostile/test_mutations.py \
	tests/hostile/test_packets.py \
	tests/hostile/test_state_machine.py
