"""How the server is started: what its descriptors may be, its options, its
exit statuses, and the rule that fd 2 is never the network."""
import contextlib
import os
import re
import select
import shlex
import signal
import socket
import subprocess
import time

import pytest
import sshraw
from harness import PATIENCE, SANITIZER, SERVER, STANDIN, Server, run


@pytest.fixture
def config(make_server):
    """a configuration file (of a server that nobody connects to)"""
    return make_server().config


class Pipes:
    """two pipes that look like a socket to sshraw"""

    def __init__(self, rfd, wfd):
        self.rfd, self.wfd = rfd, wfd
        self.timeout = PATIENCE

    def settimeout(self, seconds):
        self.timeout = seconds

    def sendall(self, data):
        while data:
            data = data[os.write(self.wfd, data):]

    def recv(self, size):
        if not select.select([self.rfd], [], [], self.timeout)[0]:
            raise socket.timeout
        return os.read(self.rfd, size)

    def close(self):
        os.close(self.rfd)
        os.close(self.wfd)


@contextlib.contextmanager
def spawned(config, layout, *options, env=None, log=None):
    """the server with the given descriptors; yields (peer, process)"""
    argv = [SERVER, "-i", *options, "-f", str(config)]
    environ = Server.environment(env)
    with open(log or os.devnull, "ab") as err:
        if layout == "pipes":
            up_r, up_w = os.pipe()
            down_r, down_w = os.pipe()
            p = subprocess.Popen(argv, stdin=up_r, stdout=down_w, stderr=err,
                                 env=environ)
            os.close(up_r), os.close(down_w)
            peer = Pipes(down_r, up_w)
        else:
            peer, theirs = socket.socketpair()
            p = subprocess.Popen(argv, stdin=theirs, stdout=theirs,
                                 stderr=theirs if layout == "all" else err,
                                 env=environ)
            theirs.close()
    try:
        yield peer, p
        with contextlib.suppress(OSError):
            peer.close()
        p.wait(PATIENCE)
    finally:
        p.kill()
        p.wait()
        with contextlib.suppress(OSError):
            peer.close()


@pytest.fixture
def logfile(world):
    path = world.dir / "spawn.log"
    path.write_bytes(b"")
    path.chmod(0o600)
    yield path
    text = path.read_text()
    path.unlink()
    assert not SANITIZER.search(text), text


@pytest.fixture
def key(world):
    return sshraw.Key(world.keys["ed25519"])


# --- descriptors


@pytest.mark.parametrize("layout", ["pipes", "socketpair"])
def test_login_over(config, world, key, logfile, layout):
    with spawned(config, layout, "-e", log=logfile) as (peer, p):
        c = sshraw.Client(peer).login(world.user, key)
        c.open_session()
        assert c.exec("echo $SSH_CONNECTION; cat")
        c.send(sshraw.msg(sshraw.EOF, sshraw.u32(c.remote)))
        out, _, requests = c.collect()
        if layout == "pipes" or not STANDIN:
            assert out == b"UNKNOWN 65535 UNKNOWN 65535\n"
        assert requests["exit-status"] == sshraw.u32(0)
    assert STANDIN or p.returncode == 0
    assert "Accepted publickey for %s from UNKNOWN port 65535 ssh2" \
        % world.user in logfile.read_text()


def test_proxy_command(config, server, world):
    """ssh itself makes the two pipes"""
    command = " ".join(map(shlex.quote, [SERVER, "-i", "-e", "-f",
                                         str(config)]))
    data = os.urandom(300000)
    p = server.ssh("cat", input=data,
                   opts=["ProxyCommand=" + command])
    assert p.stdout == data, p.stderr
    assert b"Accepted publickey" in p.stderr


@pytest.mark.parametrize("layout", ["pipes", "socketpair"])
def test_end_of_file_before_anything(config, logfile, layout):
    with spawned(config, layout, "-e", log=logfile) as (peer, p):
        peer.recv(1000)
        peer.close()
        p.wait(PATIENCE)
    assert STANDIN or p.returncode == 0


@pytest.mark.parametrize("layout", ["pipes", "socketpair"])
def test_status_of_what_is_not_ssh(config, logfile, layout):
    """over pipes as sshd's; behind a socket a scanner fails nothing"""
    with spawned(config, layout, "-e", log=logfile) as (peer, p):
        peer.recv(1000)
        peer.sendall(b"SSH-1.5-HALLO\n")
        while peer.recv(1000):
            pass
        p.wait(PATIENCE)
    assert p.returncode == (255 if layout == "pipes" or STANDIN else 0)


