"""A large configuration: it works, and it costs a connection nothing."""
import os
import socket
import statistics
import subprocess

import pytest

import harness

pytestmark = pytest.mark.ours

BLOCKS = 200

# A criterion that holds for the test's login, and one that does not.
HOLDS = ["user {user}", "address 127.0.0.0/8", "all",
         "user *,!nobody address 127.0.0.1",
         "localaddress 127.0.0.1 user {user}", "host 127.*", "group {group}"]
FAILS = ["user nobody{n}", "address 192.0.2.{m}/32", "user !{user},*",
         "localport {n}", "group nogroup{n}", "host *.example{n}.com",
         "user {user} address 10.0.0.0/8", "invalid-user"]


def big(world, matches):
    """2,000 lines in 200 Match blocks, the first that holds is matches-th"""
    group = harness.run(["id", "-gn", world.user], check=True)
    names = {"user": world.user, "group": group.stdout.decode().strip()}
    lines = []
    for n in range(BLOCKS):
        rows = HOLDS if n >= matches else FAILS
        lines.append("Match " + rows[n % len(rows)].format(
            n=n + 1000, m=n, **names))
        lines += ["  ForceCommand echo block %d" % n,
                  "  MaxSessions %d" % (n % 9 + 1),
                  "  PermitTTY no", "  AcceptEnv LC_%d LANG" % n,
                  "  SetEnv BLOCK=%d" % n, "  # one of many",
                  "  ClientAliveInterval %d" % (600 + n),
                  "  PermitOpen host%d.example.com:80 [::1]:%d" % (n, n + 1),
                  "  Banner none"]
    assert len(lines) == 2000
    return lines


@pytest.fixture(name="start")
def make_start(make_server):
    def start(lines=()):
        server = make_server()
        text = server.config.read_text()
        # Match comes last, and the harness adds lines of its own.
        server.config.write_text(text + "\n".join(lines) + "\n")
        return server
    return start


@pytest.mark.parametrize("matches", [0, 1, 57, 130, 199, 200])
def test_the_right_block(start, world, matches):
    server = start(big(world, matches))
    want = "block %d\n" % matches if matches < BLOCKS else "asked for\n"
    for _ in range(3):			# text, then the image
        assert server.out("echo asked for") == want
    assert "stays in force" not in server.log()


def test_half_a_megabyte(start, world):
    """more than some parsers had room for (OpenSSH 10.1)"""
    filler = ["# %s" % ("x" * 100)] * 3000
    server = start(filler + big(world, 150) + filler)
    assert server.config.stat().st_size > 500000
    for _ in range(2):
        assert server.out("nothing") == "block 150\n"


def cpu_of_a_banner(server):
    """CPU seconds of all processes of one connection up to KEXINIT"""
    ours, theirs = socket.socketpair()
    with theirs:
        proc = subprocess.Popen(
            server.argv, stdin=theirs, stdout=theirs,
            stderr=subprocess.DEVNULL, env=harness.Server.environment({}))
    with ours:
        ours.settimeout(20)
        assert ours.recv(4).startswith(b"SSH-")
    usage = os.wait4(proc.pid, 0)[2]
    proc.returncode = 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.release
def test_costs_nothing(start, world):
    """the bar is 1.05 on a quiet machine; here noise is let through"""
    if harness.sanitized():
        pytest.skip("a sanitizer costs more than all of it")
    small, large = start(), start(big(world, 150))
    for server in (small, large):
        for _ in range(2):
            server.out("true")
    ratio = 0
    for _ in range(6):
        costs = [(cpu_of_a_banner(small), cpu_of_a_banner(large))
                 for _ in range(60)]
        ratio = statistics.median(c[1] for c in costs) / \
            statistics.median(c[0] for c in costs)
        if ratio < 1.25:
            return
    pytest.fail("a large configuration costs %.2f times as much" % ratio)
