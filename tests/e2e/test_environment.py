"""What a command finds: its environment, descriptors, limits, signals and
identity, whatever the spawner had (features.md section 7)."""
import os
import pathlib
import re

import pytest
import sshraw
from harness import ROOT, STANDIN


HOSTILE_ENV = {
    "FOO": "bar", "NOTIFY_SOCKET": "/run/notify", "INVOCATION_ID": "1" * 32,
    "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x",
    "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "7", "REMOTE_HOST": "evil",
    "CREDENTIALS_DIRECTORY": "/run/credentials/x", "JOURNAL_STREAM": "8:1",
    "TCPREMOTEIP": "192.0.2.8", "TCPREMOTEPORT": "8", "PROTO": "TCP",
    "SOCAT_PEERADDR": "192.0.2.9", "SOCAT_PEERPORT": "9",
    "WATCHDOG_PID": "1", "WATCHDOG_USEC": "1", "SYSTEMD_EXEC_PID": "1",
    "MAINPID": "1", "SSH_CONNECTION": "a b c d", "SSH_TTY": "/dev/tty",
    "SSH_AUTH_SOCK": "/nowhere", "LD_LIBRARY_PATH": "/nowhere",
    "MEMORY_PRESSURE_WATCH": "/x", "HOME": "/", "USER": "nobody",
    "LOGNAME": "nobody", "SHELL": "/bin/false", "LANG": "xx_XX",
    "PWD": "/", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x",
    "XDG_RUNTIME_DIR": "/x", "RUNTIME_DIRECTORY": "/run/sshd-conn"}


def environment(text):
    return dict(line.split("=", 1) for line in text.split("\n") if line)


def test_environment_is_exact(make_server, world):
    """features.md section 7: these variables and no other, whatever the
    spawner had in its own"""
    server = make_server(env=HOSTILE_ENV)
    got = environment(server.out("exec env -u PWD -u SHLVL -u _ -u OLDPWD"))
    port = re.search(r"port (\d+) on", server.log()).group(1)
    home = str(world.home())
    path = got.pop("PATH")
    assert path.split(":") and "/usr/bin" in path.split(":")
    assert "." not in path.split(":") and "" not in path.split(":")
    mail = got.pop("MAIL")
    assert mail == "/var/mail/" + world.user
    want = {"USER": world.user, "LOGNAME": world.user, "HOME": home,
            "SSH_CLIENT": "127.0.0.1 %s %d" % (port, server.port),
            "SSH_CONNECTION": "127.0.0.1 %s 127.0.0.1 %d"
                              % (port, server.port)}
    shell = got.pop("SHELL")
    assert pathlib.Path(shell).exists()
    if STANDIN:
        got.pop("LANG", None)
    assert got == want


def test_time_zone_is_handed_on(make_server):
    server = make_server(env={"TZ": "Asia/Tokyo"})
    assert server.out("echo $TZ") == "Asia/Tokyo\n"


def env_request(c, name, value):
    c.request("env", sshraw.string(name), sshraw.string(value))
    return c.channel_reply()


def test_no_client_environment_by_default(session):
    c = session()
    for name in ("FOO", "LANG", "LC_ALL", "LD_PRELOAD", "TERM"):
        assert not env_request(c, name, "x")
    assert c.exec("env")
    assert b"=x\n" not in c.collect()[0]
    c.close()


def test_accept_env(make_server, session):
    c = session(make_server(["AcceptEnv LC_* FOO", "AcceptEnv B?R"]))
    for name in ("LC_X", "FOO", "BAR", "BOR"):
        assert env_request(c, name, "yes"), name
    for name in ("FOOO", "LD_PRELOAD", "PATH", "LANG", "BAAR", "XLC_"):
        assert not env_request(c, name, "no"), name
    assert c.exec("env")
    got = environment(c.collect()[0].decode())
    assert {k for k, v in got.items() if v == "yes"} \
        == {"LC_X", "FOO", "BAR", "BOR"}
    assert "no" not in got.values()
    c.close()


def test_accept_env_from_ssh(make_server):
    server = make_server(["AcceptEnv GIT_PROTOCOL"])
    p = server.ssh("echo $GIT_PROTOCOL", opts=["SetEnv=GIT_PROTOCOL=v2"])
    assert p.stdout == b"v2\n"


def test_client_cannot_lie_about_itself(make_server, session):
    c = session(make_server(["AcceptEnv *"]))
    for name in ("USER", "HOME", "SHELL", "SSH_CONNECTION", "SSH_CLIENT",
                 "LOGNAME", "PATH"):
        env_request(c, name, "lie")
    assert c.exec("/usr/bin/env")
    assert b"lie" not in c.collect()[0]
    c.close()


@pytest.mark.ours
@pytest.mark.parametrize("name,value", [
    ("LC_A=B", "x"), ("", "x"), ("LC_\0A", "x"), ("LC_A", "x\0y"),
    ("LC_A\nLD_PRELOAD", "x"), ("=", "x")])
