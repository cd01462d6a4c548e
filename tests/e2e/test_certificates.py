"""OpenSSH certificates of users, who trusts them, and revocation, with stock
ssh-keygen and ssh (threats, rows 36 and 37)."""
import base64
import os
import pathlib
import pwd
import re
import time

import pytest
import sshraw
from harness import KEY_TYPES, run

pytestmark = pytest.mark.root

CERT_NAMES = {"ed25519": "ED25519-CERT", "ecdsa256": "ECDSA-CERT",
              "ecdsa384": "ECDSA-CERT", "ecdsa521": "ECDSA-CERT",
              "rsa3072": "RSA-CERT"}


class Authority:
    """a CA and what it signs, in a folder of its own"""

    def __init__(self, world, folder):
        self.world, self.dir, self.count = world, folder, 0
        self.keys = {}
        for name in ("ca", "other"):
            self.keys[name] = self.new(name)

    def new(self, name, *options):
        path = self.dir / name
        run(["ssh-keygen", "-q", "-N", "", "-C", name, "-f", path,
             *(options or ["-t", "ed25519"])], check=True)
        return path

    def pub(self, name="ca"):
        return self.keys[name].with_suffix(".pub").read_text().strip()

    def trusted(self, *names, lines=()):
        path = self.dir / "trusted"
        path.write_text("".join(line + "\n" for line in [
            *lines, *map(self.pub, names or ["ca"])]))
        return "TrustedUserCAKeys %s" % path

    def sign(self, key="ed25519", principals="alice", ca="ca", serial=7,
             key_id="id 1", options=(), valid="always:forever", args=()):
        """a certificate of one of the world's keys; returns its path"""
        self.count += 1
        key = pathlib.Path(self.world.keys.get(key, key))
        path = self.dir / ("cert%d.pub" % self.count)
        path.write_text(key.with_suffix(".pub").read_text())
        argv = ["ssh-keygen", "-q", "-s", self.keys.get(ca, ca), "-I",
                key_id, "-z", serial, "-V", valid, *args]
        if principals is not None:
            argv += ["-n", principals]
        for option in options:
            argv += ["-O", option]
        run([*argv, path], check=True)
        return self.dir / ("cert%d-cert.pub" % self.count)

    def file(self, name, text, user=None, mode=0o600):
        path = self.dir / name
        path.write_text(text)
        path.chmod(mode)
        if user:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    def krl(self, *args, name="krl", user=None, text=None):
        path = self.dir / name
        if text is not None:
            spec = self.file("spec", text)
            args = ["-s", self.keys["ca"].with_suffix(".pub"), spec, *args]
        run(["ssh-keygen", "-q", "-k", "-f", path, *args], check=True)
        path.chmod(0o600)
        return path


@pytest.fixture(scope="module")
def authority(world, tmp_path_factory):
    folder = world.dir / "authority"
    folder.mkdir(mode=0o755)
    return Authority(world, folder)


@pytest.fixture
def ca(authority, world, make_server):
    """nothing but certificates lets anybody in"""
    world.authorize()
    world.authorize(user="bob")
    return authority


def login(server, cert, *flags, command="echo in", key="ed25519", **kw):
    opts = ["CertificateFile=%s" % cert]
    return server.ssh(*flags, command, key=key, opts=opts, **kw)


def admitted(server, cert, **kw):
    p = login(server, cert, **kw)
    assert p.returncode in (0, 255), p
    if p.returncode == 0:
        assert p.stdout == b"in\n"
    return p.returncode == 0


@pytest.mark.parametrize("kind", list(KEY_TYPES))
def test_each_key_type(make_server, ca, kind):
    server = make_server([ca.trusted()])
    cert = ca.sign(kind, serial=42, key_id="some id")
    assert admitted(server, cert, key=kind)
    line = server.wait_log(r"^Accepted publickey for .*").group(0)
    print_of = server.world.fingerprint
    assert re.fullmatch(
        r"Accepted publickey for alice from 127\.0\.0\.1 port \d+ ssh2: %s %s"
        r" ID some id \(serial 42\) CA ED25519 %s"
        % (CERT_NAMES[kind], re.escape(print_of(server.world.keys[kind])),
           re.escape(print_of(ca.keys["ca"]))), line), line


