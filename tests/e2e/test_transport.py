"""RFC 4253 and its friends with the stock ssh client: algorithms, compression,
rekeying, bulk data, and what is said when nothing can be negotiated."""
import hashlib
import itertools
import os
import re

import pytest
import sshraw
from harness import (AEAD, ALL_CIPHERS, ALL_HOSTKEYS, ALL_KEX, ALL_MACS, CTR,
                     SERVER, STANDIN)


def pairwise(*factors):
    """rows such that each pair of values of two factors is in some row"""
    todo = set()
    for (i, a), (j, b) in itertools.combinations(enumerate(factors), 2):
        todo |= {(i, x, j, y) for x in a for y in b}

    def gain(row):
        return sum((i, row[i], j, row[j]) in todo
                   for i, j in itertools.combinations(range(len(row)), 2))

    rows = []
    while todo:
        i, x, j, y = min(todo)
        best = None
        pools = [[x] if n == i else [y] if n == j else f
                 for n, f in enumerate(factors)]
        for row in itertools.product(*pools):
            g = gain(row)
            if best is None or g > best[0]:
                best = g, row
        rows.append(best[1])
        for a, b in itertools.combinations(range(len(factors)), 2):
            todo.discard((a, best[1][a], b, best[1][b]))
    return rows


PAIRS = pairwise(ALL_KEX, ALL_HOSTKEYS, ALL_CIPHERS, ALL_MACS)


def algorithm_opts(kex=None, hostkey=None, cipher=None, mac=None):
    pairs = (("KexAlgorithms", kex), ("HostKeyAlgorithms", hostkey),
             ("Ciphers", cipher), ("MACs", mac))
    return ["%s=%s" % p for p in pairs if p[1]]


@pytest.mark.parametrize("kex,hostkey,cipher,mac", PAIRS)
def test_algorithms_pairwise(server, kex, hostkey, cipher, mac):
    opts = algorithm_opts(kex, hostkey, cipher, mac)
    p = server.ssh("-v", "echo it works", opts=["LogLevel=DEBUG1", *opts])
    assert p.stdout == b"it works\n", p.stderr.decode()
    said = p.stderr.decode()
    assert "kex: algorithm: %s" % kex in said
    assert "kex: host key algorithm: %s" % hostkey in said
    for way in ("server->client", "client->server"):
        assert re.search("kex: %s cipher: %s MAC: %s " % (
            way, re.escape(cipher), r"<implicit>" if cipher in AEAD
            else re.escape(mac)), said)


def test_identification(server):
    with server.connect() as s:
        line = s.makefile("rb").readline()
    assert re.fullmatch(rb"SSH-2\.0-[!-,.-~][!-~ ]*\r\n", line), line
    assert len(line) <= 255


def test_kexinit_lists(server):
    """every algorithm of the issue is offered, and nothing weak is"""
    c = sshraw.Client(server.connect())
    c.hello()
    lists = c.read_kexinit()
    kex, hostkeys, cipher_in, cipher_out, mac_in, mac_out = lists[:6]
    assert set(ALL_KEX) <= set(kex)
    assert "kex-strict-s-v00@openssh.com" in kex
    assert set(ALL_HOSTKEYS) <= set(hostkeys)
    assert cipher_in == cipher_out and set(cipher_in) == set(ALL_CIPHERS)
    assert mac_in == mac_out and set(mac_in) == set(ALL_MACS)
    assert set(lists[6]) == set(lists[7]) == {"none", "zlib@openssh.com"}
    weak = re.compile(r"cbc|arcfour|md5|sha1$|ssh-dss|ssh-rsa$|^none$")
    assert not [n for n in sum(lists[:6], []) if weak.search(n)]
    c.close()


def test_compression(server):
    data = b"all work and no play makes a dull boy\n" * 40000
    p = server.ssh("-v", "cat", input=data,
                   opts=["Compression=yes", "LogLevel=DEBUG1"])
    assert p.stdout == data
    said = p.stderr.decode()
    assert said.count("compression: zlib@openssh.com") == 2
    # each way the text costs next to nothing on the wire
    sent, received = map(int, re.search(
        r"Transferred: sent (\d+), received (\d+)", said).groups())
    assert sent < len(data) // 8 and received < len(data) // 8


