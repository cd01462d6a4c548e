"""The method "password", with PAM and without, from stock clients."""
import asyncio

import pytest
from harness import client_env, need, run
from passwords import (PAM_UNIX, crypt, edit_shadow, pam_service, plink,
                       set_password, ssh, uid_of)

pytestmark = [pytest.mark.root, pytest.mark.ours]
GOOD = "correct horse"
PAM = ["UsePAM yes", "PAMServiceName e2e-unix"]
WAYS = {"shadow": ["UsePAM no"], "pam": PAM}


@pytest.fixture(params=sorted(WAYS))
def way(request):
    pam_service("e2e-unix")
    set_password("alice", GOOD)
    set_password("dave", GOOD)
    return WAYS[request.param]


@pytest.fixture
def pam():
    pam_service("e2e-unix")
    set_password("alice", GOOD)
    return PAM


def test_stock_ssh(make_server, way):
    server = make_server(way)
    p = ssh(server, "id -u", answers=[GOOD])
    assert p.stdout.decode().strip() == str(uid_of("alice")), p.stderr
    server.wait_log(r"^Accepted password for alice from 127\.0\.0\.1 "
                    r"port \d+ ssh2$")


def test_wrong_password_then_right(make_server, way):
    server = make_server(way)
    p = ssh(server, "echo in", answers=["wrong", GOOD])
    assert p.stdout == b"in\n", p.stderr
    server.wait_log(r"^Failed password for alice from 127\.0\.0\.1 port \d+ "
                    r"ssh2$")


def test_too_many(make_server, way):
    server = make_server([*way, "MaxAuthTries 2"])
    p = ssh(server, "echo in", answers=["wrong", "wrong", GOOD])
    assert p.returncode == 255 and b"in" not in p.stdout
    assert b"Too many authentication failures" in p.stderr
    server.wait_log(r"maximum authentication attempts exceeded for alice "
                    r"from 127\.0\.0\.1 port \d+ ssh2")


@pytest.mark.parametrize("user", ["nobody-here", "dave"])
def test_who_has_no_password(make_server, way, user):
    """nobody's name, and a locked account, whatever is typed"""
    if user == "dave":
        edit_shadow("dave", hash="!" + crypt(GOOD))
    server = make_server(way)
    for password in (GOOD, "", "!", "*"):
        p = ssh(server, "echo in", answers=[password], user=user)
        assert p.returncode == 255 and p.stdout == b"", password
    if user == "nobody-here":
        server.wait_log(r"^Invalid user nobody-here from 127\.0\.0\.1 port")
        server.wait_log(r"^Failed password for invalid user nobody-here "
                        r"from 127\.0\.0\.1 port \d+ ssh2$")


@pytest.mark.parametrize("field", ["", "!", "*", "!!", "$6$", "$6$salt",
                                   "*0", "x", "$6$salt$short"])
@pytest.mark.parametrize("password", ["", "!", "*", "*0", "x", "$6$salt$short",
                                      "p" * 1024])
def test_fields_that_are_no_password(make_server, way, field, password):
    """threats 42: only a hash that was made, and is the same, grants"""
    edit_shadow("alice", hash=field)
    server = make_server(way)
    p = ssh(server, "echo in", answers=[password])
    assert p.returncode == 255 and p.stdout == b""


@pytest.mark.parametrize("permitted", [True, False])
def test_empty_password(make_server, way, permitted):
    edit_shadow("alice", hash="")
    server = make_server([*way, "PermitEmptyPasswords %s"
                          % ("yes" if permitted else "no")])
    p = ssh(server, "echo in", answers=[""], methods="password")
    assert p.stdout == (b"in\n" if permitted else b""), p.stderr
    if permitted:
        # A wrong one is still wrong: by either way of login.
        server.wait_log(r"^Accepted (none|password) for alice")
        set_password("alice", GOOD)
        p = ssh(server, "echo in", answers=["wrong"])
        assert p.returncode == 255


@pytest.mark.parametrize("value,may", [
    ("yes", True), ("prohibit-password", False), ("without-password", False),
    ("forced-commands-only", False), ("no", False)])
