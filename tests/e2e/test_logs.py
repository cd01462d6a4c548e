"""The lines that fail2ban, logwatch, Wazuh and people read: wording, level,
and one identity for all lines of a connection."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import pytest
import sshraw
from harness import STANDIN
from passwords import wait_until
from test_image import strace

assert strace   # a fixture

ADDR = r"127\.0\.0\.1 port \d+"


def matches(server, *patterns):
    """each pattern is a whole line, in this order"""
    server.wait_gone()
    lines = server.log().split("\n")
    at = 0
    for pattern in patterns:
        while at < len(lines) and not re.fullmatch(pattern, lines[at]):
            at += 1
        assert at < len(lines), "no line %r (in order) in:\n%s" % (
            pattern, server.log())


def test_a_login_at_level_verbose(server, world):
    server.out("echo y")
    matches(server,
            'Connection from %s on 127\\.0\\.0\\.1 port %d rdomain ""'
            % (ADDR, server.port),
            "Accepted publickey for %s from %s ssh2: ED25519 %s" % (
                world.user, ADDR,
                re.escape(world.fingerprint(world.keys["ed25519"]))),
            "Starting session: command for %s from %s id 0"
            % (world.user, ADDR),
            r"Received disconnect from %s:11: disconnected by user" % ADDR,
            "Disconnected from user %s %s" % (world.user, ADDR))
    server.wait_log(r"^User child is on pid \d+$")
    if STANDIN:
        # it leaves before it says these when the client disconnects
        return
    server.wait_log("^Close session: user %s from %s id 0$"
                    % (world.user, ADDR))
    server.wait_log(r"^Transferred: sent \d+, received \d+ bytes$")
    server.wait_log("^Closing connection to " + ADDR)


def test_a_login_at_level_info(make_server, world):
    server = make_server(log_level="INFO")
    server.out("echo y")
    server.wait_gone()
    lines = server.log().strip().split("\n")
    assert len([x for x in lines if x.startswith("Accepted publickey")]) == 1
    for line in lines:
        assert re.match("Accepted publickey for|Received disconnect from|"
                        "Disconnected from user", line), line


def test_shell_and_terminal(server, world):
    server.ssh(input=b"exit\n")
    server.ssh("-tt", input=b"exit\n")
    server.wait_log("^Starting session: shell for %s from %s id 0$"
                    % (world.user, ADDR))
    server.wait_log("^Starting session: shell on pts/[0-9]+ for %s from %s "
                    "id 0$" % (world.user, ADDR))


def test_failed_keys(make_server, world):
    """at VERBOSE each, at INFO once half of MaxAuthTries have failed"""
    stranger = sshraw.Key(world.stranger)
    for level, tries, expected in (("VERBOSE", 2, 2), ("INFO", 2, 0),
                                   ("INFO", 4, 1)):
        server = make_server(["MaxAuthTries 6"], log_level=level)
        c = sshraw.Client(server.connect()).start().service()
        for _ in range(tries):
            c.sign(world.user, stranger)
        c.close()
        server.wait_gone()
        found = re.findall(
            "^Failed publickey for %s from %s ssh2: ED25519 SHA256:\\S+"
            r"( \[preauth\])?$" % (world.user, ADDR), server.log(), re.M)
        assert len(found) == expected or STANDIN, server.log()


def test_a_query_is_no_failure_to_ban_for(make_server, world):
    """an agent's keys are asked about, one by one: only the end is logged"""
    server = make_server()
    for user in (world.user, "mallory"):
        c = sshraw.Client(server.connect()).start().service()
        for _ in range(3):
            c.query(user, sshraw.Key(world.stranger))
        c.close()
    server.wait_gone()
    assert "Failed" not in server.log()
    assert server.log().count("Invalid user mallory") == 1


def test_failed_key_of_an_invalid_user(make_server, world):
    server = make_server(log_level="INFO")
    c = sshraw.Client(server.connect()).start().service()
    c.sign("mallory", sshraw.Key(world.stranger))
    c.close()
    matches(server, "Invalid user mallory from " + ADDR,
            "(Failed publickey for invalid user mallory from %s ssh2: "
            r"ED25519 SHA256:\S+( \[preauth\])?|"
            r"Connection closed by invalid user mallory .*)" % ADDR)


@pytest.mark.parametrize("how,pattern", [
    ("close", r"Connection closed by %s \[preauth\]"),
    ("disconnect", r"Received disconnect from %s:11: bye \[preauth\]")])
