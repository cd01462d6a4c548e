"""RFC 4252 with stock and raw clients: which key opens which door, what is
said and logged when none does, and that nobody learns who exists."""
import contextlib
import os
import re
import statistics
import time

import pytest
import sshraw
from harness import KEY_TYPES, PATIENCE, ROOT, STANDIN, run

CLOSED = r"(Connection (closed|reset) by|Disconnected from) "


@pytest.fixture
def raw(server):
    """raw clients that are past the key exchange"""
    def make(on=None, **kw):
        c = sshraw.Client((on or server).connect(), **kw).start()
        return c.service()
    return make


@pytest.fixture
def key(world):
    return sshraw.Key(world.keys["ed25519"])


@pytest.fixture
def stranger(world):
    return sshraw.Key(world.stranger)


@pytest.mark.parametrize("kind", list(KEY_TYPES))
def test_each_key_type(server, world, kind):
    world.authorize(world.pub(kind))
    assert server.out("echo y", key=kind) == "y\n"
    line = server.wait_log(r"^Accepted publickey for .*").group(0)
    name = {"e": "ED25519" if kind == "ed25519" else "ECDSA",
            "r": "RSA"}[kind[0]]
    assert re.fullmatch(
        r"Accepted publickey for %s from 127\.0\.0\.1 port \d+ ssh2: %s %s"
        % (world.user, name, re.escape(world.fingerprint(world.keys[kind]))),
        line), line


@pytest.mark.parametrize("algorithm", ["rsa-sha2-256", "rsa-sha2-512"])
def test_rsa_signature_algorithms(server, algorithm):
    assert server.out("echo y", key="rsa3072", opts=[
        "PubkeyAcceptedAlgorithms=" + algorithm]) == "y\n"


def test_sha1_signatures_are_refused(server):
    p = server.ssh("true", key="rsa3072",
                   opts=["PubkeyAcceptedAlgorithms=ssh-rsa"])
    if STANDIN:
        pytest.skip("depends on this server's configuration")
    assert p.returncode == 255


def test_sha1_signatures_for_who_asks(make_server):
    """by name only: neither the default nor rsa-sha2 lets them in"""
    sha1 = ["PubkeyAcceptedAlgorithms=ssh-rsa"]
    server = make_server(["PubkeyAcceptedAlgorithms +ssh-rsa"])
    assert server.out("echo y", key="rsa3072", opts=sha1) == "y\n"
    assert server.out("echo y", key="rsa3072") == "y\n"
    server = make_server(["PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-*"])
    assert server.ssh("true", key="rsa3072", opts=sha1).returncode == 255


def test_accepted_algorithms_can_be_restricted(make_server):
    server = make_server(["PubkeyAcceptedAlgorithms ssh-ed25519"])
    assert server.out("echo y") == "y\n"
    assert server.ssh("true", key="rsa3072").returncode == 255
    assert server.ssh("true", key="ecdsa256").returncode == 255


def test_unknown_key_is_refused(server, world):
    p = server.ssh("true", key=str(world.stranger))
    assert p.returncode == 255
    assert b"Permission denied (publickey" in p.stderr
    server.wait_log(CLOSED + "authenticating user %s 127.0.0.1 port "
                    r"\d+ \[preauth\]" % world.user)
    assert "Accepted" not in server.log()


def test_none_lists_publickey(raw, world):
    c = raw()
    c.auth(world.user)
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    r = sshraw.Reader(c.last_auth)
    assert "publickey" in r.names()
    assert r.byte() == 0
    c.close()


def test_query_then_signature(raw, world, key, stranger):
    c = raw()
    assert c.query(world.user, stranger) == sshraw.AUTH_FAILURE
    assert c.query(world.user, key) == sshraw.AUTH_PK_OK
    r = sshraw.Reader(c.last_auth)
    assert (r.string(), r.string()) == (b"ssh-ed25519", key.blob)
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.close()


def test_hostbound_signature(raw, world, key):
    c = raw()
    assert c.sign(world.user, key, hostbound=True) == sshraw.AUTH_SUCCESS
    c.close()


def test_hostbound_with_another_host_key_is_refused(raw, world, key):
    c = raw()
    c.server_key = sshraw.string("ssh-ed25519") + sshraw.string(b"x" * 32)
    try:
        assert c.sign(world.user, key, hostbound=True) \
            == sshraw.AUTH_FAILURE
    except sshraw.Closed:
        assert STANDIN
    c.close()