@pytest.mark.ours
def test_listen_fds(make_server):
    server = make_server(layout="listen_fds")
    got = server.out("env; ls /proc/$$/fd; true")
    assert "LISTEN" not in got
    assert got.split()[-3:] == ["0", "1", "2"]
    server.wait_log(r"^Accepted publickey for \S+ from 127\.0\.0\.1 port")


@pytest.mark.ours
def test_foreign_listen_fds_are_ignored(make_server):
    server = make_server(env={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert server.out("env | grep -c LISTEN; true") == "0\n"


@pytest.mark.ours
@pytest.mark.parametrize("logto", [(), ("-e",), ("-d",), ("-d", "-d", "-d"),
                                   ("-E", "FILE")], ids=str)
def test_nothing_but_ssh_when_stderr_is_the_socket(make_server, world, key,
                                                   logfile, logto):
    """inetd: fd 0, 1 and 2 are one socket; a log line there would break the
    protocol.  sshraw ends at the first byte that is not SSH."""
    logto = [str(logfile) if a == "FILE" else a for a in logto]
    server = make_server(layout="inetd", logto=logto)
    server.exits = {0}
    c = sshraw.Client(server.connect())
    c.hello()
    assert c.server_ident.startswith(b"SSH-2.0-")
    c.kex().service()
    c.auth(world.user, "no-such-method")
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    assert c.sign(world.user, key) == sshraw.AUTH_SUCCESS
    c.open_session()
    assert c.exec("echo out; echo err >&2")
    assert c.collect()[:2] == (b"out\n", b"err\n")
    c.close()
    c = sshraw.Client(server.connect())
    c.send_raw(b"GET / HTTP/1.0\r\n\r\n")
    rest = b""
    with contextlib.suppress(sshraw.Closed):
        c.arm()
        while True:
            c.recv_some()
    rest = c.buffer
    assert rest.startswith(b"SSH-2.0-")
    assert b"Bad" not in rest and b"banner" not in rest


def test_stderr_closed(config, world, key):
    ours, theirs = socket.socketpair()
    p = subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", SERVER, "-i", "-f",
         str(config)], stdin=theirs, stdout=theirs,
        env=Server.environment(None))
    theirs.close()
    c = sshraw.Client(ours).login(world.user, key)
    c.open_session()
    assert c.exec("echo out; echo err >&2")
    assert c.collect()[:2] == (b"out\n", b"err\n")
    c.close()
    p.wait(PATIENCE)
    assert STANDIN or p.returncode == 0


@pytest.mark.parametrize("what", ["/dev/null", "file"])
def test_started_by_hand(config, world, what):
    """no connection at all: an end within the second, not a crash"""
    path = world.dir / "by-hand"
    path.write_bytes(b"")
    with open(path if what == "file" else what, "r+b") as f:
        p = run([SERVER, "-i", "-e", "-f", config], stdin=f, timeout=20,
                env=Server.environment(None))
    path.unlink()
    assert p.returncode >= 0
    assert not SANITIZER.search(p.stderr.decode("utf-8", "replace"))


def test_nonblocking_flag_is_left_as_it_was(config, world, key):
    """the flag belongs to the open file, which the spawner shares"""
    ours, theirs = socket.socketpair()
    p = subprocess.Popen([SERVER, "-i", "-f", str(config)], stdin=theirs,
                         stdout=theirs, stderr=subprocess.DEVNULL,
                         env=Server.environment(None))
    c = sshraw.Client(ours).login(world.user, key)
    c.open_session()
    assert c.exec("echo x")
    c.collect()
    ours.close()
    p.wait(PATIENCE)
    assert STANDIN or os.get_blocking(theirs.fileno())
    theirs.close()


@pytest.mark.skipif(STANDIN, reason="it has its own ways")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"])
def test_signals_for_all(config, world, key, logfile, name):
    """a terminal's, or a service manager's to the whole of a unit"""
    ours, theirs = socket.socketpair()
    with open(logfile, "ab") as err:
        p = subprocess.Popen([SERVER, "-i", "-e", "-f", str(config)],
                             stdin=theirs, stdout=theirs, stderr=err,
                             env=Server.environment(None),
                             start_new_session=True)
    theirs.close()
    c = sshraw.Client(ours).login(world.user, key)
    os.killpg(p.pid, getattr(signal, name))
    if name == "SIGHUP":
        ours.shutdown(socket.SHUT_WR)
    else:
        assert c.wait_closed(PATIENCE) == 11    # BY_APPLICATION
    assert p.wait(PATIENCE) == 0
    assert "error" not in logfile.read_text()
    ours.close()


