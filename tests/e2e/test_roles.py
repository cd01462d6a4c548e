"""The three processes, seen from /proc: who they are, what they hold, what
they cannot do, and that none outlives another.

monitor: the main process, root.  net: its child under the privilege
separation user, for the whole connection.  user: after login, the user's.
"""
import contextlib
import os
import pathlib
import pwd
import signal
import time

import pytest
import sshraw
from cryptography.hazmat.primitives import serialization
from harness import PATIENCE, ROOT, run
from passwords import pam_service, set_password, wait_until

pytestmark = pytest.mark.ours


def field(pid, name):
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().split("\n"):
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    raise KeyError(name)


def uids(pid):
    return {int(n) for n in field(pid, "Uid").split()}


def gids(pid):
    return {int(n) for n in field(pid, "Gid").split()}


class Roles:
    """the processes of one connection, at the moment of asking"""

    def __init__(self, server, login=False, seconds=PATIENCE):
        self.server = server
        deadline = time.monotonic() + seconds
        while not self.try_look(login):
            if time.monotonic() > deadline:
                pytest.fail("not the processes expected: %r"
                            % server.report()["alive"])
            time.sleep(0.02)

    def try_look(self, login):
        try:
            return self.look(login)
        except (OSError, KeyError):
            # one of them ended while we looked
            return False

    def look(self, login):
        report = self.server.report()
        if not report["conns"]:
            return False
        self.monitor = report["conns"][-1]["pid"]
        children = [p[0] for p in report["alive"]
                    if int(field(p[0], "PPid")) == self.monitor]
        if ROOT:
            sshd = pwd.getpwnam("sshd").pw_uid
            alice = pwd.getpwnam("alice").pw_uid
            nets = [p for p in children if uids(p) == {sshd}]
            users = [p for p in children if uids(p) == {alice}]
        else:
            nets = [p for p in children if field(p, "Seccomp") == "2"
                    and field(p, "NoNewPrivs") == "1"][:1]
            users = [p for p in children if p not in nets]
        self.net = nets[0] if len(nets) == 1 else None
        self.user = users[0] if len(users) == 1 else None
        return self.net is not None and (self.user is not None) == login \
            and field(self.net, "Seccomp") == "2"


STAGES = ["identification", "key exchange", "userauth", "session"]


@pytest.fixture(params=STAGES)
def stage(request, server, world):
    """a connection at some stage, and its roles"""
    c = sshraw.Client(server.connect())
    c.hello()
    if request.param != "identification":
        c.kex()
    if request.param in ("userauth", "session"):
        c.service()
    if request.param == "userauth":
        c.auth(world.user)
        c.auth_reply()
    if request.param == "session":
        c.sign(world.user, sshraw.Key(world.keys["ed25519"]))
        c.open_session()
        assert c.exec("cat")
    yield Roles(server, login=request.param == "session")
    c.close()


class TestNet:
    """what the process that reads the network cannot do"""

    def test_filter_and_privileges(self, stage):
        assert field(stage.net, "Seccomp") == "2"
        assert field(stage.net, "NoNewPrivs") == "1"
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(field(stage.net, name), 16) == 0, name

    @pytest.mark.root
    def test_identity(self, stage):
        sshd = pwd.getpwnam("sshd")
        assert uids(stage.net) == {sshd.pw_uid}
        assert 0 not in gids(stage.net) and len(gids(stage.net)) == 1
        assert field(stage.net, "Groups") in ("", str(sshd.pw_gid))

    @pytest.mark.root
    def test_root_is_empty(self, stage):
        """nothing there, and nothing can be made there"""
        root = "/proc/%d/root/" % stage.net
        try:
            assert os.listdir(root) == []
            assert os.stat(root).st_uid != pwd.getpwnam("sshd").pw_uid \
                or not os.stat(root).st_mode & 0o222
        except (ProcessLookupError, FileNotFoundError):
            # a directory that no longer exists is as empty as can be
            pass
        assert os.readlink("/proc/%d/cwd" % stage.net) \
            == os.readlink("/proc/%d/root" % stage.net)

    @pytest.mark.root
    def test_namespaces_of_its_own(self, stage):
        for ns in ("ipc", "uts"):
            assert os.readlink("/proc/%d/ns/%s" % (stage.net, ns)) \
                != os.readlink("/proc/%d/ns/%s" % (stage.monitor, ns)), ns

    @pytest.mark.root
    def test_not_dumpable(self, stage):
        """/proc/PID belongs to root although the process does not"""
        assert os.stat("/proc/%d/environ" % stage.net).st_uid == 0
        p = run(["setpriv", "--reuid", "sshd", "--clear-groups", "cat",
                 "/proc/%d/environ" % stage.net])
        assert p.returncode != 0

    def test_limits(self, stage):
        limits = {}
        for line in pathlib.Path("/proc/%d/limits" % stage.net) \
                .read_text().split("\n")[1:]:
            if line:
                limits[line[:26].strip()] = line[26:].split()[:2]
        assert limits["Max file size"] == ["0", "0"]
        assert limits["Max processes"] == ["0", "0"]
        assert limits["Max core file size"][0] == "0" or ROOT
        soft = limits["Max open files"][0]
        assert soft != "unlimited" and int(soft) <= 4096

    @pytest.mark.root
    def test_descriptors(self, stage):
        """sockets, pipes, ptys and /dev/null; a log only as fd 2"""
        folder = "/proc/%d/fd" % stage.net
        for fd in os.listdir(folder):
            try:
                link = os.readlink("%s/%s" % (folder, fd))
            except FileNotFoundError:
                continue	# closed meanwhile
            assert fd == "2" or link.startswith((
                "socket:", "pipe:", "/dev/null", "/dev/ptmx",
                "/dev/pts/")), "%s -> %s" % (fd, link)

    def test_only_the_expected_children(self, stage):
        assert pathlib.Path("/proc/%d/task/%d/children"
                            % (stage.net, stage.net)).read_text() == ""

    def test_one_thread(self, stage):
        assert field(stage.net, "Threads") == "1"

    def test_name(self, stage):
        for pid in (stage.net, stage.monitor):
            assert pathlib.Path("/proc/%d/comm" % pid).read_text() \
                .startswith("sshd")


