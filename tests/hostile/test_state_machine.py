"""Messages at the wrong time (threats.md 2.1, rows 1 to 10): nothing before
its time has an effect, and the connection ends instead of going on."""
import contextlib
import time

import pytest
import sshraw
from harness import ALL_CIPHERS, ROOT, STANDIN
from sshraw import (Client, Closed, Key, boolean, msg, string, u32)

SERVER_MESSAGES = [6, 7, 31, 33, 51, 52, 53, 60, 81, 82, 91, 92, 99, 100]


@pytest.fixture(autouse=True)
def exits(request):
    yield
    if STANDIN:
        for server in getattr(request.node, "servers", []):
            server.exits = set(range(256))


@pytest.fixture
def canary(world):
    """a file that only a command of the user could make"""
    path = (world.home() if ROOT else world.dir) / "canary"
    path.unlink(missing_ok=True)
    yield path
    time.sleep(0.05)
    assert not path.exists(), "a command ran without authentication"


def hello(server):
    c = Client(server.connect())
    c.hello()
    return c


def in_kex(server):
    c = hello(server)
    c.send_kexinit()
    c.read_kexinit()
    return c


def keys(server):
    return Client(server.connect()).start()


def service(server):
    return keys(server).service()


def failed(server):
    c = service(server)
    c.sign(server.world.user, Key(server.world.stranger))
    return c


STATES = [hello, in_kex, keys, service, failed]


def run_command(c, path):
    """a whole session's messages, sent without waiting for any answer"""
    c.send(msg(sshraw.OPEN, string("session"), u32(0), u32(1 << 20),
               u32(32768)))
    for kind in ("exec", "shell"):
        c.send(msg(sshraw.REQUEST, u32(0), string(kind), boolean(False),
                   string("touch %s" % path)))
    c.send(msg(sshraw.DATA, u32(0), string("touch %s\n" % path)))


def answers(c):
    """the numbers of all messages until the server closes or is silent"""
    numbers = []
    with contextlib.suppress(Closed, ValueError, sshraw.Timeout,
                             sshraw.InvalidTag):
        while True:
            numbers.append(c.read(1)[0])
    return numbers


@pytest.mark.parametrize("state", STATES)
def test_session_before_authentication(server, canary, state):
    """row 2: CVE-2025-32433 and its ancestors"""
    c = state(server)
    run_command(c, canary)
    numbers = answers(c)
    assert not {sshraw.OPEN_OK, sshraw.SUCCESS, sshraw.DATA} & set(numbers)
    c.close()
    server.wait_gone()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("number", [52, 51, 53, 60])
def test_the_servers_own_answers(server, canary, state, number):
    """row 1: CVE-2018-10933; a SUCCESS from the client is none"""
    c = state(server)
    c.send(msg(number, b"" if number == 52 else string("x") + bytes(8)))
    run_command(c, canary)
    numbers = answers(c)
    assert not {sshraw.OPEN_OK, sshraw.SUCCESS, sshraw.DATA} & set(numbers)
    c.close()
    server.wait_gone()


@pytest.mark.parametrize("state", [keys, service, failed])
def test_server_to_client_messages(server, canary, state):
    """row 3: CVE-2018-1000805; all at once, then a session"""
    c = state(server)
    for number in SERVER_MESSAGES:
        c.send(msg(number, bytes(16)))
    run_command(c, canary)
    assert sshraw.OPEN_OK not in answers(c)
    c.close()
    server.wait_gone()


# --- strict key exchange (row 5), plaintext injection (row 6)


EXTRA = {"ignore": msg(sshraw.IGNORE, string("")),
         "debug": msg(sshraw.DEBUG, b"\0", string(""), string("")),
         "unimplemented": msg(sshraw.UNIMPLEMENTED, u32(0)),
         "ping": msg(sshraw.PING, string("")),
         "ext-info": msg(sshraw.EXT_INFO, u32(0)),
         "service": msg(sshraw.SERVICE_REQUEST, string("ssh-userauth")),
         "auth": msg(sshraw.AUTH_REQUEST, string("root"),
                     string("ssh-connection"), string("none")),
         "unknown": msg(150, b"")}


