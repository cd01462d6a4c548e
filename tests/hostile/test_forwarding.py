"""Forwarding in the hands of a peer that wants too much of it, or the wrong
way round (threats.md rows 62 to 65)."""
import contextlib
import os
import random
import socket
import struct

import pytest
import sshraw
from harness import MEMORY_FACTOR
from sshraw import Closed, boolean, msg, string, u32
from test_channels import alive, resident_kib, seal_next, sleeps

DATA, EOF, CLOSE = sshraw.DATA, sshraw.EOF, sshraw.CLOSE
OPEN, OPEN_OK, OPEN_FAILURE = sshraw.OPEN, sshraw.OPEN_OK, \
    sshraw.OPEN_FAILURE
CHANNELS = 256
LISTENERS = 128


@pytest.fixture
def listener():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(1024)
        yield s


def port_of(s):
    return s.getsockname()[1]


def direct(port, number, host="127.0.0.1", window=1 << 20):
    return msg(OPEN, string("direct-tcpip"), u32(number), u32(window),
               u32(32768), string(host), u32(port), string("1.2.3.4"), u32(5))


def forward(name, host="127.0.0.1", port=0, want_reply=True):
    return msg(sshraw.GLOBAL_REQUEST, string(name), boolean(want_reply),
               string(host), u32(port))


def request(c, *args):
    """the port, or None for a refusal"""
    c.send(forward(*args))
    p = c.expect(sshraw.REQUEST_SUCCESS, sshraw.REQUEST_FAILURE,
                 skip=(DATA, EOF, CLOSE, OPEN, sshraw.WINDOW_ADJUST,
                       sshraw.GLOBAL_REQUEST, sshraw.DEBUG))
    if p[0] == sshraw.REQUEST_FAILURE:
        return None
    return struct.unpack(">I", p[1:5])[0] if len(p) == 5 else 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return port_of(s)


def test_flood_of_refused_dials(server, login):
    c, port = login(), free_port()
    for start in range(0, 2000, 100):
        c.send_raw(b"".join(seal_next(c, direct(port, start + n))
                            for n in range(100)))
        for _ in range(100):
            c.expect(OPEN_FAILURE)
        if start == 0:
            before = resident_kib(server)
    assert resident_kib(server) - before < MEMORY_FACTOR * (4 << 10)
    alive(c, number=5000)
    c.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_flood_of_dials(server, login, listener, host):
    """as many as there are channels; what is over is told so at once"""
    c = login()
    total = 1000
    for start in range(0, total, 100):
        c.send_raw(b"".join(
            seal_next(c, direct(port_of(listener), start + n, host))
            for n in range(100)))
    opened, codes = 0, set()
    for _ in range(total):
        p = c.expect(OPEN_OK, OPEN_FAILURE)
        if p[0] == OPEN_OK:
            opened += 1
        else:
            codes.add(sshraw.Reader(p, 5).u32())
    assert opened == CHANNELS and codes == {4}
    assert sleeps(server, 1, 5)
    c.close()


def test_long_names(server, login):
    """each of them as long as may be: nobody waits for nobody"""
    c = login()
    for n in range(400):
        c.send(direct(80, n, host="x" * 1000 + ".invalid"))
    for _ in range(400):
        c.expect(OPEN_FAILURE)
    alive(c)
    c.close()


def test_listeners_are_bounded(server, login):
    c = login()
    ports = []
    for _ in range(300):
        port = request(c, "tcpip-forward")
        if port is None:
            break
        ports.append(port)
    assert len(ports) == LISTENERS
    assert request(c, "cancel-tcpip-forward", "127.0.0.1", ports[7]) == 0
    assert request(c, "tcpip-forward")
    alive(c)
    c.close()
    server.wait_gone()
    for port in ports:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)


def test_connections_that_the_peer_never_answers(server, login):
    """they cost channels, no more: sessions are refused, then all end"""
    c = login()
    port = request(c, "tcpip-forward")
    socks = [socket.create_connection(("127.0.0.1", port))
             for _ in range(CHANNELS + 20)]
    for _ in range(CHANNELS):
        c.expect(OPEN)
    for s in socks[CHANNELS:]:
        assert s.recv(1) == b""
    assert sleeps(server, 1, 5)
    for s in socks[:20]:
        s.sendall(b"x" * 100000)
    c.send(msg(OPEN_FAILURE, u32(3), u32(1), string(""), string("")))
    alive(c)
    for s in socks:
        s.close()
    c.close()