def test_nonblocking_flag_of_one_open_file(config):
    """a terminal, which both descriptors lead to"""
    ours, theirs = os.openpty()
    p = subprocess.Popen([SERVER, "-i", "-f", str(config)], stdin=theirs,
                         stdout=theirs, stderr=subprocess.DEVNULL,
                         env=Server.environment(None))
    os.write(ours, b"GET / HTTP/1.0\n")
    p.wait(PATIENCE)
    assert STANDIN or os.get_blocking(theirs)
    os.close(ours)
    os.close(theirs)


def test_address_that_is_none(config, logfile):
    """systemd says both of a vsock peer, too: readers know one pair"""
    with spawned(config, "pipes", "-e", log=logfile, env={
            "REMOTE_ADDR": "vsock:2", "REMOTE_PORT": "4711"}) as (peer, p):
        assert peer.recv(4) == b"SSH-"
        peer.close()
        p.wait(PATIENCE)
    text = logfile.read_text()
    assert STANDIN or "UNKNOWN port 65535" in text and "4711" not in text


# --- options


def test_version():
    p = run([SERVER, "-V"])
    said = p.stdout + p.stderr
    if STANDIN:
        pytest.skip("this one has no -V")
    assert p.returncode == 0 and re.search(rb"sshd-conn.*\d", said)


def test_configuration_test(config):
    p = run([SERVER, "-t", "-f", config])
    assert p.returncode == 0, p.stderr
    assert p.stdout == b""


@pytest.mark.parametrize("line", [
    "NoSuchKeyword yes", "LoginGraceTime never", "StrictModes perhaps",
    "Ciphers no-such-cipher", "MaxAuthTries many", "LogLevel LOUD",
    "KexAlgorithms", "RekeyLimit x"])
def test_configuration_errors(config, line):
    """-t names the file and the line, exits with 255, and so does a start"""
    text = config.read_text()
    config.write_text("# one\n" + line + "\n" + text)
    p = run([SERVER, "-t", "-f", config])
    assert p.returncode == 255
    assert str(config).encode() in p.stderr
    assert re.search(rb"line 2\b|:2\b", p.stderr), p.stderr
    p = run([SERVER, "-i", "-e", "-f", config])
    assert p.returncode != 0 and p.stdout == b""


def test_missing_configuration():
    p = run([SERVER, "-t", "-f", "/no/such/file"])
    assert p.returncode != 0 and b"/no/such/file" in p.stderr


@pytest.mark.parametrize("option", [["-Z"], ["--no-such"], ["extra"]],
                         ids=str)
def test_unknown_option(config, option):
    p = run([SERVER, *option, "-t", "-f", config])
    if STANDIN and option == ["extra"]:
        return
    assert p.returncode not in (0, 255 if not STANDIN else 0)
    assert p.stdout == b"" and p.stderr != b""


def test_option_beats_file(make_server):
    server = make_server(["MaxSessions 5"], options=[
        "-o", "Ciphers=aes256-ctr", "-o", "MACs hmac-sha2-512"])
    p = server.ssh("-v", "echo y", opts=["LogLevel=DEBUG1"])
    assert p.stdout == b"y\n"
    assert b"cipher: aes256-ctr MAC: hmac-sha2-512 " in p.stderr


def test_bad_option_value(config):
    p = run([SERVER, "-t", "-f", config, "-o", "NoSuch=1"])
    assert p.returncode != 0 and b"command" in p.stderr.lower()


@pytest.mark.parametrize("options", [["-4"], ["-6"], ["-D"], ["-p", "2222"],
                                     ["-u", "0"], ["-D", "-4", "-q"]],
                         ids=lambda o: "".join(o))
def test_harmless_options(make_server, options):
    assert make_server(options=options).out("echo y") == "y\n"


def test_host_key_option(make_server, world):
    server = make_server(["HostKey %s" % world.hostkeys["rsa3072"]],
                         options=["-h", str(world.hostkeys["ed25519"])])
    assert server.out("echo y", opts=[
        "HostKeyAlgorithms=ssh-ed25519"]) == "y\n"


