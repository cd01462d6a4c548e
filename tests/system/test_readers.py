"""Who reads the log: Debian's fail2ban and logwatch, by way of journald and
rsyslog, over what the same attacks leave of us and of OpenSSH's server.

Each attack comes from an address of its own, so that what a reader makes of
it can be told apart: 127.1.0.N is at us, 127.2.0.N at OpenSSH's server.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import time

import pytest

import sshraw
from conftest import (KEY, connections_end, install_unpacked, listening, run,
                      ssh, wait_for)

pytestmark = pytest.mark.usefixtures("systemd")
AUTH_LOG = pathlib.Path("/var/log/auth.log")
THEIRS_PORT = 2202
CONFIG = """\
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin no
DenyUsers denied
AllowUsers *
LoginGraceTime 20
MaxStartups 200
MaxAuthTries 4
"""
INJECTED = "10.10.1.1"
NAMES = ("x from %s", "root from %s port 22 ssh2", "%s",
         "x from %s port 1 ssh2: RSA SHA256:x", "from %s",
         "x %s port 1 [preauth]", "invalid user x from %s",
         "x' from %s not allowed because listed in DenyUsers")


class Attacker:
    """connections to one server, from one address each"""

    def __init__(self, port, net, number):
        self.port, self.address = port, "127.%d.0.%d" % (net, number)
        self.stranger = sshraw.Key("/root/stranger")

    @classmethod
    def run(cls, port, net, number, name):
        try:
            getattr(cls(port, net, number), name)()
        except (sshraw.Closed, sshraw.Timeout):
            pass

    def sock(self):
        sock = socket.socket()
        sock.bind((self.address, 0))
        sock.settimeout(60)
        sock.connect(("127.0.0.1", self.port))
        return sock

    def client(self, **kw):
        return sshraw.Client(self.sock(), timeout=60, **kw)

    def ready(self):
        return self.client().start().service()

    def keys(self, user, count=1, connections=1):
        for _ in range(connections):
            c = self.ready()
            try:
                for _ in range(count):
                    c.query(user, self.stranger)
            except sshraw.Closed:
                pass
            c.close()

    def passwords(self, user, count=1):
        c = self.ready()
        try:
            for i in range(count):
                c.auth(user, "password", sshraw.boolean(False),
                       sshraw.string("wrong%d" % i))
                c.auth_reply()
        except sshraw.Closed:
            pass
        c.close()

    # --- the attacks

    def invalid_user(self):
        self.keys("mallory")

    def invalid_users(self):
        for name in ("oracle", "test", "ubuntu"):
            self.keys(name)

    def invalid_user_none(self):
        c = self.ready()
        c.auth("mallory")
        c.auth_reply()
        c.close()

    def invalid_user_too_many(self):
        self.keys("mallory", 10)

    def wrong_keys(self):
        self.keys("alice", 2, 2)

    def wrong_keys_too_many(self):
        self.keys("alice", 10)

    def wrong_passwords(self):
        self.passwords("alice", 3)

    def wrong_passwords_too_many(self):
        self.passwords("alice", 10)

    def wrong_passwords_of_an_invalid_user(self):
        self.passwords("mallory", 3)

    def wrong_passwords_of_root(self):
        self.passwords("root", 2)

    def denied_user(self):
        self.passwords("denied", 1)

    def denied_user_by_key(self):
        self.keys("denied")

    def locked_user(self):
        self.keys("locked")

    def root_by_key(self):
        self.keys("root")

    def no_match_kex(self):
        self.no_match(kex="diffie-hellman-group1-sha1")

    def no_match_hostkey(self):
        self.no_match(hostkey="ssh-dss")

    def no_match_cipher(self):
        self.no_match(cipher_out="3des-cbc", cipher_in="3des-cbc")

    def no_match(self, **lists):
        c = self.client()
        c.hello()
        c.send_kexinit(**lists)
        c.wait_closed()
        c.close()

    def bad_identification(self):
        self.say(b"GET / HTTP/1.1\r\n\r\n")

    def tls(self):
        self.say(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n")

    def old_protocol(self):
        self.say(b"SSH-1.5-old\r\n")

    def say(self, data):
        sock = self.sock()
        sock.sendall(data)
        try:
            while sock.recv(4096):
                pass
        except ConnectionResetError:
            pass
        sock.close()

    def port_scan(self):
        for _ in range(3):
            self.sock().close()

    def port_scan_after_banner(self):
        sock = self.sock()
        sock.recv(256)
        sock.close()

    def identification_only(self):
        c = self.client()
        c.hello()
        time.sleep(0.2)
        c.close()

    def close_after_kex(self):
        self.client().start().close()

    def close_before_method(self):
        self.ready().close()

    def reset_in_kex(self):
        c = self.client()
        c.hello()
        c.read_kexinit()
        self.reset(c)

    def reset_after_failure(self):
        c = self.ready()
        c.query("alice", self.stranger)
        self.reset(c)

    @staticmethod
    def reset(c):
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
        c.close()

    def goodbye(self, user=None, text="bye"):
        c = self.ready()
        if user:
            c.query(user, self.stranger)
        c.send(sshraw.msg(sshraw.DISCONNECT, sshraw.u32(11),
                          sshraw.string(text), sshraw.string("")))
        c.wait_closed()
        c.close()

    def goodbye_of_nobody(self):
        self.goodbye()

    def goodbye_of_a_user(self):
        self.goodbye("alice")

    def goodbye_of_an_invalid_user(self):
        self.goodbye("mallory")

    def change_of_user(self):
        c = self.ready()
        c.query("alice", self.stranger)
        c.auth("bob")
        c.wait_closed()
        c.close()

    def corrupted_packet(self):
        c = self.ready()
        c.send_raw(os.urandom(64))
        c.wait_closed()
        c.close()

    def silence(self):
        """until LoginGraceTime is over"""
        self.say(b"")

    def silence_of_a_user(self):
        c = self.ready()
        c.query("alice", self.stranger)
        c.wait_closed()
        c.close()

    def injections(self):
        for name in NAMES:
            self.keys(name.replace("%s", INJECTED))
        for name in NAMES[:3]:
            self.passwords(name.replace("%s", INJECTED))

    def newline_in_a_name(self):
        self.keys("a\nsshd[1]: Failed password for root from %s port 1 ssh2"
                  % INJECTED)

    def injections_elsewhere(self):
        self.goodbye(text="bye\nFailed password for root from %s port 1 ssh2"
                     % INJECTED)
        self.no_match(kex="a_from_%s_port_1" % INJECTED)
        self.say(b"Failed password for root from %s port 22 ssh2\r\n"
                 % INJECTED.encode())
        c = self.ready()
        c.auth("mallory", "x_from_%s" % INJECTED)
        c.auth_reply()
        c.close()

    def a_good_login(self):
        """after a failure, which it makes forgiven"""
        self.keys("alice")
        good = sshraw.Key(KEY)
        c = self.ready()
        c.query("alice", self.stranger)
        assert c.sign("alice", good) == sshraw.AUTH_SUCCESS
        c.close()


ATTACKS = [name for name in vars(Attacker)
           if name not in ("run", "sock", "client", "ready", "keys",
                           "passwords", "no_match", "say", "reset",
                           "goodbye") and not name.startswith("_")]


@pytest.fixture(scope="module")
def syslog(systemd):
    """rsyslog writes /var/log/auth.log, as on any Debian 12 before it"""
    install_unpacked()
    if not shutil.which("rsyslogd", path="/usr/sbin"):
        pytest.skip("rsyslog is not there: run tests/deps")
    run("systemctl", "enable", "--now", "rsyslog.service")
    yield
    run("systemctl", "stop", "syslog.socket", "rsyslog.service")


def settled(marker):
    """everything logged so far is in the file"""
    run("logger", "-p", "auth.info", "-t", "marker", marker)
    wait_for(lambda: AUTH_LOG.exists() and marker in AUTH_LOG.read_text(),
             "auth.log")


@pytest.fixture(scope="module")
def both(syslog):
    """the attacks, at both; {"ours": lines, "theirs": lines} of auth.log"""
    if not shutil.which("sshd", path="/usr/sbin"):
        pytest.skip("OpenSSH's server is not there: run tests/deps")
    old = pathlib.Path("/etc/ssh/sshd_config").read_text()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/stranger")
    for name, password in (("denied", "*"), ("locked", "!")):
        run("useradd", "-m", "-s", "/bin/sh", "-p", password, name)
    pathlib.Path("/etc/ssh/sshd_config").write_text(CONFIG)
    run("systemctl", "start", "sshd-conn.socket")
    wait_for(lambda: pathlib.Path("/etc/ssh/ssh_host_rsa_key").exists())
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    theirs = subprocess.Popen(["/usr/sbin/sshd", "-D", "-p",
                               str(THEIRS_PORT)])
    try:
        wait_for(lambda: listening(THEIRS_PORT))
        settled("start")
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            done = [pool.submit(Attacker.run, port, net, number, name)
                    for number, name in enumerate(ATTACKS, 1)
                    for port, net in ((22, 1), (THEIRS_PORT, 2))]
        assert not [x.exception() for x in done if x.exception()]
        connections_end(theirs.pid)
        settled("stop")
    finally:
        theirs.terminate()
        theirs.wait()
        pathlib.Path("/etc/ssh/sshd_config").write_text(old)
        run("systemctl", "stop", "sshd-conn.socket")
    return sshd_lines()


def sshd_lines():
    """Each server's lines, told apart by the process that has an address of
    ours in one of its lines."""
    text = AUTH_LOG.read_text(errors="replace").split("\n")
    by_pid = collections.defaultdict(list)
    for line in text:
        m = re.match(r"\S+ \S+ sshd\[(\d+)\]: ", line)
        if m:
            by_pid[m.group(1)].append(line)
    lines = {"ours": [], "theirs": []}
    for found in by_pid.values():
        for key, net in (("ours", 1), ("theirs", 2)):
            if any(re.search(r"\b127\.%d\.0\.\d+\b" % net, x) for x in found):
                lines[key] += found
    return lines


def banned(lines, mode):
    """{address: failures that fail2ban's filter counts}"""
    log = pathlib.Path("/run/attacks.log")
    log.write_text("\n".join(lines) + "\n")
    done = run("fail2ban-regex", "--usedns", "no", "-o", "ip", str(log),
               "sshd[mode=%s]" % mode)
    return collections.Counter(done.stdout.split())


def per_attack(lines, mode, net):
    counts = banned(lines, mode)
    return {name: counts["127.%d.0.%d" % (net, number)]
            for number, name in enumerate(ATTACKS, 1)}


# Where the counts may differ: ours, theirs by mode and why.
DIFFERENT = {
    # theirs has no line that says what was wrong with whom
    ("old_protocol", "aggressive"): (1, 0),
    # theirs escapes the name twice in one of its lines: two users, then
    ("newline_in_a_name", "normal"): (1, 2),
    ("newline_in_a_name", "aggressive"): (2, 2),
}


@pytest.mark.parametrize("mode", ["normal", "aggressive"])
def test_fail2ban_counts_the_same(both, mode):
    if not shutil.which("fail2ban-regex"):
        pytest.skip("fail2ban is not there: run tests/deps")
    ours = per_attack(both["ours"], mode, 1)
    theirs = per_attack(both["theirs"], mode, 2)
    different = {name: {"ours": ours[name], "theirs": theirs[name]}
                 for name in ATTACKS if ours[name] != theirs[name]
                 and DIFFERENT.get((name, mode)) != (ours[name],
                                                     theirs[name])}
    assert not different, "\n".join(both["ours"] + both["theirs"])
    assert sum(ours.values()) > 40


@pytest.mark.parametrize("server", ["ours", "theirs"])
def test_fail2ban_bans_nobody_else(both, server):
    if not shutil.which("fail2ban-regex"):
        pytest.skip("fail2ban is not there: run tests/deps")
    assert any(INJECTED in line for line in both[server])
    for mode in ("normal", "aggressive"):
        for address in banned(both[server], mode):
            assert re.fullmatch(r"127\.[12]\.0\.\d+", address)


# What logwatch must say of ours as of theirs, by the heading's beginning.
LOGWATCH = ("Negotiation failed", "Disconnecting after too many", "Failed "
            "logins from", "Illegal users from", "Login attempted when in "
            "DenyUsers", "Users logging in")


def logwatch(lines):
    """logwatch's report of these lines as {heading: text}"""
    old = AUTH_LOG.read_bytes()
    try:
        AUTH_LOG.write_text("\n".join(lines) + "\n")
        text = run("logwatch", "--service", "sshd", "--range", "all",
                   "--output", "stdout", "--detail", "high").stdout
    finally:
        AUTH_LOG.write_bytes(old)
    # the same attack is at another address and in another order
    text = re.sub(r"\b127\.[12]\.0\.", "127.N.0.", text)
    parts = re.split(r"^ (?=\S)", text, flags=re.M)
    return {p.split("\n")[0]: sorted(p.split("\n")[1:]) for p in parts}


def test_logwatch(both):
    if not shutil.which("logwatch"):
        pytest.skip("logwatch is not there: run tests/deps")
    ours, theirs = logwatch(both["ours"]), logwatch(both["theirs"])
    for start in LOGWATCH:
        mine = {h: t for h, t in ours.items() if h.startswith(start)}
        assert mine, start
        assert mine == {h: t for h, t in theirs.items()
                        if h.startswith(start)}
    unmatched = "**Unmatched Entries**"
    assert set(ours.get(unmatched, [])) <= set(theirs.get(unmatched, []))