@pytest.mark.parametrize("place", ["before KEXINIT", "after KEXINIT",
                                   "before NEWKEYS"])
@pytest.mark.parametrize("extra", list(EXTRA))
def test_strict_kex_allows_nothing_else(server, extra, place):
    c = hello(server)
    if place == "before KEXINIT":
        c.send(EXTRA[extra])
    c.send_kexinit()
    try:
        c.read_kexinit()
        assert c.server_strict
        if place == "after KEXINIT":
            c.send(EXTRA[extra])
        c.send_share()
        c.read_reply()
        if place == "before NEWKEYS":
            c.send(EXTRA[extra])
        c.send_newkeys()
        c.read_newkeys()
        c.service()
        pytest.fail("the server went on")
    except (Closed, sshraw.InvalidTag, ValueError):
        pass
    c.close()


@pytest.mark.parametrize("cipher", ALL_CIPHERS)
@pytest.mark.parametrize("strict", [True, False])
def test_sequence_numbers(server, login, cipher, strict):
    """reset at each NEWKEYS of a strict exchange, else never; the MACs of
    what follows prove it"""
    c = login(cipher=cipher, mac="hmac-sha2-256-etm@openssh.com",
              strict=strict)
    assert c.server_strict == strict
    for _ in range(2):
        c.rekey()
        c.open_session()
        assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


def test_ext_info_in_plaintext_is_not_honoured(server, world):
    """row 6: CVE-2023-46445, for a client that is not strict"""
    c = Client(server.connect(), strict=False)
    c.hello()
    c.send_kexinit()
    try:
        c.read_kexinit()
        c.send(EXTRA["auth"])
        c.send_share()
        c.read_reply()
        c.send_newkeys()
        c.read_newkeys()
        numbers = answers(c)
        assert not {sshraw.AUTH_FAILURE, sshraw.AUTH_SUCCESS} & set(numbers)
    except (Closed, ValueError):
        pass
    c.close()


@pytest.mark.parametrize("times", [1, 2, 5])
def test_ext_info_from_the_client(server, world, times):
    """allowed once, as the first message; more must do no harm"""
    c = keys(server)
    for _ in range(times):
        c.send(msg(sshraw.EXT_INFO, u32(1),
                   string("ext-info-in-auth@openssh.com"), string("0")))
    try:
        c.skip = (sshraw.UNIMPLEMENTED,)
        c.service()
        assert c.sign(world.user, Key(world.keys["ed25519"])) \
            == sshraw.AUTH_SUCCESS
    except Closed:
        assert times > 1
    c.close()


@pytest.mark.parametrize("body", [u32(0xffffffff), u32(1), u32(1) + u32(9),
                                  u32(1) + string("x"), b"", b"\0",
                                  u32(1) + string("x") + u32(0x7fffffff)])
def test_malformed_ext_info(server, body):
    c = keys(server)
    c.send(msg(sshraw.EXT_INFO, body))
    answers(c)
    c.close()
    server.wait_gone()


# --- NEWKEYS (row 7), KEXINIT (rows 8 and 10)


NEWKEYS_CASES = ["first", "before KEX_INIT", "twice", "with a payload",
                 "instead of KEX_INIT, twice"]


@pytest.mark.parametrize("case", NEWKEYS_CASES)
def test_newkeys_out_of_order(server, case):
    """row 7: CVE-2016-10708"""
    c = hello(server)
    if case == "first":
        c.send(msg(sshraw.NEWKEYS))
    c.send_kexinit()
    # "first" is not implemented, and then KEXINIT was not the first
    ends = (Closed, ValueError) if case == "first" else Closed
    with contextlib.nullcontext() if case in ("twice", "with a payload") \
            else pytest.raises(ends):
        c.read_kexinit()
        if "KEX_INIT" in case:
            c.send(msg(sshraw.NEWKEYS))
            if "twice" in case:
                c.send(msg(sshraw.NEWKEYS))
        c.send_share()
        c.read_reply()
        if case == "with a payload":
            c.send(msg(sshraw.NEWKEYS, b"surplus"))
        else:
            c.send(msg(sshraw.NEWKEYS))
        c.use_tx()
        c.read_newkeys()
        if case == "twice":
            c.send(msg(sshraw.NEWKEYS))
            # (as OpenSSH: not part of an exchange, so not implemented)
        if case in ("twice", "with a payload"):
            c.skip = (sshraw.UNIMPLEMENTED,)
            with contextlib.suppress(Closed, sshraw.Timeout):
                c.timeout = 2
                c.service()
            return c.close()
        c.service()
        pytest.fail("the server went on")
    c.close()


