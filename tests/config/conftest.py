"""Where the two programs are, and a place for files."""

import os
import shutil
import subprocess

import pytest

SSHD = "/usr/sbin/sshd"


@pytest.fixture(scope="session")
def dump():
    """tests/config/dump of this build."""
    path = os.environ.get("CONFIG_DUMP", "tests/config/dump")
    if not os.access(path, os.X_OK):
        pytest.skip("no %s: build it, or set CONFIG_DUMP" % path)
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def server():
    """sshd-conn of this build."""
    path = os.environ.get("CONFIG_SERVER", "sshd-conn")
    if not os.access(path, os.X_OK):
        pytest.skip("no %s: build it, or set CONFIG_SERVER" % path)
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def host_key(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                    str(path)], check=True)
    return str(path)


@pytest.fixture(scope="session")
def sshd(host_key):
    """Debian's sshd, if it is the version that the lists are made for."""
    if shutil.which(SSHD) is None:
        pytest.skip("no " + SSHD)
    version = subprocess.run([SSHD, "-V"], capture_output=True, text=True,
                             check=False).stderr
    if "OpenSSH_9.2" not in version:
        pytest.skip("made for OpenSSH 9.2, not " + version.strip())
    try:
        os.makedirs("/run/sshd", exist_ok=True)
    except OSError:
        pass
    try_it = subprocess.run([SSHD, "-T", "-f", "/dev/null", "-h", host_key],
                            capture_output=True, text=True, check=False)
    if try_it.returncode != 0:
        pytest.skip("sshd -T does not work here: " + try_it.stderr)
    return SSHD