def test_spoilt_signature_is_refused(raw, server, world, key):
    c = raw()
    assert c.sign(world.user, key, spoil=True) == sshraw.AUTH_FAILURE
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.close()
    server.wait_log("^(Failed publickey for|Accepted publickey)")


def test_signature_for_another_session_is_refused(raw, world, key):
    c = raw()
    c.session_id = bytes(32)
    assert c.sign(world.user, key) == sshraw.AUTH_FAILURE
    c.close()


def test_signature_for_another_user_is_refused(raw, world, key):
    """the signed user name must be the one that asks"""
    c = raw()
    fields = [sshraw.string(world.user), sshraw.string("ssh-connection"),
              sshraw.string("publickey"), b"\1", sshraw.string("ssh-ed25519"),
              sshraw.string(key.blob)]
    other = [sshraw.string("x" + world.user), *fields[1:]]
    signature = key.private.sign(
        sshraw.string(c.session_id) + sshraw.msg(50, *other))
    c.send(sshraw.msg(50, *fields, sshraw.string(
        sshraw.string("ssh-ed25519") + sshraw.string(signature))))
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    c.close()


def test_authorized_keys_format(server, world):
    """comments, blank lines, other keys and junk around the right line"""
    world.authorize("# a comment", "", "   ", "ssh-ed25519 AAAAbroken x",
                    "nonsense", world.pub("rsa3072"),
                    "  \t" + world.pub("ed25519"), "# end")
    assert server.out("echo y") == "y\n"


def test_last_line_without_newline(server, world):
    world.authorize_all()
    path = world.authorized_keys()
    path.write_text(world.pub())
    assert server.out("echo y") == "y\n"


@pytest.mark.root
def test_second_file_is_read(make_server, world):
    world.authorize("# nothing")
    second = world.authorized_keys().with_name("authorized_keys2")
    second.write_text(world.pub() + "\n")
    try:
        server = make_server(["AuthorizedKeysFile .ssh/authorized_keys "
                              ".ssh/authorized_keys2"])
        assert server.out("echo y") == "y\n"
    finally:
        second.unlink()


@pytest.mark.root
def test_authorized_keys_tokens(make_server, world):
    folder = world.dir / "authkeys"
    folder.mkdir(exist_ok=True)
    (folder / "alice").write_text(world.pub() + "\n")
    server = make_server(["AuthorizedKeysFile %s/%%u" % folder])
    assert server.out("echo y") == "y\n"
    assert server.ssh("true", user="bob").returncode == 255


@pytest.mark.ours
@pytest.mark.parametrize("options", [
    'no-such-option', 'command="touch /tmp/x"x', 'restrict,,pty', 'no-pty,',
    'from="127.0.0.1",from="127.0.0.1"', 'environment="A B=C",no-pty'])
def test_line_with_options_is_refused(server, world, options):
    """options that are not understood; the log says why"""
    world.authorize(options + " " + world.pub())
    p = server.ssh("echo in")
    assert p.returncode == 255 and p.stdout == b""
    server.wait_log("option")


@pytest.mark.ours
def test_line_without_options_beside_one_with(server, world):
    world.authorize('command="false" ' + world.pub("rsa3072"), world.pub())
    assert server.out("echo y") == "y\n"


