"""Host keys: their file formats, none at all, and the others of a server."""
import base64
import re
import shutil
import socket

import pytest
import sshraw
from harness import ALL_HOSTKEYS, need, run

pytestmark = pytest.mark.ours


def read_all(sock):
    """all that the server sends, until it closes"""
    data = b""
    while True:
        more = sock.recv(4096)
        if not more:
            return data
        data += more


def test_none(make_server):
    server = make_server(["HostKey /nonexistent/key"])
    server.exits = {111}
    sock = server.connect()
    sock.sendall(b"SSH-2.0-test\r\n" + b"\0" * 64)
    line, packet = read_all(sock).split(b"\r\n", 1)
    assert line.startswith(b"SSH-2.0-")
    assert packet[5] == 1 and packet[6:10] == b"\0\0\0\x09"
    assert b"no host keys available; sshd-conn-keygen.service" in packet
    server.wait_log(r"HostKey of \S+ line \d+ names no usable key")
    server.wait_log("sshd-conn-keygen.service, or run sshd-conn-keygen")
    server.wait_log("no hostkeys available -- exiting.")


def test_none_as_ssh_sees_it(make_server):
    server = make_server(["HostKey /nonexistent/key"])
    server.exits = {111}
    p = server.ssh("true")
    assert p.returncode == 255
    assert b"no host keys available" in p.stderr


def test_none_and_a_peer_that_says_nothing(make_server):
    server = make_server(["HostKey /nonexistent/key"])
    server.exits = {111}
    sock = server.connect()
    sock.settimeout(5)
    assert b"no host keys available" in read_all(sock)
    sock.shutdown(socket.SHUT_RDWR)
    server.wait_gone()


FORMATS = {"rsa-pem": ["-t", "rsa", "-b", "2048", "-m", "PEM"],
           "rsa-pkcs8": ["-t", "rsa", "-b", "2048", "-m", "PKCS8"],
           "p256-pem": ["-t", "ecdsa", "-b", "256", "-m", "PEM"],
           "p384-pkcs8": ["-t", "ecdsa", "-b", "384", "-m", "PKCS8"],
           "p521-pem": ["-t", "ecdsa", "-b", "521", "-m", "PEM"]}


def make_key(folder, options, passphrase=""):
    folder.mkdir(mode=0o700)
    path = folder / "key"
    run(["ssh-keygen", "-q", "-N", passphrase, "-C", "", "-f", path,
         *options], check=True)
    return path


def known(folder, *lines):
    path = folder / "known_hosts"
    path.write_text("".join("e2e %s\n" % line.strip() for line in lines))
    return "UserKnownHostsFile=%s" % path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("pub", ["with-pub", "without-pub"])
def test_formats(make_server, tmp_path, form, pub):
    key = make_key(tmp_path / "k", FORMATS[form])
    beside = key.with_suffix(".pub")
    opt = known(tmp_path, beside.read_text())
    if pub == "without-pub":
        beside.unlink()
    server = make_server(["HostKey %s" % key])
    assert server.out("echo $((40 + 2))", opts=[opt]) == "42\n"


def test_ed25519_of_openssl(make_server, tmp_path):
    need("openssl")
    (tmp_path / "k").mkdir(mode=0o700)
    key = tmp_path / "k" / "key"
    run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key],
        check=True)
    key.chmod(0o600)
    raw = run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
              check=True).stdout[-32:]
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + raw
    opt = known(tmp_path, "ssh-ed25519 " + base64.b64encode(blob).decode())
    server = make_server(["HostKey %s" % key])
    assert server.out("echo hello", opts=[opt]) == "hello\n"


@pytest.mark.parametrize("form", ["PEM", "PKCS8", "RFC4716"])
def test_encrypted(make_server, world, tmp_path, form):
    key = make_key(tmp_path / "k", ["-t", "rsa", "-b", "2048", "-m", form],
                   "secret")
    server = make_server(["HostKey %s" % key,
                          "HostKey %s" % world.hostkeys["ed25519"]])
    assert server.out("echo hello") == "hello\n"
    server.wait_log("%s.*passphrase" % re.escape(str(key)))


def test_pub_of_another_key(make_server, world, tmp_path):
    """what does not belong together signs nothing"""
    key = make_key(tmp_path / "k", FORMATS["p256-pem"])
    shutil.copy(world.hostkeys["ecdsa256"].with_suffix(".pub"),
                key.with_suffix(".pub"))
    server = make_server(["HostKey %s" % key])
    server.exits = {111}
    assert server.ssh("true").returncode == 255
    server.wait_log("changed during the connection")


def learned(path):
    """the keys that a known_hosts file holds, as TYPE BASE64"""
    return {" ".join(line.split()[1:3])
            for line in path.read_text().splitlines() if line.strip()}


