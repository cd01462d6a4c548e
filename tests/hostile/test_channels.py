"""Channels in the hands of a peer that breaks the rules of RFC 4254
(threats.md rows 58, 63, 64 and 65)."""
import contextlib
import os
import time

import pytest
import sshraw
from harness import MEMORY_FACTOR, STANDIN
from sshraw import Closed, boolean, msg, string, u32

DATA, EXT, EOF, CLOSE = (sshraw.DATA, sshraw.EXT_DATA, sshraw.EOF,
                         sshraw.CLOSE)


@pytest.fixture(autouse=True)
def exits(request):
    yield
    if STANDIN:
        for server in getattr(request.node, "servers", []):
            server.exits = set(range(256))


def alive(c, number=77):
    """the connection still opens sessions and runs commands"""
    remote = c.open_session(number=number)
    assert remote is not None
    assert c.exec("echo alive", channel=remote)
    while True:
        p = c.read()
        if p[0] == DATA and sshraw.Reader(p).u32() == number:
            assert sshraw.Reader(p, 5).string() == b"alive\n"
            break


def alive_or_closed(c):
    try:
        c.skip = (DATA, EXT, EOF, CLOSE, sshraw.WINDOW_ADJUST,
                  sshraw.REQUEST, sshraw.UNIMPLEMENTED)
        alive(c)
    except Closed:
        pass
    c.close()