@pytest.mark.root
class TestStrictModes:
    CASES = {"file": (".ssh/authorized_keys", 0o666),
             "file-group": (".ssh/authorized_keys", 0o620),
             "folder": (".ssh", 0o777),
             "home": (".", 0o775)}

    @pytest.mark.parametrize("case", list(CASES))
    @pytest.mark.parametrize("strict", ["yes", "no"])
    def test_modes(self, make_server, world, case, strict):
        name, mode = self.CASES[case]
        path = (world.home() / name).resolve()
        server = make_server(["StrictModes " + strict])
        before = path.stat()
        # a group with other members: Debian lets a private one pass
        os.chown(path, -1, 4300)
        path.chmod(mode)
        try:
            p = server.ssh("echo y")
        finally:
            os.chown(path, -1, before.st_gid)
            path.chmod(before.st_mode & 0o7777)
        if strict == "no":
            assert p.stdout == b"y\n"
            return
        assert p.returncode == 255
        server.wait_log(r"^Authentication refused: bad ownership or modes "
                        r"for (file|directory) %s" % re.escape(str(path)))

    def test_other_owner(self, server, world):
        path = world.authorized_keys()
        os.chown(path, 4202, 4202)
        path.chmod(0o644)
        assert server.ssh("true").returncode == 255
        server.wait_log("^Authentication refused: bad ownership")

    @pytest.mark.parametrize("what", ["fifo", "directory", "missing",
                                      "shadow", "zero"])
    def test_not_a_file(self, server, world, what):
        """what the user put there is opened as the user and never waits"""
        path = world.authorized_keys()
        path.unlink()
        if what == "fifo":
            os.mkfifo(path, 0o600)
            os.chown(path, 4201, 4201)
        elif what == "directory":
            path.mkdir(0o700)
        elif what != "missing":
            path.symlink_to({"shadow": "/etc/shadow",
                             "zero": "/dev/zero"}[what])
        try:
            assert server.ssh("true", timeout=PATIENCE).returncode == 255
        finally:
            path.rmdir() if what == "directory" else \
                path.unlink(missing_ok=True)
        assert "root:" not in server.log()

    def test_read_with_the_users_rights(self, make_server, world):
        """a root-only file is no use to the user, even if it lists the key"""
        folder = world.dir / "private"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "keys").write_text(world.pub() + "\n")
        (folder / "keys").chmod(0o600)
        server = make_server(["AuthorizedKeysFile %s/keys" % folder])
        assert server.ssh("true").returncode == 255


def test_max_auth_tries(make_server, world, key, stranger):
    server = make_server(["MaxAuthTries 3"])
    if STANDIN:
        server.exits = {255}
    c = sshraw.Client(server.connect()).start().service()
    for _ in range(2):
        assert c.sign(world.user, stranger) == sshraw.AUTH_FAILURE
    with pytest.raises(sshraw.Disconnected) as e:
        c.sign(world.user, stranger)
        c.sign(world.user, stranger)
    assert "Too many authentication failures" in e.value.text
    server.wait_log(r"error: maximum authentication attempts exceeded for "
                    r"%s from 127\.0\.0\.1 port \d+ ssh2 \[preauth\]"
                    % world.user if not STANDIN else "maximum auth")
    server.wait_log(r"^Disconnecting authenticating user %s 127\.0\.0\.1 port "
                    r"\d+: Too many authentication failures \[preauth\]"
                    % world.user)


def test_none_is_free(make_server, world, key):
    server = make_server(["MaxAuthTries 2"])
    c = sshraw.Client(server.connect()).start().service()
    c.auth(world.user)
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.close()


def test_many_keys_within_the_limit(make_server, world, key, stranger):
    server = make_server(["MaxAuthTries 6"])
    c = sshraw.Client(server.connect()).start().service()
    for _ in range(4):
        c.query(world.user, stranger)
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.close()


@pytest.mark.ours
@pytest.mark.parametrize("where", ["before the identification",
                                   "before the key exchange",
                                   "before authentication"])
def test_login_grace_time(make_server, world, where):
    server = make_server(["LoginGraceTime 1"])
    server.exits = {0, 255, 1, 3}
    start = time.monotonic()
    c = sshraw.Client(server.connect())
    # on a machine that is busy it may be over sooner
    with contextlib.suppress(sshraw.Closed):
        if "identification" not in where:
            c.hello()
        if "authentication" in where:
            c.kex()
            c.service()
    c.wait_closed()
    assert time.monotonic() - start > 0.5
    server.wait_log(r"Timeout before authentication for "
                    r"(connection from )?127\.0\.0\.1|"
                    r"banner exchange: Connection from 127\.0\.0\.1 port \d+: "
                    "Connection timed out")
    server.wait_gone()


def test_grace_time_ends_with_login(make_server):
    for grace in (1, 5, 25):	# a login may take longer than a second
        server = make_server(["LoginGraceTime %d" % grace])
        p = server.ssh("sleep %d.2; echo alive" % (grace + 1))
        if "Accepted" in server.log():
            break
    assert p.stdout == b"alive\n"


def test_invalid_user_is_logged(server, world):
    p = server.ssh("true", user="mallory")
    assert p.returncode == 255
    server.wait_log(r"^Invalid user mallory from 127\.0\.0\.1 port \d+$")
    server.wait_log(CLOSED + r"invalid user mallory 127\.0\.0\.1 port \d+ "
                    r"\[preauth\]")