def test_compression_can_be_forbidden(make_server):
    server = make_server(["Compression no"])
    p = server.ssh("-v", "echo plain",
                   opts=["Compression=yes", "LogLevel=DEBUG1"])
    assert p.stdout == b"plain\n"
    assert b"compression: none" in p.stderr


@pytest.fixture(scope="module")
def fifty_mb(world):
    path = world.dir / "fifty"
    path.write_bytes(os.urandom(1 << 20) * 50)
    yield path, hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()


@pytest.mark.parametrize("cipher", ALL_CIPHERS)
def test_fifty_megabytes_both_ways(server, fifty_mb, cipher):
    """up and down at once; the digest must be that of the file"""
    path, digest = fifty_mb
    with open(path, "rb") as f:
        p = server.ssh("cat", stdin=f, opts=algorithm_opts(cipher=cipher),
                       timeout=120)
    assert p.returncode == 0, p.stderr
    assert hashlib.sha256(p.stdout).hexdigest() == digest


@pytest.mark.parametrize("mac", ALL_MACS)
def test_bulk_with_each_mac(server, fifty_mb, mac):
    data = fifty_mb[0].read_bytes()[:8 << 20]
    p = server.ssh("sha256sum; cat", input=data,
                   opts=algorithm_opts(cipher="aes256-ctr", mac=mac))
    assert p.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes128-ctr",
                                    "chacha20-poly1305@openssh.com"])
@pytest.mark.parametrize("compress", ["no", "yes"])
def test_client_rekeys_under_load(server, cipher, compress):
    data = os.urandom(1 << 18) * 24
    p = server.ssh("-v", "cat", input=data, opts=[
        "RekeyLimit=512K", "Compression=" + compress, "LogLevel=DEBUG1",
        *algorithm_opts(cipher=cipher)])
    assert p.stdout == data, p.stderr[-2000:]
    assert p.stderr.count(b"SSH2_MSG_NEWKEYS received") >= 5


@pytest.mark.parametrize("way", ["up", "down", "both"])
def test_server_rekeys_under_load(make_server, way):
    server = make_server(["RekeyLimit 512K"])
    size = 6 << 20
    command = {"up": "wc -c", "both": "cat",
               "down": "head -c %d /dev/zero" % size}[way]
    p = server.ssh("-v", command, opts=["LogLevel=DEBUG1"],
                   input=b"" if way == "down" else bytes(size))
    assert p.returncode == 0, p.stderr[-2000:]
    if way == "up":
        assert int(p.stdout) == size
    else:
        assert p.stdout == bytes(size)
    assert p.stderr.count(b"SSH2_MSG_NEWKEYS received") >= 5


@pytest.mark.parametrize("kex", ALL_KEX)
def test_rekey_with_each_kex(server, kex):
    data = os.urandom(1 << 18) * 8
    p = server.ssh("cat", input=data, opts=[
        "RekeyLimit=768K", *algorithm_opts(kex=kex)])
    assert p.stdout == data, p.stderr


def test_rekey_by_the_client_while_idle(server, world):
    c = sshraw.Client(server.connect())
    c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    first = c.session_id
    for _ in range(5):
        c.rekey()
    c.open_session()
    assert c.exec("echo alive")
    c.rekey()
    assert c.collect()[0] == b"alive\n"
    assert c.session_id == first
    c.close()


class TwoWays(sshraw.Client):
    """each direction has a cipher and a MAC of its own"""

    def kexinit(self, **change):
        return super().kexinit(
            cipher_out=self.out[0], mac_out=self.out[1],
            cipher_in=self.back[0], mac_in=self.back[1], **change)

    def use_tx(self):
        self.cipher, self.mac = self.out
        super().use_tx()

    def read_newkeys(self):
        self.cipher, self.mac = self.back
        super().read_newkeys()


def all_steps(values):
    """a walk that takes the step from each value to each other once"""
    left = {v: list(values) for v in values}
    walk, trail = [], [values[0]]
    while trail:
        if left[trail[-1]]:
            trail.append(left[trail[-1]].pop())
        else:
            walk.append(trail.pop())
    return walk


