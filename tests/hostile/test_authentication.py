"""Authentication by a peer that asks for what nobody would (tests/THREATS):
names that are paths, methods that are not there, questions without end."""
import os
import subprocess

import passwords
import pytest
import sshraw
from harness import need, run
from sshraw import Client, Closed, Disconnected, Key, boolean, string, u32

pytestmark = [pytest.mark.root, pytest.mark.ours]
PATHS = ["../alice", "/etc/shadow", "alice/../root", "..", "", "alice\0",
         "\0alice", "alice\n", "%u", "-l", "a" * 65536, "\xff\xfe"]
OID_OF_KERBEROS = bytes.fromhex("06092a864886f712010202")


@pytest.fixture
def client(make_server):
    """client(config lines): a server, and a way to clients of it that may
    begin to authenticate"""
    def make(*config, **kw):
        server = make_server(list(config), **kw)
        server.exits = {0, 255}

        def ready():
            return Client(server.connect()).start().service()
        return server, ready
    return make


def methods(c):
    """(methods, partial) of the FAILURE that came"""
    r = sshraw.Reader(c.last_auth)
    return r.string().decode(), r.byte()


def test_names_that_are_paths(client, world):
    """row 43: they are nobody's, and no file of anybody's is read"""
    server, ready = client("AuthorizedKeysFile /run/e2e/home/%u/.ssh/"
                           "authorized_keys .ssh/authorized_keys")
    for user in PATHS:
        c = ready()
        try:
            assert c.sign(user, Key(world.keys["ed25519"])) == \
                sshraw.AUTH_FAILURE, user
            assert methods(c)[1] == 0
        except Closed:
            assert len(user) > 60000
        c.close()
    c = ready()
    assert c.sign("alice", Key(world.keys["ed25519"])) == sshraw.AUTH_SUCCESS
    c.close()
    server.wait_gone()
    log = server.log()
    assert log.count("Accepted") == 1
    assert log.count("Invalid user") == len(PATHS) - 1
    assert max(map(len, log.split("\n"))) < 1100


def attach(pid, trace):
    """strace on a process that is there, and on all that it forks"""
    strace = subprocess.Popen(
        ["strace", "-f", "-e", "trace=%file", "-s", "300", "-o", str(trace),
         "-p", str(pid)], stderr=subprocess.PIPE, text=True)
    assert "attached" in strace.stderr.readline()
    return strace


@pytest.mark.release
def test_no_path_is_made_of_what_nobody_said(client, world):
    """row 43: seen from the outside, by the system calls of all processes"""
    need("strace")
    trace = world.dir / "trace"
    passwords.pam_service("e2e-paths", "auth required pam_exec.so quiet "
                          "/bin/sh -c :\n" + passwords.PAM_UNIX)
    server, _ = client(
        "AuthorizedKeysFile /run/e2e/%u/keys .ssh/authorized_keys",
        "AuthorizedPrincipalsFile /run/e2e/%u/principals",
        "TrustedUserCAKeys " + str(world.keys["ed25519"]) + ".pub",
        "UsePAM yes", "PAMServiceName e2e-paths")
    c = Client(server.connect(30), timeout=30)
    c.hello()
    strace = attach(server.report()["conns"][-1]["pid"], trace)
    try:
        c.kex()
        c.service()
        name = "nobodyatall/../../root"
        key = Key(world.keys["ed25519"])
        c.query(name, key)
        c.sign(name, key)
        path = string("ssh-ed25519") + string("/nobodyatall/key")
        c.auth(name, "publickey", boolean(False), string("ssh-ed25519"),
               string(path))
        c.auth_reply()
        c.auth(name, "password", boolean(False), string("/nobodyatall"))
        c.auth_reply()
        c.close()
        server.wait_gone(30)
    finally:
        strace.terminate()
        strace.communicate()
    text = trace.read_text()
    trace.unlink()
    assert "/etc/passwd" in text and "/etc/pam.d" in text
    assert "nobodyatall" not in text