@pytest.mark.parametrize("options", [
    ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "384"],
    ["-t", "ecdsa", "-b", "521"], ["-t", "rsa", "-b", "2048"]])
def test_each_ca_type(make_server, ca, options):
    name = "ca" + "".join(options)
    ca.keys[name] = ca.new(name, *options)
    server = make_server([ca.trusted(name)])
    assert admitted(server, ca.sign(ca=name))


@pytest.mark.parametrize("algorithm, good", [
    ("rsa-sha2-256", True), ("rsa-sha2-512", True), ("ssh-rsa", False)])
def test_rsa_ca_signatures(make_server, ca, algorithm, good):
    name = "rsa-" + algorithm
    ca.keys[name] = ca.new(name, "-t", "rsa", "-b", "2048")
    server = make_server([ca.trusted(name)])
    cert = ca.sign(ca=name, args=["-t", algorithm])
    assert admitted(server, cert) == good
    if not good:
        server.wait_log("certificate signature algorithm ssh-rsa")


def test_ca_signature_algorithms(make_server, ca):
    server = make_server([ca.trusted(),
                          "CASignatureAlgorithms ecdsa-sha2-nistp256"])
    assert not admitted(server, ca.sign())
    server.wait_log("certificate signature algorithm ssh-ed25519")


def test_short_rsa_ca(make_server, ca):
    ca.keys["short"] = ca.new("short", "-t", "rsa", "-b", "1024")
    assert admitted(make_server([ca.trusted("short")]), ca.sign(ca="short"))
    assert not admitted(make_server([ca.trusted("short"),
                                     "RequiredRSASize 2048"]),
                        ca.sign(ca="short"))


def test_accepted_algorithms_tell_certificates_apart(make_server, ca, world):
    server = make_server([ca.trusted(),
                          "PubkeyAcceptedAlgorithms ssh-ed25519"])
    assert not admitted(server, ca.sign())
    server = make_server([
        ca.trusted(),
        "PubkeyAcceptedAlgorithms ssh-ed25519-cert-v01@openssh.com"])
    assert admitted(server, ca.sign())
    world.authorize(world.pub())
    assert server.ssh("true").returncode == 255
    # what a certificate's key signs with is announced all the same
    server = make_server([
        ca.trusted(),
        "PubkeyAcceptedAlgorithms rsa-sha2-512-cert-v01@openssh.com"])
    assert admitted(server, ca.sign("rsa3072"), key="rsa3072")


def raw_login(server, key, blob,
              algorithm="ssh-ed25519-cert-v01@openssh.com"):
    """stock clients do not even load what is forged"""
    c = sshraw.Client(server.connect()).start()
    c.service()
    request = sshraw.msg(
        sshraw.AUTH_REQUEST, *map(sshraw.string, (
            "alice", "ssh-connection", "publickey")),
        sshraw.boolean(True), sshraw.string(algorithm), sshraw.string(blob))
    raw = key.private.sign(sshraw.string(c.session_id) + request)
    c.send(request + sshraw.string(
        sshraw.string("ssh-ed25519") + sshraw.string(raw)))
    reply = c.auth_reply()
    c.close()
    assert reply in (sshraw.AUTH_SUCCESS, sshraw.AUTH_FAILURE)
    return reply == sshraw.AUTH_SUCCESS


