"""Keys in FIDO authenticators, with stock ssh and OpenSSH's software
authenticator (threats, row 40)."""
import base64
import hashlib
import json
import os
import pathlib
import re

import pytest
import sshraw
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from harness import client_env, run

pytestmark = pytest.mark.root

DUMMY = "usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"
# installed, or where tests/deps unpacked it
PLACES = [pathlib.Path("/"), pathlib.Path(os.environ.get(
    "SSHD_CONN_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"
)) / "deps"]
PROVIDER = next((str(p / DUMMY) for p in PLACES if (p / DUMMY).exists()),
                None)
KINDS = {"ed25519-sk": "ED25519-SK", "ecdsa-sk": "ECDSA-SK"}


def sk_env():
    return {**client_env(), "SSH_SK_PROVIDER": PROVIDER}


@pytest.fixture(scope="module")
def keys(world):
    if PROVIDER is None:
        pytest.skip("OpenSSH's authenticator is not there: run tests/deps")
    folder = world.dir / "sk"
    folder.mkdir(mode=0o700)
    made = {}
    for kind in KINDS:
        for name, options in (("", []), ("-quiet", ["no-touch-required"]),
                              ("-pin", ["verify-required"])):
            made[kind + name] = path = folder / (kind + name)
            argv = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", kind,
                    "-f", path]
            for option in options:
                argv += ["-O", option]
            # the dummy asks for a PIN that it does not check
            run(argv, env={**sk_env(), "SSH_ASKPASS": "/bin/true",
                           "SSH_ASKPASS_REQUIRE": "force"}, check=True)
    return made


def pub(path):
    return path.with_suffix(".pub").read_text().strip()


def ssh(server, path, *args, opts=()):
    opts = ["SecurityKeyProvider=" + PROVIDER, *opts]
    return server.ssh(*(args or ["echo in"]), key=str(path), opts=opts,
                      env={**sk_env(), "SSH_ASKPASS": "/bin/true",
                           "SSH_ASKPASS_REQUIRE": "force"})


def admitted(server, path, **kw):
    p = ssh(server, path, **kw)
    assert p.returncode in (0, 255), p
    return p.returncode == 0


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind(server, world, keys, kind):
    world.authorize(pub(keys[kind]))
    assert admitted(server, keys[kind])
    line = server.wait_log(r"^Accepted publickey for .*").group(0)
    assert re.search(r" ssh2: %s %s$" % (
        KINDS[kind], re.escape(world.fingerprint(keys[kind]))), line), line
    # one of the same kind that is not listed
    assert not admitted(server, keys[kind + "-quiet"])


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("line, config, quiet, touched", [
    ("", [], False, True),
    ("no-touch-required ", [], True, True),
    ("touch-required ", [], False, True),
    ("no-touch-required ", ["PubkeyAuthOptions touch-required"], False,
     True),
    ("no-touch-required,verify-required ", [], False, False),
    ("no-touch-required ", ["PubkeyAuthOptions verify-required"], False,
     False),
    ("", ["PubkeyAuthOptions verify-required"], False, False)])
def test_what_the_authenticator_was_asked(make_server, world, keys, kind,
                                          line, config, quiet, touched):
    """a key that needs no touch signs without the bit for one"""
    server = make_server(config)
    world.authorize(line + pub(keys[kind]), line + pub(keys[kind + "-quiet"]))
    assert admitted(server, keys[kind]) == touched
    assert admitted(server, keys[kind + "-quiet"]) == quiet
    if not touched:
        server.wait_log(
            r"error: public key %s SHA256:\S+ signature for alice from "
            r"127\.0\.0\.1 port \d+ rejected: user verification requirement "
            r"not met" % KINDS[kind])
    elif not quiet:
        server.wait_log(
            r"error: public key %s SHA256:\S+ signature for alice from "
            r"127\.0\.0\.1 port \d+ rejected: user presence \(authenticator "
            r"touch\) requirement not met" % KINDS[kind])