@pytest.fixture
def session(server, login):
    """a logged-in connection with a command that waits for input"""
    c = login()
    c.open_session()
    assert c.exec("echo ready; cat; echo end")
    c.expect(sshraw.DATA)
    yield c, Roles(server, login=True)
    c.close()


@pytest.mark.root
def test_user_role_is_the_user(session):
    _, roles = session
    alice = pwd.getpwnam("alice")
    assert uids(roles.user) == {alice.pw_uid}
    assert gids(roles.user) == {alice.pw_gid}
    assert sorted(field(roles.user, "Groups").split()) == ["4201", "4300"]
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert int(field(roles.user, name), 16) == 0, name
    assert os.stat("/proc/%d/environ" % roles.user).st_uid == 0


@pytest.mark.root
def test_user_cannot_touch_the_roles(session, server):
    """not signal, trace or look into the processes that guard it"""
    _, roles = session
    for pid in (roles.monitor, roles.net):
        assert server.ssh("kill -0 %d" % pid).returncode != 0
    for pid in (roles.monitor, roles.net, roles.user):
        for name in ("mem", "environ", "fd/0"):
            assert server.ssh("test -r /proc/%d/%s" % (pid, name)) \
                .returncode != 0, (pid, name)


@pytest.mark.root
def test_commands_are_children_of_the_user_role(session):
    _, roles = session
    children = pathlib.Path("/proc/%d/task/%d/children" % (
        roles.user, roles.user)).read_text().split()
    assert len(children) == 1


def memory(pid):
    """what a process can write, that is where secrets would be"""
    with open("/proc/%d/maps" % pid) as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            span, perms = line.split()[:2]
            start, end = (int(n, 16) for n in span.split("-"))
            # (a sanitizer's shadow is terabytes of nothing)
            if "w" not in perms or end - start > 256 << 20:
                continue
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except OSError:
                continue


@pytest.mark.root
def test_host_key_is_only_in_the_monitor(session, world):
    """threats 72: no private key in net's or the user role's memory"""
    _, roles = session
    key = serialization.load_ssh_private_key(
        world.hostkeys["ed25519"].read_bytes(), None)
    seed = key.private_bytes(serialization.Encoding.Raw,
                             serialization.PrivateFormat.Raw,
                             serialization.NoEncryption())
    for pid in (roles.net, roles.user):
        assert not any(seed in part for part in memory(pid))


@pytest.mark.root
@pytest.mark.parametrize("method", ["shadow", "password", "kbdint"])
@pytest.mark.release	# a sanitizer keeps freed memory
def test_password_is_in_nobodys_memory(make_server, method):
    """neither ours nor, once it has said yes, PAM's"""
    secret = "correct.horse.%s" % os.urandom(8).hex()
    set_password("alice", secret)
    server = make_server(["UsePAM no"] if method == "shadow" else
                         ["UsePAM yes", "PAMServiceName " +
                          pam_service("e2e-roles")])
    c = sshraw.Client(server.connect()).start().service()
    if method == "kbdint":
        c.auth("alice", "keyboard-interactive", sshraw.string(b""),
               sshraw.string(b""))
        c.expect(60)    # INFO_REQUEST, INFO_RESPONSE
        c.send(sshraw.msg(61, sshraw.u32(1),
                          sshraw.string(secret)))
    else:
        c.auth("alice", "password", sshraw.boolean(False),
               sshraw.string(secret))
    c.expect(sshraw.AUTH_SUCCESS)
    roles = Roles(server, login=True)
    # The answer goes out first, then its question is wiped.
    for pid in (roles.monitor, roles.net, roles.user):
        wait_until(lambda p=pid: not any(secret.encode() in part
                                         for part in memory(p)))
    c.close()


