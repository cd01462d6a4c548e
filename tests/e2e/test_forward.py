"""Connections through the server: direct-tcpip and
direct-streamlocal@openssh.com of stock clients, and what may be dialled."""
import asyncio
import contextlib
import hashlib
import itertools
import os
import pathlib
import pwd
import socket
import struct
import subprocess
import threading
import time

import asyncssh
import paramiko
import pytest
import sshraw
from harness import (PATIENCE, ROOT, client_env, need, run,
                     wait_listening)
from sshraw import msg, string, u32

BLOB = os.urandom(1 << 20) * 20
# what the server answered is on ssh's standard error then
SAYS = ["LogLevel=INFO"]
# and that it has done what was asked
TELLS = ["LogLevel=DEBUG1"]
PORTS = itertools.count(20000)


class Listener:
    """a TCP or Unix socket; each connection gets a thread of its own"""

    def __init__(self, serve, where=("127.0.0.1", 0), family=socket.AF_INET):
        self.serve, self.family = serve, family
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.where = where
        if family == socket.AF_UNIX:
            pathlib.Path(where).unlink(missing_ok=True)
        self.sock.bind(where)
        if family == socket.AF_UNIX:
            os.chmod(where, 0o666)
        self.sock.listen(256)
        self.peers, self.threads, self.errors = [], [], []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.sock.getsockname()[1]

    def run(self):
        while True:
            try:
                conn, peer = self.sock.accept()
            except OSError:
                return
            if self.family == socket.AF_UNIX:
                peer = struct.unpack("3i", conn.getsockopt(
                    socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            self.peers.append(peer)
            t = threading.Thread(target=self.one, args=(conn,), daemon=True)
            self.threads.append(t)
            t.start()

    def one(self, conn):
        try:
            conn.settimeout(300)
            with conn:
                self.serve(conn)
        except OSError as e:
            self.errors.append(e)

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        if self.family == socket.AF_UNIX:
            os.unlink(self.where)
        for t in [self.thread, *self.threads]:
            t.join(PATIENCE)


def echo(conn):
    while data := conn.recv(1 << 16):
        conn.sendall(data)


def sink_then_digest(conn):
    """all that comes, to its end; only then its checksum"""
    h = hashlib.sha256()
    while data := conn.recv(1 << 20):
        h.update(data)
    conn.sendall(h.hexdigest().encode())


def pour(conn):
    conn.sendall(BLOB)


@pytest.fixture
def listen():
    made = []

    def make(*args, **kw):
        made.append(Listener(*args, **kw))
        return made[-1]
    yield make
    for one in made:
        one.close()


def free_port():
    """below those that the kernel gives to who asks for any: nobody else
    has it before it is used"""
    for port in PORTS:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("", port))
            return port


def connect(port):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 300)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def ask(sock, data):
    """send and end, and meanwhile read to the end: what an echo sends back
    need not fit into all the buffers on the way"""
    def send():
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
    thread = threading.Thread(target=send)
    thread.start()
    try:
        return read_all(sock)
    finally:
        thread.join()


def read_all(sock):
    out = bytearray()
    while got := sock.recv(1 << 20):
        out += got
    return bytes(out)


@contextlib.contextmanager
def background(argv):
    p = subprocess.Popen([str(a) for a in argv], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=client_env())
    try:
        yield p
    finally:
        p.kill()
        p.wait()
        for f in (p.stdin, p.stdout, p.stderr):
            f.close()


def forwarder(server, *flags, **kw):
    """ssh -N with these flags, in the background"""
    argv = server.ssh_argv("-N", **kw)
    return background(argv[:-1] + list(flags) + argv[-1:])


# --- stock ssh


def test_dash_w(server, listen):
    to = listen(echo)
    p = server.ssh("-W127.0.0.1:%d" % to.port, input=b"over there\n")
    assert p.returncode == 0 and p.stdout == b"over there\n", p.stderr


def test_local_forward_half_close_and_checksum(server, listen):
    """100 MiB up; the end of it, and only that, starts the answer"""
    to, port = listen(sink_then_digest), free_port()
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, to.port)):
        got = ask(connect(port), BLOB * 5)
    assert got.decode() == hashlib.sha256(BLOB * 5).hexdigest()