def test_end_before_authentication(server, how, pattern):
    server.exits = {0, 255}
    c = sshraw.Client(server.connect()).start().service()
    if how == "disconnect":
        c.send(sshraw.msg(sshraw.DISCONNECT, sshraw.u32(11),
                          sshraw.string("bye"), sshraw.string("")))
        c.wait_closed()
    c.close()
    matches(server, pattern % ADDR)


@pytest.mark.parametrize("user,word", [("USER", "authenticating"),
                                       ("mallory", "invalid")])
def test_end_during_authentication(server, world, user, word):
    server.exits = {0, 255}
    user = world.user if user == "USER" else user
    c = sshraw.Client(server.connect()).start().service()
    c.auth(user)
    c.auth_reply()
    c.close()
    matches(server, r"Connection closed by %s user %s %s \[preauth\]"
            % (word, user, ADDR))


def test_reset_during_authentication(server, world):
    server.exits = {0, 255}
    c = sshraw.Client(server.connect()).start().service()
    c.auth(world.user)
    c.auth_reply()
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      b"\1\0\0\0\0\0\0\0")
    c.close()
    matches(server, r"Connection reset by authenticating user %s %s "
            r"\[preauth\]" % (world.user, ADDR))


@pytest.mark.ours
def test_not_ssh(make_server):
    server = make_server(log_level="INFO")
    s = server.connect()
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    while s.recv(4096):
        pass
    s.close()
    matches(server, "(error: kex_exchange_identification: client sent "
            'invalid protocol identifier "GET / HTTP/1.0"|'
            "banner exchange: Connection from %s: invalid format)" % ADDR)


@pytest.mark.ours
def test_disconnect_text_is_sanitised(server):
    """threats 75: what the peer says is one line of harmless characters"""
    c = sshraw.Client(server.connect()).start().service()
    c.send(sshraw.msg(
        sshraw.DISCONNECT, sshraw.u32(11),
        sshraw.string(b"x\nAccepted password for root from 1.2.3.4 port 1 "
                      b"ssh2\x1b[2J\0\xff" + b"y" * 5000),
        sshraw.string("")))
    c.wait_closed()
    server.wait_gone()
    log = server.log()
    assert "\x1b" not in log and "\nAccepted" not in log and "\0" not in log
    assert max(map(len, log.split("\n"))) < 1100


class Mailbox:
    """a datagram socket, and a thread that keeps what comes there"""
    MARK = b"read up to here"

    def __init__(self, path):
        self.path, self.got = path, []
        self.seen, self.done = threading.Event(), threading.Event()
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(path))
        self.sock.settimeout(0.1)
        path.chmod(0o666)
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        while not self.done.is_set():
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                continue
            if data == self.MARK:
                self.seen.set()
            else:
                self.got.append(data)

    def read(self):
        """all that was sent before this"""
        self.seen.clear()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            try:
                s.sendto(self.MARK, str(self.path))
            except FileNotFoundError:
                return self.got
        assert self.seen.wait(30)
        return self.got

    def close(self):
        self.done.set()
        self.thread.join()
        self.sock.close()


@pytest.mark.root
class TestSyslog:
    @pytest.fixture
    def syslog(self):
        """our own /dev/log (the namespace's): reads the datagrams as text"""
        path = pathlib.Path("/dev/log")
        box = Mailbox(path)
        yield lambda: [x.decode("utf-8", "replace") for x in box.read()]
        box.close()
        path.unlink()

    def test_identity(self, make_server, syslog, world):
        """ident sshd, one pid, facility auth, nothing on stderr"""
        server = make_server(logto=())
        server.out("echo y")
        server.ssh("true", user="mallory")
        server.wait_gone()
        lines = syslog()
        assert any("Accepted publickey for alice from" in x for x in lines)
        pids = {}
        for line in lines:
            m = re.fullmatch(r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d "
                             r"(?:\S+ )?sshd\[(\d+)\]: (.*)\n?\0?", line,
                             re.S)
            assert m, line
            assert int(m.group(1)) >> 3 == 4, line
            pids.setdefault(int(m.group(2)), []).append(m.group(3))
        main = {c["pid"] for c in server.final["conns"]} \
            if server.final else {c["pid"]
                                  for c in server.report()["conns"]}
        if not STANDIN:
            assert set(pids) == main
        assert server.log() == ""

    def test_facility(self, make_server, syslog):
        server = make_server(["SyslogFacility LOCAL3"], logto=())
        server.out("echo y")
        server.wait_gone()
        lines = syslog()
        assert lines and all(
            int(re.match(r"<(\d+)>", x).group(1)) >> 3 == 19 for x in lines)

    def test_levels(self, make_server, syslog, world):
        """priorities: info 6, error 3"""
        server = make_server(["MaxAuthTries 1"], logto=())
        server.exits = {0, 255}
        c = sshraw.Client(server.connect()).start().service()
        with pytest.raises(sshraw.Closed):
            c.sign(world.user, sshraw.Key(world.stranger))
            c.sign(world.user, sshraw.Key(world.stranger))
        server.wait_gone()
        text = [x for x in syslog() if "maximum authentication" in x]
        assert text and int(re.match(r"<(\d+)>", text[0]).group(1)) & 7 == 3

    def test_no_syslog_at_all(self, make_server):
        assert not os.path.exists("/dev/log")
        assert make_server(logto=()).out("echo y") == "y\n"


