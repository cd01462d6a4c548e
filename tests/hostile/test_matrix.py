"""Row 4 of threats.md: each message number in each state, against a table.

The body is 16 zero bytes.  What happened is one of
    ignored        the next exchange goes on as if nothing had been sent
    unimplemented  UNIMPLEMENTED (RFC 4253 section 11.4)
    closed         DISCONNECT, or the connection just ends
    N              message N came back
The table gives the answers that are right (an empty name, or bytes left over
after the last field, may be an error or not); 80 to 127 before authentication
end the connection (RFC 4252 section 6).
"""
import concurrent.futures

import pytest
import sshraw
from harness import STANDIN
from sshraw import Client, Closed, Key, msg, string, u32

pytestmark = pytest.mark.ours

I, U, C = "ignored", "unimplemented", "closed"
BODY = bytes(16)
THREADS = 4


def table(default, *rows):
    """{number: right answers} from (first, last, answers) rows"""
    out = {n: set(default) for n in range(256)}
    for first, last, right in rows:
        for n in range(first, last + 1):
            out[n] = set(right)
    return out


GOLDEN = {
    # the server has said KEXINIT, the client has not
    "hello": table([C], (2, 4, [I, C]), (5, 19, [U, C]), (21, 49, [U, C]),
                   (128, 255, [U, C]), (192, 193, [I, U, C])),
    # both have: strict kex allows nothing but the exchange itself
    "strict": table([C]),
    # the same without the marker: RFC 4253 section 7.1
    "lax": table([C], (2, 4, [I]), (7, 19, [U, C]), (22, 29, [U, C]),
                 (31, 49, [U, C]), (128, 255, [U, C])),
    "keys": table([C], (2, 4, [I]), (6, 6, [U, C]), (7, 7, [I, U, C]),
                  (8, 19, [U]), (21, 21, [U, C]), (22, 29, [U, C]),
                  (30, 79, [U, C]), (128, 191, [U]), (192, 193, [I, U, C,
                                                                 193]),
                  (194, 254, [U]), (0, 0, [U, C]), (255, 255, [U, C])),
    "userauth": table([C], (2, 4, [I]), (5, 6, [U, C, 6]), (7, 7, [I, U, C]),
                      (8, 19, [U]), (21, 49, [U, C]), (50, 50, [51, C]),
                      (51, 79, [U, C]), (128, 191, [U]),
                      (192, 193, [I, U, C, 193]), (194, 254, [U]),
                      (0, 0, [U, C]), (255, 255, [U, C])),
    "session": table([U], (0, 0, [U, C]), (1, 1, [C]), (2, 4, [I]),
                     (5, 6, [U, C]), (7, 7, [I, U, C]), (20, 20, [C]),
                     (21, 49, [U, C]), (50, 79, [I, U, C]),
                     (80, 80, [I, C]), (81, 82, [I, U, C]), (90, 90, [92, C]),
                     (91, 100, [I, C]), (192, 192, [193, C]),
                     (193, 193, [I, U]), (255, 255, [U, C])),
    # channel 0 is open
    "channel": table([U], (0, 0, [U, C]), (1, 1, [C]), (2, 4, [I]),
                     (5, 6, [U, C]), (7, 7, [I, U, C]), (20, 20, [C]),
                     (21, 49, [U, C]), (50, 79, [I, U, C]),
                     (80, 80, [I, C]), (81, 82, [I, U, C]), (90, 90, [92, C]),
                     (91, 92, [C, I]), (93, 100, [I, C, 93, 96, 97, 98]),
                     (192, 192, [193, C]), (193, 193, [I, U]),
                     (255, 255, [U, C])),
    # a channel that both sides have closed
    "closed": table([U], (0, 0, [U, C]), (1, 1, [C]), (2, 4, [I]),
                    (5, 6, [U, C]), (7, 7, [I, U, C]), (20, 20, [C]),
                    (21, 49, [U, C]), (50, 79, [I, U, C]),
                    (80, 80, [I, C]), (81, 82, [I, U, C]), (90, 90, [92, C]),
                    (91, 100, [I, C]), (192, 192, [193, C]),
                    (193, 193, [I, U]), (255, 255, [U, C])),
    # the client has begun a rekey: RFC 4253 section 7.1 again
    "rekey": table([C], (2, 4, [I, C]), (7, 19, [U, C]), (22, 29, [U, C]),
                   (31, 49, [U, C]), (128, 255, [U, C]),
                   (192, 193, [I, U, C])),
}


