"""Does an answer tell by its bytes or by its time whether there is such a
user?

The server waits after each failure for a time that depends on the name and
on a secret, so two names differ although nothing is wrong.  All names here
are made so that the secret gives them the same time as root: what may differ
then is only what the server does with them.
"""
import bisect
import concurrent.futures
import hashlib
import itertools
import math
import multiprocessing
import pathlib
import random
import shutil
import socket
import time

import passwords
import pytest
import sshraw
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

pytestmark = [pytest.mark.root, pytest.mark.ours]
N = 500
P = 0.01
ROUNDS = 6			# a difference that is one shows in each
REQUESTS = 25			# a connection
SAME_NS = 1000
LEAST_NS, RANGE_NS = 5000000, 4200000
SHORT_NS = LEAST_NS + RANGE_NS // 10
CASES = ("known", "unknown", "locked", "noshell", "denied", "root")
CONFIG = ["MaxAuthTries 150", "PermitRootLogin no", "LoginGraceTime 0",
          "DenyUsers denied*", "PasswordAuthentication yes",
          "MaxStartups 1000"]


# --- statistics

def mann_whitney(a, b):
    """p of two samples being alike in rank, by the normal approximation"""
    both = sorted([(v, 0) for v in a] + [(v, 1) for v in b])
    n, m, rank_sum, ties, i = len(a), len(b), 0.0, 0.0, 0
    while i < len(both):
        j = i
        while j < len(both) and both[j][0] == both[i][0]:
            j += 1
        rank_sum += sum(1 for k in range(i, j) if both[k][1] == 0) * (
            (i + j + 1) / 2)
        ties += (j - i) ** 3 - (j - i)
        i = j
    u = rank_sum - n * (n + 1) / 2
    total = n + m
    sigma = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    if sigma == 0:
        return 1.0
    return math.erfc(abs(u - n * m / 2) / sigma / math.sqrt(2))


def kolmogorov_smirnov(a, b):
    """p of two samples being of one distribution, asymptotically"""
    a, b = sorted(a), sorted(b)
    d = max(abs(bisect.bisect_right(a, v) / len(a)
                - bisect.bisect_right(b, v) / len(b)) for v in a + b)
    n = len(a) * len(b) / (len(a) + len(b))
    x = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * d
    if x < 0.3:
        return 1.0
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x)
                for k in range(1, 101))
    return min(max(p, 0.0), 1.0)


def test_the_statistics_can_tell():
    rng = random.Random(1)

    def sample(mean):
        return [rng.gauss(mean, 1) for _ in range(N)]
    for test in (mann_whitney, kolmogorov_smirnov):
        assert test(sample(0), sample(0.5)) < 1e-4
        rare = sum(test(sample(0), sample(0)) < P for _ in range(100))
        assert rare <= 6
    wide = [rng.gauss(0, 3) for _ in range(N)]
    assert kolmogorov_smirnov(sample(0), wide) < 1e-6


# --- names

def delay_ns(host_key, name):
    """lib/monitor/delay.c, user_delay_ns(), and lib/image/secret.c"""
    secret = hashlib.sha512(b"sshd-conn timing secret"
                            + host_key).digest()[:32]
    digest = hashlib.sha512(b"sshd-conn failure delay" + secret
                            + name.encode()).digest()
    part = int.from_bytes(digest[:4], "little")
    return LEAST_NS + RANGE_NS * part // 0xffffffff


def name_like_root(host_key, prefix):
    want = delay_ns(host_key, "root")
    for i in itertools.count():
        name = "%s%d" % (prefix, i)
        if abs(delay_ns(host_key, name) - want) < SAME_NS:
            return name


@pytest.fixture
def host_key(world):
    """one that keeps root waiting for a short time, to save ours"""
    path = world.dir / "enumeration_host_key"
    text = b""
    while not text or delay_ns(text, "root") > SHORT_NS:
        text = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption())
    path.write_bytes(text)
    path.chmod(0o600)
    yield path
    path.unlink()


