"""The image: a connection parses nothing, and no edit locks anyone out.

E2E_IMAGE_EDITS and E2E_IMAGE_LOGINS say how long the last test tortures the
configuration (200 edits, 400 logins; 1000 and 10000 for the full measure;
with a sanitizer, which makes each login dearer and races no likelier, a
quarter of them).
"""
import concurrent.futures
import os
import re
import socket
import subprocess
import threading
import time

import pytest

import harness

pytestmark = pytest.mark.ours

QUARTER = 4 if harness.sanitized() else 1
EDITS = int(os.environ.get("E2E_IMAGE_EDITS", 200 // QUARTER))
LOGINS = int(os.environ.get("E2E_IMAGE_LOGINS", 400 // QUARTER))
KEYGEN = os.environ.get("SSHD_CONN_KEYGEN")
IN_FORCE = re.compile(r"last good configuration stays in force")


@pytest.fixture
def make_imaged(make_server, world, tmp_path_factory):
    """make_imaged(config lines): a server with a state directory of its own"""
    def make(config=(), **kw):
        state = world.dir / "state" / str(harness.World.count)
        state.parent.mkdir(exist_ok=True)
        state.mkdir()
        server = make_server(config, env={
            "STATE_DIRECTORY": str(state),
            "RUNTIME_DIRECTORY": str(state / "none" / "none")}, **kw)
        server.state = state
        server.text = server.config.read_text()
        return server
    return make


def images(server):
    return list(server.state.glob("*.image"))


def published(server, seconds=harness.PATIENCE):
    """the image's identity, once there is one"""
    deadline = time.monotonic() + seconds
    while not images(server):
        assert time.monotonic() < deadline, "no image\n" + server.log()
        time.sleep(0.01)
    return os.stat(images(server)[0]).st_ino


def changed(server, before, seconds=harness.PATIENCE):
    deadline = time.monotonic() + seconds
    while published(server) == before:
        assert time.monotonic() < deadline, "no new image\n" + server.log()
        time.sleep(0.01)
    return published(server)


def forced(server, **kw):
    """what the ForceCommand in force says"""
    return server.out("nothing is forced", **kw).strip()


def edit(server, text):
    server.config.write_text(text)


def saying(server, word):
    return "%s\nForceCommand echo %s\n" % (server.text, word)


def opened(server, options=()):
    """the files that one connection opens before it is asked to log in"""
    # Not beside the configuration: its directory may be a source.
    trace = server.state.with_suffix(".trace")
    ours, theirs = socket.socketpair()
    env = harness.Server.environment(
        {"STATE_DIRECTORY": str(server.state),
         "RUNTIME_DIRECTORY": str(server.state / "none" / "none")})
    with theirs:
        proc = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", str(trace), "-e",
             "trace=open,openat,openat2",
             *server.argv, *options],
            stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=env)
    with ours:
        ours.settimeout(20)
        assert ours.recv(4).startswith(b"SSH-")
        ours.sendall(b"SSH-2.0-test\r\n")
        time.sleep(0.3)
    proc.wait(20)
    return set(re.findall(r'open[^"\n]*"([^"\n]*)"', trace.read_text()))


@pytest.fixture
def strace():
    harness.need("strace")
    if harness.sanitized():
        pytest.skip("a sanitizer does not run under strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"],
                      check=False).returncode:
        pytest.skip("strace may not trace here")


@pytest.mark.release
def test_second_connection_opens_no_configuration(make_imaged, strace):
    server = make_imaged()
    extra = server.dir / "extra.conf"
    extra.write_text("MaxSessions 7\n")
    edit(server, "Include %s/*.conf\n%s" % (server.dir, server.text))
    first = opened(server)
    assert str(server.config) in first and str(extra) in first
    published(server)
    second = opened(server)
    keys = {str(p) for p in server.world.hostkeys.values()}
    assert not second & ({str(server.config), str(extra)} | keys), second
    assert str(images(server)[0]) in second


@pytest.mark.release
def test_overrides_read_the_text(make_imaged, strace):
    server = make_imaged()
    server.out("true")
    published(server)
    assert str(server.config) in opened(server, ["-o", "MaxSessions=2"])


@pytest.mark.release
def test_keygen_compiles_for_the_first_connection(make_imaged, strace):
    if not KEYGEN:
        pytest.skip("no sshd-conn-keygen")
    server = make_imaged()
    env = {"STATE_DIRECTORY": str(server.state)}

    def keygen(*args):
        return harness.run([KEYGEN, "-f", server.config, *args], env=env)

    assert keygen("--check").returncode == 1
    made = keygen("--no-keys")
    assert made.returncode == 0, made.stderr
    assert keygen("--check").returncode == 0
    assert str(server.config) not in opened(server)
    shown = keygen("--print").stdout.decode()
    assert "maxsessions 10" in shown and str(server.config) in shown
    edit(server, server.text + "\nMaxSessions 3\n")
    stale = keygen("--check")
    assert stale.returncode == 1
    assert "changed since" in stale.stderr.decode()
    edit(server, server.text + "\nMaxSessions many\n")
    before = images(server)[0].read_bytes()
    wrong = keygen("--no-keys")
    line = server.config.read_text().count("\n")
    assert wrong.returncode == 1
    assert "%s:%d:13: " % (server.config, line) in wrong.stderr.decode()
    assert images(server)[0].read_bytes() == before


def test_an_edit_takes_effect_at_once(make_imaged):
    server = make_imaged(["ForceCommand echo first"])
    for word in "first", "second", "third":
        edit(server, server.text.replace("first", word))
        assert forced(server) == word
        assert forced(server) == word


def test_wrong_text_locks_nobody_out(make_imaged):
    server = make_imaged()
    edit(server, saying(server, "good"))
    assert forced(server) == "good"
    published(server)
    edit(server, saying(server, "bad") + "NoSuchKeyword yes\n")
    line = server.config.read_text().count("\n")
    for _ in range(4):
        assert forced(server) == "good"
    log = server.log()
    assert len(IN_FORCE.findall(log)) == 1, log
    assert "%s line %d: " % (server.config, line) in log
    # Another mistake is news again, and so is a file that is gone.
    edit(server, saying(server, "bad") + "PermitTTY perhaps\n")
    for _ in range(2):
        assert forced(server) == "good"
    assert len(IN_FORCE.findall(server.log())) == 2
    server.config.unlink()
    for _ in range(2):
        assert forced(server) == "good"
    assert len(IN_FORCE.findall(server.log())) == 3
    edit(server, saying(server, "mended"))
    for _ in range(2):
        assert forced(server) == "mended"
    assert len(IN_FORCE.findall(server.log())) == 3


def test_wrong_text_and_no_image(make_imaged):
    server = make_imaged()
    server.exits = {0, 1, 255}
    edit(server, server.text + "\nNoSuchKeyword yes\n")
    assert server.ssh("true").returncode == 255
    server.wait_log(r"NoSuchKeyword")
    assert not images(server)
    edit(server, server.text)
    assert server.ssh("true").returncode == 0


def test_host_keys_that_are_not_there(make_imaged):
    server = make_imaged(["ForceCommand echo with keys"])
    assert forced(server) == "with keys"
    published(server)
    lines = [line for line in server.text.replace("with", "without")
             .splitlines() if not line.startswith("HostKey ")]
    edit(server, "\n".join(lines + ["HostKey /no/such/key", ""]))
    assert forced(server) == "with keys"
    assert IN_FORCE.search(server.log())


def test_new_host_key_is_noticed(make_imaged, world):
    server = make_imaged()
    key = server.dir / "key"
    lines = [line for line in server.text.splitlines()
             if not line.startswith("HostKey ")]
    edit(server, "\n".join(lines + ["HostKey %s" % key, ""]))
    opts = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
    for kind in "ed25519", "ecdsa256":
        key.write_bytes(world.hostkeys[kind].read_bytes())
        key.chmod(0o600)
        for _ in range(2):
            scan = server.ssh("true", opts=opts + ["LogLevel=DEBUG1"])
            assert scan.returncode == 0, scan.stderr
            assert world.fingerprint(world.hostkeys[kind]) in \
                scan.stderr.decode()


def test_new_included_file(make_imaged):
    server = make_imaged()
    parts = server.dir / "sshd_config.d"
    edit(server, "Include %s/*.conf\n%s" % (parts, server.text))
    server.out("true")
    parts.mkdir()
    (parts / "ignored").write_text("ForceCommand echo ignored\n")
    (parts / "b.conf").write_text("ForceCommand echo from b\n")
    assert forced(server) == "from b"
    (parts / "a.conf").write_text("ForceCommand echo from a\n")
    assert forced(server) == "from a"
    assert forced(server) == "from a"
    (parts / "a.conf").unlink()
    assert forced(server) == "from b"


def test_damaged_image(make_imaged):
    server = make_imaged(["ForceCommand echo fine"])
    assert forced(server) == "fine"
    inode = published(server)
    image = images(server)[0]
    whole = image.read_bytes()
    for bad in (b"", whole[:100], whole[:-1], b"\0" * len(whole),
                whole[:200] + bytes([whole[200] ^ 1]) + whole[201:]):
        image.write_bytes(bad)
        assert forced(server) == "fine"
        inode = changed(server, inode)


def test_others_may_not_write_it(make_imaged):
    server = make_imaged(["ForceCommand echo mine"])
    assert forced(server) == "mine"
    inode = published(server)
    assert images(server)[0].stat().st_mode & 0o7777 == 0o600
    images(server)[0].chmod(0o666)
    assert forced(server) == "mine"
    changed(server, inode)
    assert images(server)[0].stat().st_mode & 0o7777 == 0o600


class Editor(threading.Thread):
    """writes, breaks and mends the configuration until it is told to stop"""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.count, self.late = server, 0, -9
        self.done = threading.Event()
        self.filler = "# %s\n" % ("x" * 70) * 200

    def text(self, number):
        # What counts stands at the end, behind more than one block.
        return "%s\n%s\nForceCommand echo %d %d\n" % (
            self.server.text, self.filler, number, number)

    def write(self, number, text):
        began = time.monotonic()
        self.write_somehow(number % 3, text)
        # On a busy machine what is half written may have come to rest, and
        # is what stays in force if the next text is wrong.
        if time.monotonic() - began > 0.01:
            self.late = self.count

    def write_somehow(self, way, text):
        path = self.server.config
        if way == 0:			# as an editor: a new file, renamed
            other = path.with_suffix(".new")
            other.write_text(text)
            other.rename(path)
        elif way == 1:			# as "cat >": truncated, then written
            path.write_text(text)
        else:				# in two pieces
            with open(path, "w", encoding="ascii") as f:
                f.write(text[:5000])
                f.flush()
                f.write(text[5000:])

    def run(self):
        while not self.done.is_set():
            number = self.count = self.count + 1
            self.write(number, self.text(number))
            time.sleep(0.03)
            self.write(number + 1, self.text(number) + "Nonsense\n")
            time.sleep(0.03)
            if number % 10 == 0:
                self.server.config.unlink()
            if self.count >= EDITS:
                self.done.wait(0.2)


def test_logins_while_the_configuration_is_tortured(make_imaged):
    server = make_imaged()
    editor = Editor(server)
    edit(server, editor.text(0))
    assert forced(server) == "0 0"
    published(server)
    editor.start()

    def login(_):
        first = editor.count
        done = server.ssh("not forced")
        if not done.returncode and re.fullmatch(rb"(\d+) \1\n",
                                                done.stdout):
            return None
        time.sleep(0.5)
        return None if editor.late >= first - 2 else done

    count, failed = 0, []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while not failed and (count < LOGINS or editor.count < EDITS):
            for done in pool.map(login, range(20)):
                count += 1
                if done:
                    failed.append((done.returncode, done.stdout,
                                   done.stderr))
    editor.done.set()
    editor.join(10)
    assert not failed, "after %d logins, %d edits: %r" % (
        count, editor.count, failed[:5])
    edit(server, editor.text(12345))
    assert forced(server) == "12345 12345"
    assert not list(server.state.glob("*.new"))
