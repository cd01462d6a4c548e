"""What else goes into the image, and what -t does with it."""
import re
import subprocess
import time

import pytest

import harness
from test_image import (KEYGEN, edit, images, make_imaged, opened, published,
                        strace)

pytestmark = pytest.mark.ours

# The fixtures, by their names.
assert make_imaged and strace


def check(server, *options):
    return subprocess.run(
        [server.argv[0], "-t", "-f", str(server.config), *options],
        capture_output=True, text=True, check=False,
        env=harness.Server.environment({"STATE_DIRECTORY": str(server.state)}))


@pytest.mark.root
def test_what_was_approved_stays_in_force(make_imaged):
    """-t, then a mistake: OpenSSH's test reexec, without a connection"""
    server = make_imaged(["ForceCommand echo approved"])
    assert check(server).returncode == 0
    assert images(server)
    edit(server, server.text + "InvalidXXX=no\n")
    assert server.out("x") == "approved\n"
    server.wait_log("InvalidXXX.*the last good configuration stays in force")


@pytest.mark.root
def test_what_was_refused_is_not_compiled(make_imaged):
    server = make_imaged()
    edit(server, server.text + "InvalidXXX=no\n")
    p = check(server)
    assert p.returncode == 255
    assert re.search(r":\d+:1: .*InvalidXXX", p.stderr)
    assert not images(server)


@pytest.mark.root
def test_overrides_are_not_compiled(make_imaged):
    server = make_imaged()
    assert check(server, "-o", "MaxSessions=2").returncode == 0
    assert not images(server)


@pytest.mark.root
def test_no_host_key(make_imaged):
    server = make_imaged(["HostKey /nonexistent/key"])
    p = check(server)
    assert p.returncode == 1
    assert "no hostkeys available -- exiting." in p.stderr
    assert not images(server)


@pytest.mark.parametrize("key, algorithms", [
    ("HostKey /nonexistent/key", ""),
    (r"\g<0>", "HostKeyAlgorithms sk-ssh-ed25519@openssh.com\n")])
def test_no_key_to_offer_replaces_no_image(make_imaged, key, algorithms):
    """the path unit compiles each edit: this one would keep everyone out"""
    if not KEYGEN:
        pytest.skip("no sshd-conn-keygen")
    server = make_imaged(["ForceCommand echo good"])
    env = {"STATE_DIRECTORY": str(server.state)}
    assert server.out("x") == "good\n"
    inode = published(server)
    edit(server, algorithms + re.sub(r"(?m)^HostKey .*", key,
                                     server.text.replace("good", "bad")))
    p = harness.run([KEYGEN, "-f", server.config, "--no-keys"], env=env)
    assert p.returncode == 1
    assert b"no host key can be offered" in p.stderr
    assert published(server) == inode
    for _ in range(3):
        assert server.out("x") == "good\n"
    said = re.findall(r"(\S+) line \d+: no hostkeys available; the last good "
                      "configuration stays", server.log())
    assert said == [str(server.config)]


def test_what_has_no_effect_is_said_once_an_image(make_imaged):
    if not KEYGEN:
        pytest.skip("no sshd-conn-keygen")
    server = make_imaged(["Port 2022"])
    env = {"STATE_DIRECTORY": str(server.state)}
    argv = [KEYGEN, "-f", server.config, "--no-keys"]
    said = harness.run(argv, env=env)
    assert said.returncode == 0
    assert b":1: Port has no effect here: use [Socket]" in said.stderr
    assert harness.run(argv + ["-q"], env=env).stderr == b""


@pytest.mark.release
def test_banner_comes_out_of_the_image(make_imaged, strace):
    server = make_imaged()
    banner = server.dir.with_suffix(".banner")
    banner.write_text("first\n")
    edit(server, server.text + "Banner %s\n" % banner)
    opts = ["LogLevel=INFO"]
    assert b"first" in server.ssh("true", opts=opts).stderr
    published(server)
    assert str(banner) not in opened(server)
    assert b"first" in server.ssh("true", opts=opts).stderr
    banner.write_text("second\n")
    for _ in range(3):
        assert b"second" in server.ssh("true", opts=opts).stderr
    banner.unlink()
    for _ in range(2):
        p = server.ssh("true", opts=opts)
        assert p.returncode == 0 and b"second" not in p.stderr
    server.wait_log("Banner .*No such file")


def group_bits(server):
    p = server.ssh("-vvv", "true", opts=[
        "LogLevel=DEBUG3", "Ciphers=aes128-ctr",
        "KexAlgorithms=diffie-hellman-group-exchange-sha256"])
    assert p.returncode == 0, p.stderr
    return int(re.search(rb"bits set: \d+/(\d+)", p.stderr).group(1))


def test_moduli_come_out_of_the_image(make_imaged, tmp_path):
    """3072 bits are in no group that is built in"""
    moduli = tmp_path / "moduli"
    try:
        with open("/etc/ssh/moduli", encoding="ascii") as f:
            lines = [line for line in f if " 3071 " in line]
    except OSError:
        pytest.skip("no /etc/ssh/moduli")
    moduli.write_text("".join(lines[:5]))
    server = make_imaged(["ModuliFile %s" % moduli, "KexAlgorithms "
                          "+diffie-hellman-group-exchange-sha256"])
    time.sleep(0.05)
    group_bits(server)
    inode = published(server)
    assert group_bits(server) == 3072
    moduli.write_text("# none\n")
    time.sleep(0.05)
    for _ in range(2):
        bits = group_bits(server)
    assert bits != 3072 and published(server) != inode


def test_moduli_only_where_they_are_used(make_imaged, tmp_path):
    moduli = tmp_path / "moduli"
    moduli.write_text("# none\n")
    server = make_imaged(["ModuliFile %s" % moduli,
                          "KexAlgorithms curve25519-sha256"])
    server.out("true")
    published(server)
    # as a setting; neither as a source nor as a file that is in it
    assert images(server)[0].read_bytes().count(str(moduli).encode()) == 1