def test_local_forward_down(server, listen):
    to, port = listen(pour), free_port()
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, to.port)):
        assert read_all(connect(port)) == BLOB


def test_a_name_is_resolved(server, listen):
    to, port = listen(echo), free_port()
    with forwarder(server, "-L", "%d:localhost:%d" % (port, to.port)):
        assert ask(connect(port), b"by name") == b"by name"


@pytest.mark.root
def test_the_next_address_is_tried(server, listen, tmp_path, request):
    """a name that is ::1 first, where nobody listens"""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n::1 twice\n127.0.0.1 twice\n")
    hosts.chmod(0o644)
    subprocess.check_call(["mount", "--bind", str(hosts), "/etc/hosts"])
    request.addfinalizer(
        lambda: subprocess.check_call(["umount", "-l", "/etc/hosts"]))
    infos = socket.getaddrinfo("twice", 1, type=socket.SOCK_STREAM)
    assert [i[4][0] for i in infos] == ["::1", "127.0.0.1"]
    to = listen(echo)
    p = server.ssh("-Wtwice:%d" % to.port, input=b"second\n")
    assert p.stdout == b"second\n", p.stderr


@pytest.mark.parametrize("rekey", [None, "1M"])
def test_a_hundred_at_once(server, listen, rekey):
    to, port = listen(echo), free_port()
    opts = ["RekeyLimit=" + rekey] if rekey else []
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, to.port),
                   opts=opts):
        socks = [connect(port) for _ in range(100)]
        for n, s in enumerate(socks):
            s.sendall(b"%d|" % n + BLOB[:100000])
        for n, s in enumerate(socks):
            s.shutdown(socket.SHUT_WR)
            assert read_all(s) == b"%d|" % n + BLOB[:100000]
    assert len(to.peers) == 100


def test_more_than_there_are_channels(server, listen):
    """what is too much is refused, and the rest goes on"""
    to, port = listen(echo), free_port()
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, to.port)):
        socks = [connect(port) for _ in range(300)]
        good = 0
        for s in socks:
            try:
                s.sendall(b"x")
                good += s.recv(1) == b"x"
            except OSError:
                pass
        assert good == 256
        for s in socks:
            s.close()
        deadline = time.monotonic() + PATIENCE
        while True:
            with connect(port) as s:
                try:
                    if ask(s, b"again") == b"again":
                        break
                except OSError:
                    pass
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_proxy_jump(server, make_server, world):
    """-J: through the first server to the second, with a session there"""
    second = make_server()
    argv = server.ssh_argv("true")
    proxy = " ".join(argv[:-2] + ["-W", "127.0.0.1:%d" % second.port,
                                  argv[-2]])
    out = second.out("echo behind; head -c 3000000 /dev/zero | wc -c",
                     opts=["ProxyCommand=" + proxy])
    assert out == "behind\n3000000\n"


def test_dynamic_forward(server, listen):
    """-D: a SOCKS5 client by hand, address and name"""
    to, port = listen(echo), free_port()
    with forwarder(server, "-D", str(port)):
        for place in (b"\1\x7f\0\0\1", b"\3\x09localhost"):
            s = connect(port)
            s.sendall(b"\5\1\0")
            assert s.recv(2) == b"\5\0"
            s.sendall(b"\5\1\0" + place + struct.pack(">H", to.port))
            assert s.recv(10)[:2] == b"\5\0"
            assert ask(s, b"socks") == b"socks"


def test_unix_socket(server, world, listen, tmp_path_factory):
    """the other side sees the user, not root and not the net role"""
    folder = world.home() if ROOT else world.dir
    path = str(folder / "sock")
    to = listen(echo, where=path, family=socket.AF_UNIX)
    port = free_port()
    with forwarder(server, "-L", "%d:%s" % (port, path)):
        assert ask(connect(port), b"unix") == b"unix"
    pid, uid, gid = to.peers[0]
    entry = pwd.getpwnam(world.user)
    assert (uid, gid) == (entry.pw_uid, entry.pw_gid)