@pytest.mark.parametrize("where", ["TrustedUserCAKeys", "authorized_keys"])
def test_forged(make_server, ca, world, where):
    """what the CA did not sign is worth nothing"""
    if where == "authorized_keys":
        world.authorize("cert-authority " + ca.pub())
        server = make_server([])
    else:
        server = make_server([ca.trusted()])
    key = sshraw.Key(world.keys["ed25519"])
    blob = base64.b64decode(ca.sign(principals="alice").read_text()
                            .split()[1])
    other = base64.b64decode(ca.sign(principals="bobby").read_text()
                             .split()[1])
    assert raw_login(server, key, blob)
    assert not raw_login(server, key, other)
    assert not raw_login(server, key, other.replace(b"bobby", b"alice"))
    server.wait_log("incorrect signature")
    for at in (-1, -64, -70):
        spoiled = bytearray(blob)
        spoiled[at] ^= 1
        assert not raw_login(server, key, bytes(spoiled))
    assert not raw_login(server, key, blob[:-1])
    assert not raw_login(server, key, blob + b"x")
    # the certificate of a key that is not the signer's
    stranger = sshraw.Key(world.stranger)
    assert not raw_login(server, stranger, blob)
    # and with the names of algorithms crossed
    assert not raw_login(server, key, blob, "ssh-ed25519")
    assert not raw_login(server, key, key.blob)
    assert not raw_login(server, key, blob,
                         "rsa-sha2-512-cert-v01@openssh.com")
    # a CA of its own: signed well, by nobody
    mine = ca.sign(principals="alice", ca="other")
    assert not raw_login(server, key, base64.b64decode(
        mine.read_text().split()[1]))


def test_certificate_as_a_ca(make_server, ca, world):
    """a certified key certifies nobody (threats, row 37)"""
    key = sshraw.Key(world.keys["ed25519"])
    middle = base64.b64decode(ca.sign(
        str(ca.keys["other"])).read_text().split()[1])
    blob = base64.b64decode(ca.sign(ca="other").read_text().split()[1])
    plain = base64.b64decode(ca.pub("other").split()[1])
    server = make_server([ca.trusted()])
    # signed anew, or nobody would look at whose signature it is
    body = blob.replace(sshraw.string(plain), sshraw.string(middle))
    name = sshraw.string("ssh-ed25519")
    body = body[:-len(sshraw.string(name + sshraw.string(bytes(64))))]
    raw = sshraw.Key(ca.keys["other"]).private.sign(body)
    forged = body + sshraw.string(name + sshraw.string(raw))
    assert len(forged) == len(blob) - len(plain) + len(middle)
    assert not raw_login(server, key, forged)


def test_untrusted_ca(make_server, ca):
    server = make_server([ca.trusted("other")])
    assert not admitted(server, ca.sign())
    assert not admitted(make_server([]), ca.sign())


@pytest.mark.parametrize("valid, text", [
    ("always:20200101", "expired"), ("+1h:forever", "not yet valid")])
def test_dates(make_server, ca, valid, text):
    server = make_server([ca.trusted()])
    assert not admitted(server, ca.sign(valid=valid))
    server.wait_log("error: Certificate invalid: " + text)


def test_certificate_without_principals(make_server, ca, world):
    world.authorize("cert-authority " + ca.pub())
    server = make_server([ca.trusted()])
    assert not admitted(server, ca.sign(principals=None))
    server.wait_log("error: Certificate lacks principal list")


@pytest.mark.parametrize("principals", ["bob", "*", "alic?", "Alice",
                                        "alice2", "root,bob"])
def test_other_names(make_server, ca, principals):
    server = make_server([ca.trusted()])
    assert not admitted(server, ca.sign(principals=principals))
    server.wait_log("error: Certificate invalid: "
                    "name is not a listed principal")


def test_several_names(make_server, ca):
    server = make_server([ca.trusted()])
    assert admitted(server, ca.sign(principals="bob,alice,carol"))
    assert admitted(server, ca.sign(principals="bob,alice"), user="bob")
    assert not admitted(server, ca.sign(principals="alice"), user="bob")