def conversation(c, user, key):
    """all that the server says to a hopeless login, byte for byte"""
    said = []
    c.auth(user)
    for step in (lambda: None, lambda: c.query(user, key),
                 lambda: c.sign(user, key),
                 lambda: c.auth(user, "publickey", b"\1", b"\0\0"),
                 lambda: c.auth(user, "no-such-method")):
        try:
            if step() is None:
                c.auth_reply()
            said.append(c.last_auth)
        except sshraw.Disconnected as e:
            said.append((e.code, e.text.replace(user, "USER")))
            break
        except sshraw.Closed:
            said.append("closed")
            break
    return said


def hopeless_users(world):
    if ROOT:
        return ["alice", "bob", "carol", "dave", "erin", "root"]
    return [world.user]


def test_invalid_users_get_the_same_answers(make_server, world, stranger):
    server = make_server(["MaxAuthTries 20"])
    server.exits = {0, 255}
    answers = {}
    for user in hopeless_users(world) + ["mallory", "no-such", "x" * 200]:
        c = sshraw.Client(server.connect()).start().service()
        answers[user] = conversation(c, user, stranger)
        c.close()
    reference = answers["mallory"]
    assert len(reference) >= 4
    for user, answer in answers.items():
        assert answer == reference, user


def test_invalid_users_take_the_same_time(make_server, world, stranger):
    """medians of a handful of names each; the bound is a guard against a
    lookup or a verification that only one side pays for"""
    server = make_server(["MaxAuthTries 100", "LogLevel QUIET"])
    server.exits = {0, 255}
    valid = hopeless_users(world)[:2]
    invalid = ["mallory", "nobodyhere"][:len(valid)]

    def measure():
        times = {}
        clients = {}
        for user in valid + invalid:
            clients[user] = sshraw.Client(server.connect()).start().service()
        for _ in range(12):
            for user, c in clients.items():
                start = time.perf_counter()
                c.query(user, stranger)
                times.setdefault(user, []).append(
                    time.perf_counter() - start)
        for c in clients.values():
            c.close()
        good = statistics.fmean(statistics.median(times[u]) for u in valid)
        bad = statistics.fmean(statistics.median(times[u]) for u in invalid)
        return good, bad

    for _ in range(8):
        good, bad = measure()
        # a per-user delay of up to 4.2 ms is part of the design
        if abs(good - bad) < 0.006 + 0.25 * min(good, bad):
            return
    pytest.fail("valid %.1f ms, invalid %.1f ms" % (good * 1e3, bad * 1e3))


def test_change_of_user_is_refused(raw, server, world, stranger):
    if STANDIN:
        server.exits = {255}
    c = raw()
    c.auth(world.user)
    c.auth_reply()
    c.auth("mallory")
    with pytest.raises(sshraw.Disconnected):
        c.auth_reply()
    server.wait_log(r"^Disconnecting authenticating user %s 127\.0\.0\.1 port "
                    r"\d+: Change of username or service not allowed: "
                    r"\(%s,ssh-connection\) -> \(mallory,ssh-connection\) "
                    r"\[preauth\]" % (world.user, world.user))


def test_other_service_is_refused(raw, server, world, key):
    server.exits = {0, 255}
    c = raw()
    c.auth(world.user, "none", service="ssh-shell")
    try:
        assert c.auth_reply() == sshraw.AUTH_FAILURE
    except sshraw.Closed:
        pass
    c.close()


def test_no_more_authentication_after_success(raw, world, key, stranger):
    """RFC 4252 5.1: requests after success are silently ignored"""
    c = raw()
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.auth("root")
    c.send(sshraw.msg(sshraw.IGNORE, sshraw.string("")))
    c.skip = (sshraw.UNIMPLEMENTED,)
    c.open_session()
    if ROOT:
        assert c.exec("id -un") and c.collect()[0] == b"alice\n"
    c.close()


@pytest.mark.root
def test_user_lists(make_server):
    server = make_server(["DenyUsers bob"])
    server.world.authorize_all("bob")
    assert server.out("echo y") == "y\n"
    assert server.ssh("true", user="bob").returncode == 255
    server.wait_log(r"^User bob from 127\.0\.0\.1 not allowed because listed "
                    "in DenyUsers")
    server = make_server(["AllowUsers bob"])
    assert server.out("echo y", user="bob") == "y\n"
    assert server.ssh("true").returncode == 255
    server.wait_log(r"^User alice from 127\.0\.0\.1 not allowed because not "
                    "listed in AllowUsers")