@pytest.mark.root
def test_unix_socket_of_root(server, world, listen):
    """Dropbear's CVE-2025-14282: what the user may not open stays shut"""
    path = str(world.dir / "root-sock")
    to = listen(echo, where=path, family=socket.AF_UNIX)
    os.chmod(path, 0o600)
    os.chmod(world.dir, 0o755)
    port = free_port()
    with forwarder(server, "-L", "%d:%s" % (port, path)):
        with pytest.raises((AssertionError, OSError)):
            assert ask(connect(port), b"unix") == b"unix"
    assert not to.peers
    server.wait_log("connect to .*root-sock.* failed: Permission denied")


def test_refused_connection(server):
    p = server.ssh("-W127.0.0.1:%d" % free_port(), opts=SAYS)
    assert p.returncode != 0
    assert b"open failed: connect failed: Connection refused" in p.stderr
    server.wait_log(r"error: .*connect_to 127\.0\.0\.1 port \d+: failed\.")


def test_unknown_host(server):
    p = server.ssh("-Wno-such-host.invalid:22", opts=SAYS)
    assert p.returncode != 0
    assert b"open failed: connect failed: " in p.stderr
    server.wait_log(
        r"error: .*connect_to no-such-host\.invalid: unknown host \(")


def test_the_far_side_resets(server, listen):
    """RST in the middle: the channel ends, the connection does not"""
    def reset(conn):
        conn.recv(1)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    to, port = listen(reset), free_port()
    good = listen(echo)
    port2 = free_port()
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, to.port),
                   "-L", "%d:127.0.0.1:%d" % (port2, good.port)):
        for _ in range(5):
            s = connect(port)
            s.sendall(b"x" * 100000)
            with contextlib.suppress(OSError):
                read_all(s)
        assert ask(connect(port2), b"alive") == b"alive"


def test_slow_reader_holds_nobody_up(server, listen):
    """windows: one channel that nobody reads, one that works"""
    hold = threading.Event()

    def stuck(conn):
        conn.sendall(BLOB)
        hold.wait(300)
    slow, quick, port, port2 = listen(stuck), listen(echo), \
        free_port(), free_port()
    with forwarder(server, "-L", "%d:127.0.0.1:%d" % (port, slow.port),
                   "-L", "%d:127.0.0.1:%d" % (port2, quick.port)):
        s = connect(port)
        time.sleep(0.5)
        assert ask(connect(port2), BLOB) == BLOB
        hold.set()
        assert read_all(s) == BLOB


def test_sessions_and_forwards_together(server, listen):
    to, port = listen(echo), free_port()
    argv = server.ssh_argv("cat")
    argv[-2:-2] = ["-L", "%d:127.0.0.1:%d" % (port, to.port)]
    with background(argv) as p:
        s = connect(port)
        s.sendall(b"one")
        assert s.recv(3) == b"one"
        p.stdin.write(b"cat\n")
        p.stdin.flush()
        assert p.stdout.readline() == b"cat\n"
        p.stdin.close()
        # ssh waits for the forwarded connection
        time.sleep(0.2)
        assert p.poll() is None
        assert ask(s, b"two") == b"two"
        assert p.wait(PATIENCE) == 0


# --- what may be dialled


CONFIGS = [
    # (configuration, authorized_keys options, TCP, Unix)
    ([], "", True, True),
    (["AllowTcpForwarding no"], "", False, True),
    (["AllowTcpForwarding remote"], "", False, True),
    (["AllowTcpForwarding local"], "", True, True),
    (["AllowStreamLocalForwarding no"], "", True, False),
    (["AllowStreamLocalForwarding remote"], "", True, False),
    (["DisableForwarding yes"], "", False, False),
    (["PermitOpen none"], "", False, True),
    (["PermitOpen any"], "", True, True),
    (["PermitOpen 127.0.0.1:PORT"], "", True, True),
    (["PermitOpen 127.0.0.1:*"], "", True, True),
    (["PermitOpen *:PORT"], "", True, True),
    (["PermitOpen localhost:PORT"], "", False, True),
    (["PermitOpen 127.0.0.1:1 127.0.0.2:PORT"], "", False, True),
    (["PermitOpen 127.0.0.1:1 127.0.0.1:PORT"], "", True, True),
    (["MaxSessions 0"], "", True, True),
    (["Match User nobody", "AllowTcpForwarding no"], "", True, True),
    (["Match User *", "AllowTcpForwarding no"], "", False, True),
    (["ForceCommand /bin/false"], "", True, True),
    ([], "no-port-forwarding ", False, False),
    ([], "restrict ", False, False),
    ([], "restrict,port-forwarding ", True, True),
    ([], 'permitopen="127.0.0.1:PORT" ', True, True),
    ([], 'permitopen="127.0.0.1:1" ', False, True),
    ([], 'permitopen="127.0.0.1:*" ', True, True),
    ([], 'permitopen="127.0.0.1:1",permitopen="127.0.0.1:PORT" ', True,
     True),
    (["PermitOpen 127.0.0.1:1"], 'permitopen="127.0.0.1:PORT" ', False,
     True),
    (["PermitOpen 127.0.0.1:PORT"], 'permitopen="127.0.0.1:1" ', False,
     True),
    ([], 'command="/bin/false" ', True, True),
]