@pytest.mark.parametrize("answer", [
    msg(OPEN_OK, u32(0), u32(1), u32(1), u32(1)),
    msg(OPEN_FAILURE, u32(0), u32(1), string(""), string("")),
    msg(OPEN_OK, u32(0xffffffff), u32(1), u32(1), u32(1)),
])
def test_answers_that_nobody_asked_for(server, login, answer):
    c = login()
    c.send(answer)
    c.wait_closed()


@pytest.mark.parametrize("window,packet", [(0, 0), (0, 32768), (1000, 0),
                                           (1, 1), (0xffffffff, 0xffffffff)])
def test_windows_of_forwarded_channels(server, login, window, packet):
    c = login()
    port = request(c, "tcpip-forward")
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"abc")
    remote = sshraw.Reader(c.expect(OPEN), 1)
    assert remote.string() == b"forwarded-tcpip"
    number = remote.u32()
    c.send(msg(OPEN_OK, u32(number), u32(7), u32(window), u32(packet)))
    c.send(msg(DATA, u32(number), string("back")))
    assert s.recv(10) == b"back"
    if window >= 3 and packet:
        assert sshraw.Reader(c.expect(DATA), 5).string() == b"abc"
    assert sleeps(server, 0.5, 5)
    s.close()
    c.send(msg(CLOSE, u32(number)))
    c.skip = (DATA, EOF, CLOSE)
    alive(c)
    c.close()


def test_any_order(server, login):
    """row 62: listen, connect, answer, close and cancel, at random"""
    c, dice = login(), random.Random(62)
    ports, socks, waiting, opened = [], [], [], []
    for _ in range(2500):
        what = dice.randrange(8)
        if what == 0 and len(ports) < 20:
            ports.append(request(c, "tcpip-forward"))
        elif what == 1 and ports:
            port = ports.pop(dice.randrange(len(ports)))
            assert request(c, "cancel-tcpip-forward", "127.0.0.1",
                           port) == 0
        elif what == 2:
            assert request(c, "cancel-tcpip-forward", "127.0.0.1",
                           dice.randrange(1, 1024)) is None
        elif what in (3, 4) and ports and len(socks) < 60:
            with contextlib.suppress(OSError):
                s = socket.create_connection(
                    ("127.0.0.1", dice.choice(ports)), 1)
                s.setblocking(False)
                socks.append(s)
        elif what == 5 and socks:
            socks.pop(dice.randrange(len(socks))).close()
        elif what == 6 and socks:
            with contextlib.suppress(OSError):
                dice.choice(socks).send(os.urandom(100))
        while True:
            try:
                p = c.read(timeout=0.001)
            except sshraw.Timeout:
                break
            if p[0] == OPEN:
                r = sshraw.Reader(p)
                r.string()
                waiting.append(r.u32())
            elif p[0] == CLOSE and sshraw.Reader(p).u32() in opened:
                opened.remove(sshraw.Reader(p).u32())
                c.send(msg(CLOSE, u32(sshraw.Reader(p).u32())))
        if waiting:
            number = waiting.pop()
            if dice.randrange(3):
                c.send(msg(OPEN_OK, u32(number), u32(number), u32(1000),
                           u32(1000)))
                opened.append(number)
            else:
                c.send(msg(OPEN_FAILURE, u32(number), u32(1), string(""),
                           string("")))
    for s in socks:
        s.close()
    c.close()
    server.wait_gone()


def test_malformed_requests(server, login):
    for body in (b"", string("x"), string("x") + u32(1) + b"x",
                 u32(0xffffffff), string("x" * 40000)):
        c = login()
        c.send(msg(sshraw.GLOBAL_REQUEST, string("tcpip-forward"),
                   boolean(True), body))
        with contextlib.suppress(Closed):
            c.expect(sshraw.REQUEST_FAILURE)
            alive(c)
        c.close()
