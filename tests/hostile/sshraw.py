"""sshraw - a small SSH client that obeys only as far as the test wants.

It speaks enough of RFC 4253, 4252 and 4254 to log in and run a command, and
can send any bytes or any packet at any moment.  Nothing here is meant to be
safe: it is the peer that the server must survive.
"""
import hashlib
import hmac
import os
import socket
import struct
import time
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import poly1305, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG = 1, 2, 3, 4
SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = 5, 6, 7
KEXINIT, NEWKEYS, KEX_INIT, KEX_REPLY = 20, 21, 30, 31
AUTH_REQUEST, AUTH_FAILURE, AUTH_SUCCESS, AUTH_BANNER = 50, 51, 52, 53
AUTH_PK_OK = 60
GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
OPEN, OPEN_OK, OPEN_FAILURE, WINDOW_ADJUST = 90, 91, 92, 93
DATA, EXT_DATA, EOF, CLOSE, REQUEST, SUCCESS, FAILURE = range(94, 101)
PING, PONG = 192, 193

IDENT = b"SSH-2.0-sshraw_1"
KEX = "curve25519-sha256"
STRICT = "kex-strict-c-v00@openssh.com"


class Closed(Exception):
    """the server closed the connection without a DISCONNECT"""


class Disconnected(Closed):
    """the server sent DISCONNECT"""

    def __init__(self, code, text):
        super().__init__("disconnect %d: %s" % (code, text))
        self.code, self.text = code, text


class Timeout(Exception):
    """nothing came in time"""


def u32(n):
    return struct.pack(">I", n & 0xffffffff)


def string(b):
    if isinstance(b, str):
        b = b.encode()
    return u32(len(b)) + b