def test_trusted_keys_file(make_server, ca):
    """root's alone, comments, several keys; rubbish ends the trust"""
    server = make_server([ca.trusted("other", "ca",
                                     lines=["# a comment", "", "  "])])
    (ca.dir / "trusted").chmod(0o600)
    assert admitted(server, ca.sign())
    ca.trusted("ca", lines=["not a key"])
    assert not admitted(server, ca.sign())
    (ca.dir / "trusted").unlink()
    assert not admitted(server, ca.sign())
    server.wait_log("error: Could not read TrustedUserCAKeys")


# --- options -----------------------------------------------------------------

def test_force_command(make_server, ca):
    server = make_server([ca.trusted()])
    cert = ca.sign(options=["force-command=echo forced $SSH_ORIGINAL_COMMAND"])
    p = login(server, cert, command="echo asked")
    assert (p.returncode, p.stdout) == (0, b"forced echo asked\n")


def test_force_command_and_the_lines(make_server, ca, world):
    server = make_server([])
    cert = ca.sign(options=["force-command=echo one"])
    for command, want in [("echo one", b"one\n"), ("echo two", None)]:
        world.authorize('cert-authority,command="%s" %s'
                        % (command, ca.pub()))
        p = login(server, cert, command="true")
        assert p.stdout == (want or b""), p
        assert p.returncode == (255 if want is None else 0)
    server.wait_log("error: forced command options do not match")


@pytest.mark.parametrize("addresses, good", [
    ("127.0.0.0/8", True), ("10.0.0.0/8,127.0.0.1", True),
    ("10.0.0.0/8", False), ("::1", False), ("0.0.0.0/0", True)])
def test_source_address(make_server, ca, addresses, good):
    server = make_server([ca.trusted()])
    cert = ca.sign(options=["source-address=" + addresses])
    assert admitted(server, cert) == good
    if not good:
        server.wait_log("not from a permitted source address")


def test_source_address_of_a_pipe(make_server, ca, world):
    """there is none, so it is not the right one (threats, row 35)"""
    server = make_server([ca.trusted()])
    for address, good in [(None, True), ("0.0.0.0/0,::/0", False)]:
        cert = ca.sign(options=address and ["source-address=" + address]
                       or [])
        argv = server.ssh_argv("echo in", opts=[
            "CertificateFile=%s" % cert,
            "ProxyCommand=%s" % " ".join(server.argv)])
        p = run(argv)
        assert (p.returncode == 0) == good, p


def test_unknown_options(make_server, ca):
    server = make_server([ca.trusted()])
    assert not admitted(server, ca.sign(options=["critical:odd@e.org=x"]))
    server.wait_log('error: Certificate critical option "odd@e.org" '
                    "is not supported")
    assert admitted(server, ca.sign(options=["extension:odd@e.org=x"]))
    server.wait_log('Certificate extension "odd@e.org" is not supported')


def test_no_pty(make_server, ca):
    server = make_server([ca.trusted()])
    for options, good in [((), True), (["no-pty"], False),
                          (["clear"], False)]:
        p = login(server, ca.sign(options=options), "-tt", command="tty")
        assert (b"/dev/pts" in p.stdout) == good, p


# --- authorized_keys ---------------------------------------------------------

def test_cert_authority_line(make_server, ca, world):
    server = make_server([])
    world.authorize("cert-authority " + ca.pub())
    assert admitted(server, ca.sign())
    assert not admitted(server, ca.sign(principals="bob"))
    assert not admitted(server, ca.sign(ca="other"))
    # the CA's own key is no key to log in with, a plain line no CA
    assert server.ssh("true", key=str(ca.keys["ca"])).returncode == 255
    world.authorize(ca.pub())
    assert not admitted(server, ca.sign())
    assert server.ssh("true", key=str(ca.keys["ca"])).returncode == 0
    # a certificate's own key, listed as such, is not the certificate
    world.authorize("cert-authority " + world.pub())
    assert not admitted(server, ca.sign())


