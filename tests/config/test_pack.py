"""A packed configuration means what the text means.

CONFIG_TEST_COUNT (default 300) generated configurations, each resolved for
eight connections from the text and from what was packed and unpacked.
"""

import os
import random
import subprocess

import pytest

import generate

COUNT = int(os.environ.get("CONFIG_TEST_COUNT", "300"))
SPECS = 8


@pytest.fixture(scope="session")
def repack():
    """tests/config/repack of this build"""
    path = os.environ.get("CONFIG_REPACK", "tests/config/repack")
    if not os.access(path, os.X_OK):
        pytest.skip("no %s: build it, or set CONFIG_REPACK" % path)
    return os.path.abspath(path)


@pytest.mark.parametrize("number", range(COUNT))
def test_packed(number, repack, dump, host_key, tmp_path):
    r = random.Random(number)
    files = generate.Files(r, str(tmp_path), host_key)
    specs = [generate.spec(r) for _ in range(SPECS)]
    got = subprocess.run([repack, files.main] + specs, cwd=tmp_path,
                         capture_output=True, text=True, check=False)
    refused = subprocess.run([dump, "-q", "-f", files.main], cwd=tmp_path,
                             capture_output=True, check=False).returncode
    assert got.returncode == (2 if refused else 0), got.stderr