def test_log_file(make_server, logfile):
    server = make_server(logto=("-E", str(logfile)))
    assert server.out("echo y") == "y\n"
    server.wait_gone()
    assert "Accepted publickey" in logfile.read_text()
    assert server.log() == ""


def test_quiet(make_server):
    server = make_server(options=["-q"])
    assert server.out("echo y") == "y\n"
    assert server.ssh("true", user="mallory").returncode == 255
    server.wait_gone()
    assert server.log() == ""


@pytest.mark.parametrize("count", [1, 2, 3])
def test_debug(make_server, count):
    server = make_server(options=["-d"] * count)
    server.exits = {0, 255}
    assert server.out("echo y") == "y\n"
    server.wait_gone()
    assert re.search("^debug1: ", server.log(), re.M)


@pytest.mark.ours
def test_grace_option(make_server):
    server = make_server(options=["-g", "1"])
    start = time.monotonic()
    c = sshraw.Client(server.connect())
    c.hello()
    c.wait_closed()
    assert time.monotonic() - start > 0.5


# --- host keys


def test_no_host_key(make_server, world):
    server = make_server(["HostKey /no/such/key"])
    server.exits = set(range(1, 256))
    c = sshraw.Client(server.connect())
    with pytest.raises((sshraw.Closed, sshraw.Timeout)):
        c.hello()
        c.kex()
    server.wait_gone()
    server.wait_log("/no/such/key")


def test_one_missing_host_key_does_not_matter(make_server, world):
    server = make_server(["HostKey /no/such/key", "HostKey %s"
                          % world.hostkeys["ed25519"]])
    assert server.out("echo y") == "y\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_readable_host_key_is_refused(make_server, world, mode):
    path = world.dir / "loose_key"
    path.write_bytes(world.hostkeys["ed25519"].read_bytes())
    path.chmod(mode)
    server = make_server(["HostKey %s" % path])
    server.exits = set(range(1, 256))
    c = sshraw.Client(server.connect())
    with pytest.raises((sshraw.Closed, sshraw.Timeout)):
        c.hello()
        c.kex()
    server.wait_gone()
    assert re.search("permission|accessible|too open|bad mode|mode 0",
                     server.log(), re.I), server.log()
    path.unlink()


# --- exit statuses and the one line

NOISE = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": bytes.fromhex("16030100a5010000a10303") + bytes(160),
    "binary": bytes(range(256)) * 8,
    "newlines": b"\r\n\r\n\r\n\r\n",
    "smtp": b"EHLO example.com\r\nQUIT\r\n",
    "ssh1": b"SSH-1.5-old\r\n",
    "ssh-no-version": b"SSH-\r\n",
    "rdp": bytes.fromhex("030000130ee000000000000100080003000000"),
}


@pytest.mark.ours
@pytest.mark.parametrize("noise", list(NOISE))
def test_noise_gets_one_line_and_exit_0(make_server, noise):
    server = make_server(log_level="INFO")
    s = server.connect()
    with contextlib.suppress(OSError):
        s.sendall(NOISE[noise])
        s.shutdown(socket.SHUT_WR)
    with contextlib.suppress(OSError):
        while s.recv(4096):
            pass
    s.close()
    server.wait_gone()
    lines = [x for x in server.log().split("\n") if x]
    assert len(lines) == 1, lines
    assert "127.0.0.1 port" in lines[0] or "kex_exchange" in lines[0]


@pytest.mark.ours
@pytest.mark.parametrize("how", ["close", "reset"])
def test_port_scan_gets_one_line_and_exit_0(make_server, how):
    server = make_server(log_level="INFO")
    s = server.connect()
    if how == "reset":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()
    server.wait_gone()
    assert len([x for x in server.log().split("\n") if x]) <= 1


def test_exit_status_after_a_login(server):
    assert server.ssh("exit 7").returncode == 7
    final = server.finish()
    assert [os.WEXITSTATUS(c["status"]) for c in final["conns"]] \
        == [255 if STANDIN else 0]


@pytest.mark.ours
def test_broken_environment_is_not_exit_0(make_server):
    server = make_server(["HostKey /no/such/key"])
    server.exits = set(range(1, 256))
    server.connect().close()
    server.wait_gone()
    final = server.finish()
    assert os.WEXITSTATUS(final["conns"][0]["status"]) in (1, 111, 255)