@pytest.mark.parametrize("config,options,tcp,unix", CONFIGS)
def test_policy(make_server, world, listen, config, options, tcp, unix):
    to = listen(echo)
    path = str((world.home() if ROOT else world.dir) / "sock")
    local = listen(echo, where=path, family=socket.AF_UNIX)

    def fill(text):
        return text.replace("PORT", str(to.port))
    world.authorize(fill(options) + world.pub())
    match = config[0].startswith("Match") if config else False
    server = make_server([] if match else [fill(line) for line in config])
    if match:
        with server.config.open("a") as f:
            f.write("\n".join(config) + "\n")
    p = server.ssh("-W127.0.0.1:%d" % to.port, input=b"x", opts=SAYS)
    assert (p.stdout == b"x") == tcp, p.stderr
    assert len(to.peers) == (1 if tcp else 0)
    if not tcp:
        assert b"administratively prohibited: open failed" in p.stderr
        server.wait_log(
            r"refused local port forward: originator .* port \d+, target "
            r"127\.0\.0\.1 port %d$"
            r"|Received request from 127\.0\.0\.1 port \d+ to connect to "
            r"host 127\.0\.0\.1 port %d, but the request was denied\.$"
            % (to.port, to.port))
    port = free_port()
    with forwarder(server, "-L", "%d:%s" % (port, path)):
        s = connect(port)
        with contextlib.suppress(OSError):
            s.sendall(b"y")
            s.shutdown(socket.SHUT_WR)
        try:
            got = read_all(s)
        except OSError:
            got = b""
        assert (got == b"y") == unix
    assert len(local.peers) == (1 if unix else 0)
    if not unix:
        server.wait_log(r"refused streamlocal port forward: originator .* "
                        r"port \d+, target .*/sock$")


def test_no_sessions_but_forwarding(make_server, listen):
    server = make_server(["MaxSessions 0"])
    assert server.ssh("true").returncode == 255
    to = listen(echo)
    p = server.ssh("-W127.0.0.1:%d" % to.port, input=b"x")
    assert p.stdout == b"x", p.stderr


# --- other people's clients


def test_dropbear_client(server, world, listen):
    need("dbclient", "dropbearconvert")
    to, port = listen(sink_then_digest), free_port()
    key = world.dir / "dropbear_key"
    run(["dropbearconvert", "openssh", "dropbear", world.keys["ed25519"],
         key], check=True)
    with background(["dbclient", "-y", "-y", "-N", "-T", "-i", key, "-L",
                     "%d:127.0.0.1:%d" % (port, to.port), "-p", server.port,
                     "%s@127.0.0.1" % world.user]):
        assert ask(connect(port), BLOB).decode() == \
            hashlib.sha256(BLOB).hexdigest()


def test_plink(server, world, listen):
    need("plink", "puttygen")
    to, port = listen(sink_then_digest), free_port()
    key = world.dir / "key.ppk"
    run(["puttygen", world.keys["ed25519"], "-o", key], check=True)
    hostkey = world.fingerprint(world.hostkeys["ed25519"])
    with background(["plink", "-ssh", "-batch", "-N", "-i", key, "-hostkey",
                     hostkey, "-L", "%d:127.0.0.1:%d" % (port, to.port),
                     "-P", server.port, "-l", world.user, "127.0.0.1"]):
        assert ask(connect(port), BLOB).decode() == \
            hashlib.sha256(BLOB).hexdigest()


