"""Host keys with certificates, and host keys that an agent holds."""
import re
import shutil
import socket
import subprocess
import threading

import pytest
from harness import ALL_HOSTKEYS, PATIENCE, run, wait_listening

pytestmark = pytest.mark.ours

SUFFIX = "-cert-v01@openssh.com"
ALGORITHMS = "HostKeyAlgorithms " + ",".join(
    [a + SUFFIX for a in ALL_HOSTKEYS] + ALL_HOSTKEYS)
KINDS = {"ssh-ed25519": "ed25519", "ecdsa-sha2-nistp256": "ecdsa256",
         "ecdsa-sha2-nistp384": "ecdsa384", "ecdsa-sha2-nistp521": "ecdsa521",
         "rsa-sha2-256": "rsa3072", "rsa-sha2-512": "rsa3072"}


@pytest.fixture(name="ca")
def make_ca(tmp_path):
    """a CA: sign(key) makes a certificate, known() trusts the CA"""
    class Authority:
        def __init__(self):
            self.count = 0
            self.key = tmp_path / "ca"
            run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519",
                 "-f", self.key], check=True)

        def sign(self, key, *options, host=True):
            self.count += 1
            mine = tmp_path / ("signed%d" % self.count)
            shutil.copy(key.with_suffix(".pub"), mine.with_suffix(".pub"))
            run(["ssh-keygen", "-q", "-s", self.key, "-I", "id",
                 *(["-h"] if host else []), *(options or ["-n", "e2e"]),
                 mine.with_suffix(".pub")], check=True)
            return mine.with_name(mine.name + "-cert.pub")

        def known(self):
            path = tmp_path / "known_ca"
            path.write_text("@cert-authority e2e %s"
                            % self.key.with_suffix(".pub").read_text())
            return "UserKnownHostsFile=%s" % path

    return Authority()


def certified(world, ca, *kinds):
    """configuration lines: host keys of these kinds, each certified"""
    lines = [ALGORITHMS]
    for kind in kinds or world.hostkeys:
        lines += ["HostKey %s" % world.hostkeys[kind],
                  "HostCertificate %s" % ca.sign(world.hostkeys[kind])]
    return lines


@pytest.mark.parametrize("algorithm", KINDS)
def test_certificate(make_server, world, ca, algorithm):
    server = make_server(certified(world, ca))
    p = server.ssh("-vv", "echo hello", opts=[
        "LogLevel=DEBUG2", ca.known(),
        "HostKeyAlgorithms=" + algorithm + SUFFIX])
    said = p.stderr.decode()
    assert p.returncode == 0 and p.stdout == b"hello\n", said
    assert "Server host certificate" in said
    # the plain key is served as well
    assert server.out("echo plain", opts=[
        "HostKeyAlgorithms=" + algorithm]) == "plain\n"
    assert "internal error" not in server.log()


def test_bound_to_the_certificate(make_server, world, ca):
    """publickey-hostbound-v00 names what was shown: the certificate"""
    server = make_server(certified(world, ca, "ed25519"))
    p = server.ssh("-vvv", "true", opts=[
        "LogLevel=DEBUG3", ca.known(),
        "HostKeyAlgorithms=ssh-ed25519" + SUFFIX])
    assert p.returncode == 0, p.stderr
    assert b"publickey-hostbound-v00@openssh.com" in p.stderr


def test_new_keys_under_the_certificate(make_server, world, ca):
    server = make_server(certified(world, ca, "ed25519"))
    assert server.out("head -c 3000000 /dev/zero | wc -c", opts=[
        ca.known(), "HostKeyAlgorithms=ssh-ed25519" + SUFFIX,
        "RekeyLimit=256K"]) == "3000000\n"


def test_only_what_is_certified(make_server, world, ca):
    """a certificate of one key is not offered for the others"""
    ed25519, ecdsa = world.hostkeys["ed25519"], world.hostkeys["ecdsa256"]
    server = make_server([
        ALGORITHMS, "HostKey %s" % ecdsa, "HostKey %s" % ed25519,
        "HostCertificate %s" % ca.sign(ed25519)])
    p = server.ssh("true", opts=[
        ca.known(), "HostKeyAlgorithms=ecdsa-sha2-nistp256" + SUFFIX])
    assert p.returncode == 255
    server.wait_log("no matching host key type found")
    assert server.ssh("true", opts=[ca.known()]).returncode == 0


