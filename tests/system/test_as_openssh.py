"""A machine is switched from OpenSSH's server to this one and back by the
lines of README.md, and the same logins leave the same traces: in logind, in
the login records and in the journal."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import (KEY, connections_end, install_unpacked, listening, run,
                      ssh_argv, wait_for)
from test_systemd import journal, journal_now

pytestmark = pytest.mark.usefixtures("systemd")
PASSWORD = "correct horse battery staple"
CONFIG = """\
Include /etc/ssh/sshd_config.d/*.conf
KbdInteractiveAuthentication yes
PasswordAuthentication yes
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
PermitRootLogin prohibit-password
Match User both
	AuthenticationMethods publickey,password
Match User second
	AuthenticationMethods publickey,keyboard-interactive
"""
# kind of login: user, the methods that the client may use, a terminal?
LOGINS = {
    "key": ("alice", "publickey", False),
    "key on a terminal": ("alice", "publickey", True),
    "password": ("alice", "password", False),
    "password on a terminal": ("alice", "password", True),
    "keyboard-interactive": ("alice", "keyboard-interactive", True),
    "key and password": ("both", "publickey,password", True),
    "key and keyboard-interactive":
        ("second", "publickey,keyboard-interactive", True),
    "root by key": ("root", "publickey", True),
}
SERVERS = ("theirs", "ours")


def readme_lines():
    """The blocks of commands of the README's section: there, and back."""
    text = (pathlib.Path(__file__).parent / "README.md").read_text()
    section = re.search(r"^## Switch from OpenSSH.*?\n(.*?)^## ", text,
                        re.M | re.S).group(1)
    blocks = re.findall(r"((?:^    .*\n)+)", section, re.M)
    return [[line.strip() for line in b.splitlines()] for b in blocks]


def switch(block):
    for line in block:
        assert line.startswith("sudo ")
        run("/bin/sh", "-c", line[len("sudo "):])


@pytest.fixture(scope="module")
def machine_with_openssh(systemd):
    """As Debian installs it; our socket is there, and off."""
    install_unpacked()
    if not pathlib.Path("/lib/systemd/system/ssh.service").exists():
        pytest.skip("OpenSSH's server is not there: run tests/deps")
    config = pathlib.Path("/etc/ssh/sshd_config")
    old = config.read_text()
    pathlib.Path("/etc/ssh/sshd_config.d").mkdir(exist_ok=True)
    config.write_text(CONFIG)
    for user in ("both", "second"):
        run("useradd", "-m", "-s", "/bin/sh", user)
        folder = pathlib.Path("/home/%s/.ssh" % user)
        folder.mkdir(mode=0o700)
        shutil.copy(KEY + ".pub", folder / "authorized_keys")
        run("chown", "-R", user + ":", str(folder))
    pathlib.Path("/root/.ssh").mkdir(mode=0o700, exist_ok=True)
    keys = pathlib.Path("/root/.ssh/authorized_keys")
    before = keys.read_text() if keys.exists() else None
    shutil.copy(KEY + ".pub", keys)
    hashes = pathlib.Path("/etc/shadow").read_text()
    for user in ("alice", "both", "second"):
        run("chpasswd", input="%s:%s\n" % (user, PASSWORD), stdin=None)
    ask = pathlib.Path("/run/askpass")
    ask.write_text("#!/bin/sh\necho \"$ANSWER\"\n")
    ask.chmod(0o755)
    run("ssh-keygen", "-A")
    run("systemctl", "disable", "--now", "sshd-conn.socket")
    run("systemctl", "enable", "--now", "ssh.service")
    yield
    run("systemctl", "disable", "--now", "ssh.service", "sshd-conn.socket",
        check=False)
    # whoever comes next may want to see keys being made
    run("systemctl", "stop", "sshd-conn-keygen.service", check=False)
    for key in pathlib.Path("/etc/ssh").glob("ssh_host_*"):
        key.unlink()
    config.write_text(old)
    pathlib.Path("/etc/shadow").write_text(hashes)
    if before is None:
        keys.unlink()
    else:
        keys.write_text(before)


def argv(user, methods, terminal=False):
    options = ["-o", "PreferredAuthentications=" + methods,
               "-o", "NumberOfPasswordPrompts=1", "-o", "BatchMode=no"]
    if terminal:
        options.append("-tt")
    line = ssh_argv(22, *options, user=user)
    at = line.index("BatchMode=yes")
    return line[:at - 1] + line[at + 1:]


def environment(answer):
    return {**os.environ, "SSH_ASKPASS": "/run/askpass", "ANSWER": answer,
            "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}


class Login:
    """a session that stays open, once the shell says so"""

    def __init__(self, user, methods, terminal, answer=PASSWORD):
        self.proc = subprocess.Popen(
            [*argv(user, methods, terminal),
             "echo up $XDG_SESSION_ID $(tty); exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment(answer))
        self.said = ""
        while not self.said.startswith("up "):
            self.said = self.proc.stdout.readline()
            if self.said == "":
                raise AssertionError(self.proc.communicate(timeout=60))
        self.number = self.said.split()[1]

    def end(self):
        self.proc.stdin.close()
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
        self.proc.wait(60)
        self.proc.stdout.close()
        self.proc.stderr.close()


def openssh():
    """ssh.service's process, which listens"""
    return run("systemctl", "show", "-P", "MainPID",
               "ssh.service").stdout.strip()


def offered(user="alice"):
    """the methods that the server says can continue"""
    said = run(*argv(user, "none"), "true", check=False,
               env=environment("")).stderr
    return re.search(r"\(([\w,-]*)\)", said).group(1).split(",")


SHOWN = ("Name", "Service", "Remote", "RemoteHost", "RemoteUser", "TTY",
         "Type", "Class", "Active", "State", "Scope", "Display", "Desktop")


def normal(text):
    """without what is another time, process, port or number of a terminal"""
    text = re.sub(r"session-c?\d+\.scope", "session-N.scope", text)
    text = re.sub(r"pts/\d+", "pts/N", text)
    text = re.sub(r"port \d+", "port N", text)
    text = re.sub(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d(:\d\d \S+ "
                  r"\d{4})?", "DATE", text)
    text = re.sub(r"\b\d\d:\d\d(:\d\d)?\b|\b\d+\.\d\ds\b", "TIME", text)
    text = re.sub(r" +", " ", text)
    return re.sub(r"\(TIME\)", "(TIME)", text)


def rows(command, user):
    return [normal(line) for line in run(*command).stdout.splitlines()
            if re.match(r"%s\b" % user, line)]


def sessions_gone(user):
    out = run("loginctl", "--no-legend", "list-sessions").stdout
    return not re.search(r"\b%s\b" % user, out)


def traces(user, methods, terminal):
    """one login, and what can be seen of it then and afterwards"""
    wait_for(lambda: sessions_gone(user), "earlier sessions to end")
    records = len(run("last", "-f", "/var/log/wtmp").stdout.splitlines())
    since = journal_now()
    login = Login(user, methods, terminal)
    try:
        # what is seen of it comes about beside it
        wait_for(lambda: run("pgrep", "-u", user, "-x", "cat",
                             check=False).returncode == 0, "the command")
        if terminal:
            wait_for(lambda: rows(["who"], user), "the record")
            wait_for(lambda: any("still" in x or "gone" in x for x in rows(
                ["last", "-n", "1", "-w"], user)), "the record in wtmp")
        seen = {"loginctl": dict(
            line.split("=", 1) for line in normal(run(
                "loginctl", "show-session", login.number).stdout).splitlines()
            if line.split("=")[0] in SHOWN)}
        seen["who"] = rows(["who"], user)
        seen["w"] = rows(["w", "-h"], user)
        # ours has one process more, which faces the network
        seen["ps"] = sorted(normal(line) for line in run(
            "ps", "-eo", "args=").stdout.splitlines() if re.match(
                r"sshd: %s\b" % user, line) and "[net]" not in line)
        seen["last"] = rows(["last", "-n", "1", "-w"], user)
        seen["scope"] = "cat" in [x.split()[-1] for x in run(
            "loginctl", "session-status", login.number).stdout.split("\n")
            if x.strip()]
    finally:
        login.end()
    wait_for(lambda: sessions_gone(user), "the session to end")
    wait_for(lambda: not rows(["who"], user), "the record's end")
    wait_for(lambda: not any(re.search("still|gone", x) for x in rows(
        ["last", "-n", "1", "-w"], user)), "the record's end in wtmp")
    seen["lastlog"] = rows(["lastlog", "-u", user], user)
    seen["last after"] = rows(["last", "-n", "1", "-w"], user)
    seen["records"] = len(run(
        "last", "-f", "/var/log/wtmp").stdout.splitlines()) - records
    connections_end(openssh())
    seen["journal"] = [normal(e["MESSAGE"]) for e in journal(
        since, "SYSLOG_IDENTIFIER=sshd")]
    return seen


@pytest.fixture(scope="module")
def evidence(machine_with_openssh):
    """{server: {login: traces}}; both ways have been gone after it"""
    there, back = readme_lines()
    found = {}
    for server in SERVERS:
        if server == "ours":
            switch(there)
            assert not listening_process("sshd: /usr/sbin/sshd")
        assert offered() == ["publickey", "password",
                             "keyboard-interactive"]
        pathlib.Path("/var/log/lastlog").write_bytes(b"")
        found[server] = {}
        for kind, (user, wanted, terminal) in LOGINS.items():
            found[server][kind] = traces(user, wanted, terminal)
        found[server]["failures"] = failures()
    switch(back)
    assert listening_process("sshd: /usr/sbin/sshd")
    return found


def failures():
    """wrong passwords, of somebody and of nobody, in btmp and journal"""
    pathlib.Path("/var/log/btmp").write_bytes(b"")
    since = journal_now()
    for user, methods in (("alice", "password"), ("mallory", "password"),
                          ("alice", "keyboard-interactive"),
                          ("root", "password")):
        done = run(*argv(user, methods), "true", check=False,
                   env=environment("wrong"))
        assert done.returncode == 255
    connections_end(openssh())
    # lastb calls what is of this very second still running
    return {"lastb": [re.sub(r" (still running|- TIME \(TIME\))$", "",
                             normal(line)) for line in run(
        "lastb", "-w").stdout.splitlines() if line and "btmp" not in line],
        "journal": [normal(e["MESSAGE"]) for e in journal(
            since, "SYSLOG_IDENTIFIER=sshd")]}


def listening_process(pattern):
    return run("pgrep", "-f", "^" + pattern, check=False).returncode == 0


def test_the_readme_switches_there_and_back(evidence):
    """the fixture has done it; now sessions survive both"""
    there, back = readme_lines()
    theirs = Login("alice", "publickey", False)
    switch(there)
    try:
        assert listening(22) and theirs.proc.poll() is None
        ours = Login("alice", "publickey", False)
        switch(back)
        wait_for(lambda: listening(22))
        time.sleep(0.3)
        assert theirs.proc.poll() is None and ours.proc.poll() is None
        assert run("systemctl", "is-enabled", "ssh.service").stdout == \
            "enabled\n"
        assert run("systemctl", "is-enabled", "sshd-conn.socket",
                   check=False).stdout == "disabled\n"
        ours.end()
    finally:
        theirs.end()


@pytest.mark.parametrize("kind", LOGINS)
@pytest.mark.parametrize("trace", ["loginctl", "who", "w", "ps", "last", "lastlog",
                                   "last after", "records", "scope",
                                   "journal"])
def test_same_traces(evidence, kind, trace):
    ours = evidence["ours"][kind][trace]
    theirs = evidence["theirs"][kind][trace]
    if (kind, trace) == ("root by key", "loginctl"):
        # root's login record is of another process there
        theirs = {"TTY": "pts/N", **theirs}
    if (kind, trace) == ("root by key", "ps"):
        # and one process does it all
        theirs = [*theirs, "sshd: root [priv]"]
        assert len(theirs) == 2
        theirs.sort()
    assert ours == theirs


@pytest.mark.parametrize("trace", ["lastb", "journal"])
def test_same_failures(evidence, trace):
    theirs = evidence["theirs"]["failures"][trace]
    if trace == "lastb":
        # a wrong password of nobody's is there twice, from two processes
        theirs = [x for i, x in enumerate(theirs) if x != theirs[i - 1]]
    assert evidence["ours"]["failures"][trace] == theirs


def test_the_traces_are_no_empty_ones(evidence):
    seen = evidence["theirs"]["key on a terminal"]
    assert seen["loginctl"]["Service"] == "sshd"
    assert seen["loginctl"]["TTY"] == "pts/N"
    for trace in ("who", "w", "ps", "last", "lastlog", "last after"):
        assert seen[trace], trace
    assert seen["records"] == 1
    assert any(x.startswith("Accepted publickey") for x in seen["journal"])

