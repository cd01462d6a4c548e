"""Fixtures of the system tests.

They run as root inside a machine (systemd-box) or namespaces that are thrown
away afterwards, so they install, add users and edit /etc freely.  Never run
them anywhere else: conftest refuses when SYSTEM_STAGE is not set.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest

STAGE = os.environ.get("SYSTEM_STAGE")
DEPS = os.environ.get("SYSTEM_DEPS", "")
SERVER = "/usr/sbin/sshd-conn"
KEY = "/root/system-test-key"
HAVE_SYSTEMD = os.path.isdir("/run/systemd/system")
CONFIG = """\
UsePAM %s
AcceptEnv LANG LC_*
"""


def run(*argv, check=True, timeout=120, **kwargs):
    """Run a command, return its completed process with text output."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(argv, text=True, capture_output=True,
                          timeout=timeout, **kwargs)
    if check and done.returncode != 0:
        raise AssertionError("%s: exit %d\n%s%s" % (
            " ".join(argv), done.returncode, done.stdout, done.stderr))
    return done


# Whoever waits for what must come, waits so long: the machine may be busy.
PATIENCE = 60


def wait_for(condition, what="condition", seconds=PATIENCE):
    """Poll until condition() is true; return its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s" % (seconds, what))
        time.sleep(0.05)


def connections_end(*listeners):
    """Wait until no server's process is left but these, so that all has been
    said that will be; both servers' are named sshd."""
    keep = {str(pid) for pid in listeners}
    wait_for(lambda: not set(run("pgrep", "-x", "sshd", check=False)
                             .stdout.split()) - keep,
             "all connections to end")


def ssh_argv(port, *options, user="alice"):
    """The stock client's command line up to the remote command."""
    return ["ssh", "-F", "none", "-p", str(port), "-i", KEY,
            "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
            "-o", "UserKnownHostsFile=/dev/null",
            "-o", "ConnectTimeout=60", *options, user + "@127.0.0.1"]


def ssh(port, command, *options, user="alice", **kwargs):
    """Run command through the server, return the completed process."""
    return run(*ssh_argv(port, *options, user=user), command, **kwargs)


def listening(port):
    """True once somebody listens on the port; makes no connection."""
    want = "%04X" % port
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in open(name).readlines()[1:]:
            field = line.split()
            if field[3] == "0A" and field[1].endswith(":" + want):
                return True
    return False


def talk(port, send=b"", timeout=PATIENCE):
    """Read the identification, send, return all that the server said."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout) as conn:
        try:
            while not got.endswith(b"\n"):
                data = conn.recv(1)
                if not data:
                    return got
                got += data
            conn.sendall(send)
            while True:
                data = conn.recv(65536)
                if not data:
                    return got
                got += data
        except ConnectionResetError:
            return got


def spawner_program(name):
    """A super-server from the system, or the one tests/deps unpacked."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:" + DEPS)
    if found is None:
        pytest.skip(name + " is not there: run tests/deps")
    return found


def install_unpacked():
    """What tests/deps unpacked becomes a part of this machine, except for
    what it has."""
    top = pathlib.Path(DEPS).parent.parent
    for folder in ("usr", "etc", "lib", "var"):
        if (top / folder).is_dir():
            run("cp", "-an", "--no-preserve=ownership",
                str(top / folder) + "/.", "/" + folder + "/.", check=False)
    run("systemctl", "daemon-reload")


def free_port_22():
    """Whatever SSH server this machine's systemd knows of gives way."""
    listed = run("systemctl", "list-sockets", "--no-legend", "--plain").stdout
    units = {"ssh.service"} | {
        line.split()[1] for line in listed.splitlines()
        if re.search(r":22$", line.split()[0])}
    run("systemctl", "disable", "--now", *units, check=False)


@pytest.fixture(scope="session", autouse=True)
def machine():
    """The staged tree installed, a user with a key, nothing on port 22."""
    if not STAGE or not os.path.isdir(STAGE):
        pytest.exit("run tests/system/run, not pytest", returncode=2)
    if HAVE_SYSTEMD:
        free_port_22()
    for old in pathlib.Path("/etc/ssh").glob("ssh_host_*"):
        old.unlink()
    run("cp", "-a", "--no-preserve=ownership", STAGE + "/.", "/")
    etc_ssh = pathlib.Path("/etc/ssh")
    etc_ssh.mkdir(exist_ok=True)
    (etc_ssh / "sshd_config").write_text(
        CONFIG % ("yes" if HAVE_SYSTEMD else "no"))
    shutil.rmtree("/etc/ssh/sshd_config.d", ignore_errors=True)
    run("systemd-sysusers", "/usr/lib/sysusers.d/sshd-conn.conf")
    run("useradd", "-m", "-s", "/bin/sh", "alice")
    run("usermod", "-p", "*", "alice")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY)
    home = pathlib.Path("/home/alice/.ssh")
    home.mkdir(mode=0o700)
    shutil.copy(KEY + ".pub", home / "authorized_keys")
    run("chown", "-R", "alice:", str(home))
    if HAVE_SYSTEMD:
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "systemd-user-sessions", "systemd-logind")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of the journal."""
    report = (yield).get_result()
    if HAVE_SYSTEMD and report.failed:
        log = run("journalctl", "-n", "15", "--no-pager", "-o", "short",
                  check=False).stdout
        report.sections.append(("journal", log))


@pytest.fixture(scope="session")
def systemd(machine):
    """Only where the tests run under a real systemd."""
    if not HAVE_SYSTEMD:
        pytest.skip("no systemd machine could be booted here")


@pytest.fixture(scope="session")
def host_keys(machine):
    """Host keys, made the way the oneshot makes them."""
    if not pathlib.Path("/etc/ssh/ssh_host_ed25519_key").exists():
        run("/usr/sbin/sshd-conn-keygen")