@pytest.mark.parametrize("line, cert, good", [
    ("bob", "bob", True), ("root,bob", "bob", True), ("alice", "bob", False),
    ("root,bob", "a,root", True), ("root,bob", "alice", False),
    ("*", "bob", False), ("bob", "*", False), ("a,b", "x", False)])
def test_principals_option(make_server, ca, world, line, cert, good):
    world.authorize('cert-authority,principals="%s" %s' % (line, ca.pub()))
    server = make_server([])
    assert admitted(server, ca.sign(principals=cert)) == good
    if not good:
        server.wait_log("error: Certificate does not contain an "
                        "authorized principal")


def test_principals_without_cert_authority(make_server, ca, world):
    world.authorize('principals="alice" ' + world.pub())
    assert make_server([]).ssh("true").returncode == 255


def test_line_and_certificate_both_permit(make_server, ca, world):
    server = make_server([])
    for line, options, good in [
            ("", (), True), (",no-pty", (), False), ("", ["no-pty"], False),
            (",restrict,pty", ["no-pty"], False),
            (",restrict,pty", (), True)]:
        world.authorize("cert-authority%s %s" % (line, ca.pub()))
        p = login(server, ca.sign(options=options), "-tt", command="tty")
        assert (b"/dev/pts" in p.stdout) == good, (line, options, p)


def test_expired_line(make_server, ca, world):
    server = make_server([])
    world.authorize('cert-authority,expiry-time="20200101" ' + ca.pub())
    assert not admitted(server, ca.sign())
    world.authorize('cert-authority,expiry-time="20990101" ' + ca.pub())
    assert admitted(server, ca.sign())


# --- principals --------------------------------------------------------------

def test_principals_file(make_server, ca):
    path = ca.file("principals.alice", "# people\nweb\n  db # cut\n",
                   user="alice")
    server = make_server([ca.trusted(), "StrictModes no",
                          "AuthorizedPrincipalsFile %s/principals.%%u"
                          % ca.dir])
    assert admitted(server, ca.sign(principals="web"))
    assert admitted(server, ca.sign(principals="x,db"))
    # the user's own name is not enough any more
    for names in ("alice", "people", "cut", "w*"):
        assert not admitted(server, ca.sign(principals=names)), names
    server.wait_log("error: Certificate does not contain an "
                    "authorized principal")
    path.unlink()
    assert not admitted(server, ca.sign(principals="alice"))


def test_options_of_principals(make_server, ca):
    server = make_server([ca.trusted(), "StrictModes no",
                          "AuthorizedPrincipalsFile %s/options" % ca.dir])
    ca.file("options", 'command="echo forced",no-pty web\n', user="alice")
    p = login(server, ca.sign(principals="web"))
    assert p.stdout == b"forced\n"
    # the first line that fits decides
    ca.file("options", 'from="10.0.0.0/8" web\nweb\n', user="alice")
    assert not admitted(server, ca.sign(principals="web"))
    server.wait_log("error: Refused by certificate principals options")
    ca.file("options", 'from="127.0.0.0/8" web\n', user="alice")
    assert admitted(server, ca.sign(principals="web"))
    for bad in ("cert-authority", "nonsense", 'principals="web"'):
        ca.file("options", bad + " web\n", user="alice")
        assert not admitted(server, ca.sign(principals="web")), bad


def test_principals_file_is_read_as_the_user(make_server, ca):
    ca.file("rootonly", "web\n")
    server = make_server([ca.trusted(), "StrictModes no",
                          "AuthorizedPrincipalsFile %s/rootonly" % ca.dir])
    assert not admitted(server, ca.sign(principals="web"))


# --- revocation --------------------------------------------------------------