def test_malformed_environment(make_server, session, name, value):
    """threats 59: refused, or at least unable to make another variable"""
    server = make_server(["AcceptEnv *"])
    server.exits = {0}
    c = session(server)
    try:
        env_request(c, name, value)
        assert c.exec("env")
        assert b"LD_PRELOAD=" not in c.collect()[0]
    except sshraw.Closed:
        pass
    c.close()


def test_environment_flood(make_server, session):
    c = session(make_server(["AcceptEnv *"]))
    accepted = sum(env_request(c, "LC_%d" % n, "v" * 100)
                   for n in range(300))
    assert accepted <= 256
    assert c.exec("echo alive") and c.collect()[0] == b"alive\n"
    c.close()


def test_only_three_descriptors(server):
    assert server.out("ls /proc/$$/fd; true").split() == ["0", "1", "2"]
    # a shell may keep a copy of its script's descriptor as 10
    p = server.ssh(input=b"ls /proc/$$/fd; exit\n")
    assert set(p.stdout.split()) - {b"10"} == {b"0", b"1", b"2"}


def test_descriptors_of_later_channels(login):
    """nor does a second command inherit what the first one uses"""
    c = login()
    first = c.open_session(number=0)
    assert c.exec("cat", channel=first)
    second = c.open_session(number=1)
    assert c.exec("ls /proc/$$/fd; true", channel=second)
    p = c.expect(sshraw.DATA)
    assert sshraw.Reader(p, 5).string().split() == [b"0", b"1", b"2"]
    c.close()


def status_fields(server):
    return dict(line.split(":\t") for line in server.out(
        "cat /proc/self/status").splitlines() if ":\t" in line)


def test_process_state_is_fresh(server):
    got = status_fields(server)
    assert int(got["SigBlk"], 16) == 0
    assert int(got["SigIgn"], 16) == 0
    assert got["NoNewPrivs"] == "0"
    assert got["Seccomp"] == "0"
    assert got["Umask"] in ("0022", "0002")
    if ROOT:
        for field in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(got[field], 16) == 0, field
        assert got["Uid"].split() == ["4201"] * 4
        assert got["Gid"].split() == ["4201"] * 4
        assert sorted(got["Groups"].split()) == ["4201", "4300"]
    own = pathlib.Path("/proc/self/status").read_text()
    assert got["CapBnd"] in own


@pytest.mark.ours
def test_spawners_signal_state_is_undone(make_server):
    server = make_server(
        block=["SIGTERM", "SIGCHLD", "SIGALRM", "SIGUSR1", "SIGHUP"],
        ignore=["SIGHUP", "SIGINT", "SIGPIPE", "SIGQUIT", "SIGTERM",
                "SIGCHLD"])
    got = status_fields(server)
    assert int(got["SigBlk"], 16) == 0
    assert int(got["SigIgn"], 16) == 0
    assert server.ssh("exit 3").returncode == 3


def test_limits_and_oom_are_the_spawners(server):
    own = pathlib.Path("/proc/self/limits").read_text()
    assert server.out("cat /proc/self/limits") == own
    own = pathlib.Path("/proc/self/oom_score_adj").read_text()
    assert server.out("cat /proc/self/oom_score_adj") == own
    assert server.out("nice").strip() == str(os.nice(0))


def test_namespaces_are_the_spawners(server):
    for ns in ("ipc", "uts", "net", "mnt", "pid", "user", "cgroup"):
        assert server.out("readlink /proc/self/ns/%s" % ns).strip() \
            == os.readlink("/proc/self/ns/" + ns), ns


def test_session_and_group_of_its_own(server):
    fields = server.out("cat /proc/$$/stat; true").split()
    pid, pgrp, session_ = fields[0], fields[4], fields[5]
    assert pid == pgrp == session_


def test_home_is_the_working_directory(server, world):
    assert server.out("pwd -P").strip() == str(world.home().resolve())


@pytest.mark.root
def test_missing_home(make_server, world):
    folder = world.dir / "authkeys2"
    folder.mkdir(exist_ok=True)
    (folder / "alice").write_text(world.pub() + "\n")
    server = make_server(["AuthorizedKeysFile %s/%%u" % folder])
    home = world.home()
    home.rename(home.with_name("away"))
    try:
        p = server.ssh("pwd")
    finally:
        home.with_name("away").rename(home)
    assert p.returncode == 0 and p.stdout == b"/\n"
    assert b"chdir" in p.stderr and str(home).encode() in p.stderr


def test_ipv6(make_server):
    server = make_server(address="::1")
    assert server.out("echo $SSH_CONNECTION").startswith("::1 ")
    server.wait_log(r"^Accepted publickey for \S+ from ::1 port \d+ ssh2")