def test_second_key_of_a_kind(make_server, world, ca, tmp_path):
    """the plain key is the first of its kind, the certificate the second's"""
    other = tmp_path / "other"
    run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", other],
        check=True)
    server = make_server([
        ALGORITHMS, "HostKey %s" % world.hostkeys["ed25519"],
        "HostKey %s" % other, "HostCertificate %s" % ca.sign(other)])
    assert server.ssh("true", opts=[ca.known(), "HostKeyAlgorithms="
                                    "ssh-ed25519" + SUFFIX]).returncode == 0
    assert server.ssh("true", opts=["HostKeyAlgorithms=ssh-ed25519"]
                      ).returncode == 0


@pytest.mark.parametrize("case", ["user", "other", "plain", "missing"])
def test_useless_certificate(make_server, world, ca, tmp_path, case):
    """it is told, it is not offered, and the key serves without it"""
    key = world.hostkeys["ed25519"]
    path = {"user": lambda: ca.sign(key, host=False),
            "other": lambda: ca.sign(world.keys["ed25519"]),
            "plain": lambda: key.with_suffix(".pub"),
            "missing": lambda: tmp_path / "none"}[case]()
    server = make_server([ALGORITHMS, "HostKey %s" % key,
                          "HostCertificate %s" % path])
    assert server.out("echo hello") == "hello\n"
    server.wait_log('Could not load host certificate "%s": '
                    % re.escape(str(path)))
    p = server.ssh("true", opts=[ca.known(), "HostKeyAlgorithms="
                                 "ssh-ed25519" + SUFFIX])
    assert p.returncode == 255
    server.wait_log("no matching host key type found")


def test_certificates_are_not_announced(make_server, world, ca, tmp_path):
    server = make_server(certified(world, ca))
    path = tmp_path / "known"
    first = world.hostkeys["ed25519"].with_suffix(".pub").read_text()
    path.write_text("e2e %s" % first)
    assert server.ssh("true", opts=[
        "UserKnownHostsFile=%s" % path, "UpdateHostKeys=yes",
        "HostKeyAlgorithms=ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,"
        "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"]).returncode == 0
    text = path.read_text()
    assert "cert" not in text
    assert len(text.splitlines()) == len(world.hostkeys)


def test_certificate_in_the_image(make_server, world, ca, tmp_path):
    """a new certificate takes effect at once, though an image is fresh"""
    path = tmp_path / "cert.pub"
    key = world.hostkeys["ed25519"]
    shutil.copy(ca.sign(key, "-n", "e2e", "-V", "-2w:-1w"), path)
    server = make_server([ALGORITHMS, "HostKey %s" % key,
                          "HostCertificate %s" % path])
    opts = [ca.known(), "HostKeyAlgorithms=ssh-ed25519" + SUFFIX]
    for _ in range(3):
        assert server.ssh("true", opts=opts).returncode == 255	# expired
    shutil.copy(ca.sign(key), path)
    for _ in range(3):
        assert server.ssh("true", opts=opts).returncode == 0


# --- HostKeyAgent ------------------------------------------------------------

@pytest.fixture(name="agent")
def make_agent(tmp_path, world):
    """an ssh-agent with all the host keys; pub has their public halves"""
    class Agent:
        path = tmp_path / "agent"
        pub = {}

        def __init__(self):
            self.proc = subprocess.Popen(
                ["ssh-agent", "-D", "-a", str(self.path)],
                stdout=subprocess.DEVNULL)
            wait_listening(self.path)
            for kind, key in world.hostkeys.items():
                run(["ssh-add", "-q", key], check=True,
                    env={"SSH_AUTH_SOCK": str(self.path)})
                self.pub[kind] = tmp_path / ("host_%s.pub" % kind)
                shutil.copy(key.with_suffix(".pub"), self.pub[kind])

        def lines(self, *kinds):
            return [ALGORITHMS, "HostKeyAgent %s" % self.path] + [
                "HostKey %s" % self.pub[k] for k in kinds or self.pub]

        def stop(self):
            self.proc.kill()
            self.proc.wait()

    agent = Agent()
    yield agent
    agent.stop()