@pytest.mark.root
@pytest.mark.ours
class TestJournal:
    """The same events with fields, where /dev/log is the journal's."""
    FOLDER = pathlib.Path("/run/systemd/journal")

    @pytest.fixture
    def sockets(self):
        """a journald of ours: {socket's name: the datagrams it got}"""
        self.FOLDER.mkdir(parents=True)
        boxes = {name: Mailbox(self.FOLDER / name)
                 for name in ("socket", "dev-log")}
        yield lambda: {name: box.read() for name, box in boxes.items()}
        for box in boxes.values():
            box.close()
        shutil.rmtree("/run/systemd")

    @pytest.fixture
    def log_is_journal(self, sockets):
        pathlib.Path("/dev/log").symlink_to(self.FOLDER / "dev-log")
        yield
        pathlib.Path("/dev/log").unlink()

    @staticmethod
    def entry(packet):
        """one datagram as a dictionary; no field is there twice"""
        fields = {}
        while packet:
            name, _, rest = packet.partition(b"\n")
            if b"=" in name:
                name, _, value = name.partition(b"=")
                packet = rest
            else:
                size = int.from_bytes(rest[:8], "little")
                value, packet = rest[8:8 + size], rest[8 + size + 1:]
            assert name.decode() not in fields
            fields[name.decode()] = value.decode()
        return fields

    def test_fields(self, make_server, world, sockets, log_is_journal):
        server = make_server(logto=())
        server.out("echo y")
        server.wait_gone()
        got = sockets()
        assert not got["dev-log"], "the line is there twice"
        entries = [self.entry(p) for p in got["socket"]]
        pid = server.report()["conns"][0]["pid"]
        for e in entries:
            assert (e["SYSLOG_IDENTIFIER"], e["SYSLOG_FACILITY"],
                    e["SYSLOG_PID"]) == ("sshd", "4", str(pid))
            assert e["SSH_TRANSPORT"] == "inet"
            assert e["SSH_REMOTE_ADDR"] == e["SSH_LOCAL_ADDR"] == "127.0.0.1"
            assert e["SSH_LOCAL_PORT"] == str(server.port)
        by_event = {e["SSH_EVENT"]: e for e in entries if "SSH_EVENT" in e}
        assert set(by_event) == {"connect", "auth", "session_open",
                                 "session_close", "disconnect",
                                 "transferred"}
        auth = by_event["auth"]
        assert auth["MESSAGE"].startswith("Accepted publickey for alice from")
        assert auth["PRIORITY"] == "6"
        assert (auth["SSH_RESULT"], auth["SSH_METHOD"], auth["SSH_USER"],
                auth["SSH_USER_VALID"], auth["SSH_KEY_TYPE"]) == (
            "accepted", "publickey", "alice", "yes", "ED25519")
        assert auth["SSH_KEY_FP"] == world.fingerprint(world.keys["ed25519"])
        assert auth["SSH_CLIENT_VERSION"].startswith("SSH-2.0-OpenSSH")
        assert by_event["session_open"]["SSH_COMMAND"] == "command"
        ids = {e["SSH_EVENT"]: e["MESSAGE_ID"] for e in by_event.values()}
        assert len(set(ids.values())) == len(ids)

    def test_the_same_lines(self, make_server, sockets, log_is_journal):
        """MESSAGE is the line that -e writes"""
        words = []
        for logto in ((), ("-e",)):
            server = make_server(logto=logto)
            server.ssh("true", user="mallory")
            server.out("echo y")
            server.wait_gone()
            got = sockets()
            lines = ([self.entry(p)["MESSAGE"] for p in got["socket"]]
                     if not logto else server.log().splitlines())
            got["socket"].clear()
            words.append([re.sub(r"\b\d{2,}\b", "N", x) for x in lines])
        assert sorted(words[0]) == sorted(words[1])
        assert len(words[0]) > 8

    def test_hostile_names_make_no_fields(self, make_server, sockets,
                                          log_is_journal):
        server = make_server(logto=())
        name = "x\nSSH_USER=root\nMESSAGE=forged\n"
        c = sshraw.Client(server.connect()).start().service()
        c.auth(name)
        c.auth_reply()
        c.close()
        server.wait_gone()
        entries = [self.entry(p) for p in sockets()["socket"]]
        users = {e["SSH_USER"] for e in entries if "SSH_USER" in e}
        assert users == {"x\\nSSH_USER=root\\nMESSAGE=forged\\n"}
        assert {e["SSH_USER_VALID"] for e in entries
                if "SSH_USER_VALID" in e} == {"no"}
        assert not [e for e in entries if e["MESSAGE"] == "forged"]

    def test_a_syslogd_of_its_own(self, make_server, sockets):
        """/dev/log is not the journal's: its readers miss no line"""
        path = pathlib.Path("/dev/log")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind(str(path))
            try:
                server = make_server(logto=())
                server.out("echo y")
                server.wait_gone()
                assert b"sshd[" in log.recv(65536)
            finally:
                path.unlink()
        assert sockets() == {"socket": [], "dev-log": []}

    def test_the_journal_is_gone(self, make_server, sockets, log_is_journal):
        """its native socket went away: through /dev/log, then"""
        (self.FOLDER / "socket").unlink()
        server = make_server(logto=())
        server.out("echo y")
        server.wait_gone()
        assert any(b"Accepted publickey" in x for x in sockets()["dev-log"])