def cpu_ticks(server):
    """processor time used by all living processes of the connections"""
    total = 0
    for pid, *_ in server.report()["alive"]:
        with contextlib.suppress(OSError):
            with open("/proc/%d/stat" % pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total


def sleeps(server, seconds, ticks):
    """is there a time in which the connections use no more than that?  What
    spins never stops to; what still had to be done is done at last"""
    for _ in range(20):
        before = cpu_ticks(server)
        time.sleep(seconds)
        if cpu_ticks(server) - before <= ticks:
            return True
    return False


def resident_kib(server):
    total = 0
    for pid, *_ in server.report()["alive"]:
        with contextlib.suppress(OSError):
            with open("/proc/%d/status" % pid) as f:
                for line in f:
                    if line.startswith("VmRSS"):
                        total += int(line.split()[1])
    return total


@pytest.mark.parametrize("after", ["eof", "close"])
@pytest.mark.parametrize("what", ["data", "extended", "eof", "close",
                                  "request", "window"])
def test_after_the_end(login, after, what):
    """row 63: traffic for a channel that has ended"""
    c = login()
    c.open_session()
    assert c.exec("cat; sleep 0.2")
    c.send(msg(EOF if after == "eof" else CLOSE, u32(c.remote)))
    for _ in range(3):
        c.send({"data": msg(DATA, u32(c.remote), string("late")),
                "extended": msg(EXT, u32(c.remote), u32(1), string("late")),
                "eof": msg(EOF, u32(c.remote)),
                "close": msg(CLOSE, u32(c.remote)),
                "request": msg(sshraw.REQUEST, u32(c.remote),
                               string("signal"), boolean(False),
                               string("TERM")),
                "window": msg(sshraw.WINDOW_ADJUST, u32(c.remote),
                              u32(1))}[what])
    alive_or_closed(c)


@pytest.mark.parametrize("number", [sshraw.SUCCESS, sshraw.FAILURE,
                                    sshraw.REQUEST_SUCCESS,
                                    sshraw.REQUEST_FAILURE])
def test_unsolicited_replies(server, login, number):
    """row 63: CVE-2026-59850; a flood of answers to no question"""
    c = login()
    c.open_session()
    assert c.exec("cat")
    body = u32(c.remote) if number >= 90 else b""
    with contextlib.suppress(OSError):
        for _ in range(5000):
            c.sock.sendall(c.tx.seal(c.tx_seq, msg(number, body)))
            c.tx_seq += 1
    alive_or_closed(c)


@pytest.mark.parametrize("steps", [[0xffffffff], [0xffffffff, 0xffffffff],
                                   [0x7fffffff, 0x7fffffff, 2], [0] * 1000])
def test_window_arithmetic(login, steps):
    """row 63: a window cannot grow beyond 2^32 - 1"""
    c = login()
    c.open_session(window=1000)
    assert c.exec("head -c 5000 /dev/zero")
    for n in steps:
        c.send(msg(sshraw.WINDOW_ADJUST, u32(c.remote), u32(n)))
    try:
        got = len(c.collect(3)[0])
        assert got == 5000
    except (Closed, sshraw.Timeout):
        pass
    c.close()


def test_more_data_than_the_window(server, login):
    """RFC 4254 5.2: the surplus may be ignored; it is never buffered"""
    c = login()
    c.open_session()
    assert c.exec("sleep 1")
    before = resident_kib(server)
    c.sock.settimeout(3)
    with contextlib.suppress(OSError):
        for _ in range(1500):
            c.sock.sendall(c.tx.seal(c.tx_seq, msg(
                DATA, u32(c.remote), string(bytes(32000)))))
            c.tx_seq += 1
    after = resident_kib(server)
    assert not after or after - before < 32 << 10, (before, after)
    c.close()


@pytest.mark.parametrize("packet", [0, 1, 8, 31, 0xffffffff])
@pytest.mark.parametrize("window", [0, 1, 0xffffffff])
def test_extreme_sizes_in_open(server, login, packet, window):
    """row 58: refused, or clamped; no spinning on a packet of nothing"""
    c = login()
    try:
        if c.open_session(window=window, packet=packet) is not None:
            c.exec("head -c 3000 /dev/zero")
            with contextlib.suppress(sshraw.Timeout):
                while True:
                    c.read(0.1)
            assert sleeps(server, 0.3, 5)
    except Closed:
        pass
    c.close()


@pytest.mark.parametrize("kind", ["session", "nonsense", "x" * 5000, ""])
def test_flood_of_opens(server, login, kind):
    """row 64: MaxSessions holds, memory stays, the rest is refused"""
    c = login()
    count = 3000
    opened = refused = 0
    try:
        for start in range(0, count, 100):
            c.send_raw(b"".join(
                seal_next(c, msg(sshraw.OPEN, string(kind), u32(start + n),
                                 u32(1 << 20), u32(32768)))
                for n in range(100)))
            for _ in range(100):
                p = c.expect(sshraw.OPEN_OK, sshraw.OPEN_FAILURE)
                if p[0] == sshraw.OPEN_OK:
                    opened += 1
                else:
                    refused += 1
            if start == 0:
                before = resident_kib(server)
        assert opened == (10 if kind == "session" else 0)
        assert refused == count - opened
        assert resident_kib(server) - before < MEMORY_FACTOR * (8 << 10)
    except Closed:
        assert kind in ("", "x" * 5000)
    c.close()


def seal_next(c, payload):
    data = c.tx.seal(c.tx_seq, payload)
    c.tx_seq += 1
    return data


def test_open_and_close_two_thousand_times(server, login):
    c = login()
    before = None
    for n in range(2000):
        remote = c.open_session(number=n)
        assert remote is not None, n
        c.send(msg(CLOSE, u32(remote)))
        c.expect(CLOSE)
        if n == 100:
            before = resident_kib(server)
    assert resident_kib(server) - before < MEMORY_FACTOR * (4 << 10)
    alive(c)
    c.close()


def test_two_hundred_commands(server, login):
    """descriptors and processes of ended commands are given back"""
    c = login()
    for n in range(200):
        remote = c.open_session(number=n)
        assert remote is not None, n
        assert c.exec("echo %d" % n, channel=remote)
        assert c.collect()[0] == b"%d\n" % n
        c.send(msg(CLOSE, u32(remote)))
    for pid, *_ in server.report()["alive"]:
        with contextlib.suppress(OSError):
            assert len(os.listdir("/proc/%d/fd" % pid)) < 40
    c.close()


def test_same_number_for_all_channels(login):
    """the peer's own numbers are its own business"""
    c = login()
    for _ in range(3):
        assert c.open_session(number=5) is not None
    assert c.exec("echo on")
    assert c.collect()[0] == b"on\n"
    c.close()


@pytest.mark.parametrize("number", [1, 9, 255, 0x7fffffff, 0xffffffff])
@pytest.mark.parametrize("kind", [91, 92, 93, 94, 95, 96, 97, 98, 99, 100])
def test_unknown_channel_numbers(login, kind, number):
    c = login()
    c.open_session()
    body = {91: u32(number) + u32(0) * 3, 92: u32(number) + u32(1)
            + string("") * 2, 93: u32(number) + u32(1),
            94: u32(number) + string("x"),
            95: u32(number) + u32(1) + string("x"),
            98: u32(number) + string("exec") + b"\1" + string("true")}
    c.send(msg(kind, body.get(kind, u32(number))))
    alive_or_closed(c)


@pytest.mark.parametrize("body", [b"", b"\0", u32(0), u32(0) + u32(5),
                                  u32(0) + u32(0xffffffff),
                                  u32(0) + string("exec"),
                                  u32(0) + string("exec") + b"\1" + u32(99),
                                  u32(0) + string("pty-req") + b"\1"
                                  + string("x"),
                                  u32(0) + string("env") + b"\1"
                                  + string("A") + u32(0x80000000),
                                  u32(0) + string("signal") + b"\0",
                                  u32(0) + string("window-change") + b"\0"
                                  + bytes(15)], ids=lambda b: b.hex()[:40])
def test_malformed_requests(login, body):
    c = login()
    c.open_session()
    c.send(msg(sshraw.REQUEST, body))
    c.skip = (sshraw.FAILURE,)
    with contextlib.suppress(Closed):
        alive(c)
    c.close()


@pytest.mark.parametrize("before", [
    ["window-change"], ["signal"], ["break"], ["pty-req", "pty-req"]])
def test_requests_out_of_order(login, before):
    """row 58: nothing crashes, the command still runs"""
    c = login()
    c.open_session()
    bodies = {"window-change": u32(9) * 4, "signal": string("TERM"),
              "break": u32(1),
              "pty-req": string("vt100") + u32(9) * 4 + string(b"\0")}
    try:
        for kind in before:
            c.request(kind, bodies[kind])
            c.channel_reply()
        assert c.exec("echo on") and c.collect()[0].strip() == b"on"
    except Closed:
        assert STANDIN
    c.close()


def test_command_text(login):
    """NUL and newline in a command, and no command at all"""
    for text in (b"echo a\0; echo b", b"", b"\n", b"\xff\xfe", b"x" * 200000):
        c = login()
        c.open_session()
        with contextlib.suppress(Closed, sshraw.Timeout):
            c.request("exec", string(text))
            c.channel_reply()
            c.collect(4)
        c.close()


@pytest.mark.ours
def test_extended_data_of_unknown_type(login):
    """row 65: discarded with its credit given back, or an error"""
    c = login()
    c.open_session()
    assert c.exec("cat")
    try:
        left, total = c.window, c.window + 500000
        sent = 0
        while sent < total:
            n = min(left, 32000, total - sent)
            if n:
                c.send(msg(EXT, u32(c.remote), u32(9), string(bytes(n))))
                sent, left = sent + n, left - n
            else:
                p = c.expect(sshraw.WINDOW_ADJUST)
                left += sshraw.Reader(p, 5).u32()
        c.send(msg(DATA, u32(c.remote), string("on")))
        c.send(msg(EOF, u32(c.remote)))
        assert c.collect()[0] == b"on"
    except Closed:
        pass
    c.close()


def test_stalled_channels_and_a_live_one(server, login):
    """row 65: nine channels with no window left do not stop the tenth, and
    what waits for them is not hoarded in memory"""
    c = login()
    before = resident_kib(server)
    c.skip = (DATA,)
    for n in range(9):
        remote = c.open_session(number=n, window=1000)
        assert c.exec("cat /dev/zero", channel=remote)
    live = c.open_session(number=9, window=1 << 30)
    assert c.exec("head -c 20000000 /dev/zero", channel=live)
    got = 0
    while got < 20000000:
        p = c.read()
        if p[0] == DATA and sshraw.Reader(p).u32() == 9:
            got += len(sshraw.Reader(p, 5).string())
    # stalled means asleep
    assert sleeps(server, 0.5, 5)
    assert resident_kib(server) - before < 64 << 10
    c.close()
    server.wait_gone()


def test_reader_that_does_not_read(server, login):
    """the peer's TCP window is full: the server waits and keeps its size"""
    c = login()
    c.open_session(window=0xffffffff, packet=0xffff)
    assert c.exec("cat /dev/zero")
    assert sleeps(server, 0.5, 5)
    first = resident_kib(server)
    time.sleep(0.7)
    assert resident_kib(server) - first < 8 << 10
    assert sleeps(server, 0.5, 5)
    c.close()
    server.wait_gone()


@pytest.mark.parametrize("body", [
    b"", string("tcpip-forward"), string("") + b"\1",
    string("tcpip-forward") + b"\1" + string("x") + u32(0x1ffff),
    string("no-more-sessions@openssh.com") + b"\1" + bytes(100),
    string("x" * 30000) + b"\1", u32(0xffffffff),
    string("hostkeys-prove-00@openssh.com") + b"\1" + u32(0xffffffff)],
    ids=lambda b: b.hex()[:40])
def test_malformed_global_requests(login, body):
    c = login()
    c.send(msg(sshraw.GLOBAL_REQUEST, body))
    c.skip = (sshraw.REQUEST_FAILURE, sshraw.REQUEST_SUCCESS)
    with contextlib.suppress(Closed):
        alive(c)
    c.close()


def test_flood_of_global_requests(server, login):
    """answers that nobody reads are not collected without bound"""
    c = login()
    before = resident_kib(server)
    c.sock.settimeout(2)
    with contextlib.suppress(OSError):
        for _ in range(30000):
            c.sock.sendall(seal_next(c, msg(
                sshraw.GLOBAL_REQUEST, string("keepalive@openssh.com"),
                b"\1")))
    assert resident_kib(server) - before < MEMORY_FACTOR * (16 << 10)
    c.close()
    server.wait_gone()


def test_flood_of_pings(server, login):
    c = login()
    before = resident_kib(server)
    c.sock.settimeout(2)
    with contextlib.suppress(OSError):
        for _ in range(1500):
            c.sock.sendall(seal_next(c, msg(sshraw.PING,
                                            string(bytes(32000)))))
    after = resident_kib(server)
    assert not after or after - before < 32 << 10
    c.close()
    server.wait_gone()