def test_modules_get_no_path_for_a_name(client):
    """row 43: they keep files by it; but a plain name they do get"""
    said = "/run/e2e/pam-said"
    script = "/run/e2e/pam-say"
    with open(script, "w") as f:
        f.write("#!/bin/sh\nprintf '%s\\n' \"$PAM_USER\" >> " + said + "\n")
    os.chmod(script, 0o755)
    passwords.pam_service("e2e-name", "auth required pam_exec.so quiet "
                          "/run/e2e/pam-say\n" + passwords.PAM_UNIX)
    server, ready = client("UsePAM yes", "PAMServiceName e2e-name")
    for name in ("a/../../root", ".x", "..", "x\nroot", "plainnobody"):
        c = ready()
        c.auth(name, "password", boolean(False), string("x"))
        assert c.auth_reply() == sshraw.AUTH_FAILURE
        c.close()
    with open(said) as f:
        assert f.read() == "nouser\n" * 4 + "plainnobody\n"
    os.unlink(said)
    os.unlink(script)


def test_methods_that_are_not_there(client, world):
    """row 52: a failure like any other, for which nothing is set up"""
    server, ready = client("PasswordAuthentication no", "MaxAuthTries 4")
    body = u32(1) + string(OID_OF_KERBEROS)
    for method in ("gssapi-with-mic", "gssapi-keyex", "x" * 60, "PUBLICKEY"):
        c = ready()
        for _ in range(3):
            c.auth(world.user, method, body)
            assert c.auth_reply() == sshraw.AUTH_FAILURE
            assert methods(c) == ("publickey", 0)
        c.auth(world.user, method, body)
        with pytest.raises(Disconnected) as e:
            c.read()
        assert "Too many authentication failures" in e.value.text
    for no_name in ("", "none\0publickey", "publickey,password"):
        c = ready()
        c.auth(world.user, no_name, body)
        with pytest.raises(Disconnected) as e:
            c.read()
        assert e.value.code == 2
    # what only the mechanism's own messages could be, RFC 4462
    c = ready()
    for number in (60, 61, 63, 64, 65, 66):
        c.send(sshraw.msg(number, string(OID_OF_KERBEROS)))
        assert c.expect(sshraw.UNIMPLEMENTED)[0] == sshraw.UNIMPLEMENTED
    c.close()
    server.wait_gone()
    assert "Failed" not in server.log()


def test_none_without_end(client, world):
    """row 46: the first question is free, and only that"""
    server, ready = client("MaxAuthTries 4")
    c = ready()
    answers = 0
    with pytest.raises(Disconnected):
        for _ in range(100):
            c.auth(world.user)
            c.auth_reply()
            answers += 1
    assert answers == 4


def test_partial_success_gains_no_tries(client, world):
    """row 46: what comes between two good steps still counts"""
    server, ready = client("AuthenticationMethods publickey,publickey",
                           "MaxAuthTries 3")
    good, bad = Key(world.keys["ed25519"]), Key(world.stranger)
    c = ready()
    assert c.sign(world.user, bad) == sshraw.AUTH_FAILURE
    assert c.sign(world.user, good) == sshraw.AUTH_FAILURE
    assert methods(c) == ("publickey", 1)
    assert c.sign(world.user, good) == sshraw.AUTH_FAILURE
    assert methods(c) == ("publickey", 0)
    with pytest.raises(Disconnected):
        c.sign(world.user, bad)


def test_questions_about_good_keys_without_end(client, world):
    """rows 45 and 46: they cost nothing, but somewhere it ends"""
    server, ready = client("MaxAuthTries 1000", "LoginGraceTime 0",
                           log_level="INFO")
    c = ready()
    good = Key(world.keys["ed25519"])
    answers = 0
    with pytest.raises(Closed):
        while answers < 1200:
            assert c.query(world.user, good) == sshraw.AUTH_PK_OK
            answers += 1
    assert answers <= 1024
    server.wait_log("Too many authentication requests")