# log-contract.md 6.3, what fail2ban's filter wants to see
FAIL2BAN = [
    r"^[iI](?:llegal|nvalid) user .*? from (?P<host>\S+)",
    r"^Failed \S+ for (?:invalid user )?.*? from (?P<host>\S+)"
    r"( port \d+| on \S+){0,2}(?: ssh\d*)?",
    r"^(Connection (closed|reset)|Disconnect(ed|ing)) (by|from|) ?"
    r"(invalid|authenticating) user \S+ (?P<host>\S+) .*\[preauth\]",
    r"^Unable to negotiate with (?P<host>\S+).*: no matching .* found.",
]


@pytest.mark.parametrize("regex", FAIL2BAN, ids=["invalid", "failed",
                                                 "closed", "negotiate"])
def test_fail2ban_expressions(make_server, world, regex):
    server = make_server(log_level="VERBOSE")
    server.exits = {0, 255}
    server.ssh("true", user="mallory")
    c = sshraw.Client(server.connect()).start().service()
    c.sign(world.user, sshraw.Key(world.stranger))
    c.close()
    server.ssh("true", opts=["Ciphers=aes128-cbc"])
    server.wait_gone()
    hosts = [m.group("host") for m in re.finditer(regex, server.log(), re.M)]
    assert hosts and set(hosts) == {"127.0.0.1"}


def audited(path):
    """the texts of the AUDIT_USER_LOGIN records (1112) that were sent"""
    for line in path.read_text().splitlines():
        m = re.search(r'nlmsg_type=(?:0x458|AUDIT_USER_LOGIN)\b[^"]*"'
                      r'((?:\\x[0-9a-f]{2})+)"', line)
        if m:
            yield bytes.fromhex(m[1].replace("\\x", "")).rstrip(
                b"\0").decode()


@pytest.mark.root
@pytest.mark.release
def test_audit_records(make_server, world, strace):
    """as Debian's sshd: a login on a terminal, and what failed; over pipes,
    for a peer without an address is the odd case"""
    server = make_server()
    trace = world.dir / "audit-trace"
    server.argv[0] = os.path.realpath(server.argv[0])
    opts = ["ProxyCommand=strace -f -qq -xx -s 400 -o %s -e trace=sendto %s"
            % (trace, " ".join(server.argv))]
    exe = 'exe="%s"' % server.argv[0]
    # the record is written beside the command; and ssh ends strace, too
    with subprocess.Popen(server.ssh_argv("-tt", "tty; exec cat", opts=opts),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as p:
        tty = p.stdout.readline().decode().strip()
        wait_until(lambda: list(audited(trace)))
        p.communicate(b"\x04")
    assert tty.startswith("/dev/pts/"), tty
    uid = os.stat(world.home()).st_uid
    assert list(audited(trace)) == [
        "op=login id=%d %s hostname=UNKNOWN addr=? terminal=%s res=success"
        % (uid, exe, tty)]
    world.authorize(user="bob")
    for user, who in (("bob", 'acct="bob"'),
                      ("nobody-here", "acct=" + "(invalid user)"
                       .encode().hex().upper())):
        assert server.ssh("true", user=user, opts=opts).returncode == 255
        assert list(audited(trace)) == [
            "op=login %s %s hostname=? addr=? terminal=sshd res=failed"
            % (who, exe)]
