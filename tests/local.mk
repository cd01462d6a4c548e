# Checks of the source tree itself.
dist_check_SCRIPTS += tests/check-includes tests/check-threats
TESTS += tests/check-includes tests/check-threats
EXTRA_DIST += tests/THREATS
