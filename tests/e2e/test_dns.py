"""UseDNS: the client's name, from a name server that the test is."""
import contextlib
import os
import pathlib
import socket
import struct
import subprocess
import threading
import time

import pytest
from harness import PATIENCE
from passwords import ssh as typed_ssh
from passwords import pam_service, set_password
from test_methods import match
from test_pty import wtmp

pytestmark = [pytest.mark.root, pytest.mark.ours]
ON = ["UseDNS yes"]
PTR, A = 12, 1


class NameServer(threading.Thread):
    """one name for 127.0.0.1, and where it leads; None: no answer at all"""

    def __init__(self, name, address):
        super().__init__(daemon=True)
        self.name_of_peer, self.address, self.asked = name, address, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            if not query:
                break
            self.asked += 1
            if self.name_of_peer is not None:
                self.socket.sendto(self.answer(query), peer)

    def answer(self, query):
        end = query.index(b"\0", 12) + 5
        kind, = struct.unpack("!H", query[end - 4:end - 2])
        data = b""
        if kind == PTR:
            data = b"".join(bytes([len(x)]) + x for x in
                            self.name_of_peer.encode().split(b".")) + b"\0"
        elif kind == A and self.address:
            data = socket.inet_aton(self.address)
        head = query[:2] + struct.pack("!5H", 0x8580 if data or self.address
                                       else 0x8583, 1, bool(data), 0, 0)
        if data:
            data = struct.pack("!HHHIH", 0xc00c, kind, 1, 60,
                               len(data)) + data
        return head + query[12:end] + data

    def stop(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.join(PATIENCE)
        self.socket.close()


@pytest.fixture
def dns(tmp_path_factory, world):
    servers, mounts = [], []

    def over(path, text):
        mine = world.dir / pathlib.Path(path).name
        mine.write_text(text)
        subprocess.run(["mount", "--bind", mine, os.path.realpath(path)],
                       check=True)
        mounts.append(os.path.realpath(path))

    def make(name, address="127.0.0.1", seconds=30):
        (world.dir / "resolv.conf").write_text(
            "nameserver 127.0.0.1\noptions timeout:%d attempts:2\n" % seconds)
        servers.append(NameServer(name, address))
        servers[-1].start()
        return servers[-1]

    over("/etc/resolv.conf", "")
    over("/etc/nsswitch.conf", "passwd: files\ngroup: files\n"
                               "shadow: files\nhosts: dns\n")
    yield make
    for server in servers:
        server.stop()
    for path in mounts:
        subprocess.run(["umount", "-l", path], check=True)


def test_name_is_used(make_server, dns, world):
    dns("Peer.Example")
    server = make_server([*ON, "AllowUsers alice@peer.example"])
    match(server, "Match Host peer.*", "SetEnv WHO=peer")
    assert server.out("echo $WHO") == "peer\n"
    world.authorize('from="peer.example" ' + world.pub())
    assert server.out("echo $WHO $SSH_CLIENT").startswith("peer 127.0.0.1 ")
    server = make_server([*ON, "DenyUsers *@peer.example"])
    assert server.ssh("true").returncode == 255
    server.wait_log(r"^User alice from peer\.example not allowed because "
                    "listed in DenyUsers$")
    server.wait_log(r"^Connection closed by \S+ user alice 127\.0\.0\.1 ")


def test_address_is_used_as_well(make_server, dns):
    dns("peer.example")
    server = make_server([*ON, "AllowUsers alice@127.0.0.0/8"])
    match(server, "Match Host 127.0.0.1", "SetEnv WHO=host",
          "Match Address 127.0.0.1", "SetEnv WHO=address")
    assert server.out("echo $WHO") == "address\n"


@pytest.mark.parametrize("name,address,log", [
    ("liar.example", "192.0.2.1", r"^Address 127\.0\.0\.1 maps to "
     r"liar\.example, but this does not map back to the address\.$"),
    ("gone.example", None, r"^reverse mapping checking getaddrinfo for "
     r"gone\.example \[127\.0\.0\.1\] failed\.$"),
    ("192.0.2.7", "127.0.0.1", r'^Nasty PTR record "192\.0\.2\.7" is set up '
     r"for 127\.0\.0\.1, ignoring$")])
def test_names_that_are_none(make_server, dns, name, address, log):
    dns(name, address)
    server = make_server([*ON, "AllowUsers alice@127.0.0.1",
                          "DenyUsers *@*.example *@192.0.2.7"])
    assert server.out("echo in") == "in\n"
    server.wait_log(log)


@pytest.mark.parametrize("options,host", [
    ([], "peer.example"), (["-u0"], "127.0.0.1"), (["-u", "5"], "127.0.0.1"),
    (["-u65"], "peer.example")])
def test_records(make_server, dns, options, host):
    dns("peer.example")
    server = make_server(ON, options=options)
    p = server.ssh("-tt", "tty")
    tty = p.stdout.decode().strip()[5:]
    server.wait_gone()
    assert [r for r in wtmp() if r[2] == tty and r[3]][-1][4] == host


def test_pam_gets_it(make_server, dns):
    dns("peer.example")
    pam_service("e2e-dns", "auth required pam_exec.so quiet stdout "
                "/bin/sh -c exit\\ 1\naccount required pam_unix.so\n")
    set_password("alice", "x")
    server = make_server([*ON, "UsePAM yes", "PAMServiceName e2e-dns",
                          "PasswordAuthentication no"])
    p = typed_ssh(server, "true", answers=["x"],
                  methods="keyboard-interactive")
    assert p.returncode == 255
    server.wait_log(r"^error: PAM: .* for alice from peer\.example$")


def test_asked_once_and_only_if_wanted(make_server, dns):
    server = dns("peer.example")
    assert make_server(ON).out("echo in") == "in\n"
    asked = server.asked
    assert 2 <= asked <= 4
    assert make_server(["AllowUsers alice@127.0.0.1"]).out(
        "echo in") == "in\n"
    assert server.asked == asked


def test_who_asks(make_server, dns):
    """not root, nothing that the user could touch, no file of root's"""
    dns(None, seconds=1)
    server = make_server([*ON, "RevokedKeys /etc/shadow"])
    client = subprocess.Popen(server.ssh_argv("true"),
                              stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            asks = [p for p in children_with_dns() if p]
            if asks:
                break
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert all(uid == asks[0] for uid in asks) and asks[0] not in (
            0, os.stat(server.world.home()).st_uid)
        files = held(asks[0])
        assert "socket:" in files and "shadow" not in files
    finally:
        client.kill()
        client.wait()


def held(uid):
    """what this user's processes have open"""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        proc = pathlib.Path("/proc", pid)
        # Any of them may end while it is looked at.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if "Uid:\t%d\t" % uid in (proc / "status").read_text():
                found += [os.readlink(proc / "fd" / fd)
                          for fd in os.listdir(proc / "fd")]
    return " ".join(found)


def children_with_dns():
    """the uids of the processes that have a socket to port 53"""
    lines = pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]
    return [int(f[7]) for f in map(str.split, lines)
            if f[2].endswith(":0035")]


def test_a_server_that_never_answers(make_server, dns):
    """the grace time is for this, too"""
    dns(None)
    server = make_server(["LoginGraceTime 1", *ON])
    assert server.ssh("true", timeout=PATIENCE).returncode == 255
    server.wait_log(r"^fatal: Timeout before authentication for 127\.0\.0\.1")