def test_paramiko(server, world, listen):
    to = listen(sink_then_digest)
    t = paramiko.Transport(server.connect())
    t.connect(username=world.user, pkey=paramiko.Ed25519Key(
        filename=str(world.keys["ed25519"])))
    chan = t.open_channel("direct-tcpip", ("127.0.0.1", to.port),
                          ("10.0.0.1", 1))
    chan.settimeout(60)
    chan.sendall(BLOB)
    chan.shutdown_write()
    got = b""
    while data := chan.recv(4096):
        got += data
    assert got.decode() == hashlib.sha256(BLOB).hexdigest()
    with pytest.raises(paramiko.ChannelException) as e:
        t.open_channel("direct-tcpip", ("127.0.0.1", free_port()),
                       ("10.0.0.1", 1))
    assert e.value.code == 2
    t.close()


def test_asyncssh(server, world, listen):
    to = listen(sink_then_digest)

    async def go():
        async with asyncssh.connect(
                "127.0.0.1", server.port, username=world.user,
                client_keys=[str(world.keys["ed25519"])], known_hosts=None,
                config=[]) as conn:
            async def one():
                reader, writer = await conn.open_connection("127.0.0.1",
                                                            to.port)
                writer.write(BLOB)
                writer.write_eof()
                return (await reader.read()).decode()
            return await asyncio.gather(*[one() for _ in range(5)])
    want = hashlib.sha256(BLOB).hexdigest()
    assert asyncio.run(go()) == [want] * 5


# --- by hand


def direct(host, port, number=1, window=1 << 20):
    return msg(sshraw.OPEN, string("direct-tcpip"), u32(number), u32(window),
               u32(32768), string(host), u32(port), string("1.2.3.4"), u32(5))


def test_opens_may_overtake_each_other(login, listen):
    """a dial that takes its time holds up no session and no other dial"""
    to, c = listen(echo), login()
    # 192.0.2.0/24 answers nobody, or is no way at all
    c.send(direct("192.0.2.1", 9, number=1))
    c.send(direct("127.0.0.1", to.port, number=2))
    while True:
        p = c.expect(sshraw.OPEN_OK, sshraw.OPEN_FAILURE)
        if sshraw.Reader(p).u32() == 2:
            assert p[0] == sshraw.OPEN_OK
            break
    assert c.open_session(number=3) is not None
    c.close()


def test_what_comes_first_is_not_lost(login, listen):
    """a server that speaks first, and closes at once"""
    to = listen(lambda conn: conn.sendall(b"220 hello\r\n"))
    c = login()
    for n in range(20):
        c.send(direct("127.0.0.1", to.port, number=n))
        remote = sshraw.Reader(c.expect(sshraw.OPEN_OK), 5).u32()
        assert sshraw.Reader(c.expect(sshraw.DATA), 5).string() == \
            b"220 hello\r\n"
        c.expect(sshraw.EOF)
        c.send(msg(sshraw.CLOSE, u32(remote)))
        c.expect(sshraw.CLOSE)
    c.close()


# --- remote forwarding


def remote_port(p):
    """what ssh was told that it got for -R 0:..."""
    for line in p.stderr:
        if b"Allocated port" in line:
            return int(line.split()[2])
    pytest.fail("no port was allocated")


def listened(p):
    """until ssh was told that all of its -R is listened on"""
    for line in p.stderr:
        if b"remote forward success" in line:
            return
    pytest.fail("the forwarding was refused")


def test_remote_forward(server, listen):
    to, port = listen(sink_then_digest), free_port()
    with forwarder(server, "-R", "%d:127.0.0.1:%d" % (port, to.port)):
        for _ in range(3):
            assert ask(connect(port), BLOB).decode() == \
                hashlib.sha256(BLOB).hexdigest()


def test_remote_forward_of_any_port(server, listen):
    to = listen(echo)
    with forwarder(server, "-R", "0:127.0.0.1:%d" % to.port,
                   opts=SAYS) as p:
        port = remote_port(p)
        socks = [connect(port) for _ in range(100)]
        for n, s in enumerate(socks):
            s.sendall(b"%d|" % n + BLOB[:50000])
        for n, s in enumerate(socks):
            s.shutdown(socket.SHUT_WR)
            assert read_all(s) == b"%d|" % n + BLOB[:50000]
    server.wait_gone()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_remote_forward_that_the_client_cannot_connect(server):
    port = free_port()
    with forwarder(server, "-R", "%d:127.0.0.1:%d" % (port, free_port())):
        for _ in range(5):
            assert read_all(connect(port)) == b""