def test_flood_of_kexinit(server):
    """row 8: CVE-2016-8858; the second one ends it"""
    c = in_kex(server)
    with contextlib.suppress(OSError):
        for _ in range(10000):
            c.sock.sendall(c.tx.seal(c.tx_seq, c.kexinit()))
    # (the kernel may have room for all of them)
    c.wait_closed()
    c.close()
    server.wait_gone()


@pytest.mark.ours
def test_flood_of_kexinit_after_login(server, login):
    c = login()
    c.send_kexinit()
    with contextlib.suppress(OSError):
        for _ in range(5000):
            c.sock.sendall(c.tx.seal(c.tx_seq, c.kexinit()))
            c.tx_seq += 1
    c.wait_closed()
    c.close()
    server.wait_gone()


def peak_kib(server):
    """the largest resident size of a process that is alive now"""
    peak = 0
    for pid, *_ in server.report()["alive"]:
        with contextlib.suppress(OSError):
            with open("/proc/%d/status" % pid) as f:
                for line in f:
                    if line.startswith("VmHWM"):
                        peak = max(peak, int(line.split()[1]))
    return peak


@pytest.mark.parametrize("kind", ["ping", "ignore", "data"])
@pytest.mark.parametrize("when", ["first kex", "rekey"])
def test_flood_during_key_exchange(server, login, kind, when):
    """row 9: CVE-2025-26466; nothing is queued for later without bound"""
    big = string(b"x" * 30000)
    payload = {"ping": msg(sshraw.PING, big),
               "ignore": msg(sshraw.IGNORE, big),
               "data": msg(sshraw.DATA, u32(0), big)}[kind]
    if when == "rekey":
        c = login()
        c.open_session()
        assert c.exec("cat >/dev/null")
        c.send_kexinit()
        c.read_kexinit()
    else:
        c = in_kex(server)
    before = peak_kib(server)
    c.sock.settimeout(3)
    sent = 0
    try:
        for _ in range(2000):
            c.sock.sendall(c.tx.seal(c.tx_seq, payload))
            c.tx_seq += 1
            sent += 1
    except OSError:
        pass
    after = peak_kib(server)
    assert not after or after - before < 32 << 10, (before, after)
    if when == "first kex":
        assert sent < 2000
    c.close()
    server.wait_gone()


@pytest.mark.parametrize("times", [1, 30])
def test_wrong_guesses(server, world, login, times):
    """row 10: CVE-2025-8277; a wrong guess is skipped exactly once, at the
    first exchange and at each one after it"""
    c = Client(server.connect(), kex="ecdh-sha2-nistp256")
    c.hello()

    def wrong():
        c.send_kexinit(follows=True)
        c.send(msg(sshraw.KEX_INIT, string(b"\0" * 32)))
        c.read_kexinit()
        if c.server_lists[0][0] == c.kex_names:
            pytest.skip("the guess would be right")
        c.send_share()
        c.read_reply()
        c.send_newkeys()
        c.read_newkeys()

    wrong()
    c.service()
    assert c.sign(world.user, Key(world.keys["ed25519"])) \
        == sshraw.AUTH_SUCCESS
    for _ in range(times):
        wrong()
    c.open_session()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


def test_wrong_guess_then_nothing_is_skipped(server):
    """the flag excuses one packet, not two"""
    c = Client(server.connect(), kex="ecdh-sha2-nistp256")
    c.hello()
    c.send_kexinit(follows=True)
    for _ in range(2):
        c.send(msg(sshraw.KEX_INIT, string(b"\0" * 32)))
    c.read_kexinit()
    if c.server_lists[0][0] == c.kex_names:
        pytest.skip("the guess would be right")
    with pytest.raises((Closed, ValueError)):
        c.send_share()
        c.read_reply()
    c.close()