def test_revoked_text(make_server, ca, world):
    world.authorize_all()
    path = ca.dir / "revoked"
    server = make_server([ca.trusted(), "RevokedKeys %s" % path])
    cert = ca.sign()
    path.write_text("")
    path.chmod(0o600)
    assert server.ssh("true").returncode == 0
    assert admitted(server, cert)
    path.write_text("# one\n%s\n" % world.pub("ecdsa256"))
    assert server.ssh("true").returncode == 0
    assert server.ssh("true", key="ecdsa256").returncode == 255
    server.wait_log(r"error: Authentication key ECDSA %s revoked by file %s"
                    % (re.escape(world.fingerprint(world.keys["ecdsa256"])),
                       path))
    # a key, and every certificate of it
    path.write_text(world.pub() + "\n")
    assert server.ssh("true").returncode == 255
    assert not admitted(server, cert)
    # a certificate in the list stands for its key
    path.write_text(cert.read_text())
    assert server.ssh("true").returncode == 255
    # the CA
    path.write_text(ca.pub() + "\n")
    assert server.ssh("true").returncode == 0
    world.authorize()
    assert not admitted(server, cert)


@pytest.mark.parametrize("text", [
    "nonsense\n", "ssh-ed25519 !!!!\n", "ssh-ed25519\n",
    "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAILDEJsMpwEB/T8r8rwS1sEU\n", None])
def test_revocation_that_cannot_be_read(make_server, ca, world, text):
    world.authorize_all()
    path = ca.dir / "unreadable"
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text)
    server = make_server(["RevokedKeys %s" % path])
    assert server.ssh("true").returncode == 255
    server.wait_log("error: Error checking authentication key ED25519 ")


def test_revocation_that_is_no_file(make_server, ca, world):
    world.authorize_all()
    os.mkfifo(ca.dir / "fifo")
    for name in (ca.dir / "fifo", ca.dir, "/dev/full"):
        server = make_server(["RevokedKeys %s" % name])
        assert server.ssh("true").returncode == 255
        server.wait_log("error: Error checking authentication key ED25519 ")


@pytest.mark.parametrize("name", ["/dev/null", "none", "empty"])
def test_revocation_of_nothing(make_server, ca, world, name):
    world.authorize_all()
    (ca.dir / "empty").write_text("")
    server = make_server(["RevokedKeys %s" % (
        ca.dir / name if name == "empty" else name)])
    assert server.out("echo in") == "in\n"


def test_krl_of_certificates(make_server, ca):
    path = ca.krl(text="serial: 3\nserial: 100-200\nid: bad\n")
    server = make_server([ca.trusted(), "RevokedKeys %s" % path])
    for serial, key_id, good in [
            (2, "x", True), (3, "x", False), (99, "x", True),
            (100, "x", False), (200, "x", False), (201, "x", True),
            (0, "x", True), (1, "bad", False), (0, "bad", False)]:
        cert = ca.sign(serial=serial, key_id=key_id)
        assert admitted(server, cert) == good, (serial, key_id)
    # of another CA the list says nothing
    server = make_server([ca.trusted("other"), "RevokedKeys %s" % path])
    assert admitted(server, ca.sign(ca="other", serial=3))


@pytest.mark.parametrize("form", ["key", "sha1", "sha256"])
def test_krl_of_keys(make_server, ca, world, form):
    pub = world.keys["ed25519"].with_suffix(".pub")
    if form == "key":
        path = ca.krl(pub)
    else:
        path = ca.krl(ca.file("spec", "%s: %s" % (form, pub.read_text())))
    server = make_server([ca.trusted(), "RevokedKeys %s" % path])
    world.authorize_all()
    assert server.ssh("true").returncode == 255
    assert server.ssh("true", key="ecdsa256").returncode == 0
    world.authorize()
    assert not admitted(server, ca.sign())
    assert admitted(server, ca.sign("ecdsa256"), key="ecdsa256")


def test_krl_of_the_ca(make_server, ca, world):
    path = ca.krl(ca.keys["ca"].with_suffix(".pub"))
    server = make_server([ca.trusted("ca", "other"),
                          "RevokedKeys %s" % path])
    assert not admitted(server, ca.sign())
    assert admitted(server, ca.sign(ca="other"))