def test_root(make_server, way, value, may):
    set_password("root", GOOD)
    server = make_server([*way, "PermitRootLogin " + value])
    p = ssh(server, "id -u", answers=[GOOD], user="root")
    assert (p.stdout.strip() == b"0") == may, p.stderr
    edit_shadow("root", hash="*")
    if not may:
        server.wait_log(r"^Failed password for root from")


def test_disabled(make_server, way):
    server = make_server([*way, "PasswordAuthentication no"])
    p = ssh(server, "echo in", answers=[GOOD], opts=["LogLevel=INFO"])
    assert p.returncode == 255
    assert b"password" not in p.stderr.split(b"(")[-1], p.stderr


def test_plink(make_server, way):
    need("plink")
    server = make_server(way)
    p = plink(server, "echo in", GOOD)
    assert p.stdout == b"in\n", p.stderr
    assert plink(server, "echo in", "wrong").returncode != 0


def test_dbclient(make_server, way):
    need("dbclient")
    server = make_server(way)
    env = client_env()
    env["DROPBEAR_PASSWORD"] = GOOD
    p = run(["dbclient", "-y", "-y", "-p", server.port,
             "alice@" + server.address, "echo in"], env=env)
    assert p.stdout == b"in\n", p.stderr


def test_paramiko(make_server, way):
    paramiko = pytest.importorskip("paramiko")
    server = make_server(way)
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    with pytest.raises(paramiko.AuthenticationException):
        client.connect(server.address, server.port, "alice", "wrong",
                       look_for_keys=False, allow_agent=False)
    client.close()
    client.connect(server.address, server.port, "alice", GOOD,
                   look_for_keys=False, allow_agent=False)
    assert client.exec_command("echo in")[1].read() == b"in\n"
    client.close()


def test_asyncssh(make_server, way):
    asyncssh = pytest.importorskip("asyncssh")
    server = make_server(way)

    async def go():
        async with asyncssh.connect(
                server.address, server.port, username="alice", password=GOOD,
                known_hosts=None, client_keys=None, config=None) as conn:
            return (await conn.run("echo in")).stdout
    assert asyncio.run(go()) == "in\n"


def test_expired_account(make_server, way):
    edit_shadow("alice", expire=1)
    server = make_server(way)
    p = ssh(server, "echo in", answers=[GOOD])
    edit_shadow("alice", expire="")
    assert p.returncode == 255 and p.stdout == b""


def test_pam_texts_come_as_a_banner(make_server, pam):
    pam_service("e2e-unix", "auth optional pam_echo.so from auth\n"
                + PAM_UNIX + "account optional pam_echo.so from account\n")
    server = make_server(pam)
    p = ssh(server, "echo in", answers=[GOOD], opts=["LogLevel=INFO"])
    assert p.stdout == b"in\n"
    assert b"from auth" in p.stderr and b"from account" in p.stderr, p.stderr


def test_pam_modules_run_commands(make_server, pam):
    """with no signal blocked: a shell's "wait" would never end"""
    pam_service("e2e-unix", PAM_UNIX + "session required pam_exec.so "
                "log=/run/e2e/pam-status /bin/cat /proc/self/status\n")
    server = make_server(pam)
    assert ssh(server, "echo in", answers=[GOOD]).stdout == b"in\n"
    with open("/run/e2e/pam-status") as f:
        assert "\nSigBlk:\t0000000000000000\n" in f.read()


def test_pam_sees_the_peer(make_server, pam):
    pam_service("e2e-unix", PAM_UNIX +
                "session required pam_exec.so /bin/sh -c "
                "env>/run/e2e/pam-session\n"
                "account required pam_exec.so /bin/sh -c "
                "env>/run/e2e/pam-account\n")
    server = make_server(pam)
    assert ssh(server, "echo in", answers=[GOOD]).stdout == b"in\n"
    with open("/run/e2e/pam-session") as f:
        text = f.read()
    for line in ("PAM_USER=alice", "PAM_RHOST=127.0.0.1", "PAM_TTY=ssh",
                 "PAM_SERVICE=e2e-unix", "SSH_AUTH_INFO_0=password",
                 "SSH_CONNECTION=127.0.0.1 "):
        assert line in text, (line, text)
