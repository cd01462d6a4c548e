"""hostbased, RFC 4252 section 9, with the stock client and its ssh-keysign:
which users of which hosts are let in, and by which files."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess

import pytest
from harness import client_env, run

pytestmark = [pytest.mark.root, pytest.mark.ours]
KEYSIGN = "/usr/lib/openssh/ssh-keysign"
ON = ["HostbasedAuthentication yes", "HostbasedUsesNameFromPacketOnly yes"]


class Client:
    """this machine as the client: its /etc/ssh, and its users"""

    def __init__(self, folder, keys):
        self.etc = folder
        (folder / "ssh_config").write_text("EnableSSHKeysign yes\n")
        for key in keys.iterdir():
            shutil.copy2(key, folder)
        for name in ("moduli", "ssh_config.d"):
            if os.path.exists("/etc/ssh/" + name):
                os.symlink("/dev/null", folder / name)

    def pub(self, kind="ed25519"):
        path = self.etc / ("ssh_host_%s_key.pub" % kind)
        return " ".join(path.read_text().split()[:2])

    def equiv(self, *lines):
        self.write("shosts.equiv", lines)

    def known(self, *lines):
        self.write("ssh_known_hosts", lines)

    def write(self, name, lines):
        (self.etc / name).write_text("".join(x + "\n" for x in lines))

    def ssh(self, server, user="bob", to="alice", opts=(), key=None):
        entry = pwd.getpwnam(user)
        argv = server.ssh_argv("echo in; whoami", user=to, key=key, opts=[
            *opts, "HostbasedAuthentication=yes",
            "EnableSSHKeysign=yes", "PreferredAuthentications=hostbased",
            "HostbasedAcceptedAlgorithms=ssh-ed25519"])
        return run(["setpriv", "--reuid", user, "--regid", user,
                    "--init-groups", *argv],
                   env={**client_env(), "HOME": entry.pw_dir, "USER": user})

    def gets_in(self, server, **kw):
        p = self.ssh(server, **kw)
        if p.returncode == 0:
            assert p.stdout.decode().split() == ["in", kw.get("to", "alice")]
            return True
        assert p.returncode == 255 and p.stdout == b"", p
        return False


@pytest.fixture(scope="session")
def client_hostkeys(world):
    """the client machine's, made once"""
    folder = world.dir / "client-hostkeys"
    folder.mkdir(mode=0o700)
    for kind in ("ed25519", "ecdsa", "rsa"):
        run(["ssh-keygen", "-q", "-N", "", "-C", "", "-t", kind, "-f",
             folder / ("ssh_host_%s_key" % kind)], check=True)
    return folder


@pytest.fixture
def client(world, client_hostkeys):
    if not (os.path.exists(KEYSIGN) and os.stat(KEYSIGN).st_mode & 0o4000):
        pytest.skip("no ssh-keysign")
    folder = world.dir / "etc-ssh"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    client = Client(folder, client_hostkeys)
    client.equiv("localhost bob")
    client.known("localhost " + client.pub())
    subprocess.run(["mount", "--bind", folder, "/etc/ssh"], check=True)
    yield client
    subprocess.run(["umount", "/etc/ssh"], check=True)


def test_accepted(client, make_server, world):
    server = make_server(ON)
    assert client.gets_in(server)
    print_ = world.fingerprint(client.etc / "ssh_host_ed25519_key.pub")
    server.wait_log(
        r'^Accepted hostbased for alice from 127\.0\.0\.1 port \d+ ssh2: '
        r'ED25519 %s, client user "bob", client host "localhost"$'
        % re.escape(print_))


@pytest.mark.parametrize("kind,algorithm", [
    ("ed25519", "ssh-ed25519"), ("ecdsa", "ecdsa-sha2-nistp256"),
    ("rsa", "rsa-sha2-512"), ("rsa", "rsa-sha2-256")])
def test_algorithms(client, make_server, kind, algorithm):
    client.known("localhost " + client.pub(kind))
    opts = ["HostbasedAcceptedAlgorithms=" + algorithm]
    assert client.gets_in(make_server(ON), opts=opts)
    off = make_server([*ON, "HostbasedAcceptedAlgorithms -" + algorithm])
    assert not client.gets_in(off, opts=opts)


def test_off_by_default(client, make_server):
    server = make_server(ON[1:])
    assert not client.gets_in(server)
    assert "hostbased" not in client.ssh(
        server, opts=["LogLevel=DEBUG1"]).stderr.decode().split(
            "Authentications that can continue:")[1].split("\n")[0]


@pytest.mark.parametrize("equiv,known", [
    ([], None), (["localhost carol"], None), (["other bob"], None),
    (["localhost"], None), (["+"], None), (["+ +"], None),
    (["-localhost bob", "localhost bob"], None),
    (None, []), (None, ["other KEY"]), (None, ["localhost OTHER"]),
    (None, ["localhost KEY", "@revoked * KEY"]),
    (None, ["@cert-authority * KEY"])])
def test_refused(client, make_server, equiv, known):
    server = make_server(ON)
    if equiv is not None:
        client.equiv(*equiv)
    if known is not None:
        client.known(*[x.replace("KEY", client.pub()).replace(
            "OTHER", client.pub("ecdsa")) for x in known])
    assert not client.gets_in(server)
    assert "Accepted" not in server.log()


