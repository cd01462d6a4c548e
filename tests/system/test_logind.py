"""Sessions as logind sees them, with Debian's PAM configuration: one session
a connection, whose scope holds the user's processes."""
import pathlib
import re
import signal
import subprocess
import time

import pytest

from conftest import run, ssh, ssh_argv, wait_for
from test_systemd import end, hold, instances, property_of, quiet

pytestmark = pytest.mark.usefixtures("systemd")


@pytest.fixture(scope="module")
def enabled(systemd):
    run("systemctl", "enable", "--now", "sshd-conn.socket")
    yield
    # as it was found: whoever comes next may want to see keys being made
    run("systemctl", "disable", "--now", "sshd-conn.socket")
    run("systemctl", "stop", "sshd-conn-keygen.service")


def sessions(user="alice"):
    out = run("loginctl", "--no-legend", "list-sessions").stdout
    return [line.split()[0] for line in out.splitlines()
            if line.split()[2] == user]


def show(session):
    out = run("loginctl", "show-session", session).stdout
    return dict(line.split("=", 1) for line in out.splitlines())


def processes(scope):
    """Of all processes, those in the scope; whatever cgroup version."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
        try:
            if re.search("/%s$" % re.escape(scope), path.read_text(), re.M):
                found.add(int(path.parent.name))
        except OSError:
            pass
    return found


def terminal(command, port=22):
    """A session on a terminal; returns its Popen once it says up."""
    s = subprocess.Popen([*ssh_argv(port, "-tt"), "echo up; " + command],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    line = s.stdout.readline()
    assert line.strip() == "up", s.communicate(timeout=60)
    return s


@pytest.fixture
def alone(enabled):
    """No session of the user's before, none after."""
    wait_for(lambda: not sessions(), "sessions to end")
    yield
    subprocess.run(["pkill", "-x", "ssh"], check=False)
    subprocess.run(["pkill", "-f", "^sleep 27[0-9]$"], check=False)
    quiet()
    wait_for(lambda: not sessions(), "sessions to end")


def test_session_and_scope(alone):
    s = hold(command="echo up; id -u; cat /proc/self/cgroup; "
             "echo $XDG_SESSION_ID $XDG_RUNTIME_DIR; exec cat")
    try:
        lines = [s.stdout.readline().strip()]
        while not lines[-1].endswith("/run/user/" + lines[0]):
            lines.append(s.stdout.readline().strip())
        uid, number = lines[0], lines[-1].split()[0]
        assert sessions() == [number]
        seen = show(number)
        main = int(property_of(instances()[0], "MainPID"))
        assert seen["Service"] == "sshd" and seen["Remote"] == "yes"
        assert seen["RemoteHost"] == "127.0.0.1"
        assert seen["Type"] == "tty" and seen["Class"] == "user"
        assert int(seen["Leader"]) == main
        scope = "session-%s.scope" % number
        assert lines[-2].endswith("/user-%s.slice/%s" % (uid, scope))
        inside = processes(scope)
        # the monitor, user and the command; net stays where it was
        assert main in inside and len(inside) == 3
        text = run("loginctl", "session-status", number).stdout
        assert "cat" in text
    finally:
        end(s)


def test_one_session_for_all_channels(alone):
    control = "/run/control"
    s = hold("-o", "ControlMaster=yes", "-o", "ControlPath=" + control)
    try:
        assert len(sessions()) == 1
        for _ in range(3):
            out = ssh(22, "echo $XDG_SESSION_ID", "-o", "ControlMaster=no",
                      "-o", "ControlPath=" + control).stdout
            assert [out.strip()] == sessions()
    finally:
        end(s)


def test_terminal_in_the_records(alone):
    s = terminal("tty; exec cat")
    try:
        tty = s.stdout.readline().strip()[5:]
        # the records are written beside the command, not before it
        wait_for(lambda: re.search(r"^alice +%s .*\(127\.0\.0\.1\)" % tty,
                                   run("who").stdout, re.M), "utmp")
        wait_for(lambda: re.search(
            r"^alice +%s +127\.0\.0\.1 .*still logged in" % tty,
            run("last").stdout, re.M), "wtmp")
        assert re.search(r"^alice +%s +127\.0\.0\.1 " % tty,
                         run("w").stdout, re.M)
        assert tty in run("lastlog", "-u", "alice").stdout
    finally:
        end(s)
    quiet()
    assert not re.search(r"^alice ", run("who").stdout, re.M)


def test_terminating_the_session_ends_the_connection(alone):
    first, second = hold(), None
    number = sessions()[0]
    try:
        second = hold()
        run("loginctl", "terminate-session", number)
        assert first.wait(timeout=60) == 255
        wait_for(lambda: number not in sessions(), "the session's end")
        assert second.poll() is None and len(instances()) == 1
        assert property_of("sshd-conn.socket", "ActiveState") == "active"
    finally:
        end(first)
        if second:
            end(second)


def test_stopping_the_unit_ends_the_session(alone):
    s = hold(command="setsid sleep 271 </dev/null >/dev/null 2>&1 & "
             "echo up; exec cat")
    number = sessions()[0]
    run("systemctl", "stop", instances()[0], timeout=60)
    assert s.wait(timeout=60) == 255
    # what was left running keeps its scope, and the session is closing
    wait_for(lambda: show(number)["State"] == "closing", "the logout")
    assert len(processes("session-%s.scope" % number)) == 1
    end(s)


def test_what_outlives_the_logout(alone):
    s = hold(command="setsid sleep 272 </dev/null >/dev/null 2>&1 & "
             "echo up; exec cat")
    number = sessions()[0]
    s.stdin.close()
    assert s.wait(timeout=60) == 0
    quiet()
    wait_for(lambda: show(number)["State"] == "closing", "the logout")
    assert run("pgrep", "-f", "^sleep 272$").stdout.strip()


def test_kill_user_processes(alone):
    """logind.conf(5): then nothing outlives it"""
    folder = pathlib.Path("/run/systemd/logind.conf.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    run("systemctl", "restart", "systemd-logind")
    try:
        s = hold(command="setsid sleep 273 </dev/null >/dev/null 2>&1 & "
                 "echo up; exec cat")
        s.stdin.close()
        assert s.wait(timeout=60) == 0
        wait_for(lambda: run("pgrep", "-f", "^sleep 273$",
                             check=False).returncode == 1, "its end")
    finally:
        (folder / "t.conf").unlink()
        run("systemctl", "restart", "systemd-logind")


def test_a_client_that_vanishes(alone):
    s = hold(command="echo up; trap '' HUP; sleep 2; exec cat")
    s.send_signal(signal.SIGKILL)
    s.communicate(timeout=60)
    quiet()
    wait_for(lambda: not sessions(), "the session's end")


def test_login_uid(alone):
    """pam_loginuid: audit's word for who logged in, where there is audit"""
    out = ssh(22, "id -u; cat /proc/self/loginuid").stdout.split()
    if len(out) == 1:
        pytest.skip("this kernel has no audit")
    assert out[0] == out[1] or out[1] == "4294967295"


def test_login_while_logind_is_away(alone):
    """no session then, but a login"""
    run("systemctl", "mask", "--runtime", "systemd-logind")
    run("systemctl", "stop", "systemd-logind")
    try:
        start = time.monotonic()
        assert ssh(22, "echo in").stdout == "in\n"
        assert time.monotonic() - start < 60
    finally:
        run("systemctl", "unmask", "--runtime", "systemd-logind")
        run("systemctl", "start", "systemd-logind")