# --- malformed KEXINIT and public values (rows 17 and 18)


def names(text):
    return string(text)


KEXINITS = {
    "empty": b"", "cookie only": bytes(16), "short": bytes(20),
    "huge length": bytes(16) + u32(0xffffffff),
    "ten empty lists": bytes(16) + names("") * 10 + b"\0" + u32(0),
    "no end": bytes(16) + names("a") * 10,
    "nine lists": bytes(16) + names("a") * 9 + b"\0" + u32(0),
    "commas": bytes(16) + names(",,,,") * 10 + b"\0" + u32(0),
    "nul": bytes(16) + names("a\0b") * 10 + b"\0" + u32(0),
    "100k names": bytes(16) + names("a," * 14000 + "b") + names("x") * 9
    + b"\0" + u32(0),
    "long name": bytes(16) + names("n" * 30000) + names("x") * 9
    + b"\0" + u32(0),
    "surplus": None,
}


@pytest.mark.parametrize("case", list(KEXINITS))
def test_malformed_kexinit(server, case):
    c = hello(server)
    body = KEXINITS[case]
    c.send(c.kexinit() + b"surplus" if body is None
           else msg(sshraw.KEXINIT, body))
    if body is None:
        c.my_kexinit = b""
    c.wait_closed() if body is not None else answers(c)
    c.close()
    server.wait_gone()


SHARES = [
    ("curve25519-sha256", "zero", bytes(32)),
    ("curve25519-sha256", "one", b"\1" + bytes(31)),
    ("curve25519-sha256", "low order", bytes.fromhex(
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")),
    ("curve25519-sha256", "p", bytes.fromhex("ed" + "ff" * 30 + "7f")),
    ("curve25519-sha256", "short", bytes([9]) + bytes(30)),
    ("curve25519-sha256", "long", bytes([9]) + bytes(32)),
    ("curve25519-sha256", "empty", b""),
    ("ecdh-sha2-nistp256", "off the curve", b"\4" + b"\1" * 64),
    ("ecdh-sha2-nistp256", "infinity", b"\0"),
    ("ecdh-sha2-nistp256", "compressed", b"\2" + b"\1" * 32),
    ("ecdh-sha2-nistp256", "zero", b"\4" + bytes(64)),
    ("ecdh-sha2-nistp256", "short", b"\4" + b"\1" * 63),
    ("ecdh-sha2-nistp256", "empty", b""),
    ("ecdh-sha2-nistp384", "off the curve", b"\4" + b"\1" * 96),
    ("ecdh-sha2-nistp521", "off the curve", b"\4" + b"\1" * 132),
    ("ecdh-sha2-nistp521", "of another curve", b"\4" + b"\1" * 64),
    ("diffie-hellman-group14-sha256", "zero", b""),
    ("diffie-hellman-group14-sha256", "one", b"\1"),
    ("diffie-hellman-group14-sha256", "negative", b"\xff" * 256),
    ("diffie-hellman-group14-sha256", "too large", b"\0" + b"\xff" * 256),
    ("diffie-hellman-group14-sha256", "p", "p"),
    ("diffie-hellman-group14-sha256", "p - 1", "p-1"),
    ("diffie-hellman-group16-sha512", "one", b"\1"),
    ("diffie-hellman-group18-sha512", "one", b"\1"),
    ("diffie-hellman-group18-sha512", "64 KiB", b"\1" * 65536),
]
# RFC 3526 section 3
GROUP14 = bytes.fromhex(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF")


@pytest.mark.parametrize("kex,what,share", SHARES,
                         ids=["%s-%s" % s[:2] for s in SHARES])
def test_bad_public_values(server, kex, what, share):
    """row 18: dropped before a key is derived or a signature given"""
    if share == "p":
        share = b"\0" + GROUP14
    elif share == "p-1":
        share = b"\0" + GROUP14[:-1] + b"\xfe"
    c = Client(server.connect(), kex=kex)
    c.hello()
    c.send_kexinit()
    c.read_kexinit()
    c.send_share(share)
    numbers = answers(c)
    assert sshraw.KEX_REPLY not in numbers
    c.close()
    server.wait_gone()
