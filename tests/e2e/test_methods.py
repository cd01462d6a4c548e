"""AuthenticationMethods: several methods, in order, and nothing carried over."""
import pytest
import sshraw
from harness import run
from passwords import askpass, pam_service, set_password, ssh

pytestmark = [pytest.mark.root, pytest.mark.ours]
GOOD = "correct horse"
KBD = "keyboard-interactive"
BASE = ["UsePAM yes", "PAMServiceName e2e-methods"]
ALL = "publickey,password,keyboard-interactive"


@pytest.fixture(autouse=True)
def accounts():
    pam_service("e2e-methods")
    set_password("alice", GOOD)


def client(server):
    c = sshraw.Client(server.connect(), timeout=15)
    return c.start().service()


def failed(c):
    r = sshraw.Reader(c.expect(sshraw.AUTH_FAILURE))
    return r.string().decode(), bool(r.byte())


def match(server, *lines):
    """Match blocks, which must stand behind all else"""
    text = server.config.read_text()
    server.config.write_text(text + "\n".join(lines) + "\n")


def password(c, text=GOOD, user="alice"):
    c.auth(user, "password", sshraw.boolean(False), sshraw.string(text))


def log_in(server, answers, methods, key="ed25519", **kw):
    return ssh(server, "echo in", answers=answers, methods=methods, key=key,
               **kw).stdout == b"in\n"


@pytest.mark.parametrize("lists,offered", [
    ("any", "publickey,password,keyboard-interactive"),
    ("publickey,password", "publickey"),
    ("publickey,password password,publickey", "publickey,password"),
    ("keyboard-interactive:pam", "keyboard-interactive"),
    ("publickey keyboard-interactive:pam,publickey",
     "publickey,keyboard-interactive"),
    ("hostbased,password publickey", "publickey"),
])
def test_what_can_continue(make_server, lists, offered):
    server = make_server([*BASE, "AuthenticationMethods " + lists])
    c = client(server)
    c.auth("alice", "none")
    assert failed(c) == (offered, False)


def test_nothing_left(make_server):
    server = make_server([*BASE, "AuthenticationMethods hostbased "
                          "keyboard-interactive:skey"])
    c = client(server)
    c.auth("alice", "none")
    with pytest.raises(sshraw.Disconnected) as e:
        c.read()
    assert e.value.text == "no authentication methods enabled"
    server.wait_log("error: No AuthenticationMethods left after eliminating "
                    "disabled methods")


def test_key_and_password(make_server):
    server = make_server([*BASE, "AuthenticationMethods publickey,password"])
    assert not log_in(server, [], "publickey")
    assert not log_in(server, [GOOD], "password", key=None)
    assert log_in(server, [GOOD], "publickey,password")
    server.wait_log(r"^Partial publickey for alice from 127\.0\.0\.1 port "
                    r"\d+ ssh2: ED25519 SHA256:")
    server.wait_log(r"^Accepted password for alice from 127\.0\.0\.1 port")


def test_key_and_questions(make_server):
    server = make_server([*BASE, "AuthenticationMethods "
                          "publickey,keyboard-interactive:pam"])
    assert not log_in(server, [GOOD], KBD, key=None)
    assert log_in(server, [GOOD], "publickey," + KBD)


def test_order(make_server):
    """a method that is not its list's next one is not even looked at"""
    server = make_server([*BASE, "AuthenticationMethods password,publickey"])
    key = sshraw.Key(server.world.keys["ed25519"])
    c = client(server)
    assert c.query("alice", key) == sshraw.AUTH_FAILURE
    assert c.sign("alice", key) == sshraw.AUTH_FAILURE
    password(c)
    assert failed(c) == ("publickey", True)
    # The first one does not count twice.
    password(c)
    assert failed(c) == ("publickey", False)
    assert c.sign("alice", key) == sshraw.AUTH_SUCCESS


def test_partial_success_is_free(make_server):
    server = make_server([*BASE, "MaxAuthTries 1",
                          "AuthenticationMethods publickey,password"])
    key = sshraw.Key(server.world.keys["ed25519"])
    c = client(server)
    c.auth("alice", "none")
    failed(c)
    c.auth_reply = lambda: None
    c.sign("alice", key)
    assert failed(c) == ("password", True)
    password(c)
    c.expect(sshraw.AUTH_SUCCESS)


def test_tries_over_all_methods(make_server):
    """threats 46: changing methods gains no tries"""
    server = make_server([*BASE, "MaxAuthTries 4"])
    key = sshraw.Key(server.world.stranger)
    c = client(server)
    c.auth("alice", "none")
    failed(c)
    password(c, "wrong")
    failed(c)
    assert c.query("alice", key) == sshraw.AUTH_FAILURE
    c.auth("alice", "gssapi-with-mic")
    failed(c)
    c.auth("alice", "none")
    with pytest.raises(sshraw.Disconnected):
        c.read()