@pytest.mark.parametrize("kind", list(KINDS))
def test_verified(make_server, world, keys, kind):
    server = make_server(["PubkeyAuthOptions verify-required"])
    world.authorize(pub(keys[kind + "-pin"]))
    assert admitted(server, keys[kind + "-pin"])


def certify(world, path, *options, ca=None):
    ca = ca or world.keys["ecdsa256"]
    argv = ["ssh-keygen", "-q", "-s", ca, "-I", "x", "-n", "alice"]
    for option in options:
        argv += ["-O", option]
    run([*argv, path.with_suffix(".pub")], env=sk_env(), check=True)
    return path.parent / (path.name + "-cert.pub")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("line, options, quiet", [
    ("", [], False), ("no-touch-required,", [], False),
    ("", ["no-touch-required"], False),
    ("no-touch-required,", ["no-touch-required"], True),
    ("no-touch-required,", ["no-touch-required", "verify-required"], False)])
def test_certificates(server, world, keys, kind, line, options, quiet):
    """the line and the certificate have to do without the touch"""
    world.authorize(line + "cert-authority " + world.pub("ecdsa256"))
    key = keys[kind + "-quiet"]
    cert = certify(world, key, *options)
    try:
        assert admitted(server, key,
                        opts=["CertificateFile=%s" % cert]) == quiet
    finally:
        cert.unlink()
    if quiet:
        server.wait_log(r"^Accepted publickey for .* ssh2: %s-CERT SHA256"
                        % KINDS[kind])


def test_certificate_of_a_trusted_ca_alone(make_server, world, keys):
    world.authorize()
    trusted = world.dir / "trusted-sk"
    trusted.write_text(world.pub("ecdsa256") + "\n")
    server = make_server(["TrustedUserCAKeys %s" % trusted])
    key = keys["ed25519-sk-quiet"]
    for options, good in ((), False), (["no-touch-required"], True):
        cert = certify(world, key, *options)
        assert admitted(server, key,
                        opts=["CertificateFile=%s" % cert]) == good
        cert.unlink()


@pytest.mark.parametrize("kind", list(KINDS))
def test_authority_in_an_authenticator(server, world, keys, kind):
    world.authorize("cert-authority " + pub(keys[kind]))
    cert = certify(world, world.keys["ed25519"], ca=keys[kind])
    try:
        p = server.ssh("echo in", opts=["CertificateFile=%s" % cert])
        assert p.returncode == 0, p
    finally:
        cert.unlink()
    server.wait_log(r"ED25519-CERT .* CA %s SHA256" % KINDS[kind])


def test_ordinary_keys_have_no_flags(make_server, world):
    server = make_server(["PubkeyAuthOptions verify-required"])
    world.authorize("verify-required " + world.pub())
    assert server.ssh("true").returncode == 0


# --- an authenticator of our own ---------------------------------------------

SK = "sk-ecdsa-sha2-nistp256@openssh.com"
WEBAUTHN = "webauthn-" + SK
UP, UV = 1, 4