@pytest.fixture
def names(world, host_key):
    """{case: user}; there are such accounts until the test ends"""
    text = host_key.read_bytes()
    names = {case: name_like_root(text, case) for case in CASES}
    names["root"] = "root"
    files = [pathlib.Path("/etc/passwd"), pathlib.Path("/etc/shadow")]
    before = [f.read_bytes() for f in files]
    homes, a_hash = [], passwords.crypt("that nobody types")
    for uid, case in enumerate(("known", "locked", "noshell", "denied"),
                               5200):
        home = world.home().parent / names[case]
        shell = "/no/such/shell" if case == "noshell" else "/bin/sh"
        (home / ".ssh").mkdir(parents=True, mode=0o700)
        homes.append(home)
        keys = home / ".ssh/authorized_keys"
        keys.write_text("".join(p.with_suffix(".pub").read_text()
                                for p in world.keys.values()))
        for path in (home, home / ".ssh", keys):
            shutil.chown(path, uid, uid)
        with files[0].open("a") as f:
            f.write("%s:x:%d:%d::%s:%s\n" % (names[case], uid, uid, home,
                                             shell))
        with files[1].open("a") as f:
            f.write("%s:%s%s:19000:0:99999:7:::\n" % (
                names[case], "!" if case == "locked" else "", a_hash))
    yield names
    for f, text in zip(files, before):
        f.write_bytes(text)
    for home in homes:
        shutil.rmtree(home)


# --- measuring

class Measure:
    """answers and their times of one method, for the cases by turns"""

    def __init__(self, port, names, key, method):
        self.port, self.names, self.key = port, names, key
        self.send = getattr(self, method)
        self.clients, self.left, self.answers = {}, {}, {}

    def query(self, c, user):
        c.auth(user, "publickey", sshraw.boolean(False),
               sshraw.string("ssh-ed25519"), sshraw.string(self.key.blob))

    def malformed(self, c, user):
        c.auth(user, "publickey", sshraw.boolean(False),
               sshraw.string("ssh-ed25519"), sshraw.string("x"))

    def none(self, c, user):
        c.auth(user)

    def password(self, c, user):
        c.auth(user, "password", sshraw.boolean(False),
               sshraw.string("wrong"))

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sshraw.Client(sock, timeout=30).start().service()

    def client(self, case):
        """a few requests a connection, so that none has the better place"""
        if not self.left.get(case):
            if case in self.clients:
                self.clients[case].close()
            c = self.clients[case] = self.connect()
            c.auth(self.names[case])
            c.auth_reply()
            self.left[case] = REQUESTS
        self.left[case] -= 1
        return self.clients[case]

    def once(self, case):
        c = self.client(case)
        start = time.perf_counter_ns()
        self.send(c, self.names[case])
        c.auth_reply()
        took = time.perf_counter_ns() - start
        self.answers.setdefault(c.last_auth, set()).add(case)
        return took

    def run(self, cases, seed):
        rng, order = random.Random(seed), list(cases)
        times = {case: [] for case in cases}
        for _ in range(N):
            rng.shuffle(order)
            for case in order:
                times[case].append(self.once(case))
        for c in self.clients.values():
            c.close()
        return times, self.answers


class First(Measure):
    """the request that clients start with: a connection each"""

    def client(self, case):
        if case in self.clients:
            self.clients[case].close()
        self.clients[case] = self.connect()
        return self.clients[case]


def measure(kind, port, names, stranger, method, cases, seed):
    """in a process of its own, for the sake of its clock"""
    m = kind(port, names, sshraw.Key(stranger), method)
    return m.run(cases, seed)


def suspicious(times):
    """{pair: p} of the cases that a test can tell apart"""
    found = {}
    for a, b in itertools.combinations(sorted(times), 2):
        p = min(mann_whitney(times[a], times[b]),
                kolmogorov_smirnov(times[a], times[b]))
        if p <= P:
            found[a, b] = p
    return found


def show(times):
    return "\n".join("%-8s quartiles %s us" % (case, " ".join(
        "%7.1f" % (sorted(v)[len(v) * q // 4] / 1000) for q in (1, 2, 3)))
        for case, v in times.items())


METHODS = [(First, "none"), (Measure, "none"), (Measure, "query"),
           (Measure, "malformed"), (Measure, "password")]


@pytest.mark.release
def test_nobody_can_tell(names, host_key, make_server, world):
    """n = 500 a case and method; a pair that differs has to differ again"""
    server = make_server(["HostKey %s" % host_key, *CONFIG],
                         log_level="INFO")
    server.exits = {0, 255}
    todo = {way: CASES for way in METHODS}
    with concurrent.futures.ProcessPoolExecutor(
            len(METHODS), multiprocessing.get_context("fork")) as pool:
        for seed in range(ROUNDS):
            futures = {way: pool.submit(
                measure, way[0], server.port, names, str(world.stranger),
                way[1], cases, seed) for way, cases in todo.items()}
            todo, report = {}, []
            for way, future in futures.items():
                times, answers = future.result()
                assert len(answers) == 1, (way, answers)
                pairs = suspicious(times)
                if pairs:
                    todo[way] = sorted({c for pair in pairs for c in pair})
                    report += [way[0].__name__, way[1], repr(pairs),
                               show(times)]
            print("\n".join(report))
            if not todo:
                return
    pytest.fail("\n".join(report))