def test_same_key_twice(make_server):
    """threats 34: one key is one key"""
    server = make_server([*BASE, "AuthenticationMethods publickey,publickey"])
    keys = server.world.keys
    one, other = sshraw.Key(keys["ed25519"]), None
    c = client(server)
    c.auth_reply = lambda: None
    c.sign("alice", one)
    assert failed(c) == ("publickey", True)
    c.sign("alice", one)
    assert failed(c) == ("publickey", False)
    c.close()
    assert not log_in(server, [], "publickey")
    p = run(server.ssh_argv("echo in", key="ed25519", opts=[
        "IdentityFile=" + str(keys["ecdsa256"])]))
    assert p.stdout == b"in\n", (p.stderr, other)


def test_command_of_the_key_survives(make_server, world):
    """threats 34: what the first method's key says holds to the end"""
    for lists in ("publickey,password", "password,publickey"):
        world.authorize('command="echo forced",no-pty ' + world.pub())
        server = make_server([*BASE, "AuthenticationMethods " + lists])
        p = ssh(server, "echo free", answers=[GOOD], methods=lists,
                key="ed25519")
        assert p.stdout == b"forced\n", (lists, p.stderr, server.log())


def test_from_holds_for_the_key_only(make_server, world):
    """threats 35: a key from elsewhere is none, whatever comes behind it"""
    world.authorize('from="10.0.0.0/8" ' + world.pub())
    server = make_server([*BASE, "AuthenticationMethods publickey,password"])
    assert not log_in(server, [GOOD], "publickey,password")


def test_auth_info(make_server):
    server = make_server([*BASE, "ExposeAuthInfo yes",
                          "AuthenticationMethods publickey,password,"
                          "keyboard-interactive"])
    p = ssh(server, "cat $SSH_USER_AUTH", answers=[GOOD, GOOD], methods=ALL,
            key="ed25519")
    text = p.stdout.decode().splitlines()
    pub = " ".join(server.world.pub().split()[:2])
    assert text == ["publickey " + pub, "password",
                    "keyboard-interactive/pam"], p.stderr


def test_change_request_is_no_login(make_server):
    """threats 41: with the flag, not even the right password will do"""
    server = make_server(BASE)
    c = client(server)
    for old, new in ((GOOD, "x"), ("wrong", GOOD), ("", ""), (GOOD, GOOD)):
        c.auth("alice", "password", sshraw.boolean(True), sshraw.string(old),
               sshraw.string(new))
        failed(c)
    # Word for word as in sshd, which never asks for a change either.
    server.wait_log(r"^password change not supported \[preauth\]\n"
                    r"Failed password for alice from 127\.0\.0\.1 port \d+ "
                    r"ssh2$")
    password(c)
    c.expect(sshraw.AUTH_SUCCESS)


@pytest.mark.parametrize("text", [
    b"", b"x", b"x" * 72, b"x" * 255, b"x" * 256, b"x" * 1023, b"x" * 1024,
    b"x" * 1025, b"x" * 30000, GOOD.encode() + b"\0",
    GOOD.encode() + b"\0more", b"\xff\xfe\xfd", GOOD.encode()[:-1],
    GOOD.encode() + b" "])
@pytest.mark.parametrize("pam", ["yes", "no"])
def test_strange_passwords(make_server, pam, text):
    """threats 42"""
    server = make_server(["UsePAM " + pam, "PAMServiceName e2e-methods",
                          "PermitEmptyPasswords yes"])
    c = client(server)
    password(c, text)
    failed(c)
    password(c)
    c.expect(sshraw.AUTH_SUCCESS)


def test_refuse_connection(make_server):
    server = make_server(BASE)
    match(server, "Match User alice", "RefuseConnection yes")
    assert server.ssh("echo in").returncode == 255
    server.wait_log(r"^administratively prohibited connection for alice from "
                    r"127\.0\.0\.1 port \d+$")
    p = ssh(server, "echo in", answers=["x"], user="nobody-here")
    assert b"Permission denied" in p.stderr


def test_without_pam_there_are_no_questions(make_server):
    server = make_server(["UsePAM no", "KbdInteractiveAuthentication yes"])
    c = client(server)
    c.auth("alice", "none")
    assert failed(c) == ("publickey,password", False)
    c.auth("alice", KBD, sshraw.string(b""), sshraw.string(b""))
    assert failed(c)[1] is False


def test_pam_service_of_a_match(make_server, world):
    """PAMServiceName is the user's, not the first one"""
    pam_service("e2e-deny", "auth required pam_deny.so\n"
                "account required pam_deny.so\n")
    server = make_server(BASE)
    match(server, "Match User bob", "PAMServiceName e2e-deny")
    set_password("bob", GOOD)
    assert log_in(server, [GOOD], "password", key=None)
    assert not log_in(server, [GOOD], "password", key=None, user="bob")
    assert askpass(world)