@pytest.mark.parametrize("algorithm", KINDS)
def test_agent(make_server, agent, algorithm):
    server = make_server(agent.lines())
    for _ in range(2):		# from text, from the image
        assert server.out("echo hello", opts=[
            "HostKeyAlgorithms=" + algorithm]) == "hello\n"


def test_agent_by_the_name_of_the_private_key(make_server, agent):
    """as OpenSSH: HostKey names what only its .pub is left of"""
    pub = agent.pub["ed25519"]
    server = make_server([ALGORITHMS, "HostKeyAgent %s" % agent.path,
                          "HostKey %s" % pub.with_suffix("")])
    for _ in range(2):
        assert server.out("echo hello") == "hello\n"


def test_agent_of_the_environment(make_server, agent, world):
    lines = ["HostKeyAgent SSH_AUTH_SOCK", ALGORITHMS,
             "HostKey %s" % agent.pub["ed25519"]]
    server = make_server(lines, env={"SSH_AUTH_SOCK": str(agent.path)})
    # and no session sees it
    assert "SSH_AUTH_SOCK" not in server.out("env")
    # a key that is there needs no agent
    alone = make_server(["HostKeyAgent SSH_AUTH_SOCK", ALGORITHMS,
                         "HostKey %s" % world.hostkeys["ed25519"]])
    assert alone.out("echo hello") == "hello\n"


def test_agent_proves_and_rekeys(make_server, agent, world, tmp_path):
    server = make_server(agent.lines())
    path = tmp_path / "known"
    path.write_text("e2e %s" % world.hostkeys["ed25519"].with_suffix(".pub")
                    .read_text())
    assert server.out("head -c 2000000 /dev/zero | wc -c", opts=[
        "UserKnownHostsFile=%s" % path, "UpdateHostKeys=yes",
        "HostKeyAlgorithms=" + ",".join(ALL_HOSTKEYS),
        "RekeyLimit=256K"]) == "2000000\n"
    assert len(path.read_text().splitlines()) == len(world.hostkeys)


def test_agent_with_a_certificate(make_server, agent, ca, world):
    server = make_server(agent.lines("rsa3072") + [
        "HostCertificate %s" % ca.sign(world.hostkeys["rsa3072"])])
    assert server.ssh("true", opts=[ca.known(), "HostKeyAlgorithms="
                                    "rsa-sha2-512" + SUFFIX]).returncode == 0


def test_agent_that_is_gone(make_server, agent):
    server = make_server(agent.lines("ed25519"))
    server.exits = {0, 111}
    assert server.out("echo hello") == "hello\n"
    agent.stop()
    assert server.ssh("true").returncode == 255
    server.wait_log('host key agent "%s": Connection refused'
                    % re.escape(str(agent.path)))


def test_agent_without_the_key(make_server, agent, world):
    server = make_server(agent.lines("ed25519"))
    server.exits = {0, 111}
    run(["ssh-add", "-q", "-d", world.hostkeys["ed25519"]], check=True,
        env={"SSH_AUTH_SOCK": str(agent.path)})
    assert server.ssh("true").returncode == 255
    server.wait_log("agent refused operation")


@pytest.mark.parametrize("answer", [
    b"", b"\0\0\0\1\x05", b"\xff\xff\xff\xff", b"\0\0\0\6\x0e\0\0\0\1x",
    b"\0\0\0\x63\x0e\0\0\0\x5e\0\0\0\x0bssh-ed25519\0\0\0\x40" + 64 * b"a",
    None], ids=["end", "failure", "length", "short", "forged", "silence"])
def test_agent_that_lies(make_server, agent, tmp_path, answer):
    """whatever it says, no client sees a signature that does not hold"""
    path = tmp_path / "liar"
    liar = socket.socket(socket.AF_UNIX)
    liar.bind(str(path))
    liar.listen(4)
    held = []

    def serve():
        while True:
            try:
                conn = liar.accept()[0]
            except OSError:
                return
            conn.recv(4096)
            held.append(conn)
            if answer is not None:
                conn.sendall(answer)
                conn.close()

    threading.Thread(target=serve, daemon=True).start()
    server = make_server([ALGORITHMS, "HostKeyAgent %s" % path,
                          "HostKey %s" % agent.pub["ed25519"]])
    server.exits = {111}
    # far below what the client would wait for
    assert server.ssh("true", timeout=PATIENCE).returncode == 255
    server.wait_log('host key agent "%s": ' % re.escape(str(path)))
    liar.close()