def mpint(n):
    if n == 0:
        return u32(0)
    return string(n.to_bytes(n.bit_length() // 8 + 1, "big"))


def boolean(b):
    return b"\1" if b else b"\0"


def msg(number, *parts):
    return bytes([number]) + b"".join(parts)


class Reader:
    """reads fields of a payload that the server sent"""

    def __init__(self, data, skip=1):
        self.data, self.at = data, skip

    def take(self, n):
        if len(self.data) - self.at < n:
            raise ValueError("the server sent a short message")
        self.at += n
        return self.data[self.at - n:self.at]

    def byte(self):
        return self.take(1)[0]

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        return self.take(self.u32())

    def names(self):
        return self.string().decode().split(",")

    def rest(self):
        return self.take(len(self.data) - self.at)


def pad_for(length, block, least=4):
    pad = block - length % block
    return pad if pad >= least else pad + block


class Plain:
    """no encryption (RFC 4253 section 6, before the first NEWKEYS)"""
    tag = 0

    def seal(self, seq, payload, pad=None, length=None):
        n = pad_for(len(payload) + 5, 8) if pad is None else pad
        body = bytes([n & 255]) + payload + os.urandom(max(n, 0))
        return u32(len(body) if length is None else length) + body

    def open(self, seq, client):
        size = struct.unpack(">I", client.recv_exact(4))[0]
        return client.recv_exact(size)


class Gcm:
    """aes*-gcm@openssh.com (RFC 5647)"""
    tag = 16

    def __init__(self, key, iv):
        self.aead, self.iv = AESGCM(key), iv

    def nonce(self):
        iv = self.iv
        count = (int.from_bytes(iv[4:], "big") + 1) % 2 ** 64
        self.iv = iv[:4] + count.to_bytes(8, "big")
        return iv

    def seal(self, seq, payload, pad=None, length=None):
        n = pad_for(len(payload) + 1, 16) if pad is None else pad
        body = bytes([n & 255]) + payload + os.urandom(max(n, 0))
        size = u32(len(body) if length is None else length)
        return size + self.aead.encrypt(self.nonce(), body, size)

    def open(self, seq, client):
        size = client.recv_exact(4)
        data = client.recv_exact(struct.unpack(">I", size)[0] + 16)
        return self.aead.decrypt(self.nonce(), data, size)


class ChaCha:
    """chacha20-poly1305@openssh.com"""
    tag = 16

    def __init__(self, key):
        self.main, self.header = key[:32], key[32:]

    @staticmethod
    def stream(key, seq, block, data):
        nonce = struct.pack("<Q", block) + struct.pack(">Q", seq)
        cipher = Cipher(algorithms.ChaCha20(key, nonce), None)
        return cipher.encryptor().update(data)

    def mac(self, seq, data):
        key = self.stream(self.main, seq, 0, bytes(32))
        return poly1305.Poly1305.generate_tag(key, data)

    def seal(self, seq, payload, pad=None, length=None):
        n = pad_for(len(payload) + 1, 8) if pad is None else pad
        body = bytes([n & 255]) + payload + os.urandom(max(n, 0))
        size = u32(len(body) if length is None else length)
        data = (self.stream(self.header, seq, 0, size)
                + self.stream(self.main, seq, 1, body))
        return data + self.mac(seq, data)

    def open(self, seq, client):
        head = client.recv_exact(4)
        size = struct.unpack(
            ">I", self.stream(self.header, seq, 0, head))[0]
        data = client.recv_exact(size)
        if self.mac(seq, head + data) != client.recv_exact(16):
            raise InvalidTag
        return self.stream(self.main, seq, 1, data)


class Ctr:
    """aes*-ctr with a hmac, encrypt-then-mac or not"""

    def __init__(self, key, iv, mackey, digest, etm):
        cipher = Cipher(algorithms.AES(key), modes.CTR(iv))
        self.crypt = cipher.encryptor()
        self.mackey, self.digest, self.etm = mackey, digest, etm
        self.tag = hashlib.new(digest).digest_size

    def mac(self, seq, data):
        return hmac.new(self.mackey, u32(seq) + data, self.digest).digest()

    def seal(self, seq, payload, pad=None, length=None):
        fixed = 1 if self.etm else 5
        n = pad_for(len(payload) + fixed, 16) if pad is None else pad
        body = bytes([n & 255]) + payload + os.urandom(max(n, 0))
        size = u32(len(body) if length is None else length)
        if self.etm:
            data = size + self.crypt.update(body)
            return data + self.mac(seq, data)
        return self.crypt.update(size + body) + self.mac(seq, size + body)

    def open(self, seq, client):
        if self.etm:
            head = client.recv_exact(4)
            data = client.recv_exact(struct.unpack(">I", head)[0])
            if self.mac(seq, head + data) != client.recv_exact(self.tag):
                raise InvalidTag
            return self.crypt.update(data)
        first = self.crypt.update(client.recv_exact(16))
        size = struct.unpack(">I", first[:4])[0]
        data = first + self.crypt.update(client.recv_exact(size - 12))
        if self.mac(seq, data) != client.recv_exact(self.tag):
            raise InvalidTag
        return data[4:]


CIPHERS = {"aes128-ctr": 16, "aes192-ctr": 24, "aes256-ctr": 32,
           "aes128-gcm@openssh.com": 16, "aes256-gcm@openssh.com": 32,
           "chacha20-poly1305@openssh.com": 64}
HASHES = {"curve25519-sha256": "sha256",
          "curve25519-sha256@libssh.org": "sha256",
          "ecdh-sha2-nistp256": "sha256", "ecdh-sha2-nistp384": "sha384",
          "ecdh-sha2-nistp521": "sha512"}
CURVES = {"ecdh-sha2-nistp256": ec.SECP256R1(),
          "ecdh-sha2-nistp384": ec.SECP384R1(),
          "ecdh-sha2-nistp521": ec.SECP521R1()}


class Client:
    """one connection; every step can be taken alone or left out"""

    def __init__(self, sock, timeout=25, kex=KEX,
                 cipher="aes128-gcm@openssh.com", mac="hmac-sha2-256",
                 hostkey="ssh-ed25519", compression="none", strict=True,
                 ext_info=True, ident=IDENT):
        self.sock, self.timeout = sock, timeout
        self.kex_names, self.cipher, self.mac = kex, cipher, mac
        self.hostkey, self.compression = hostkey, compression
        self.strict, self.ext_info = strict, ext_info
        self.ident = ident
        self.buffer = self.taken = b""
        self.sent = bytearray()
        self.tx, self.rx = Plain(), Plain()
        self.tx_seq = self.rx_seq = 0
        self.session_id = None
        self.server_strict = False
        self.deflate = self.inflate = None
        self.extensions = {}
        self.queue = []
        self.skip = ()
        self.alter = None

    # --- bytes

    def send_raw(self, data):
        self.sent += data
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            # what the server said before it closed is still to be read
            pass

    def recv_some(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Timeout
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(65536)
        except socket.timeout:
            raise Timeout from None
        except (ConnectionResetError, BrokenPipeError):
            raise Closed("reset") from None
        if not data:
            raise Closed("end of file")
        self.buffer += data

    def recv_exact(self, n):
        while len(self.buffer) < n:
            self.recv_some()
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        self.taken += data
        return data

    def recv_line(self):
        self.arm()
        while b"\n" not in self.buffer:
            self.recv_some()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def arm(self, timeout=None):
        self.deadline = time.monotonic() + (
            self.timeout if timeout is None else timeout)

    def close(self):
        self.sock.close()

    def wait_closed(self, timeout=None):
        """read until the server closes; the DISCONNECT code or None"""
        self.arm(timeout)
        end = self.deadline
        try:
            while True:
                self.read(max(0.01, end - time.monotonic()))
        except Disconnected as e:
            return e.code
        except (Closed, InvalidTag, ValueError):
            return None

    # --- packets

    def send(self, payload, pad=None, length=None):
        if self.alter:
            payload = self.alter(payload)
            if payload is None:
                return
        if self.deflate and payload:
            payload = (self.deflate.compress(payload)
                       + self.deflate.flush(zlib.Z_PARTIAL_FLUSH))
        self.send_raw(self.tx.seal(self.tx_seq, payload, pad, length))
        self.tx_seq = (self.tx_seq + 1) & 0xffffffff

    def read(self, timeout=None):
        """the next payload, whatever it is; DISCONNECT raises"""
        self.arm(timeout)
        self.taken = b""
        try:
            body = self.rx.open(self.rx_seq, self)
        except Timeout:
            # of half a packet, too: the next call has the rest
            self.buffer = self.taken + self.buffer
            raise
        self.rx_seq = (self.rx_seq + 1) & 0xffffffff
        payload = body[1:len(body) - body[0]]
        if self.inflate:
            payload = self.inflate.decompress(payload)
        if not payload:
            raise ValueError("the server sent an empty packet")
        if payload[0] == DISCONNECT:
            r = Reader(payload)
            raise Disconnected(r.u32(), r.string().decode("utf-8", "replace"))
        return payload

    def expect(self, *numbers, skip=(IGNORE, DEBUG, EXT_INFO,
                                     GLOBAL_REQUEST, AUTH_BANNER)):
        """the next payload that is one of numbers; others are an error"""
        while True:
            payload = self.queue.pop(0) if self.queue else self.read()
            if payload[0] == EXT_INFO:
                self.take_ext_info(payload)
            if payload[0] in numbers:
                return payload
            if payload[0] not in (*skip, *self.skip):
                raise ValueError("message %d instead of %r"
                                 % (payload[0], numbers))

    def take_ext_info(self, payload):
        r = Reader(payload)
        for _ in range(r.u32()):
            name = r.string().decode()
            self.extensions[name] = r.string()

    # --- transport

    def hello(self, line=None):
        self.send_raw((self.ident if line is None else line) + b"\r\n")
        return self.read_hello()

    def read_hello(self):
        line = self.recv_line()
        self.server_ident = line.rstrip(b"\r")
        return self.server_ident

    def kexinit(self, **change):
        """a KEXINIT payload; change replaces lists by their place's name"""
        kex = self.kex_names
        if self.session_id is None:
            if self.ext_info:
                kex += ",ext-info-c"
            if self.strict:
                kex += "," + STRICT
        lists = {"kex": kex, "hostkey": self.hostkey,
                 "cipher_out": self.cipher, "cipher_in": self.cipher,
                 "mac_out": self.mac, "mac_in": self.mac,
                 "comp_out": self.compression, "comp_in": self.compression,
                 "lang_out": "", "lang_in": ""}
        follows = change.pop("follows", False)
        lists.update(change)
        return msg(KEXINIT, os.urandom(16),
                   *[string(v) for v in lists.values()],
                   boolean(follows), u32(0))

    def send_kexinit(self, payload=None, **change):
        self.my_kexinit = payload or self.kexinit(**change)
        self.send(self.my_kexinit)

    def read_kex(self, number):
        """a message of the key exchange; in a rekey, data before the
        server's own KEXINIT is queued"""
        while True:
            payload = self.read()
            if payload[0] == number:
                return payload
            if self.session_id is None or number != KEXINIT:
                raise ValueError("message %d instead of %d"
                                 % (payload[0], number))
            self.queue.append(payload)

    def read_kexinit(self):
        payload = self.server_kexinit = self.read_kex(KEXINIT)
        r = Reader(payload, 17)
        self.server_lists = [r.names() for _ in range(10)]
        if self.session_id is None:
            self.server_strict = (self.strict and
                                  "kex-strict-s-v00@openssh.com"
                                  in self.server_lists[0])
        return self.server_lists

    def make_share(self):
        if self.kex_names in CURVES:
            self.secret = ec.generate_private_key(CURVES[self.kex_names])
            return self.secret.public_key().public_bytes(
                serialization.Encoding.X962,
                serialization.PublicFormat.UncompressedPoint)
        self.secret = x25519.X25519PrivateKey.generate()
        return self.secret.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def send_share(self, share=None):
        self.share = self.make_share() if share is None else share
        self.send(msg(KEX_INIT, string(self.share)))

    def read_reply(self):
        payload = self.read_kex(KEX_REPLY)
        r = Reader(payload)
        k_s, q_s, sig = r.string(), r.string(), r.string()
        if self.kex_names in CURVES:
            peer = ec.EllipticCurvePublicKey.from_encoded_point(
                CURVES[self.kex_names], q_s)
            shared = self.secret.exchange(ec.ECDH(), peer)
        else:
            shared = self.secret.exchange(
                x25519.X25519PublicKey.from_public_bytes(q_s))
        self.k = mpint(int.from_bytes(shared, "big"))
        self.h = hashlib.new(
            HASHES[self.kex_names],
            string(self.ident) + string(self.server_ident)
            + string(self.my_kexinit) + string(self.server_kexinit)
            + string(k_s) + string(self.share) + string(q_s)
            + self.k).digest()
        self.verify(k_s, sig)
        if self.session_id is None:
            self.session_id = self.h
        self.server_key = k_s

    def verify(self, k_s, sig):
        r, s = Reader(k_s, 0), Reader(sig, 0)
        kind, algorithm = r.string(), s.string()
        if kind == b"ssh-ed25519":
            assert algorithm == kind
            ed25519.Ed25519PublicKey.from_public_bytes(r.string()).verify(
                s.string(), self.h)

    def key(self, letter, size):
        def digest(data):
            return hashlib.new(HASHES[self.kex_names], data).digest()
        out = digest(self.k + self.h + letter + self.session_id)
        while len(out) < size:
            out += digest(self.k + self.h + out)
        return out[:size]

    def make_cipher(self, iv, key, mac):
        size = CIPHERS[self.cipher]
        if self.cipher.startswith("chacha"):
            return ChaCha(self.key(key, 64))
        if "gcm" in self.cipher:
            return Gcm(self.key(key, size), self.key(iv, 12))
        digest = "sha512" if "512" in self.mac else "sha256"
        return Ctr(self.key(key, size), self.key(iv, 16),
                   self.key(mac, 64 if digest == "sha512" else 32),
                   digest, "etm" in self.mac)

    def send_newkeys(self):
        self.send(msg(NEWKEYS))
        self.use_tx()

    def use_tx(self):
        self.tx = self.make_cipher(b"A", b"C", b"E")
        if self.deflate:
            self.deflate = zlib.compressobj()
        if self.server_strict:
            self.tx_seq = 0

    def read_newkeys(self):
        self.read_kex(NEWKEYS)
        self.rx = self.make_cipher(b"B", b"D", b"F")
        if self.inflate:
            self.inflate = zlib.decompressobj()
        if self.server_strict:
            self.rx_seq = 0

    def kex(self):
        """a whole key exchange"""
        self.send_kexinit()
        self.read_kexinit()
        self.send_share()
        self.read_reply()
        self.send_newkeys()
        self.read_newkeys()
        return self

    def start(self):
        self.hello()
        return self.kex()

    rekey = kex

    # --- authentication

    def service(self, name="ssh-userauth"):
        self.send(msg(SERVICE_REQUEST, string(name)))
        self.expect(SERVICE_ACCEPT)
        return self

    def auth(self, user, method="none", *parts, service="ssh-connection"):
        self.send(msg(AUTH_REQUEST, string(user), string(service),
                      string(method), *parts))

    def auth_reply(self):
        """the answer's number; the compression starts with success"""
        payload = self.expect(AUTH_SUCCESS, AUTH_FAILURE, AUTH_PK_OK)
        if payload[0] == AUTH_SUCCESS and "zlib" in self.compression:
            self.deflate = zlib.compressobj()
            self.inflate = zlib.decompressobj()
        self.last_auth = payload
        return payload[0]

    def query(self, user, key, algorithm="ssh-ed25519"):
        self.auth(user, "publickey", boolean(False), string(algorithm),
                  string(key.blob))
        return self.auth_reply()

    def sign(self, user, key, spoil=False, hostbound=False,
             algorithm="ssh-ed25519"):
        method = ("publickey-hostbound-v00@openssh.com" if hostbound
                  else "publickey")
        fields = [string(user), string("ssh-connection"), string(method),
                  boolean(True), string(algorithm), string(key.blob)]
        if hostbound:
            fields.append(string(self.server_key))
        signed = msg(AUTH_REQUEST, *fields)
        raw = key.private.sign(string(self.session_id) + signed)
        if spoil:
            raw = bytes([raw[0] ^ 1]) + raw[1:]
        signature = string("ssh-ed25519") + string(raw)
        self.send(signed + string(signature))
        return self.auth_reply()

    def login(self, user, key):
        self.start()
        self.service()
        if self.sign(user, key) != AUTH_SUCCESS:
            raise ValueError("the server refused the key")
        return self

    # --- connection

    def open_session(self, number=0, window=1 << 21, packet=32768,
                     kind="session"):
        self.send(msg(OPEN, string(kind), u32(number), u32(window),
                      u32(packet)))
        payload = self.expect(OPEN_OK, OPEN_FAILURE)
        r = Reader(payload)
        r.u32()
        if payload[0] == OPEN_FAILURE:
            return None
        self.remote = r.u32()
        self.window = r.u32()
        return self.remote

    def request(self, kind, *parts, channel=None, want_reply=True):
        self.send(msg(REQUEST, u32(self.remote if channel is None
                                   else channel),
                      string(kind), boolean(want_reply), *parts))

    def exec(self, command, channel=None):
        self.request("exec", string(command), channel=channel)
        return self.channel_reply()

    def channel_reply(self):
        payload = self.expect(SUCCESS, FAILURE,
                              skip=(WINDOW_ADJUST, GLOBAL_REQUEST, EXT_INFO))
        return payload[0] == SUCCESS

    def collect(self, timeout=None):
        """read a channel to its CLOSE: stdout, stderr, {requests}"""
        out, err, requests = b"", b"", {}
        while True:
            p = self.queue.pop(0) if self.queue else self.read(timeout)
            r = Reader(p)
            if p[0] == DATA:
                r.u32()
                out += r.string()
            elif p[0] == EXT_DATA:
                r.u32(), r.u32()
                err += r.string()
            elif p[0] == REQUEST:
                r.u32()
                name = r.string().decode()
                r.byte()
                requests[name] = r.rest()
            elif p[0] == EOF:
                requests["EOF"] = b""
            elif p[0] == CLOSE:
                return out, err, requests

    def ping(self, data=b"probe"):
        """True when the server answers PING (or says it knows it not)"""
        self.send(msg(PING, string(data)))
        return self.expect(PONG, UNIMPLEMENTED)[0] == PONG


class Key:
    """an Ed25519 key out of an OpenSSH file"""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.private = serialization.load_ssh_private_key(f.read(), None)
        raw = self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.blob = string("ssh-ed25519") + string(raw)
