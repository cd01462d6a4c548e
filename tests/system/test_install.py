"""What `make install` put where, and how the programs were linked."""
import os
import pathlib
import re

import pytest

from conftest import STAGE, run

PROGRAMS = ("sshd-conn", "sshd-conn-keygen")


def installed():
    stage = pathlib.Path(STAGE)
    return sorted("/" + str(p.relative_to(stage))
                  for p in stage.rglob("*") if not p.is_dir())


def test_everything_is_there():
    files = installed()
    for name in (*("/usr/sbin/" + p for p in PROGRAMS),
                 "/usr/lib/systemd/system/sshd-conn.socket",
                 "/usr/lib/systemd/system/sshd-conn@.service",
                 "/usr/lib/systemd/system/sshd-conn-keygen.service",
                 "/usr/lib/sysusers.d/sshd-conn.conf",
                 "/usr/lib/tmpfiles.d/sshd-conn.conf",
                 "/usr/share/sshd-conn/examples/inetd.conf",
                 "/usr/share/sshd-conn/examples/xinetd.d/sshd-conn"):
        assert name in files


def test_nothing_below_etc_and_no_keys():
    assert not [f for f in installed()
                if f.startswith(("/etc/", "/run/", "/var/"))]
    assert not [f for f in installed() if "host_" in f]


def test_no_placeholder_is_left():
    for name in installed():
        path = STAGE + name
        if re.search(r"/(system|sysusers\.d|tmpfiles\.d|examples)/", name):
            text = pathlib.Path(path).read_text()
            assert not re.search(r"@[a-z]+dir@|@\w+_user@|\$\{", text), name


@pytest.mark.parametrize("program", PROGRAMS)
def test_hardening(program):
    path = os.path.join(STAGE, "usr/sbin", program)
    out = run("readelf", "-W", "-h", "-l", "-d", "-s", path).stdout
    assert re.search(r"Type:\s+DYN", out), "position independent"
    assert "GNU_RELRO" in out and re.search(r"BIND_NOW|\bNOW\b", out)
    assert re.search(r"GNU_STACK\s.*\sRW\s", out), "no executable stack"
    assert "__stack_chk_fail" in out
    assert re.search(r"__\w+_chk@", out), "_FORTIFY_SOURCE"
    if os.uname().machine == "x86_64":
        # The note is lost to Debian's crt1.o; the landing pads are there.
        assert pathlib.Path(path).read_bytes().count(b"\xf3\x0f\x1e\xfa") > 20


def test_the_server_links_only_what_every_connection_needs():
    """PAM and libsystemd are opened later, by the role that needs them."""
    out = run("readelf", "-W", "-d", os.path.join(STAGE, "usr/sbin/sshd-conn"))
    needed = re.findall(r"NEEDED.*\[(\w+?)\.so", out.stdout)
    assert set(needed) <= {"libgcrypt", "libz", "libc", "libcrypt"}, needed