def test_whoever_may_not_log_in_is_nobody(client, world):
    """row 44: not even who holds the right key is told that it is"""
    server, ready = client("DenyUsers alice")
    world.authorize_all("dave")
    good = Key(world.keys["ed25519"])
    for user in ("alice", "dave", "nobodyatall"):
        c = ready()
        for ask in (c.query, c.sign):
            assert ask(user, good) == sshraw.AUTH_FAILURE, user
            assert methods(c) == ("publickey,password", 0), user
        c.close()


@pytest.fixture
def shadow_line():
    """shadow_line(HASH): alice's; as it was afterwards"""
    yield lambda text: passwords.edit_shadow("alice", hash=text)
    passwords.edit_shadow("alice", hash="*")


def nothing_for_an_answer(c):
    """what it comes to when each question is answered with nothing"""
    while True:
        payload = c.expect(sshraw.AUTH_SUCCESS, sshraw.AUTH_FAILURE,
                           sshraw.AUTH_PK_OK)
        if payload[0] != sshraw.AUTH_PK_OK:
            return payload[0]
        # 60 is INFO_REQUEST here: name, instruction, language, how many
        r = sshraw.Reader(payload)
        r.string(), r.string(), r.string()
        count = r.u32()
        c.send(sshraw.msg(61, u32(count), string("") * count))


@pytest.mark.parametrize("permit", ["no", "yes"])
@pytest.mark.parametrize("pam", ["no", "yes"])
def test_empty_passwords(client, shadow_line, permit, pam):
    """row 53: "none" logs in where an empty password would, else nowhere"""
    passwords.pam_service("e2e-empty")
    server, ready = client("PermitEmptyPasswords " + permit, "UsePAM " + pam,
                           "PAMServiceName e2e-empty")
    for text in ("", "*", "!"):
        shadow_line(text)
        for method, body in (("none", b""),
                             ("password", boolean(False) + string("")),
                             ("keyboard-interactive", string("") * 2)):
            c = ready()
            c.auth("alice", method, body)
            want = sshraw.AUTH_FAILURE
            if permit == "yes" and text == "" and \
                    (pam == "yes" or method != "keyboard-interactive"):
                want = sshraw.AUTH_SUCCESS
            assert nothing_for_an_answer(c) == want, (text, method)
            c.close()


def test_empty_password_is_no_second_method(client, shadow_line, world):
    """row 34: nor does the first one's success make it one"""
    shadow_line("")
    server, ready = client("AuthenticationMethods publickey,password")
    c = ready()
    assert c.sign("alice", Key(world.keys["ed25519"])) == sshraw.AUTH_FAILURE
    assert methods(c) == ("password", 1)
    c.auth("alice", "password", boolean(False), string(""))
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    c.auth("alice")
    assert c.auth_reply() == sshraw.AUTH_FAILURE


def offers(ready, world):
    """what is said to her key"""
    c = ready()
    answer = c.query("alice", Key(world.keys["ed25519"]))
    c.close()
    return answer


def test_a_v4_peer_in_v6_clothes(client, world):
    """row 35: it is from where its v4 address is"""
    server, ready = client(address="::ffff:127.0.0.1")
    for places, good in (("127.0.0.1", True), ("127.0.0.0/8", True),
                         ("!127.0.0.1,*", False), ("10.0.0.0/8,::1", False)):
        world.authorize('from="%s" %s' % (places, world.pub()))
        assert (offers(ready, world) == sshraw.AUTH_PK_OK) == good, places
    server.wait_log(r"^Connection from 127\.0\.0\.1 port")


def test_a_command_that_never_stops_to_complain(client, world):
    """row 47: so much of it is logged, and no more; nor is it waited for"""
    path = "/run/e2e-complains"
    with open(path, "w") as f:
        f.write("#!/bin/sh\nyes complaint >&2 &\nyes complaint | "
                "head -c 5000000 >&2\nkill $!\necho '%s'\n" % world.pub())
    os.chmod(path, 0o755)
    server, ready = client("AuthorizedKeysCommand " + path,
                           "AuthorizedKeysCommandUser bob")
    world.authorize()
    assert offers(ready, world) == sshraw.AUTH_PK_OK
    os.unlink(path)
    server.wait_gone()
    assert 0 < server.log().count("complaint") <= 16


