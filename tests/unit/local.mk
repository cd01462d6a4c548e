# cmocka tests of the pure layers, one program a file.