def test_hashed_and_wildcards(client, make_server):
    server = make_server(ON)
    client.known("*host,!other " + client.pub())
    assert client.gets_in(server)
    client.known("localhost " + client.pub())
    run(["ssh-keygen", "-q", "-H", "-f",
         client.etc / "ssh_known_hosts"], check=True)
    assert "localhost" not in (client.etc / "ssh_known_hosts").read_text()
    os.chmod(client.etc / "ssh_known_hosts", 0o644)
    assert client.gets_in(server)


@pytest.mark.parametrize("name", ["shosts.equiv", "ssh_known_hosts"])
def test_files_of_root_alone(client, make_server, name):
    """the administrator's: read for the user, not by the user"""
    (client.etc / name).chmod(0o600)
    assert client.gets_in(make_server(ON))
    (client.etc / name).unlink()
    server = make_server(ON)
    assert not client.gets_in(server)
    assert "Could not open" not in server.log()


def own(path, text, mode=0o600):
    path.write_text(text)
    entry = pwd.getpwnam("alice")
    os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(mode)


def test_own_files(client, make_server, world):
    home = world.home("alice")
    shosts, known = home / ".shosts", home / ".ssh/known_hosts"
    client.equiv()
    client.known()
    try:
        own(shosts, "localhost bob\n")
        own(known, "localhost %s\n" % client.pub())
        assert not client.gets_in(make_server(ON))
        assert client.gets_in(make_server([*ON, "IgnoreRhosts shosts-only"]))
        server = make_server([*ON, "IgnoreRhosts no"])
        assert client.gets_in(server)
        shosts.rename(home / ".rhosts")
        assert client.gets_in(server)
        assert not client.gets_in(
            make_server([*ON, "IgnoreRhosts shosts-only"]))
        assert not client.gets_in(make_server(
            [*ON, "IgnoreRhosts no", "IgnoreUserKnownHosts yes"]))
        own(home / ".rhosts", "localhost bob\n", 0o620)
        assert not client.gets_in(server)
        server.wait_log("Rhosts authentication refused for alice: bad owner "
                        "or modes for ")
        own(home / ".rhosts", "localhost bob\n")
        known.chmod(0o602)
        assert not client.gets_in(server)
        server.wait_log("Authentication refused for alice: bad owner or "
                        "modes for ")
    finally:
        for path in (shosts, home / ".rhosts", known):
            path.unlink(missing_ok=True)


def test_name_of_the_address(client, make_server):
    """without the packet's word: the address, or where UseDNS leads"""
    server = make_server(ON[:1])
    assert not client.gets_in(server)
    server.wait_log("userauth_hostbased mismatch: client sends localhost, "
                    "but we resolve 127.0.0.1 to 127.0.0.1")
    client.equiv("127.0.0.1 bob")
    client.known("127.0.0.1 " + client.pub())
    assert client.gets_in(server)
    client.equiv("localhost bob")
    client.known("localhost " + client.pub())
    assert client.gets_in(make_server([*ON[:1], "UseDNS yes"]))


def test_root_needs_its_own_file(client, make_server):
    home = pathlib.Path(pwd.getpwnam("root").pw_dir)
    client.equiv("localhost bob", "localhost root")
    server = make_server([*ON, "IgnoreRhosts no", "StrictModes no"])
    assert not client.gets_in(server, to="root")
    shosts = home / ".shosts"
    try:
        shosts.write_text("localhost bob\n")
        assert client.gets_in(server, to="root")
        no = make_server([*ON, "IgnoreRhosts no", "StrictModes no",
                          "PermitRootLogin no"])
        assert not client.gets_in(no, to="root")
        no.wait_log("ROOT LOGIN REFUSED FROM 127.0.0.1")
    finally:
        shosts.unlink(missing_ok=True)


def certify(client, world, names, *options):
    ca = world.dir / "host-ca"
    if not ca.exists():
        run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", ca],
            check=True)
    p = run(["ssh-keygen", "-q", "-s", ca, "-I", "the host", "-h", "-n",
             names, *options, client.etc / "ssh_host_ed25519_key.pub"])
    assert p.returncode == 0, p.stderr
    return " ".join(ca.with_suffix(".pub").read_text().split()[:2])


@pytest.mark.parametrize("names,options,good", [
    ("localhost", [], True), ("a,localhost", [], True),
    ("other", [], False), ("localhost", ["-V", "20200101:20210101"], False)])
def test_certificates(client, make_server, world, names, options, good):
    ca = certify(client, world, names, *options)
    client.known("@cert-authority * " + ca)
    server = make_server(ON)
    opts = ["HostbasedAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com"]
    assert client.gets_in(server, opts=opts) == good
    if good:
        server.wait_log(r"Accepted hostbased .*: ED25519-CERT \S+ ID the host "
                        r"\(serial 0\) CA ED25519 \S+, client user \"bob\"")
        # the CA signs for hosts, and is none
        client.known("localhost " + ca)
        assert not client.gets_in(server, opts=opts)


def test_second_factor(client, make_server, world):
    """one of two, in either order, and no session before the second"""
    server = make_server([*ON, "AuthenticationMethods hostbased,publickey "
                          "publickey,hostbased"])
    key = world.dir / "bobs-key"
    shutil.copy(world.keys["ed25519"], key)
    os.chown(key, pwd.getpwnam("bob").pw_uid, -1)
    key.chmod(0o600)
    try:
        assert not client.gets_in(server)
        for order in ("hostbased,publickey", "publickey,hostbased"):
            assert client.gets_in(server, key=key, opts=[
                "PreferredAuthentications=" + order])
    finally:
        key.unlink()
    server.wait_log("^Partial hostbased for alice from ")
    server.wait_log("^Partial publickey for alice from ")
