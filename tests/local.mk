# Checks of the source tree itself.
dist_check_SCRIPTS += tests/check-includes
TESTS += tests/check-includes
