"""What comes before the first packet, and handshakes that stop
(threats.md rows 23, 24 and 26)."""
import contextlib
import random
import socket
import time

import pytest
import sshraw
from harness import STANDIN
from sshraw import Client, Closed, Key


@pytest.fixture(autouse=True)
def exits(request):
    yield
    if STANDIN:
        for server in getattr(request.node, "servers", []):
            server.exits = set(range(256))


def rest(sock, seconds=60):
    """what the server says until it closes; fails if it does not close"""
    sock.settimeout(seconds)
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while True:
            part = sock.recv(65536)
            if not part:
                break
            data += part
    return data


# each of them has had a work-around in some server: here they have none
OLD_CLIENTS = """OpenSSH_2.3.0 OpenSSH_2.9p2 OpenSSH_3.0p1 OpenSSH_5.9
OpenSSH_6.6.1p1 OpenSSH_7.4 PuTTY_Release_0.58 PuTTY_Local:_Jan_1_2008
WinSCP_release_4.1 TTSSH/2.72 FuTTY 2.0.13 2.1.0_SSH_Secure_Shell
3.2.9_SSH_Secure_Shell_(non-commercial) Cisco-1.25 libssh-0.1 libssh2_1.4.3
dropbear_0.46 JSCH-0.1.50 paramiko_1.7 Go ROSSSH Twisted asyncssh_1.0
FTP-Server-1.0 OpenSSH_2.*,OpenSSH_3.0* AndroidSSH""".split()


@pytest.mark.parametrize("software", OLD_CLIENTS)
def test_old_clients(server, software):
    """row 23: CVE-2023-25136; any software version is only a name"""
    c = Client(server.connect(), ident=b"SSH-2.0-" + software.encode())
    c.start().service()
    c.close()


IDENTS = {
    "1.99": (b"SSH-1.99-x\r\n", True),
    "no carriage return": (b"SSH-2.0-x\n", True),
    "comment": (b"SSH-2.0-x a comment here\r\n", True),
    "255 bytes": (b"SSH-2.0-" + b"x" * 245 + b"\r\n", True),
    "2.1": (b"SSH-2.1-x\r\n", None),
    "minus in the name": (b"SSH-2.0-a-b\r\n", None),
    "256 bytes": (b"SSH-2.0-" + b"x" * 246 + b"\r\n", None),
    "8 KiB": (b"SSH-2.0-" + b"x" * 8184 + b"\r\n", None),
    "64 KiB": (b"SSH-2.0-" + b"x" * 65528 + b"\r\n", None),
    "1.5": (b"SSH-1.5-x\r\n", False),
    "3.0": (b"SSH-3.0-x\r\n", False),
    "no software": (b"SSH-2.0-\r\n", None),
    "no version": (b"SSH-\r\n", False),
    "nul": (b"SSH-2.0-a\0b\r\n", None),
    "utf-8": ("SSH-2.0-\u00e9\r\n".encode(), None),
    "escape": (b"SSH-2.0-\x1b[2J%n%s\r\n", None),
    "lower case": (b"ssh-2.0-x\r\n", False),
    "huge number": (b"SSH-99999999999999999999.0-x\r\n", False),
    "negative": (b"SSH--2.0-x\r\n", False),
    "only a newline": (b"\n", False),
    "nothing": (b"", False),
}


@pytest.mark.parametrize("case", list(IDENTS))
def test_identifications(server, case):
    """True: served, False: refused, None: either, but alive and quiet"""
    line, wanted = IDENTS[case]
    c = Client(server.connect(), ident=line.rstrip(b"\r\n"))
    c.send_raw(line)
    served = False
    try:
        c.read_hello()
        if wanted is False:
            with contextlib.suppress(OSError):
                c.sock.shutdown(socket.SHUT_WR)
        c.kex()
        served = True
    except (Closed, sshraw.Timeout, ValueError):
        pass
    except Exception as e:
        # another hash than ours: it read the line differently
        assert wanted is None, e
    if wanted is not None:
        assert served == wanted
    c.close()
    server.wait_gone()
    assert "\x1b" not in server.log() or STANDIN