@pytest.mark.root
@pytest.mark.parametrize("user,why", [
    ("dave", "^User dave not allowed because account is locked"),
    ("erin", "^User erin not allowed because shell /no/such/shell does not "
             "exist")])
def test_unusable_accounts(server, world, user, why):
    world.authorize_all(user)
    assert server.ssh("true", user=user).returncode == 255
    server.wait_log(why)


@pytest.mark.root
def test_nologin_shell_is_the_shell(server, world):
    world.authorize_all("carol")
    p = server.ssh("echo in", user="carol")
    assert p.returncode == 1 and b"in\n" != p.stdout
    assert b"not available" in p.stdout + p.stderr


@pytest.mark.root
@pytest.mark.parametrize("setting,allowed", [
    ("no", False), ("yes", True), ("prohibit-password", True)])
def test_root_login(make_server, world, setting, allowed):
    root = world.dir / "client/.ssh/authorized_keys"
    root.write_text(world.pub() + "\n")
    root.chmod(0o600)
    server = make_server(["PermitRootLogin " + setting])
    p = server.ssh("id -u", user="root")
    if allowed:
        assert p.stdout == b"0\n"
    else:
        assert p.returncode == 255
        server.wait_log(r"^ROOT LOGIN REFUSED FROM 127\.0\.0\.1 port \d+|"
                        "^User root from")


@pytest.mark.root
def test_only_publickey_when_off(make_server):
    server = make_server(["PubkeyAuthentication no"])
    assert server.ssh("true").returncode == 255


@pytest.mark.single
def test_other_user_is_refused_when_not_root(server):
    assert server.ssh("true", user="daemon").returncode == 255


@pytest.mark.ours
def test_long_and_strange_user_names(server, stranger):
    """logged on one line, without control characters"""
    server.exits = {0, 255}
    for name in ("x from 10.10.1.1 port 22", "a\nb", "\x1b[2J", "%n%s%s",
                 "../../etc/shadow", "u" * 5000, "\u00e9\u00df", "-oX"):
        c = sshraw.Client(server.connect()).start().service()
        c.auth(name)
        try:
            c.auth_reply()
        except sshraw.Closed:
            pass
        c.close()
    server.wait_gone()
    log = server.log()
    assert "\x1b" not in log and "\nb" not in log
    for line in log.splitlines():
        assert len(line) < 1100, line[:200]
    assert re.search(r"Invalid user x from 10\.10\.1\.1 port 22 from "
                     r"127\.0\.0\.1 port \d+$", log, re.M)


def test_keyscan(server):
    p = run(["ssh-keyscan", "-T", "30", "-p", server.port, "-t", "ed25519,rsa,ecdsa",
             "127.0.0.1"])
    assert {line.split()[1] for line in p.stdout.decode().splitlines()
            if not line.startswith("#")} >= {"ssh-ed25519", "ssh-rsa"}
    server.exits = {0, 255}


@pytest.mark.root
@pytest.mark.ours
@pytest.mark.parametrize("user,algs", [
    ("alice", "ssh-ed25519"), ("bob", "rsa-sha2-256,rsa-sha2-512"),
    ("nobody-here", "rsa-sha2-256,rsa-sha2-512")])
def test_second_ext_info(make_server, world, user, algs):
    """RFC 8308, and OpenSSH's ext-info-in-auth: what this user may sign
    with, said once, to those who ask for it"""
    server = make_server(["PubkeyAcceptedAlgorithms "
                          "rsa-sha2-256,rsa-sha2-512"])
    with server.config.open("a") as f:
        f.write("Match User alice\nPubkeyAcceptedAlgorithms "
                "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com\n")
    c = sshraw.Client(server.connect()).start()
    c.send(sshraw.msg(sshraw.EXT_INFO, sshraw.u32(1),
                      sshraw.string("ext-info-in-auth@openssh.com"),
                      sshraw.string("0")))
    c.service()
    first = c.extensions["server-sig-algs"].decode()
    # before the user is known, all that anybody might use
    assert {"ssh-ed25519", "rsa-sha2-256"} <= set(first.split(","))
    c.auth(user)
    second = c.read()
    assert second[0] == sshraw.EXT_INFO
    c.extensions = {}
    c.take_ext_info(second)
    assert c.extensions == {"server-sig-algs": algs.encode()}
    assert c.read()[0] == sshraw.AUTH_FAILURE
    c.auth(user)
    assert c.read()[0] == sshraw.AUTH_FAILURE
    c.close()