def test_remote_dynamic_forward(server, listen):
    to, port = listen(echo), free_port()
    with forwarder(server, "-R", str(port)):
        s = connect(port)
        s.sendall(b"\5\1\0")
        assert s.recv(2) == b"\5\0"
        s.sendall(b"\5\1\0\1\x7f\0\0\1" + struct.pack(">H", to.port))
        assert s.recv(10)[:2] == b"\5\0"
        assert ask(s, b"socks") == b"socks"


def test_port_in_use(server, listen):
    to = listen(echo)
    argv = server.ssh_argv("-N", opts=["ExitOnForwardFailure=yes", *SAYS])
    # not localhost: ::1 is free, which would be enough
    p = run(argv[:-1] + ["-R", "127.0.0.1:%d:127.0.0.1:1" % to.port] +
            argv[-1:])
    assert p.returncode == 255
    assert b"remote port forwarding failed" in p.stderr
    server.wait_log(r"error: .*bind \[127\.0\.0\.1\]:%d: "
                    "Address already in use" % to.port)
    server.wait_log("error: .*cannot listen to port: %d" % to.port)


def bound(port):
    """local addresses that are listened on at the port"""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in pathlib.Path("/proc/net/" + name).read_text() \
                .splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            addr, p = local.split(":")
            if state == "0A" and int(p, 16) == port:
                found.add(addr)
    return found


V4_LO, V4_ANY = "0100007F", "00000000"
V6_LO, V6_ANY = "0" * 24 + "01000000", "0" * 32


@pytest.mark.parametrize("gateway,bind,addresses", [
    ("no", "", {V4_LO, V6_LO}), ("no", "*:", {V4_LO, V6_LO}),
    ("no", "0.0.0.0:", {V4_LO, V6_LO}), ("no", "127.0.0.1:", {V4_LO}),
    ("no", "[::1]:", {V6_LO}), ("no", "localhost:", {V4_LO, V6_LO}),
    ("yes", "", {V4_ANY, V6_ANY}), ("yes", "127.0.0.1:", {V4_ANY, V6_ANY}),
    ("clientspecified", "", {V4_LO, V6_LO}),
    ("clientspecified", "*:", {V4_ANY, V6_ANY}),
    ("clientspecified", "0.0.0.0:", {V4_ANY}),
    ("clientspecified", "127.0.0.1:", {V4_LO}),
    ("clientspecified", "localhost:", {V4_LO, V6_LO}),
])
def test_gateway_ports(make_server, gateway, bind, addresses):
    server = make_server(["GatewayPorts " + gateway])
    port = free_port()
    if not socket.has_ipv6 or not pathlib.Path("/proc/net/if_inet6").exists():
        addresses = {a for a in addresses if len(a) == 8}
    with forwarder(server, "-R", "%s%d:127.0.0.1:1" % (bind, port),
                   opts=TELLS) as p:
        listened(p)
        assert bound(port) == addresses


@pytest.mark.parametrize("how,addresses", [
    (["AddressFamily inet"], {V4_LO}), (["AddressFamily inet6"], {V6_LO}),
    ("-4", {V4_LO})])
def test_address_family(make_server, how, addresses):
    """it is the socket unit's, and still says what is listened on"""
    server = make_server(options=[how]) if how == "-4" else make_server(how)
    port = free_port()
    if V6_LO in addresses and not pathlib.Path(
            "/proc/net/if_inet6").exists():
        return
    with forwarder(server, "-R", "%d:127.0.0.1:1" % port, opts=TELLS) as p:
        listened(p)
        assert bound(port) == addresses


