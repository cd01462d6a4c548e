# Built by bench/run: it needs libssh, which nothing else here does.
EXTRA_DIST += bench/run bench/connbench.c bench/floor.c bench/table.awk