@pytest.fixture
def keys_file(world):
    """the path of alice's authorized_keys, where no file is yet"""
    path = world.authorized_keys()
    if path.exists():
        path.unlink()
    yield path
    if path.is_symlink() or path.exists():
        path.unlink()


def test_authorized_keys_that_root_alone_may_read(client, world, keys_file):
    """row 49: it is opened as the user, and tells the log nothing"""
    secret = world.dir / "of-root"
    secret.write_text("canary-of-root\n" + world.pub() + "\n")
    secret.chmod(0o600)
    server, ready = client("StrictModes no", log_level="DEBUG3")
    for target in (secret, "/etc/shadow"):
        if keys_file.is_symlink() or keys_file.exists():
            keys_file.unlink()
        keys_file.symlink_to(target)
        assert offers(ready, world) == sshraw.AUTH_FAILURE
    server.wait_gone()
    log = server.log()
    secret.unlink()
    assert "canary" not in log
    with open("/etc/shadow") as f:
        for line in f:
            hashed = line.split(":")[1]
            assert len(hashed) < 5 or hashed not in log


def test_authorized_keys_without_end(client, world, keys_file):
    """row 49: so much is read of it, and no more; a device is no file"""
    server, ready = client("StrictModes no", log_level="DEBUG3")
    with keys_file.open("wb") as f:
        f.truncate(10 << 30)
        f.seek(0, 2)
        f.write(b"\n" + world.pub().encode() + b"\n")
    os.chown(keys_file, world.home().stat().st_uid, -1)
    assert offers(ready, world) == sshraw.AUTH_FAILURE
    # the same within the bound is read to its end
    with keys_file.open("wb") as f:
        f.truncate(1 << 20)
        f.seek(0, 2)
        f.write(b"\n" + world.pub().encode() + b"\n")
    assert offers(ready, world) == sshraw.AUTH_PK_OK
    for target in ("/dev/zero", "/dev/full", "/proc/self/fd/0"):
        keys_file.unlink()
        keys_file.symlink_to(target)
        assert offers(ready, world) == sshraw.AUTH_FAILURE
    keys_file.unlink()
    run(["mkfifo", "-m", "666", keys_file], check=True)
    assert offers(ready, world) == sshraw.AUTH_FAILURE
    server.wait_gone()
    assert "\\000" not in server.log()


def test_lines_that_no_line_can_be(client, world, keys_file):
    """row 50: the whole line goes, and no text of one reaches the client"""
    server, ready = client("StrictModes no", log_level="DEBUG3")
    pub = world.pub().encode()
    secret = b"command=\"echo canary-secret\","
    for line, want in (
            (secret + b"no-pty," * 4100 + b"pty " + pub, False),
            (secret + b"no-pty," * 1100 + b"pty " + pub, True),
            (secret + b"environment=\"A=" + pub, False),
            (b"#" * (1 << 20) + pub, False),
            (b"command=\"canary-secret " + pub, False),
            (b"no-canary " + pub, False),
            (b"\xef\xbb\xbf" + pub, False), (pub + b"\r", True),
            (pub[:30] + b"\0" + pub[30:], False)):
        keys_file.write_bytes(line + b"\n")
        os.chown(keys_file, world.home().stat().st_uid, -1)
        c = ready()
        said, read = [], c.read
        c.read = lambda: said.append(read()) or said[-1]
        got = c.query("alice", Key(world.keys["ed25519"]))
        assert (got == sshraw.AUTH_PK_OK) == want, line[:60]
        assert said and b"canary" not in b"".join(said)
        c.close()
    server.wait_gone()
    assert "canary" not in server.log()