def test_cancel(server, world, listen):
    to, port = listen(echo), free_port()
    ctl = str(world.dir / "ctl")
    argv = server.ssh_argv("-N", opts=["ControlMaster=yes",
                                       "ControlPath=" + ctl])
    with background(argv):
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(ctl) and time.monotonic() < deadline:
            time.sleep(0.05)

        def control(what):
            return run(["ssh", "-F", "none", "-o", "ControlPath=" + ctl,
                        "-O", what, "-R",
                        "%d:127.0.0.1:%d" % (port, to.port), "x"])
        for _ in range(3):
            assert control("forward").returncode == 0
            assert ask(connect(port), b"on") == b"on"
            assert control("cancel").returncode == 0
            # ssh asks for no answer: it may take a moment
            deadline = time.monotonic() + PATIENCE
            while bound(port) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert not bound(port)


@pytest.mark.parametrize("mask,mode", [(None, 0o600), ("0117", 0o660)])
def test_remote_unix_socket(make_server, world, listen, mask, mode):
    """the file is the user's, with the mode that was asked for"""
    server = make_server(["StreamLocalBindMask " + mask] if mask else [])
    to = listen(echo)
    path = str((world.home() if ROOT else world.dir) / "remote-sock")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with forwarder(server, "-R", "%s:127.0.0.1:%d" % (path, to.port),
                   opts=TELLS) as p:
        listened(p)
        st = os.stat(path)
        assert st.st_uid == pwd.getpwnam(world.user).pw_uid
        assert st.st_mode & 0o777 == mode
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            assert ask(s, b"unix") == b"unix"
    server.wait_gone()
    # it stays, and is in the way
    argv = server.ssh_argv("-N", opts=["ExitOnForwardFailure=yes"])
    argv[-1:-1] = ["-R", "%s:127.0.0.1:1" % path]
    assert run(argv).returncode == 255
    os.unlink(path)


def test_stream_local_bind_unlink(make_server, world, listen):
    server = make_server(["StreamLocalBindUnlink yes"])
    to = listen(echo)
    path = str((world.home() if ROOT else world.dir) / "remote-sock")
    old = listen(echo, where=path, family=socket.AF_UNIX)
    with forwarder(server, "-R", "%s:127.0.0.1:%d" % (path, to.port),
                   opts=["ExitOnForwardFailure=yes"]) as p:
        deadline = time.monotonic() + PATIENCE
        while not to.peers and time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as s:
                try:
                    s.connect(path)
                except (FileNotFoundError, ConnectionRefusedError):
                    continue	# between two calls of the server's
                assert ask(s, b"unix") == b"unix"
        assert p.poll() is None and to.peers
    assert old


REMOTE = [
    # (configuration, authorized_keys options, TCP, Unix)
    ([], "", True, True),
    (["AllowTcpForwarding no"], "", False, True),
    (["AllowTcpForwarding local"], "", False, True),
    (["AllowTcpForwarding remote"], "", True, True),
    (["AllowStreamLocalForwarding local"], "", True, False),
    (["AllowStreamLocalForwarding remote"], "", True, True),
    (["DisableForwarding yes"], "", False, False),
    (["PermitListen none"], "", False, True),
    (["PermitListen PORT"], "", True, True),
    (["PermitListen 1"], "", False, True),
    (["PermitListen localhost:PORT"], "", True, True),
    (["PermitListen LOCAL*:PORT"], "", False, True),
    (["PermitListen local*:PORT"], "", True, True),
    (["PermitListen 127.0.0.1:PORT"], "", False, True),
    (["PermitListen *:PORT"], "", True, True),
    (["PermitListen localhost:*"], "", True, True),
    (["PermitOpen none"], "", True, True),
    ([], "no-port-forwarding ", False, False),
    ([], "restrict ", False, False),
    ([], 'permitlisten="PORT" ', True, True),
    ([], 'permitlisten="localhost:PORT" ', True, True),
    ([], 'permitlisten="1" ', False, True),
    ([], 'permitopen="127.0.0.1:1" ', True, True),
    (["PermitListen 1"], 'permitlisten="PORT" ', False, True),
]