def pub_of(key):
    return " ".join(run(["ssh-keygen", "-y", "-f", key], check=True)
                    .stdout.decode().split()[:2])


def update(server, folder, first, *opts):
    """stock ssh that knows one key; what it knows afterwards"""
    opt = known(folder, first)
    p = server.ssh("-v", "true", opts=[
        "LogLevel=DEBUG1", "UpdateHostKeys=yes", opt, *opts])
    assert p.returncode == 0, p.stderr
    return learned(folder / "known_hosts")


@pytest.mark.parametrize("algorithm", [
    "ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256", "rsa-sha2-512"])
def test_update_host_keys(make_server, world, tmp_path, algorithm):
    kind = {"s": "ed25519", "e": "ecdsa256", "r": "rsa3072"}[algorithm[0]]
    server = make_server()
    want = {pub_of(path) for path in world.hostkeys.values()}
    assert update(server, tmp_path, pub_of(world.hostkeys[kind]),
                  "HostKeyAlgorithms=" + ",".join(
                      [algorithm, *ALL_HOSTKEYS])) == want
    assert "internal error" not in server.log()
    # the second time there is nothing to prove
    assert server.ssh("true", opts=["UserKnownHostsFile=%s" % (
        tmp_path / "known_hosts"), "UpdateHostKeys=yes"]).returncode == 0


def test_next_key_of_a_kind(make_server, world, tmp_path):
    """a key to come, of the same kind, is learned before it is used"""
    coming = make_key(tmp_path / "k", ["-t", "ed25519"])
    now = world.hostkeys["ed25519"]
    server = make_server(["HostKey %s" % now, "HostKey %s" % coming])
    assert update(server, tmp_path, pub_of(now)) == {
        pub_of(now), pub_of(coming)}
    turned = make_server(["HostKey %s" % coming])
    opt = "UserKnownHostsFile=%s" % (tmp_path / "known_hosts")
    assert turned.out("echo hello", opts=[opt]) == "hello\n"


def test_update_of_pem_keys(make_server, world, tmp_path):
    keys = [world.hostkeys["ed25519"]]
    for form in ("rsa-pkcs8", "p384-pkcs8", "p521-pem"):
        keys.append(make_key(tmp_path / form, FORMATS[form]))
    server = make_server(["HostKey %s" % k for k in keys])
    assert update(server, tmp_path, pub_of(keys[0])) == {
        pub_of(k) for k in keys}


def test_prove_rules(login):
    """one proof a key; what is no key of ours gets none"""
    c = login()
    name = sshraw.string("hostkeys-prove-00@openssh.com") + b"\1"
    while True:
        payload = c.read()
        if payload[0] == sshraw.GLOBAL_REQUEST:
            break
    head = b"\x50" + sshraw.string("hostkeys-00@openssh.com") + b"\0"
    assert payload.startswith(head)
    blob = payload[len(head):][:4 + int.from_bytes(
        payload[len(head):][:4], "big")]
    for body, want in ((blob, sshraw.REQUEST_SUCCESS),
                       (blob, sshraw.REQUEST_FAILURE),
                       (sshraw.string(b"x"), sshraw.REQUEST_FAILURE),
                       (b"", sshraw.REQUEST_FAILURE)):
        c.send(sshraw.msg(sshraw.GLOBAL_REQUEST, name, body))
        assert c.read()[0] == want
    c.send(sshraw.msg(sshraw.DISCONNECT, b"\0\0\0\x0b", sshraw.string("bye"),
                      sshraw.string("")))


def test_credentials(make_server, world, tmp_path):
    """systemd's: private to the connection, and beside what is configured"""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    for name, kind in (("sshd-conn.host_key", "ecdsa256"),
                       ("sshd-conn.host_key_2", "rsa3072"),
                       ("another", "ecdsa384")):
        shutil.copy(world.hostkeys[kind], folder / name)
        (folder / name).chmod(0o400)
    shutil.copy(world.hostkeys["ecdsa521"].with_suffix(".pub"),
                folder / "sshd-conn.host_key.pub")
    kinds = ("ed25519", "ecdsa256", "rsa3072")
    env = {"CREDENTIALS_DIRECTORY": str(folder)}
    server = make_server(["HostKey %s" % world.hostkeys["ed25519"]], env=env)
    assert update(server, tmp_path, pub_of(world.hostkeys["ed25519"])) == {
        pub_of(world.hostkeys[k]) for k in kinds}
    # a second connection has its own directory
    folder.rename(tmp_path / "elsewhere")
    assert server.out("env").count("CREDENTIALS") == 0
    alone = make_server(["HostKey /nonexistent/key"], env={
        "CREDENTIALS_DIRECTORY": str(tmp_path / "elsewhere")})
    assert alone.out("echo $((1 + 1))") == "2\n"
    assert alone.out("echo $((1 + 2))") == "3\n"