def test_random_identifications(server):
    draw = random.Random(7)
    for _ in range(60):
        size = draw.choice((1, 5, 40, 254, 255, 256, 300, 2000))
        line = bytes(draw.choice(b"SH-2.019 \r\0\x7f\xff%abc")
                     for _ in range(size))
        s = server.connect()
        with contextlib.suppress(OSError):
            s.sendall(draw.choice((b"", b"SSH-2.0-", b"SSH-")) + line
                      + b"\r\n")
            s.shutdown(socket.SHUT_WR)
        rest(s)
        s.close()
    server.wait_gone()


FLOODS = {
    "lines": b"hello\r\n" * 20000,
    "line feeds": b"\n" * 100000,
    "one line": b"x" * 1000000,
    "nul bytes": bytes(1000000),
    "almost": b"SSH-2.0" * 100000,
}


@pytest.mark.parametrize("case", list(FLOODS))
def test_flood_before_identification(server, case):
    """row 24: closed by a limit, soon"""
    s = server.connect()
    with contextlib.suppress(OSError):
        s.sendall(FLOODS[case])
    data = rest(s)
    assert data.startswith(b"SSH-2.0-") or not data or STANDIN
    assert len(data) < 4096
    s.close()
    server.wait_gone()


@pytest.mark.ours
def test_one_byte_at_a_time(make_server):
    """row 24: each byte does not buy more time"""
    server = make_server(["LoginGraceTime 1"])
    s = server.connect()
    start = time.monotonic()
    with contextlib.suppress(OSError):
        for byte in b"SSH-2.0-slow_client_that_never_ends_its_line" * 5:
            s.sendall(bytes([byte]))
            # not to its end, which is another one
            time.sleep(0.1 if time.monotonic() - start < 15 else 1)
        pytest.fail("still served after three minutes")
    s.close()
    server.wait_gone()


@pytest.fixture
def recording(server, world):
    """the bytes that a client sent up to a refused key"""
    c = Client(server.connect(), cipher="aes128-ctr").start().service()
    c.auth(world.user)
    c.auth_reply()
    data = bytes(c.sent)
    c.close()
    return data


@pytest.mark.parametrize("end", ["fin", "half", "reset"])
def test_handshake_cut_at_each_place(server, recording, end):
    """row 26: a sample of the offsets, each end of connection"""
    step = max(1, len(recording) // 60)
    for at in range(0, len(recording), step):
        s = server.connect()
        with contextlib.suppress(OSError):
            s.sendall(recording[:at])
            if end == "half":
                s.shutdown(socket.SHUT_WR)
                rest(s)
            if end == "reset":
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
        s.close()
    server.wait_gone()


@pytest.mark.ours
def test_handshake_idle_at_each_place(make_server, recording):
    """row 26: silence at any offset ends with the grace time"""
    server = make_server(["LoginGraceTime 1"])
    socks = []
    step = max(1, len(recording) // 25)
    for at in range(0, len(recording), step):
        s = server.connect()
        s.sendall(recording[:at])
        socks.append(s)
    for s in socks:
        rest(s)
        s.close()
    server.wait_gone()


@pytest.mark.parametrize("when", ["hello", "kex", "service", "login"])
@pytest.mark.parametrize("how", ["fin", "reset"])
def test_client_goes_at_each_stage(server, world, when, how):
    for _ in range(3):
        c = Client(server.connect())
        c.hello()
        if when != "hello":
            c.kex()
        if when in ("service", "login"):
            c.service()
        if when == "login":
            c.sign(world.user, Key(world.keys["ed25519"]))
            c.open_session()
            c.request("exec", sshraw.string("cat"), want_reply=False)
        if how == "reset":
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              b"\1\0\0\0\0\0\0\0")
        c.close()
    server.wait_gone()