def test_broken_krl(make_server, ca, world):
    world.authorize_all()
    path = ca.krl(world.keys["ecdsa256"].with_suffix(".pub"))
    server = make_server(["RevokedKeys %s" % path])
    assert server.ssh("true").returncode == 0
    path.write_bytes(path.read_bytes()[:-1])
    assert server.ssh("true").returncode == 255
    server.wait_log("error: Error checking authentication key")


@pytest.mark.ours
def test_several_files(make_server, ca, world):
    world.authorize_all()
    krl = ca.krl(world.keys["ed25519"].with_suffix(".pub"), name="krl1")
    text = ca.file("text1", world.pub("ecdsa256") + "\n")
    server = make_server(["RevokedKeys %s %s" % (text, krl)])
    assert server.ssh("true").returncode == 255
    assert server.ssh("true", key="ecdsa256").returncode == 255
    assert server.ssh("true", key="ecdsa384").returncode == 0


# --- AuthorizedPrincipalsCommand ---------------------------------------------

def command(ca, text, name="command"):
    return ca.file(name, "#!/bin/sh\n" + text, mode=0o755)


def test_principals_command(make_server, ca):
    folder = ca.dir / "seen"
    folder.mkdir(exist_ok=True)
    os.chmod(folder, 0o777)
    seen = folder / "args"
    path = command(ca, 'printf "%%s\\n" "$@" "$(id -un)" > %s\n'
                   "echo '# web'; echo web\n" % seen)
    server = make_server([
        ca.trusted(),
        "AuthorizedPrincipalsCommand %s %%u %%h %%U %%t %%T %%f %%F %%i %%s "
        "%%k %%K %%%%" % path, "AuthorizedPrincipalsCommandUser bob"])
    cert = ca.sign(principals="web", key_id="an id; $(x)", serial=2**64 - 1)
    assert admitted(server, cert)
    alice = pwd.getpwnam("alice")
    text = cert.read_text().split()
    keys = server.world.keys
    assert seen.read_text().splitlines() == [
        "alice", alice.pw_dir, str(alice.pw_uid),
        "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519",
        server.world.fingerprint(keys["ed25519"]),
        server.world.fingerprint(ca.keys["ca"]), "an id; $(x)",
        str(2**64 - 1), text[1], ca.pub().split()[1], "%", "bob"]
    # a name that it does not say, the user's own too
    assert not admitted(server, ca.sign(principals="alice"))
    server.wait_log("error: Certificate does not contain an "
                    "authorized principal")
    # and no other CA's certificate gets it started
    seen.unlink()
    assert not admitted(server, ca.sign(principals="web", ca="other"))
    assert not seen.exists()


def test_principals_command_after_the_file(make_server, ca):
    path = command(ca, "echo fromcommand\n")
    ca.file("both", "fromfile\n", user="alice")
    server = make_server([
        ca.trusted(), "StrictModes no",
        "AuthorizedPrincipalsFile %s/both" % ca.dir,
        "AuthorizedPrincipalsCommand %s" % path,
        "AuthorizedPrincipalsCommandUser bob"])
    assert admitted(server, ca.sign(principals="fromfile"))
    assert admitted(server, ca.sign(principals="fromcommand"))
    assert not admitted(server, ca.sign(principals="alice"))


@pytest.mark.parametrize("text", [
    "echo web; exit 1\n", "echo web; kill -9 $$\n", "exit 0\n",
    "echo webx\n", "echo 'from=\"10.0.0.0/8\" web'\n"])
def test_principals_command_that_says_no(make_server, ca, text):
    server = make_server([
        ca.trusted(), "AuthorizedPrincipalsCommand %s" % command(ca, text),
        "AuthorizedPrincipalsCommandUser bob"])
    assert not admitted(server, ca.sign(principals="web,alice"))


