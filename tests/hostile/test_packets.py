"""Packets that are wrong below the message (threats.md rows 13, 15, 21, 22):
flipped bits, bad lengths and paddings, compressed bombs."""
import contextlib
import os
import socket
import zlib

import pytest
import sshraw
from harness import AEAD, ALL_MACS, CTR, STANDIN
from sshraw import Client, Closed, Key, msg, string, u32

SUITES = [(c, "hmac-sha2-256") for c in AEAD] + \
    [("aes128-ctr", m) for m in ALL_MACS] + [(CTR[2], ALL_MACS[0])]
IDS = ["%s-%s" % s for s in SUITES]


@pytest.fixture(autouse=True)
def exits(request):
    yield
    if STANDIN:
        for server in getattr(request.node, "servers", []):
            server.exits = set(range(256))


def no_answer(c, half_close=True):
    """the server must close without having said anything but DISCONNECT"""
    if half_close:
        with contextlib.suppress(OSError):
            c.sock.shutdown(socket.SHUT_WR)
    with contextlib.suppress(Closed, sshraw.InvalidTag):
        while True:
            number = c.read()[0]
            assert number in (sshraw.EXT_INFO, sshraw.UNIMPLEMENTED), number
    c.close()


SERVICE = msg(sshraw.SERVICE_REQUEST, string("ssh-userauth"))


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_flipped_bits(server, cipher, mac):
    """row 13: one bit anywhere in the packet, and it is never parsed"""
    c = Client(server.connect(), cipher=cipher, mac=mac).start()
    size = len(c.tx.seal(c.tx_seq, SERVICE))
    c.close()
    tag = {"a": 16, "c": 16}[cipher[0]] if cipher in AEAD else \
        (64 if "512" in mac else 32)
    body = size - tag
    # length (all four bytes), padding length, first and last of the text,
    # first, middle and last of the tag
    bits = [0, 9, 22, 25, 28, 29, 31, 32, 39, 40, 8 * (body // 2),
            8 * body - 1, 8 * body, 8 * body + 4 * tag, 8 * size - 1]
    for bit in bits:
        c = Client(server.connect(), cipher=cipher, mac=mac).start()
        data = bytearray(c.tx.seal(c.tx_seq, SERVICE))
        data[bit // 8] ^= 0x80 >> (bit % 8)
        c.send_raw(bytes(data))
        no_answer(c)


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_truncated_tag(server, cipher, mac):
    for cut in (1, 8, 15):
        c = Client(server.connect(), cipher=cipher, mac=mac).start()
        c.send_raw(c.tx.seal(c.tx_seq, SERVICE)[:-cut])
        no_answer(c)


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_replayed_packet(server, cipher, mac):
    c = Client(server.connect(), cipher=cipher, mac=mac).start()
    sealed = c.tx.seal(c.tx_seq, SERVICE)
    c.send_raw(sealed)
    c.expect(sshraw.SERVICE_ACCEPT)
    c.send_raw(sealed)
    no_answer(c)


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_swapped_packets(server, cipher, mac):
    c = Client(server.connect(), cipher=cipher, mac=mac).start()
    first = c.tx.seal(0, msg(sshraw.IGNORE, string("x")))
    second = c.tx.seal(1, SERVICE)
    c.send_raw(second + first)
    no_answer(c)


LENGTHS = [*range(0, 13), 15, 17, 20, 33, 262145, 1 << 20, (1 << 31) - 1,
           1 << 31, (1 << 32) - 4, (1 << 32) - 1]


@pytest.mark.parametrize("length", LENGTHS)
def test_lengths_in_plaintext(server, length):
    """row 15: the length field of the first packet"""
    c = Client(server.connect())
    c.hello()
    c.send_raw(u32(length) + bytes([4]) + bytes(200))
    with contextlib.suppress(Closed):
        c.read_kexinit()
        no_answer(c)
    c.close()


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_lengths_when_encrypted(server, cipher, mac):
    """the same with a length that the sender's own MAC covers"""
    for length in (0, 1, 4, 5, 8, 12, 15, 33, 262145, 1 << 31,
                   (1 << 32) - 1):
        c = Client(server.connect(), cipher=cipher, mac=mac).start()
        c.send(SERVICE, length=length)
        c.send_raw(os.urandom(3000))
        no_answer(c)


@pytest.mark.parametrize("cipher,mac", SUITES, ids=IDS)
def test_paddings(server, cipher, mac):
    """row 15: padding of 0 to 3 bytes, and more than the packet holds"""
    block = 8 if "chacha" in cipher else 16
    outside = 1 if "ctr" not in cipher or "etm" in mac else 5
    for pad in (0, 1, 2, 3):
        c = Client(server.connect(), cipher=cipher, mac=mac).start()
        name = b"ssh-userauth"
        fill = -(outside + len(SERVICE) + pad) % block
        c.send(SERVICE + bytes(fill), pad=pad)
        with contextlib.suppress(Closed, sshraw.InvalidTag):
            while True:
                assert c.read()[0] != sshraw.SERVICE_ACCEPT, (pad, name)
        c.close()
    for claim in (40, 200, 255):
        c = Client(server.connect(), cipher=cipher, mac=mac).start()
        text = bytes([claim]) + SERVICE[:1] + bytes(14)
        if outside == 5:
            text = text[:11 + 16]
            text += bytes(-(len(text) + 4) % 16)
        sealed = seal_text(c, text)
        c.send_raw(sealed)
        no_answer(c)


def seal_text(c, text):
    """seal a packet whose first byte of text is the padding length"""
    real = text[0]
    payload = text[1:]
    if isinstance(c.tx, sshraw.Gcm):
        size = u32(len(text))
        return size + c.tx.aead.encrypt(c.tx.nonce(), text, size)
    if isinstance(c.tx, sshraw.ChaCha):
        data = c.tx.stream(c.tx.header, c.tx_seq, 0, u32(len(text))) \
            + c.tx.stream(c.tx.main, c.tx_seq, 1, text)
        return data + c.tx.mac(c.tx_seq, data)
    text = bytes([real]) + payload
    if c.tx.etm:
        data = u32(len(text)) + c.tx.crypt.update(text)
        return data + c.tx.mac(c.tx_seq, data)
    return c.tx.crypt.update(u32(len(text)) + text) \
        + c.tx.mac(c.tx_seq, u32(len(text)) + text)


@pytest.mark.parametrize("stage", ["plaintext", "encrypted"])
def test_empty_payload(server, stage):
    c = Client(server.connect())
    c.hello()
    if stage == "encrypted":
        c.kex()
    c.send(b"")
    with contextlib.suppress(Closed):
        if stage == "plaintext":
            c.read_kexinit()
        no_answer(c)
    c.close()


@pytest.mark.parametrize("size", [32768, 34900])
def test_large_packets_are_taken(server, login, size):
    """RFC 4253 section 6.1: payloads of 32768, packets of 35000 bytes"""
    c = login()
    c.open_session()
    c.send(msg(sshraw.IGNORE, string(bytes(size - 5))))
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


@pytest.mark.parametrize("byte", range(4, 256, 50))
def test_all_paddings_are_taken(server, byte):
    """up to 255 bytes of padding is the sender's choice"""
    c = Client(server.connect(), cipher="aes128-ctr").start()
    pad = byte - (byte + len(SERVICE) + 5) % 16 + 16
    if pad > 255:
        pad -= 16
    c.send(SERVICE, pad=pad)
    c.expect(sshraw.SERVICE_ACCEPT)
    c.close()


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_dribbled_bytes(server, world, pieces):
    """TCP may cut anywhere; a login in pieces of a few bytes works"""
    sock = server.connect()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    class Dribble:
        def __getattr__(self, name):
            return getattr(sock, name)

        def sendall(self, data):
            for at in range(0, len(data), pieces):
                sock.sendall(data[at:at + pieces])

    c = Client(Dribble()).login(world.user, Key(world.keys["ed25519"]))
    c.open_session()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


# --- compression (rows 21 and 22)


@pytest.fixture
def compressed(login):
    c = login(compression="zlib@openssh.com")
    assert c.deflate
    return c


def send_deflated(c, data):
    c.send_raw(c.tx.seal(c.tx_seq, data))
    c.tx_seq += 1


def test_compression_starts_with_success(server):
    """row 21: before authentication the text is not compressed"""
    c = Client(server.connect(), compression="zlib@openssh.com").start()
    c.service()
    c.close()


@pytest.mark.ours
@pytest.mark.parametrize("megabytes", [1, 30, 200])
def test_bomb(server, compressed, megabytes):
    """row 22: CVE-2026-106585; a packet that inflates beyond the maximum"""
    c = compressed
    deflate = c.deflate
    data = deflate.compress(msg(sshraw.IGNORE, u32(megabytes << 20)))
    for _ in range(megabytes):
        data += deflate.compress(bytes(1 << 20))
    data += deflate.flush(zlib.Z_PARTIAL_FLUSH)
    c.deflate = None
    with contextlib.suppress(OSError):
        for at in range(0, len(data), 250000):
            send_deflated(c, data[at:at + 250000])
            break
    with pytest.raises((Closed, sshraw.Timeout, zlib.error, OSError)):
        c.sock.shutdown(socket.SHUT_WR)
        while True:
            c.read(8)
    c.close()
    server.wait_gone()


GARBAGE = {"noise": bytes(range(256)), "empty": b"", "zeros": bytes(64),
           "no header": zlib.compress(b"x" * 100)[2:],
           "other window": b"\x08\x1d" + bytes(30),
           "dictionary": b"\x78\xbb" + bytes(30),
           "finished": zlib.compress(msg(sshraw.IGNORE, string("x"))),
           "nothing inside": zlib.compress(b"")}


@pytest.mark.parametrize("case", list(GARBAGE))
def test_garbage_instead_of_deflate(server, compressed, case):
    c = compressed
    c.deflate = None
    send_deflated(c, GARBAGE[case])
    with contextlib.suppress(OSError):
        send_deflated(c, GARBAGE[case])
    with contextlib.suppress(Closed, zlib.error, sshraw.Timeout, OSError):
        c.sock.shutdown(socket.SHUT_WR)
        while True:
            assert c.read(4)[0] in (sshraw.GLOBAL_REQUEST, sshraw.EXT_INFO,
                                    sshraw.UNIMPLEMENTED, sshraw.DEBUG)
    c.close()
    server.wait_gone()


def test_data_is_not_compressed_for_one_who_did_not_agree(server, login):
    c = login()
    send_deflated(c, zlib.compress(msg(sshraw.IGNORE, string("x"))))
    with contextlib.suppress(Closed, sshraw.Timeout, OSError):
        c.sock.shutdown(socket.SHUT_WR)
        while True:
            c.read(4)
    c.close()