@pytest.mark.parametrize("config,options,tcp,unix", REMOTE)
def test_policy_of_listening(make_server, world, config, options, tcp, unix):
    port = free_port()
    path = str((world.home() if ROOT else world.dir) / "remote-sock")

    def fill(text):
        return text.replace("PORT", str(port))
    world.authorize(fill(options) + world.pub())
    server = make_server([fill(line) for line in config])
    for place, good in (("localhost:%d" % port, tcp), (path, unix)):
        argv = server.ssh_argv("-N", opts=["ExitOnForwardFailure=yes"])
        argv[-1:-1] = ["-f", "-R", place + ":127.0.0.1:1"]
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with background([a for a in argv if a != "-f"]) as p:
            deadline = time.monotonic() + PATIENCE
            while p.poll() is None and time.monotonic() < deadline and not (
                    os.path.exists(path) if place == path else bound(port)):
                time.sleep(0.03)
            assert (p.poll() is None) == good, place
    if not tcp and any(line.startswith("Permit") for line in config):
        server.wait_log(
            r"Received request from 127\.0\.0\.1 port \d+ to remote forward "
            r"to host localhost port %d, but the request was denied\.$"
            % port)


# --- the client's agent


@contextlib.contextmanager
def ssh_agent(world, *keys):
    path = str(world.dir / "agent-sock")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    p = subprocess.Popen(["ssh-agent", "-D", "-a", path],
                         stdout=subprocess.DEVNULL)
    try:
        wait_listening(path)
        env = {**client_env(), "SSH_AUTH_SOCK": path}
        run(["ssh-add", *[world.keys[k] for k in keys]], env=env, check=True)
        yield path
    finally:
        p.kill()
        p.wait()


def with_agent(server, path, *args, **kw):
    return server.ssh("-A", *args, opts=["IdentityAgent=" + path], **kw)


def test_agent_forwarding(server, world):
    with ssh_agent(world, "ed25519", "ecdsa256") as path:
        p = with_agent(server, path, "ssh-add -l; ssh-add -l | wc -l; "
                       "stat -c '%a %U' $SSH_AUTH_SOCK "
                       "$(dirname $SSH_AUTH_SOCK); echo $SSH_AUTH_SOCK")
        assert p.returncode == 0, p.stderr
        *keys, count, sock, folder, name = p.stdout.decode().split("\n")[:-1]
        assert world.fingerprint(world.keys["ecdsa256"]) in "".join(keys)
        assert count == "2"
        assert sock == "600 " + world.user and folder == "700 " + world.user
    server.wait_gone()
    assert not os.path.exists(name)
    assert not os.path.exists(os.path.dirname(name))


def test_agent_is_used_for_the_next_hop(server, make_server, world):
    """no key file over there: the second login signs with the agent"""
    second = make_server()
    with ssh_agent(world, "ed25519") as path:
        p = with_agent(server, path,
                       "ssh -F none -o BatchMode=yes -o LogLevel=ERROR "
                       "-o StrictHostKeyChecking=no -o IdentityFile=none "
                       "-o UserKnownHostsFile=/dev/null -p %d %s@127.0.0.1 "
                       "echo there" % (second.port, world.user))
        assert p.stdout == b"there\n", p.stderr


@pytest.mark.parametrize("config,options,good", [
    ([], "", True), (["AllowAgentForwarding no"], "", False),
    (["DisableForwarding yes"], "", False),
    (["AllowTcpForwarding no", "AllowStreamLocalForwarding no"], "", True),
    ([], "no-agent-forwarding ", False), ([], "restrict ", False),
    ([], "restrict,agent-forwarding ", True),
    ([], "restrict,port-forwarding ", False),
    ([], "no-port-forwarding ", True),
])
def test_agent_policy(make_server, world, config, options, good):
    world.authorize(options + world.pub())
    server = make_server(config)
    with ssh_agent(world, "ed25519") as path:
        p = with_agent(server, path, "echo ${SSH_AUTH_SOCK-none}; "
                       "ssh-add -l")
        assert (p.stdout != b"none\n") == good, p.stdout
        assert (p.returncode == 0) == good


# --- many sessions in one connection


def test_exit_status_of_a_command_that_closes_its_output(server, world):
    """ssh closes such a session of a shared connection before it ends"""
    ctl = str(world.dir / "ctl2")
    with background(server.ssh_argv("-N", opts=["ControlMaster=yes",
                                                "ControlPath=" + ctl])):
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(ctl) and time.monotonic() < deadline:
            time.sleep(0.05)
        p = run(["ssh", "-F", "none", "-n", "-o", "ControlPath=" + ctl, "x",
                 "exec >/dev/null 2>&1; sleep 1; exit 44"])
        assert p.returncode == 44, p.stderr