@pytest.mark.parametrize("victim", ["monitor", "net", "user"])
def test_none_outlives_another(server, session, victim):
    """kill -9 of any role ends the connection and all its processes"""
    c, roles = session
    server.exits = set(range(256))
    os.kill(getattr(roles, victim), signal.SIGKILL)
    c.wait_closed()
    server.wait_gone()
    if victim == "monitor":
        server.final = server.finish()
        assert os.WTERMSIG(server.final["conns"][0]["status"]) == 9
        server.final["conns"][0]["status"] = 0
    elif victim == "net":
        # (the user role is the user's own, who may well kill it)
        assert os.WEXITSTATUS(server.report()["conns"][0]["status"]) != 0


@pytest.mark.parametrize("victim", ["monitor", "net"])
def test_none_outlives_another_before_login(server, victim):
    server.exits = set(range(256))
    c = sshraw.Client(server.connect()).start().service()
    roles = Roles(server)
    os.kill(getattr(roles, victim), signal.SIGKILL)
    c.wait_closed()
    server.wait_gone()
    if victim == "monitor":
        server.final = server.finish()
        server.final["conns"][0]["status"] = 0


def test_termination_is_clean(server, session):
    """SIGTERM to the main process (systemctl stop) ends the connection"""
    c, roles = session
    server.exits = set(range(256))
    os.kill(roles.monitor, signal.SIGTERM)
    c.wait_closed()
    server.wait_gone()
    server.final = server.finish()
    server.final["conns"][0]["status"] = 0


@pytest.mark.root
def test_nothing_is_needed_under_run(make_server):
    """net's empty root is made without a directory of its own"""
    path = pathlib.Path("/run/sshd")
    path.rename("/run/sshd.away")
    try:
        assert make_server().out("echo y") == "y\n"
    finally:
        pathlib.Path("/run/sshd.away").rename(path)


@pytest.mark.root
@pytest.mark.ours
def test_log_file_is_out_of_nets_reach(make_server, tmp_path):
    """with -E the log is a descriptor of the monitor's alone"""
    logfile = tmp_path / "log"
    server = make_server(logto=("-E", str(logfile)))
    conn = server.connect()
    conn.recv(1)
    roles = Roles(server)
    folder = pathlib.Path("/proc/%d/fd" % roles.net)
    held = {fd.name: os.readlink(fd) for fd in folder.iterdir()}
    conn.close()
    assert str(logfile) not in held.values(), held
    assert len([f for f in held if int(f) > 2]) == 1, held


def titles(server):
    """what ps(1) shows of the last connection's processes, in order"""
    main = server.report()["conns"][-1]["pid"]
    pids = [main]
    for pid in pids:
        with contextlib.suppress(OSError):	# it has just ended
            pids += map(int, pathlib.Path(
                "/proc/%d/task/%d/children" % (pid, pid)).read_text().split())
    return [run(["ps", "-o", "args=", "-p", str(p)]).stdout.decode().strip()
            for p in pids[:3]]


def wait_titles(server, *wanted):
    deadline = time.monotonic() + PATIENCE
    while titles(server) != list(wanted):
        assert time.monotonic() < deadline, titles(server)
        time.sleep(0.01)


def test_titles(server, login, world):
    """sshd's: scripts look for 'sshd: alice@', people for '[priv]'"""
    c = sshraw.Client(server.connect()).start().service()
    wait_titles(server, "sshd: [accepted]", "sshd: [net]")
    # a name that is nobody's may be a password, typed too early
    c.auth("Secret1")
    c.auth_reply()
    wait_titles(server, "sshd: unknown [priv]", "sshd: [net]")
    c.close()
    c = login(server)
    parents = ["sshd: %s [priv]" % world.user, "sshd: %s [net]" % world.user]
    wait_titles(server, *parents, "sshd: %s@notty" % world.user)
    channels = [c.open_session(number=n) for n in range(2)]
    before = set(os.listdir("/dev/pts"))
    for remote in channels:
        c.request("pty-req", sshraw.string("x"), bytes(16),
                  sshraw.string(""), channel=remote)
        assert c.channel_reply()
    ttys = sorted(set(os.listdir("/dev/pts")) - before, key=int)
    wait_titles(server, *parents, "sshd: %s@%s" % (
        world.user, ",".join("pts/" + t for t in ttys)))
    c.close()