def test_rekey_from_each_cipher_to_each(server, world):
    """rows 11 and 12: both ways at once, and never the same; the hash of
    the exchange changes its length on the way"""
    kinds = [*AEAD, "aes256-ctr+hmac-sha2-512",
             "aes128-ctr+hmac-sha2-256-etm@openssh.com"]
    suites = [(*k.split("+"), "hmac-sha2-256")[:2] for k in kinds]
    outs = all_steps(suites)
    backs = outs[3:-1] + outs[:3] + outs[:1]
    assert {(a, b) for a, b in itertools.pairwise(outs)} == \
        set(itertools.product(suites, suites))
    kexes = itertools.cycle(all_steps([
        "curve25519-sha256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"]))
    c = TwoWays(server.connect())
    c.out, c.back = outs[0], backs[0]
    c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    first = c.session_id
    c.open_session()
    assert c.exec("cat")
    for c.out, c.back, c.kex_names in zip(outs[1:], backs[1:], kexes):
        c.rekey()
        text = os.urandom(700)
        c.send(sshraw.msg(sshraw.DATA, sshraw.u32(c.remote),
                          sshraw.string(text)))
        got = sshraw.Reader(c.expect(sshraw.DATA))
        got.u32()
        assert got.string() == text, (c.out, c.back)
    assert c.session_id == first
    c.close()


@pytest.mark.parametrize("right", [True, False])
def test_first_kex_packet_follows(server, world, right):
    """a right guess is used, a wrong one dropped silently"""
    c = sshraw.Client(server.connect())
    c.hello()
    if right:
        c.kex_names = "curve25519-sha256"
        guess = c.make_share()
        lists = c.read_kexinit()
        if lists[0][0] != c.kex_names:
            pytest.skip("the server prefers another key exchange")
        c.hostkey = lists[1][0]
        c.send_kexinit(follows=True)
        c.send_share(guess)
    else:
        c.read_kexinit()
        if c.server_lists[0][0] == "ecdh-sha2-nistp521":
            pytest.skip("the server would take this for a right guess")
        # the client's first choice wins, but it is not what both guessed
        c.kex_names = "ecdh-sha2-nistp521"
        c.send_kexinit(follows=True)
        c.send(sshraw.msg(sshraw.KEX_INIT, sshraw.string(b"not a point")))
        c.send_share()
    c.read_reply()
    c.send_newkeys()
    c.read_newkeys()
    c.service()
    c.close()


def test_ext_info(server):
    c = sshraw.Client(server.connect()).start()
    c.service()
    algs = c.extensions["server-sig-algs"].decode().split(",")
    assert {"ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512",
            "ecdsa-sha2-nistp256"} <= set(algs)
    assert STANDIN or "ssh-rsa" not in algs
    assert STANDIN or "ssh-dss" not in algs
    # what may be in a signature: a certificate's name never is
    assert STANDIN or not [a for a in algs if "-cert-" in a]
    assert {"sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com"} <= set(algs)
    assert c.extensions["publickey-hostbound@openssh.com"] == b"0"
    if not STANDIN:
        assert c.extensions["ping@openssh.com"] == b"0"
    c.close()


def test_no_ext_info_for_a_client_that_did_not_ask(server):
    c = sshraw.Client(server.connect(), ext_info=False).start()
    c.service()
    assert c.extensions == {}
    c.close()


@pytest.mark.ours
def test_ping_pong(server, world):
    c = sshraw.Client(server.connect())
    c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    for data in (b"", b"x", b"y" * 8000):
        c.send(sshraw.msg(sshraw.PING, sshraw.string(data)))
        assert c.expect(sshraw.PONG) == sshraw.msg(
            sshraw.PONG, sshraw.string(data))
    c.close()


def test_ignore_debug_unimplemented_are_harmless(server, world):
    c = sshraw.Client(server.connect())
    c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    c.send(sshraw.msg(sshraw.IGNORE, sshraw.string(b"x" * 1000)))
    c.send(sshraw.msg(sshraw.DEBUG, sshraw.boolean(True),
                      sshraw.string("hi\n\x1b[2J"), sshraw.string("")))
    c.send(sshraw.msg(sshraw.UNIMPLEMENTED, sshraw.u32(3)))
    c.send(sshraw.msg(150, b"whatever"))
    seq = sshraw.Reader(c.expect(sshraw.UNIMPLEMENTED)).u32()
    assert seq == c.tx_seq - 1
    c.open_session()
    assert c.exec("echo ok") and c.collect()[0] == b"ok\n"
    c.close()