class Authenticator:
    """an ECDSA key that says about itself what the test wants"""

    def __init__(self, application="ssh:"):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.application = application
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962,
            serialization.PublicFormat.UncompressedPoint)
        self.blob = b"".join(map(sshraw.string, (
            SK, "nistp256", point, application)))
        self.line = "%s %s" % (SK, base64.b64encode(self.blob).decode())

    def raw(self, flags, counter, message, extensions=b""):
        signed = (hashlib.sha256(self.application.encode()).digest()
                  + bytes([flags]) + sshraw.u32(counter) + extensions
                  + hashlib.sha256(message).digest())
        r, s = utils.decode_dss_signature(
            self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
        return sshraw.string(sshraw.mpint(r) + sshraw.mpint(s))

    def plain(self, data, flags=UP):
        return (sshraw.string(SK) + self.raw(flags, 9, data)
                + bytes([flags]) + sshraw.u32(9))

    def webauthn(self, data, flags=UP, origin="https://example.org",
                 says=None, kind="webauthn.get"):
        challenge = base64.urlsafe_b64encode(says or data).rstrip(b"=")
        client = json.dumps(
            {"type": kind, "challenge": challenge.decode(),
             "origin": origin, "crossOrigin": False},
            separators=(",", ":")).encode()
        return (sshraw.string(WEBAUTHN) + self.raw(flags, 9, client)
                + bytes([flags]) + sshraw.u32(9) + sshraw.string(
                    "https://example.org") + sshraw.string(client)
                + sshraw.string(b""))


def attempt(server, algorithm, blob, sign):
    """one request with a signature that sign() makes; was it accepted?"""
    c = sshraw.Client(server.connect()).start()
    c.service()
    request = sshraw.msg(
        sshraw.AUTH_REQUEST, *map(sshraw.string, (
            "alice", "ssh-connection", "publickey")),
        sshraw.boolean(True), sshraw.string(algorithm), sshraw.string(blob))
    c.send(request + sshraw.string(
        sign(sshraw.string(c.session_id) + request)))
    reply = c.auth_reply()
    c.close()
    assert reply in (sshraw.AUTH_SUCCESS, sshraw.AUTH_FAILURE)
    return reply == sshraw.AUTH_SUCCESS


@pytest.mark.parametrize("line, flags, good", [
    ("", UP, True), ("", 0, False), ("", UV, False), ("", 0xff & ~UP, False),
    ("no-touch-required ", 0, True), ("verify-required ", UP, False),
    ("verify-required ", UP | UV, True),
    ("no-touch-required,verify-required ", UV, True)])
def test_flags(server, world, line, flags, good):
    key = Authenticator()
    world.authorize(line + key.line)
    assert attempt(server, SK, key.blob,
                   lambda data: key.plain(data, flags)) == good
    # the browser's form sets and means the same bits, but for two
    assert attempt(server, WEBAUTHN, key.blob,
                   lambda data: key.webauthn(data, flags & 0x3f)) == good


@pytest.mark.parametrize("options", [
    {"origin": "https://example.com"}, {"kind": "webauthn.create"},
    {"says": b"something else"}, {"flags": UP | 0x40}, {"flags": UP | 0x80}])
def test_webauthn_that_does_not_fit(server, world, options):
    key = Authenticator()
    world.authorize(key.line)
    assert attempt(server, WEBAUTHN, key.blob, key.webauthn)
    assert not attempt(server, WEBAUTHN, key.blob,
                       lambda data: key.webauthn(data, **options))


def test_names_of_signatures(server, world):
    """the name in the request is the one in the signature"""
    key = Authenticator()
    world.authorize(key.line)
    assert not attempt(server, SK, key.blob, key.webauthn)
    assert not attempt(server, WEBAUTHN, key.blob, key.plain)
    assert not attempt(server, "ecdsa-sha2-nistp256", key.blob, key.plain)
    # the same key made for something else
    other = Authenticator("ssh:other")
    other.private = key.private
    assert not attempt(server, SK, key.blob, other.plain)


def test_webauthn_certificate(server, world):
    key = Authenticator()
    folder = world.dir / "webauthn"
    folder.mkdir()
    (folder / "key.pub").write_text(key.line + "\n")
    certify(world, folder / "key")
    text = (folder / "key-cert.pub").read_text().split()
    blob = base64.b64decode(text[1])
    world.authorize("cert-authority " + world.pub("ecdsa256"))
    name = WEBAUTHN.replace("@", "-cert-v01@")
    assert attempt(server, name, blob, key.webauthn)
    assert attempt(server, text[0], blob, key.plain)
    assert not attempt(server, name, blob, key.plain)
    assert not attempt(server, text[0], blob, key.webauthn)
    assert not attempt(server, WEBAUTHN, blob, key.webauthn)
    assert not attempt(server, name, key.blob, key.webauthn)
    server.wait_log(r"^Accepted publickey for .* ssh2: ECDSA-SK-CERT SHA256")
