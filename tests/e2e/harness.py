"""harness - the pytest plugin that tests/e2e and tests/hostile share.

It makes keys, users' files and configurations, starts the server under test
through superserver.py, and after each test asks what the connections left:
a process, a zombie, a sanitizer's report or a wrong exit status fails it.
"""
import dataclasses
import glob
import hashlib
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import time

import pytest
import sshraw

HERE = pathlib.Path(__file__).resolve().parent
ROOT = os.environ.get("E2E_ROOT") == "1"
TAKEN = os.environ.get("E2E_TAKEN")
# Seconds for what takes milliseconds, and longer where others work as well;
# less than the shortest sleep of a command that must not be waited for.
PATIENCE = 25
SANITIZER = re.compile(
    r"AddressSanitizer|LeakSanitizer|MemorySanitizer|runtime error:"
    r"|UndefinedBehaviorSanitizer|stack smashing|buffer overflow detected")
ALL_KEX = ("curve25519-sha256 curve25519-sha256@libssh.org "
           "ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 "
           "diffie-hellman-group14-sha256 diffie-hellman-group16-sha512 "
           "diffie-hellman-group18-sha512").split()
ALL_HOSTKEYS = ("ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 "
                "ecdsa-sha2-nistp521 rsa-sha2-256 rsa-sha2-512").split()
AEAD = ("chacha20-poly1305@openssh.com aes128-gcm@openssh.com "
        "aes256-gcm@openssh.com").split()
CTR = "aes128-ctr aes192-ctr aes256-ctr".split()
ALL_CIPHERS = AEAD + CTR
ALL_MACS = ("hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com "
            "hmac-sha2-256 hmac-sha2-512").split()
KEY_TYPES = {"ed25519": ["-t", "ed25519"],
             "ecdsa256": ["-t", "ecdsa", "-b", "256"],
             "ecdsa384": ["-t", "ecdsa", "-b", "384"],
             "ecdsa521": ["-t", "ecdsa", "-b", "521"],
             "rsa3072": ["-t", "rsa", "-b", "3072"]}


def pytest_addoption(parser):
    parser.addoption("--mutations", type=int, default=10000,
                     help="mutated handshakes to send (default 10000)")
    parser.addoption("--seed", type=int, default=20261120,
                     help="seed of the mutations")


def pytest_configure(config):
    if "E2E_DIR" not in os.environ:
        pytest.exit("start these tests with tests/e2e/run", 2)


