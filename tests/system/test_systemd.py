"""sshd-conn under a real systemd: the units as installed.

The tests build on one another's state only through the `service` fixture:
each finds the socket listening on port 22 and no connection open.
"""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

from conftest import (SERVER, listening, run, ssh, ssh_argv, talk,
                      wait_for)

pytestmark = pytest.mark.usefixtures("systemd")
KEY_TYPES = ("ed25519", "ecdsa", "rsa")
GARBAGE_COUNT = 300
FLOOD_COUNT = 500


def property_of(unit, name):
    return run("systemctl", "show", "-P", name, unit).stdout.strip()


def instances():
    """Names of the units of live connections."""
    out = run("systemctl", "list-units", "--plain", "--no-legend",
              "--state=active,activating,deactivating",
              "sshd-conn@*.service").stdout
    return [line.split()[0] for line in out.splitlines()]


def failed_units():
    out = run("systemctl", "list-units", "--plain", "--no-legend",
              "--state=failed").stdout
    return [line for line in out.splitlines() if "sshd-conn" in line]


def journal(since, *matches):
    """Journal entries since a journal_now(), as dictionaries, in the order in
    which they were sent: the journal reads two sockets, ours and syslog's,
    and may take the later line first."""
    run("journalctl", "--sync")
    out = run("journalctl", "-o", "json", "--no-pager",
              "--since", "@%d" % (since // 1000000), *matches).stdout
    entries = [json.loads(line) for line in out.splitlines()]
    return sorted((e for e in entries
                   if int(e["__REALTIME_TIMESTAMP"]) >= since), key=sent)


def sent(entry):
    """When it was sent, microseconds; what the kernel did not stamp, when it
    was read."""
    return int(entry.get("_SOURCE_REALTIME_TIMESTAMP",
                         entry["__REALTIME_TIMESTAMP"]))


def journal_now():
    """The journal's clock, microseconds."""
    return time.time_ns() // 1000


def hold(*options, command="echo up; exec cat", port=22):
    """A session that stays open; returns its Popen once it is logged in."""
    session = subprocess.Popen(
        [*ssh_argv(port, *options), command], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = session.stdout.readline()
    assert line == "up\n", session.communicate(timeout=60)
    return session


def end(session):
    if session.poll() is None:
        session.send_signal(signal.SIGTERM)
    session.communicate(timeout=60)


def quiet():
    """Wait until no connection is left."""
    wait_for(lambda: not instances(), "all connections to end")


@pytest.fixture(scope="module")
def enabled(systemd):
    """The first thing an administrator does, from a machine without keys."""
    # no oneshot has run yet, whoever was here before
    run("systemctl", "stop", "sshd-conn.socket", "sshd-conn-keygen.service",
        check=False)
    for key in pathlib.Path("/etc/ssh").glob("ssh_host_*"):
        key.unlink()
    run("systemctl", "enable", "--now", "sshd-conn.socket")


@pytest.fixture
def service(enabled):
    run("systemctl", "start", "sshd-conn.socket")
    yield
    subprocess.run(["pkill", "-x", "ssh"], check=False)
    quiet()
    assert not failed_units()


def test_units_verify():
    done = run("systemd-analyze", "--man=no", "verify", "sshd-conn.socket",
               "sshd-conn@x.service", "sshd-conn-keygen.service", check=False)
    newer = re.compile(r"Unknown key(?: name)? '(PollLimit\w+|Import"
                       r"Credential)' in section \S+,? ignoring")
    bad = [line for line in done.stderr.splitlines()
           if "sshd-conn" in line and not newer.search(line)]
    assert not bad
    assert done.returncode == 0


def test_no_sandbox_that_sessions_inherit():
    for name, open_value in (("ProtectSystem", "no"), ("PrivateTmp", "no"),
                             ("NoNewPrivileges", "no"), ("ProtectHome", "no"),
                             ("SystemCallFilter", "~")):
        assert property_of("sshd-conn@x.service", name) == open_value, name


def test_keys_are_made_before_the_first_connection(enabled):
    wait_for(lambda: property_of("sshd-conn-keygen.service", "ActiveState")
             == "active", "the keygen oneshot")
    for kind in KEY_TYPES:
        key = pathlib.Path("/etc/ssh/ssh_host_%s_key" % kind)
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert key.stat().st_uid == 0
        public = run("ssh-keygen", "-y", "-f", str(key)).stdout.split()[:2]
        assert key.with_suffix(".pub").read_text().split()[:2] == public


def test_keygen_again_keeps_keys_and_adds_the_missing(service):
    ssh_dir = pathlib.Path("/etc/ssh")
    before = (ssh_dir / "ssh_host_ed25519_key").read_bytes()
    (ssh_dir / "ssh_host_ecdsa_key").unlink()
    (ssh_dir / "ssh_host_ecdsa_key.pub").unlink()
    run("systemctl", "restart", "sshd-conn-keygen.service")
    assert (ssh_dir / "ssh_host_ed25519_key").read_bytes() == before
    assert (ssh_dir / "ssh_host_ecdsa_key").exists()


def test_login(service):
    assert ssh(22, "id -un; pwd").stdout == "alice\n/home/alice\n"


def test_the_spawners_variables_do_not_reach_the_session(service):
    names = {line.split("=")[0] for line in ssh(22, "env").stdout.splitlines()}
    spawner = re.compile(r"LISTEN_|REMOTE_|NOTIFY_SOCKET|INVOCATION_ID|"
                         r"JOURNAL_STREAM|CREDENTIALS_DIRECTORY|MAINPID|"
                         r"RUNTIME_DIRECTORY|SYSTEMD_|SSHD_CONN")
    assert not [name for name in names if spawner.match(name)]
    assert {"HOME", "USER", "SHELL", "PATH", "SSH_CONNECTION"} <= names


def test_list_units_shows_the_connection(service):
    session = hold()
    try:
        names = instances()
        assert len(names) == 1
        assert re.fullmatch(r"sshd-conn@\d+-127\.0\.0\.1:22-"
                            r"127\.0\.0\.1:\d+\.service", names[0])
        assert property_of(names[0], "ActiveState") == "active"
    finally:
        end(session)
    quiet()


def test_journal_lines(service):
    since = journal_now()
    session = hold(command="echo up; echo $SSH_CONNECTION; exec cat")
    connection = session.stdout.readline().split()
    # The journal looks up who it is that speaks: it must still be there.
    wait_for(lambda: [e for e in journal(since, "SYSLOG_IDENTIFIER=sshd")
                      if e["MESSAGE"].startswith("Accepted ")])
    session.stdin.close()
    session.wait(60)
    quiet()
    lines = journal(since, "SYSLOG_IDENTIFIER=sshd")
    accepted = [e for e in lines if e["MESSAGE"].startswith("Accepted ")]
    assert len(accepted) == 1
    entry = accepted[0]
    assert re.fullmatch(r"Accepted publickey for alice from 127\.0\.0\.1 "
                        r"port %s ssh2: ED25519 SHA256:\S{43}" % connection[1],
                        entry["MESSAGE"])
    assert entry["_COMM"] == "sshd"
    assert entry["PRIORITY"] == "6"
    assert entry["SYSLOG_FACILITY"] == "4"
    assert re.match(r"sshd-conn@.*\.service$", entry["_SYSTEMD_UNIT"])
    own = [e for e in lines if "pam_" not in e["MESSAGE"]]
    assert {e["_PID"] for e in own} == {entry["_PID"]}
    assert {e["_COMM"] for e in own} == {"sshd"}
    assert any("Disconnected from user alice 127.0.0.1" in e["MESSAGE"]
               for e in own)


def test_journal_fields(service):
    """natively, and not a second time by /dev/log"""
    since = journal_now()
    ssh(22, "true")
    ssh(22, "true", user="nobody-here", check=False)
    quiet()
    ours = journal(since, "SSH_REMOTE_ADDR=127.0.0.1")
    assert {e["_TRANSPORT"] for e in ours} == {"journal"}
    assert not [e for e in journal(since, "_COMM=sshd", "_TRANSPORT=syslog")
                if "pam_" not in e["MESSAGE"]]
    accepted = journal(since, "SSH_EVENT=auth", "SSH_RESULT=accepted")
    assert len(accepted) == 1
    e = accepted[0]
    assert (e["SSH_USER"], e["SSH_METHOD"], e["SSH_KEY_TYPE"],
            e["SSH_REMOTE_ADDR"], e["SSH_LOCAL_PORT"]) == (
        "alice", "publickey", "ED25519", "127.0.0.1", "22")
    assert e["SYSLOG_PID"] == e["_PID"]
    denied = journal(since, "SSH_EVENT=deny")
    assert [e["SSH_USER"] for e in denied] == ["nobody-here"]
    assert {e["SSH_USER_VALID"] for e in ours
            if e.get("SSH_USER") == "nobody-here"} == {"no"}


def test_journal_of_a_refused_user(service):
    since = journal_now()
    ssh(22, "true", user="nobody-here", check=False)
    quiet()
    text = [e["MESSAGE"] for e in journal(since, "SYSLOG_IDENTIFIER=sshd")]
    assert any(re.fullmatch(r"Invalid user nobody-here from 127\.0\.0\.1 "
                            r"port \d+", t) for t in text), text
    assert any(re.fullmatch(r"Connection (closed|reset) by invalid user "
                            r"nobody-here 127\.0\.0\.1 port \d+ \[preauth\]",
                            t) for t in text), text


def garbage(i):
    """One of the things that knock on port 22 all day."""
    said = (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64,
            b"SSH-2.0-Go\r\n", b"SSH-1.5-old\r\n", os.urandom(512),
            b"SSH-2.0-x\r\n" + b"\xff" * 64, b"A" * 9000)[i % 8]
    conn = socket.create_connection(("127.0.0.1", 22), 10)
    try:
        if said:
            conn.sendall(said)
        if i % 3 == 0:
            linger = b"\1\0\0\0\0\0\0\0"
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif i % 3 == 1:
            conn.settimeout(5)
            conn.recv(256)
    except OSError:
        pass
    finally:
        conn.close()


def test_garbage_leaves_no_failed_unit(service):
    since = journal_now()
    for i in range(GARBAGE_COUNT):
        garbage(i)
    quiet()
    assert not failed_units()
    assert property_of("sshd-conn.socket", "ActiveState") == "active"
    bad = [e["MESSAGE"] for e in journal(since, "_PID=1")
           if re.search(r"sshd-conn@.*(status=|core-dump|[Ff]ailed)",
                        e["MESSAGE"])]
    assert not bad, bad[:5]
    assert ssh(22, "echo in").stdout == "in\n"


def test_scanners_leave_no_failed_unit(service):
    keys = run("ssh-keyscan", "-T", "20", "127.0.0.1").stdout
    assert "ssh-ed25519" in keys and "ssh-rsa" in keys
    for option in ("KexAlgorithms=diffie-hellman-group1-sha1",
                   "Ciphers=3des-cbc", "HostKeyAlgorithms=ssh-rsa"):
        assert ssh(22, "true", "-o", option, check=False).returncode == 255
    quiet()
    assert not failed_units()


def test_login_after_a_flood(service):
    start = time.monotonic()
    conns = [socket.create_connection(("127.0.0.1", 22), 10)
             for _ in range(FLOOD_COUNT)]
    took = time.monotonic() - start
    for conn in conns:
        conn.close()
    assert took < 20
    assert property_of("sshd-conn.socket", "ActiveState") == "active"
    assert ssh(22, "echo in", timeout=60).stdout == "in\n"


def test_sessions_survive_the_socket(service):
    session = hold()
    try:
        run("systemctl", "stop", "sshd-conn.socket")
        assert not listening(22)
        time.sleep(0.3)
        assert session.poll() is None
        run("systemctl", "start", "sshd-conn.socket")
        run("systemctl", "restart", "sshd-conn.socket")
        assert session.poll() is None
        assert ssh(22, "echo in").stdout == "in\n"
    finally:
        end(session)


def test_stopping_an_instance_ends_that_connection(service):
    left = "setsid sleep 271 </dev/null >/dev/null 2>&1 & echo up; exec cat"
    first = hold(command=left)
    name = instances()
    second = hold()
    try:
        run("systemctl", "stop", name[0], timeout=60)
        assert first.wait(timeout=60) == 255
        assert second.poll() is None
        assert instances() != name
        # KillMode=process: what the user left running goes on.
        assert run("pgrep", "-f", "^sleep 271$").stdout.strip()
    finally:
        run("pkill", "-f", "^sleep 271$", check=False)
        end(first)
        end(second)


def test_the_processes_of_an_ended_connection_are_gone(service):
    end(hold())
    quiet()
    wait_for(lambda: run("pgrep", "-x", "sshd", check=False).stdout == "",
             "the server's processes to end")


@pytest.fixture
def drop_in(service):
    """write(unit, text) adds a drop-in until the end of the test."""
    made = []

    def write(unit, text):
        folder = pathlib.Path("/run/systemd/system/%s.d" % unit)
        folder.mkdir(parents=True, exist_ok=True)
        made.append(folder / "test.conf")
        made[-1].write_text(text)
        run("systemctl", "daemon-reload")

    yield write
    for path in made:
        path.unlink()
    run("systemctl", "daemon-reload")
    run("systemctl", "restart", "sshd-conn.socket")


def test_port_drop_in(drop_in):
    drop_in("sshd-conn.socket", "[Socket]\nListenStream=\nListenStream=2022\n")
    run("systemctl", "restart", "sshd-conn.socket")
    assert listening(2022) and not listening(22)
    assert ssh(2022, "echo in").stdout == "in\n"


def test_connection_as_descriptor_three(drop_in):
    drop_in("sshd-conn@.service",
            "[Service]\nStandardInput=null\nStandardOutput=journal\n")
    since = journal_now()
    assert ssh(22, "id -un").stdout == "alice\n"
    text = [e["MESSAGE"] for e in journal(since, "SYSLOG_IDENTIFIER=sshd")]
    assert any("Accepted publickey for alice from 127.0.0.1 port" in t
               for t in text)


def test_socket_in_the_file_system(drop_in):
    drop_in("sshd-conn.socket", "[Socket]\nListenStream=/run/t.sock\n")
    run("systemctl", "restart", "sshd-conn.socket")
    since = journal_now()
    done = ssh(22, "id -un", "-o", "ProxyCommand=socat - UNIX:/run/t.sock")
    assert done.stdout == "alice\n"
    text = [e["MESSAGE"] for e in journal(since, "SYSLOG_IDENTIFIER=sshd")]
    assert any("Accepted publickey for alice from UNKNOWN port 65535 ssh2" in t
               for t in text), text


def test_options_file(service):
    default = pathlib.Path("/etc/default/sshd-conn")
    default.write_text("SSHD_CONN_OPTS=-o LogLevel=VERBOSE\n")
    since = journal_now()
    try:
        ssh(22, "true")
    finally:
        default.unlink()
    text = [e["MESSAGE"] for e in journal(since, "SYSLOG_IDENTIFIER=sshd")]
    assert any(re.match(r"Connection from 127\.0\.0\.1 port \d+ on "
                        r"127\.0\.0\.1 port 22", t) for t in text), text


def test_a_logind_session(service):
    """UsePAM yes: pam_systemd registers the session and its scope."""
    session = hold()
    try:
        out = run("loginctl", "--no-legend", "list-sessions").stdout
        assert "alice" in out
    finally:
        end(session)


def test_a_wrong_configuration_names_itself(service):
    bad = pathlib.Path("/run/bad_config")
    bad.write_text("NoSuchKeyword yes\n")
    done = run(SERVER, "-t", "-f", str(bad), check=False)
    assert done.returncode == 255
    assert "NoSuchKeyword" in done.stderr


def test_switching_from_openssh_and_back(service):
    if not pathlib.Path("/lib/systemd/system/ssh.service").exists():
        pytest.skip("OpenSSH's server is not installed")
    run("systemctl", "disable", "--now", "sshd-conn.socket")
    run("systemctl", "start", "ssh.service")
    session = hold()
    try:
        run("systemctl", "stop", "ssh.service")
        run("systemctl", "enable", "--now", "sshd-conn.socket")
        assert session.poll() is None
        assert ssh(22, "echo in").stdout == "in\n"
        assert property_of("ssh.service", "ActiveState") == "inactive"
    finally:
        end(session)


def test_first_bytes(service):
    said = talk(22, b"GET / HTTP/1.0\r\n\r\n")
    assert said.startswith(b"SSH-2.0-")