def reach(server, state):
    """a client in that state"""
    c = Client(server.connect())
    c.hello()
    if state == "hello":
        c.strict = False
        return c
    if state in ("strict", "lax"):
        c.strict = state == "strict"
        c.send_kexinit()
        c.read_kexinit()
        return c
    c.kex()
    if state != "keys":
        c.service()
    if state in ("keys", "userauth"):
        return c
    c.sign(server.world.user, Key(server.world.keys["ed25519"]))
    if state in ("channel", "closed"):
        c.open_session()
        assert c.exec("cat" if state == "channel" else "true")
    if state == "closed":
        c.collect()
        c.send(msg(sshraw.CLOSE, u32(c.remote)))
    if state == "rekey":
        c.send_kexinit()
        c.read_kexinit()
    return c


def probe_exchange(c, state):
    """finish the key exchange: proof that the message was ignored"""
    if state == "hello":
        c.send_kexinit()
        c.read_kexinit()
    c.send_share()
    while True:
        payload = c.read()
        if payload[0] == sshraw.KEX_REPLY:
            return I
        if payload[0] == sshraw.UNIMPLEMENTED:
            return U
        if payload[0] not in (sshraw.GLOBAL_REQUEST, sshraw.EXT_INFO,
                              sshraw.DEBUG):
            return payload[0]


def probe_unknown(c):
    """an unknown message must be answered with its sequence number"""
    seq = c.tx_seq
    c.send(msg(150, b""))
    first = None
    while True:
        payload = c.read()
        if payload[0] in (sshraw.EXT_INFO, sshraw.GLOBAL_REQUEST,
                          sshraw.AUTH_BANNER, sshraw.DEBUG):
            continue
        if payload[0] == sshraw.UNIMPLEMENTED \
                and sshraw.Reader(payload).u32() == seq:
            return first or I
        first = first or (U if payload[0] == sshraw.UNIMPLEMENTED
                          else payload[0])


def react(c, state, number):
    try:
        c.send(msg(number, BODY))
        if state in ("hello", "strict", "lax", "rekey"):
            return probe_exchange(c, state)
        return probe_unknown(c)
    except (Closed, sshraw.InvalidTag):
        return C
    except sshraw.Timeout:
        return "silence"


def cells(server, state, numbers):
    """the reactions to some numbers; a client that survives is used again"""
    results, c = {}, None
    once = state in ("hello", "strict", "lax", "rekey", "channel")
    for number in numbers:
        if c is None:
            c = reach(server, state)
        results[number] = react(c, state, number)
        if once or results[number] in (C, "silence"):
            c.close()
            c = None
    if c:
        c.close()
    return results


@pytest.mark.parametrize("state", list(GOLDEN))
def test_message_matrix(make_server, state):
    server = make_server(["MaxAuthTries 1000"], log_level="QUIET")
    server.exits = set(range(256)) if STANDIN else {0}
    numbers = list(range(256))
    if state in ("channel", "rekey"):
        # a login each: all that are assigned, a sample of the others
        numbers = [n for n in numbers if n < 8 or 19 < n < 32 or
                   49 < n < 54 or 59 < n < 62 or 79 < n < 101 or
                   n in (15, 40, 70, 110, 127, 128, 150, 191, 192, 193, 194,
                         254, 255)]
    results = {}
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for part in pool.map(lambda n: cells(server, state,
                                             numbers[n::THREADS]),
                             range(THREADS)):
            results.update(part)
    wrong = {n: (r, sorted(map(str, GOLDEN[state][n])))
             for n, r in sorted(results.items())
             if r not in GOLDEN[state][n]}
    assert len(results) == len(numbers)
    assert not wrong, "message: (what happened, what is right): %s" % wrong


def test_the_server_survived_it_all(server, login):
    c = login()
    c.open_session()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.send(msg(sshraw.DISCONNECT, u32(11), string("bye"), string("")))
    c.close()