def test_unknown_global_request_is_refused(server, world):
    c = sshraw.Client(server.connect())
    c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    for name in ("keepalive@openssh.com", "no-such@example.com"):
        c.send(sshraw.msg(sshraw.GLOBAL_REQUEST, sshraw.string(name),
                          sshraw.boolean(True)))
        c.expect(sshraw.REQUEST_FAILURE, sshraw.REQUEST_SUCCESS)
    c.close()


NO_MATCH = [
    ("key exchange method", "kex", "no-such-kex,diffie-hellman-group1-sha1"),
    ("host key type", "hostkey", "ssh-dss"),
    ("cipher", "cipher_out", "3des-cbc,arcfour"),
    ("cipher", "cipher_in", "3des-cbc"),
    ("MAC", "mac_out", "hmac-md5"),
    ("compression( method)?", "comp_out", "zlib"),
]


@pytest.mark.parametrize("what,place,offer", NO_MATCH,
                         ids=[p for _, p, _ in NO_MATCH])
def test_nothing_in_common(server, what, place, offer):
    if STANDIN:
        server.exits = {255}
    c = sshraw.Client(server.connect(), cipher="aes128-ctr")
    c.hello()
    c.read_kexinit()
    if place == "kex":
        offer += ",ext-info-c"
    c.send_kexinit(**{place: offer})
    code = c.wait_closed()
    assert code in (2, 3, None)
    line = server.wait_log("^Unable to negotiate with .*").group(0)
    assert re.fullmatch(
        r"Unable to negotiate with 127\.0\.0\.1 port \d+: no matching %s "
        r"found\. Their offer: %s( \[preauth\])?" % (what, re.escape(offer)),
        line), line


@pytest.mark.parametrize("keyword,value,opts", [
    ("Ciphers", "aes128-ctr", ["Ciphers=aes256-gcm@openssh.com"]),
    ("MACs", "hmac-sha2-512", ["Ciphers=aes128-ctr", "MACs=hmac-sha2-256"]),
    ("KexAlgorithms", "curve25519-sha256",
     ["KexAlgorithms=ecdh-sha2-nistp256"]),
    ("HostKeyAlgorithms", "ssh-ed25519", ["HostKeyAlgorithms=rsa-sha2-512"]),
])
def test_server_lists_restrict(make_server, keyword, value, opts):
    server = make_server(["%s %s" % (keyword, value)])
    p = server.ssh("true", opts=opts)
    assert p.returncode == 255
    server.wait_log("^Unable to negotiate with")
    name = opts[-1].split("=")[0]
    assert server.out("echo y", opts=["%s=%s" % (name, value)]
                      if name == keyword else []) == "y\n"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa256", "ecdsa384",
                                  "ecdsa521", "rsa3072"])
def test_one_host_key_only(make_server, kind):
    server = make_server(hostkeys=[kind])
    assert server.out("echo y") == "y\n"


def test_integrity_error_is_noticed(server):
    """one flipped bit on the wire ends the connection, and is logged"""
    c = sshraw.Client(server.connect(), cipher="aes128-ctr").start()
    sealed = bytearray(c.tx.seal(c.tx_seq, sshraw.msg(
        sshraw.SERVICE_REQUEST, sshraw.string("ssh-userauth"))))
    sealed[-1] ^= 1
    c.send_raw(bytes(sealed))
    c.wait_closed()
    server.wait_log(r"Connection from 127\.0\.0\.1 port \d+: "
                    "message authentication code incorrect|Corrupted MAC")


def test_all_modern_algorithms_are_covered():
    """the pairs really hold each value (a guard for the generator)"""
    for place, values in enumerate((ALL_KEX, ALL_HOSTKEYS, ALL_CIPHERS,
                                    ALL_MACS)):
        assert {row[place] for row in PAIRS} == set(values)
    assert set(CTR) < set(ALL_CIPHERS) and SERVER