def test_options_from_the_principals_command(make_server, ca):
    path = command(ca, "echo 'command=\"echo forced\" web'\n")
    server = make_server([
        ca.trusted(), "AuthorizedPrincipalsCommand %s" % path,
        "AuthorizedPrincipalsCommandUser bob"])
    p = login(server, ca.sign(principals="web"), command="true")
    assert p.stdout == b"forced\n"


def test_principals_command_without_its_user(make_server, ca):
    path = command(ca, "echo web\n")
    server = make_server([
        ca.trusted(), "AuthorizedPrincipalsCommand %s" % path,
        "AuthorizedPrincipalsCommandUser nobody-at-all"])
    assert not admitted(server, ca.sign(principals="web"))
    server.wait_log("AuthorizedPrincipalsCommandUser")


def test_keys_command_names_a_ca(make_server, ca):
    path = command(ca, "echo 'cert-authority,principals=\"web\" %s'\n"
                   % ca.pub())
    server = make_server(["AuthorizedKeysCommand %s %%t" % path,
                          "AuthorizedKeysCommandUser bob"])
    assert admitted(server, ca.sign(principals="web"))
    assert not admitted(server, ca.sign(principals="alice"))


# --- with other methods ------------------------------------------------------

def test_a_key_and_its_certificate_are_one_key(make_server, ca, world):
    """of two keys that AuthenticationMethods wants"""
    server = make_server([ca.trusted(),
                          "AuthenticationMethods publickey,publickey"])
    world.authorize(world.pub("ed25519"), world.pub("ecdsa256"))
    cert = ca.sign()
    both = ["CertificateFile=%s" % cert]
    p = server.ssh("true", opts=both)
    assert p.returncode == 255
    p = server.ssh("true", opts=["IdentityFile=%s" % world.keys["ecdsa256"],
                                 *both])
    assert p.returncode == 0, p


def test_what_the_session_is_told(make_server, ca):
    server = make_server([ca.trusted(), "ExposeAuthInfo yes"])
    cert = ca.sign()
    p = login(server, cert, command="cat $SSH_USER_AUTH")
    assert p.stdout.decode() == "publickey %s\n" % " ".join(
        cert.read_text().split()[:2])


def test_root_with_forced_commands_only(make_server, ca):
    server = make_server([ca.trusted(),
                          "PermitRootLogin forced-commands-only"])
    assert not admitted(server, ca.sign(principals="root"), user="root")
    cert = ca.sign(principals="root", options=["force-command=echo forced"])
    p = login(server, cert, user="root", command="true")
    assert p.stdout == b"forced\n", p


def test_expiry_between_query_and_signature(make_server, ca, world):
    """the answer to a query is no promise"""
    server = make_server([ca.trusted()])
    key = sshraw.Key(world.keys["ed25519"])
    name = "ssh-ed25519-cert-v01@openssh.com"
    for seconds in (3, 10, 40):		# a machine may be busy
        end = int(time.time()) + seconds
        cert = ca.sign(valid="always:" + time.strftime(
            "%Y%m%d%H%M%S", time.localtime(end)))
        blob = base64.b64decode(cert.read_text().split()[1])
        c = sshraw.Client(server.connect()).start()
        c.service()
        c.auth("alice", "publickey", sshraw.boolean(False),
               sshraw.string(name), sshraw.string(blob))
        if c.auth_reply() == sshraw.AUTH_PK_OK:
            break
    else:
        pytest.fail("the certificate was never good")
    time.sleep(max(0, end - time.time()) + 0.2)
    request = sshraw.msg(
        sshraw.AUTH_REQUEST, *map(sshraw.string, (
            "alice", "ssh-connection", "publickey")),
        sshraw.boolean(True), sshraw.string(name), sshraw.string(blob))
    raw = key.private.sign(sshraw.string(c.session_id) + request)
    c.send(request + sshraw.string(
        sshraw.string("ssh-ed25519") + sshraw.string(raw)))
    assert c.auth_reply() == sshraw.AUTH_FAILURE
    c.close()