def pytest_collection_modifyitems(config, items):
    # two runs share one list: as root, and, with --single, as a user
    single = os.environ.get("E2E_SINGLE") == "1"
    other = "root" if single else "single" if ROOT else None
    left = [i for i in items if other and i.get_closest_marker(other)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [i for i in items if i not in left]
    # what takes longest must not begin last
    items.sort(key=lambda i: not i.get_closest_marker("long"))
    for item in items:
        if item.get_closest_marker("root") and not ROOT:
            item.add_marker(pytest.mark.skip(reason="needs root"))
        if item.get_closest_marker("ours") and STANDIN:
            item.add_marker(pytest.mark.skip(
                reason="a promise of sshd-conn, not of this server"))


def taken(item):
    """did another of tests/e2e/spread's runs take this test?"""
    name = hashlib.sha256(item.nodeid.encode()).hexdigest()
    try:
        os.close(os.open(os.path.join(TAKEN, name),
                         os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        return False
    except FileExistsError:
        return True


def pytest_runtestloop(session):
    """the plain loop over those tests that are ours to run"""
    if not TAKEN or session.testsfailed or session.config.option.collectonly:
        return None
    mine = (item for item in session.items if not taken(item))
    item = next(mine, None)
    while item:
        # Fixtures live as long as the test that follows needs them.
        following = next(mine, None)
        item.config.hook.pytest_runtest_protocol(item=item,
                                                 nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for number, server in enumerate(getattr(item, "servers", [])):
            report.sections.append(
                ("server %d: log" % number, server.log()[-12000:]))


def run(argv, timeout=180, **kw):
    """subprocess.run with what every call here wants"""
    if "input" not in kw and "stdin" not in kw:
        kw["stdin"] = subprocess.DEVNULL
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    kw.setdefault("env", client_env())
    return subprocess.run([str(a) for a in argv], timeout=timeout, **kw)


def client_env():
    home = os.environ["E2E_DIR"] + "/client"
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
                    ":/sbin:/bin", "HOME": home, "LC_ALL": "C",
            # for servers that a client starts
            "STATE_DIRECTORY": os.environ["E2E_DIR"] + "/state"}


SERVER = os.environ.get("SSHD_CONN", "")
STANDIN = pathlib.Path(SERVER).name == "sshd"


def sanitized():
    """was the server built with AddressSanitizer?  It keeps freed memory."""
    try:
        return b"__asan_init" in pathlib.Path(SERVER).read_bytes()
    except OSError:
        return False


MEMORY_FACTOR = 6 if sanitized() else 1


@dataclasses.dataclass
class World:
    """what a whole run shares: paths, keys, users"""
    dir: pathlib.Path
    keys: dict
    hostkeys: dict
    known_hosts: pathlib.Path
    user: str
    extra: list

    def home(self, user=None):
        return pathlib.Path(pwd.getpwnam(user or self.user).pw_dir)

    def authorized_keys(self, user=None):
        if not ROOT:
            return self.dir / "authorized_keys"
        return self.home(user) / ".ssh" / "authorized_keys"

    def authorize(self, *lines, user=None):
        """write the user's authorized_keys, with the modes that it wants"""
        user = user or self.user
        path = self.authorized_keys(user)
        path.write_text("".join(line.rstrip("\n") + "\n" for line in lines))
        path.chmod(0o600)
        if ROOT:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
            path.parent.chmod(0o700)
            self.home(user).chmod(0o755)

    def authorize_all(self, user=None):
        self.authorize(*[p.with_suffix(".pub").read_text()
                         for p in self.keys.values()], user=user)

    def pub(self, name="ed25519"):
        return self.keys[name].with_suffix(".pub").read_text().strip()

    def fingerprint(self, path):
        text = run(["ssh-keygen", "-l", "-f", path]).stdout.decode()
        return text.split()[1]


def make_hostkeys(folder):
    """the host keys: with sshd-conn-keygen where it can, else ssh-keygen"""
    folder.mkdir(mode=0o700)
    keygen = os.environ.get("SSHD_CONN_KEYGEN")
    names = {"ed25519": "ssh_host_ed25519_key",
             "ecdsa256": "ssh_host_ecdsa_key",
             "rsa3072": "ssh_host_rsa_key"}
    keys = {}
    if keygen:
        for argv in ([keygen, "-d", folder], [keygen, "-q", folder],
                     [keygen, folder]):
            run(argv)
            if all((folder / n).exists() for n in names.values()):
                break
    for kind, options in KEY_TYPES.items():
        path = folder / names.get(kind, "ssh_host_%s_key" % kind)
        if not path.exists():
            run(["ssh-keygen", "-q", "-N", "", "-C", kind, "-f", path,
                 *options], check=True)
        keys[kind] = path
    return keys


def accepted_lines(folder, hostkey, lines):
    """those configuration lines that the server under test knows"""
    good = []
    for line in lines:
        path = folder / "probe_config"
        path.write_text("HostKey %s\n%s\n" % (hostkey, line))
        if run([SERVER, "-t", "-f", path]).returncode == 0:
            good.append(line)
    return good


@pytest.fixture(scope="session")
def world():
    folder = pathlib.Path(os.environ["E2E_DIR"])
    (folder / "client").mkdir(mode=0o700, exist_ok=True)
    (folder / "client/.ssh").mkdir(mode=0o700, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700)
    keys = {}
    for kind, options in {**KEY_TYPES,
                          "stranger": ["-t", "ed25519"]}.items():
        keys[kind] = folder / "keys" / kind
        run(["ssh-keygen", "-q", "-N", "", "-C", kind, "-f", keys[kind],
             *options], check=True)
    stranger = keys.pop("stranger")
    hostkeys = make_hostkeys(folder / "hostkeys")
    known = folder / "known_hosts"
    known.write_text("".join(
        "e2e " + " ".join(subprocess.check_output(
            ["ssh-keygen", "-y", "-f", p]).decode().split()[:2]) + "\n"
        for p in hostkeys.values()))
    user = "alice" if ROOT else pwd.getpwuid(os.getuid()).pw_name
    extra = accepted_lines(folder, hostkeys["ed25519"],
                           ["PerSourcePenalties no", "MaxStartups 1000"])
    world = World(folder, keys, hostkeys, known, user, extra)
    world.stranger = stranger
    return world


class Server:
    """one configuration of the server under test behind an accept loop"""

    def __init__(self, world, folder, config=(), options=(), env=None,
                 layout="socket", address="127.0.0.1", log_level="VERBOSE",
                 ignore=(), block=(), umask=0o022, logto=("-e",),
                 hostkeys=None):
        self.world, self.dir, self.address = world, folder, address
        folder.mkdir()
        self.config = folder / "config"
        self.write_config(config, log_level, hostkeys)
        self.argv = [SERVER, "-i", *logto, "-f", str(self.config), *options]
        job = {"argv": self.argv, "dir": str(folder), "layout": layout,
               "address": address, "env": self.environment(env),
               "ignore": list(ignore), "block": list(block), "umask": umask}
        self.proc = subprocess.Popen(
            ["/usr/bin/python3", "-S", "-E", str(HERE / "superserver.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self.ask(job)["port"]
        self.exits = {0}
        self.signals = set()
        self.leftovers = False
        self.reports = False
        self.final = None
        self.sockets = []

    @staticmethod
    def environment(env):
        # The images of these configurations vanish with them.
        base = {"PATH": "/usr/bin:/bin",
                "STATE_DIRECTORY": os.environ["E2E_DIR"] + "/state"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                base[name] = os.environ[name]
        base.update(env or {})
        return base

    def write_config(self, config, log_level, hostkeys):
        world = self.world
        default = {
            "AuthorizedKeysFile": ".ssh/authorized_keys" if ROOT
            else str(world.authorized_keys()),
            "StrictModes": "yes" if ROOT else "no",
            "LogLevel": log_level, "UsePAM": "no",
            "PidFile": "none" if STANDIN else None,
            "KexAlgorithms": ",".join(ALL_KEX),
            "HostKeyAlgorithms": ",".join(ALL_HOSTKEYS),
            "Ciphers": ",".join(ALL_CIPHERS), "MACs": ",".join(ALL_MACS),
        }
        lines = [line for line in config]
        said = {line.split()[0].lower() for line in lines}
        lines += ["%s %s" % (k, v) for k, v in default.items()
                  if v is not None and k.lower() not in said]
        if "hostkey" not in said:
            lines += ["HostKey %s" % p for n, p in world.hostkeys.items()
                      if hostkeys is None or n in hostkeys]
        lines += [line for line in world.extra
                  if line.split()[0].lower() not in said]
        self.config.write_text("\n".join(lines) + "\n")

    def ask(self, question):
        self.proc.stdin.write(json.dumps(question) + "\n")
        self.proc.stdin.flush()
        return json.loads(self.proc.stdout.readline())

    def report(self):
        return self.final or self.ask({"ask": "report"})

    def log(self):
        """all connections' log text, in order of connection"""
        if self.final is None:
            self.ask({"ask": "pump"})
        names = sorted(glob.glob(str(self.dir / "log.*")),
                       key=lambda n: int(n.rsplit(".", 1)[1]))
        return "".join(pathlib.Path(n).read_bytes().decode(
            "utf-8", "replace") for n in names).replace("\r\n", "\n")

    def wait_log(self, pattern, seconds=PATIENCE):
        """wait for a line; returns the match, fails with the log"""
        deadline = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.log(), re.M)
            if match:
                return match
            if time.monotonic() > deadline:
                pytest.fail("no log line matches %r in:\n%s"
                            % (pattern, self.log()))
            time.sleep(0.02)

    def wait_gone(self, seconds=PATIENCE):
        """wait until every process of every connection has ended"""
        deadline = time.monotonic() + seconds
        while True:
            report = self.report()
            if not report["alive"]:
                return report
            if time.monotonic() > deadline:
                pytest.fail("still alive: %r\n%s"
                            % (report["alive"], self.log()))
            time.sleep(0.02)

    def connect(self, timeout=PATIENCE):
        sock = socket.create_connection((self.address, self.port), timeout)
        self.sockets.append(sock)
        return sock

    def ssh_argv(self, *args, user=None, opts=(), key="ed25519",
                 program="ssh"):
        o = ["BatchMode=yes", "StrictHostKeyChecking=yes",
             "UserKnownHostsFile=%s" % self.world.known_hosts,
             "GlobalKnownHostsFile=/dev/null", "HostKeyAlias=e2e",
             "IdentitiesOnly=yes", "IdentityAgent=none",
             "ControlPath=none", "LogLevel=ERROR", "ConnectTimeout=60",
             "PreferredAuthentications=publickey"]
        argv = [program, "-F", "none"]
        for opt in [*opts, *o]:
            argv += ["-o", opt]
        if key:
            argv += ["-i", str(self.world.keys.get(key, key))]
        if program == "ssh":
            argv += ["-p", str(self.port),
                     "-l", user or self.world.user]
            argv += [a for a in args if a.startswith("-") and a != "--"]
            argv.append(self.address)
            argv += [a for a in args if not a.startswith("-")]
            return argv
        return argv + ["-P", str(self.port), *args]

    def ssh(self, *args, user=None, opts=(), key="ed25519", timeout=180,
            **kw):
        """run stock ssh once; flags among args go before the host"""
        return run(self.ssh_argv(*args, user=user, opts=opts, key=key),
                   timeout=timeout, **kw)

    def out(self, command, **kw):
        """the standard output of a command that must succeed"""
        p = self.ssh(command, **kw)
        assert p.returncode == 0, (p.returncode, p.stderr, self.log())
        return p.stdout.decode()

    def finish(self, seconds=PATIENCE):
        if self.final is None:
            for sock in self.sockets:
                sock.close()
            try:
                self.final = self.ask({"ask": "finish", "seconds": seconds})
            finally:
                self.proc.stdin.close()
                self.proc.wait(PATIENCE)
                self.proc.stdout.close()
        return self.final

    def verify(self):
        """what must be true after every test"""
        final = self.finish(1 if self.leftovers else PATIENCE)
        log = self.log()
        if not self.leftovers:
            assert not final["alive"], "processes outlived the connection"
        if not self.reports:
            found = SANITIZER.search(log)
            assert not found, "sanitizer: " + log[max(0, found.start() - 200):
                                                  found.end() + 4000]
        for conn in final["conns"]:
            status = conn["status"]
            if status is None:
                assert self.leftovers, "a connection's main process lives on"
            elif os.WIFSIGNALED(status):
                if os.WTERMSIG(status) in self.signals:
                    continue
                pytest.fail("the server died of signal %d"
                            % os.WTERMSIG(status))
            elif not STANDIN:
                assert os.WEXITSTATUS(status) in self.exits, \
                    "exit status %d" % os.WEXITSTATUS(status)


def strangers():
    """zombies, and processes of the throw-away users, in this namespace"""
    uids = {pwd.getpwnam(u).pw_uid for u in
            ("alice", "bob", "carol", "dave", "erin", "sshd")}
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = pathlib.Path("/proc/%s/stat" % name).read_text()
            uid = int(pathlib.Path("/proc/%s/status" % name).read_text()
                      .split("Uid:")[1].split()[1])
        except (OSError, IndexError):
            continue
        state, ppid = text[text.rindex(")") + 2:].split()[:2]
        if (state == "Z" and int(ppid) != os.getpid()) or uid in uids:
            found.append("pid %s uid %d: %s" % (name, uid, text[:60]))
    return found


@pytest.fixture
def make_server(world, tmp_path_factory, request):
    """make_server(config lines, options=…): a Server, checked afterwards"""
    servers = request.node.servers = []
    world.authorize_all()

    def make(config=(), **kw):
        folder = world.dir / "s" / str(make.count)
        folder.parent.mkdir(exist_ok=True, mode=0o755)
        make.count = World.count = World.count + 1
        server = Server(world, folder, config, **kw)
        servers.append(server)
        return server

    make.count = World.count
    yield make
    errors = []
    for server in servers:
        try:
            server.verify()
        except (AssertionError, pytest.fail.Exception) as e:
            errors.append(str(e))
    left = []
    if ROOT:
        deadline = time.monotonic() + PATIENCE
        while True:
            left = strangers()
            if not left or time.monotonic() > deadline:
                break
            time.sleep(0.05)
    if any(s.leftovers for s in servers):
        left = []
    logs = "\n".join(s.log()[-8000:] for s in servers)
    for server in servers:
        shutil.rmtree(server.dir, ignore_errors=True)
    assert not errors, "\n".join(errors) + "\n--- server log\n" + logs
    assert not left, "left behind: %s\n--- server log\n%s" % (left, logs)


World.count = 0


@pytest.fixture(autouse=True)
def accounts_as_found():
    """no test depends on whose keys and passwords another one has left"""
    if not ROOT:
        yield
        return
    for user in ("bob", "carol", "dave", "erin", "root"):
        path = pathlib.Path(pwd.getpwnam(user).pw_dir, ".ssh/authorized_keys")
        path.unlink(missing_ok=True)
    shadow = pathlib.Path("/etc/shadow")
    before = shadow.read_bytes()
    yield
    if shadow.read_bytes() != before:
        # in place: it is a mount
        shadow.write_bytes(before)


@pytest.fixture
def server(make_server):
    """the server under test with the default configuration"""
    return make_server()


@pytest.fixture
def login(world, request):
    """login(): a raw client that is logged in; login(SERVER) elsewhere"""
    def make(on=None, **kw):
        on = on or request.getfixturevalue("server")
        c = sshraw.Client(on.connect(), **kw)
        return c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    return make


@pytest.fixture
def session(login):
    """a raw client with an open session channel"""
    def make(*args, **kw):
        c = login(*args, **kw)
        assert c.open_session() is not None
        return c
    return make


def wait_listening(path):
    """until somebody listens there: the socket's name comes before that"""
    deadline = time.monotonic() + PATIENCE
    while True:
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(str(path))
                return
            except OSError:
                assert time.monotonic() < deadline, path
        time.sleep(0.01)


def need(*programs):
    for program in programs:
        if not shutil.which(program, path=client_env()["PATH"]):
            pytest.skip(program + " is not installed")


