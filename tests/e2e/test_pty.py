"""Terminals: pty-req with its modes, window changes, hang-up, job control,
ownership, and the login records that go with them."""
import os
import pathlib
import re
import signal
import struct
import time

import pytest
import sshraw
from harness import PATIENCE, ROOT, STANDIN, run
from passwords import wait_until
from sshraw import u32

# RFC 4254 section 8: opcode, stty's name, default of a fresh pty
INPUT = {30: "ignpar", 31: "parmrk", 32: "inpck", 33: "istrip", 34: "inlcr",
         35: "igncr", 36: "icrnl", 37: "iuclc", 38: "ixon", 39: "ixany",
         40: "ixoff", 41: "imaxbel", 42: "iutf8"}
LOCAL = {50: "isig", 51: "icanon", 52: "xcase", 53: "echo", 54: "echoe",
         55: "echok", 56: "echonl", 57: "noflsh", 58: "tostop", 59: "iexten",
         60: "echoctl", 61: "echoke"}
OUTPUT = {70: "opost", 71: "olcuc", 72: "onlcr", 73: "ocrnl", 74: "onocr",
          75: "onlret"}
CONTROL = {90: "cs7", 91: "cs8", 92: "parenb", 93: "parodd"}
CHARS = {1: "intr", 2: "quit", 3: "erase", 4: "kill", 5: "eof", 6: "eol",
         7: "eol2", 8: "start", 9: "stop", 10: "susp", 12: "rprnt",
         13: "werase", 14: "lnext", 18: "discard"}


def modes(values):
    return b"".join(bytes([k]) + u32(v) for k, v in values.items()) + b"\0"


@pytest.fixture
def terminal(login):
    """a raw client with a channel that has a pty"""
    def make(values=None, term="xterm", cols=80, rows=24, on=None,
             encoded=None):
        c = login(on)
        c.open_session()
        c.request("pty-req", sshraw.string(term), u32(cols), u32(rows),
                  u32(cols * 8), u32(rows * 16),
                  sshraw.string(modes(values or {}) if encoded is None
                                else encoded))
        assert c.channel_reply()
        return c
    return make


def type_in(c, text):
    c.send(sshraw.msg(sshraw.DATA, u32(c.remote), sshraw.string(text)))


def read_until(c, pattern, seconds=PATIENCE):
    got, end = b"", time.monotonic() + seconds
    while not re.search(pattern, got):
        assert time.monotonic() < end, got
        p = c.expect(sshraw.DATA)
        got += sshraw.Reader(p, 5).string()
    return got


def test_size_term_and_tty(terminal):
    c = terminal(term="vt220", cols=132, rows=50)
    assert c.exec("stty size; echo $TERM; tty; echo $SSH_TTY")
    lines = c.collect()[0].decode().split("\r\n")
    assert lines[:2] == ["50 132", "vt220"]
    assert re.fullmatch(r"/dev/pts/\d+", lines[2])
    assert lines[2] == lines[3]
    c.close()


def test_all_streams_are_the_terminal(terminal):
    c = terminal()
    assert c.exec("for n in 0 1 2; do readlink /proc/$$/fd/$n; done; "
                  "ls /proc/$$/fd; echo to-stderr >&2")
    out, err, _ = c.collect()
    names = out.decode().split()
    assert len(set(names[:3])) == 1 and err == b""
    assert "to-stderr" in names
    assert set(names[3:-1]) <= {"0", "1", "2", "10"}
    c.close()


@pytest.mark.parametrize("group", [INPUT, LOCAL, OUTPUT], ids=[
    "input", "local", "output"])
@pytest.mark.parametrize("value", [0, 1])
def test_modes(terminal, group, value):
    c = terminal({code: value for code in group})
    assert c.exec("stty -a")
    # olcuc is one of them
    words = set(re.split(r"[\s;]+", c.collect()[0].decode().lower()))
    for code, name in group.items():
        if name in ("xcase", "iexten") and "-" + name not in words \
                and name not in words:
            continue
        assert (name if value else "-" + name) in words, name
    c.close()


def test_control_modes(terminal):
    c = terminal({91: 1, 92: 0, 93: 0})
    assert c.exec("stty -a")
    words = c.collect()[0].decode().split()
    assert {"cs8", "-parenb", "-parodd"} <= set(words)
    c.close()


def test_characters(terminal):
    """each one set to its own control character, VDISABLE for one"""
    values = {code: 1 + n for n, code in enumerate(CHARS)}
    values[1] = 255
    c = terminal(values)
    assert c.exec("stty -a")
    said = dict(re.findall(r"(\w+) = ([^;]+);", c.collect()[0].decode()))
    assert said.pop("intr") == "<undef>"
    for code, name in CHARS.items():
        if name in said:
            assert said[name] == "^" + chr(64 + values[code]), name
    assert said["erase"] and said["eof"]
    c.close()


def test_speed(terminal):
    c = terminal({128: 9600, 129: 9600})
    assert c.exec("stty speed")
    assert c.collect()[0] == b"9600\r\n"
    c.close()


def test_no_echo(terminal):
    c = terminal({53: 0})
    assert c.exec("echo ready; read x; echo $x-$x")
    read_until(c, b"ready")
    type_in(c, "abc\n")
    out, _, _ = c.collect()
    assert out.strip() == b"abc-abc"
    c.close()


@pytest.mark.parametrize("encoded", [
    b"", b"\x35", b"\x35\0\0", bytes([200, 0, 0, 0, 1]),
    bytes([159, 0, 0, 0, 9, 53, 0, 0, 0, 0, 0]), b"\xff" * 50])
def test_odd_encoded_modes(server, terminal, encoded):
    """a string that ends early or has unknown opcodes is no reason to fail"""
    server.exits = {0, 255}
    try:
        c = terminal(encoded=encoded)
        assert c.exec("echo ok") and c.collect()[0].strip() == b"ok"
        c.close()
    except sshraw.Closed:
        pass


def test_window_change(terminal):
    c = terminal()
    assert c.exec("trap 'stty size; exit' WINCH; echo ready; "
                  "while :; do sleep 0.05; done")
    read_until(c, b"ready")
    c.request("window-change", u32(100), u32(30), u32(0), u32(0),
              want_reply=False)
    assert c.collect()[0].strip() == b"30 100"
    c.close()


def test_window_change_without_a_pty(login):
    c = login()
    c.open_session()
    c.request("window-change", u32(100), u32(30), u32(0), u32(0))
    c.channel_reply()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


def test_second_pty_is_refused(server, terminal):
    c = terminal()
    c.request("pty-req", sshraw.string("x"), u32(1), u32(1), u32(0), u32(0),
              sshraw.string(b"\0"))
    if STANDIN:
        # it disconnects
        server.exits = {255}
        c.close()
        return
    assert not c.channel_reply()
    assert c.exec("stty size") and c.collect()[0].strip() == b"24 80"
    c.close()


def test_interrupt_character(terminal):
    c = terminal()
    # (a shell that is about to fork notes it after that process only)
    assert c.exec("trap 'echo caught; exit 5' INT; echo ready; "
                  "while :; do sleep 0.05; done")
    read_until(c, b"ready")
    type_in(c, "\x03")
    out, _, requests = c.collect()
    assert b"caught" in out and requests["exit-status"] == u32(5)
    c.close()


def test_end_of_file_character(terminal):
    c = terminal()
    assert c.exec("echo ready; cat; echo end")
    read_until(c, b"ready")
    type_in(c, "line\n\x04")
    assert c.collect()[0].strip().endswith(b"end")
    c.close()


def test_channel_eof_on_a_terminal(terminal):
    c = terminal()
    assert c.exec("echo ready; cat; echo end")
    read_until(c, b"ready")
    type_in(c, "abc\n")
    c.send(sshraw.msg(sshraw.EOF, u32(c.remote)))
    try:
        assert b"end" in c.collect(2)[0]
    except sshraw.Timeout:
        # OpenSSH leaves the terminal's input open; both are in use
        pass
    c.close()


def test_output_is_drained(terminal):
    c = terminal()
    assert c.exec("head -c 300000 /dev/zero | tr '\\0' x; echo; exit 4")
    out, _, requests = c.collect()
    assert len(out) == 300002 and requests["exit-status"] == u32(4)
    c.close()


def test_login_shell_on_a_terminal(terminal):
    c = terminal()
    c.request("shell")
    assert c.channel_reply()
    type_in(c, "echo a$((40+2))b; exit 6\n")
    out, _, requests = c.collect()
    assert b"a42b" in out and requests["exit-status"] == u32(6)
    c.close()


def test_job_control(terminal):
    """the shell is the leader of a session with a controlling terminal"""
    c = terminal()
    assert c.exec("exec 2>&1; cat /proc/$$/stat; echo > /dev/tty; true")
    fields = c.collect()[0].split()
    pid, pgrp, sid, tty, foreground = (int(fields[n])
                                       for n in (0, 4, 5, 6, 7))
    assert pid == pgrp == sid == foreground and tty != 0
    c.close()


def test_hang_up(server, terminal, world):
    """the client goes away: the terminal's session gets SIGHUP"""
    c = terminal()
    mark = world.home() / "hup-mark" if ROOT else world.dir / "hup-mark"
    assert c.exec("trap 'echo hup > %s; exit' HUP; echo ready; "
                  "while :; do sleep 0.05; done" % mark)
    read_until(c, b"ready")
    c.close()
    server.wait_gone()
    assert mark.read_text() == "hup\n"
    mark.unlink()


def test_background_process_keeps_the_terminal_busy(server, terminal):
    """a job that ignores the hang-up does not keep the session open"""
    c = terminal()
    server.leftovers = True
    assert c.exec("trap '' HUP; sleep 300 & echo bye")
    out, _, requests = c.collect()
    assert b"bye" in out
    c.close()
    for p in server.report()["alive"]:
        if "sleep" in p[4]:
            os.kill(p[0], signal.SIGKILL)
    server.wait_gone()
    server.leftovers = False


def test_many_terminals(login):
    c = login()
    names = set()
    for n in range(6):
        c.open_session(number=n)
        c.request("pty-req", sshraw.string("x"), u32(80), u32(24), u32(0),
                  u32(0), sshraw.string(b"\0"))
        assert c.channel_reply()
        assert c.exec("tty; exec cat")
        p = c.expect(sshraw.DATA)
        names.add(sshraw.Reader(p, 5).string())
    assert len(names) == 6
    c.close()


def test_permit_tty_no(make_server, login):
    server = make_server(["PermitTTY no"])
    c = login(server)
    c.open_session()
    c.request("pty-req", sshraw.string("x"), u32(80), u32(24), u32(0),
              u32(0), sshraw.string(b"\0"))
    assert not c.channel_reply()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


def test_stock_client_with_a_terminal(server):
    p = server.ssh("-tt", "stty size; tty; exit 11")
    assert p.returncode == 11 and b"/dev/pts/" in p.stdout


@pytest.mark.root
def test_owner_and_mode(terminal):
    c = terminal()
    assert c.exec("stat -c '%U %G %a' $(tty)")
    assert c.collect()[0].strip() == b"alice tty 620"
    c.close()


@pytest.mark.root
def test_terminal_is_freed(server, terminal):
    before = set(os.listdir("/dev/pts"))
    c = terminal()
    assert c.exec("true")
    c.collect()
    c.close()
    server.wait_gone()
    assert set(os.listdir("/dev/pts")) == before


USER_PROCESS, DEAD_PROCESS = 7, 8


def wtmp(path="/var/log/wtmp"):
    """(type, pid, line, user, host) of each record, see utmp(5)"""
    data = pathlib.Path(path).read_bytes()
    for at in range(0, len(data), 384):
        kind, pid, line, _, user, host = struct.unpack_from(
            "hxxi32s4s32s256s", data, at)
        yield (kind, pid, *[f.split(b"\0")[0].decode()
                            for f in (line, user, host)])


@pytest.mark.root
class TestRecords:
    def test_who_and_last(self, server, terminal):
        c = terminal()
        assert c.exec("tty; sleep 30")
        tty = read_until(c, b"\r\n").decode().strip()[5:]
        # the record is written beside the command, not before it
        wait_until(lambda: re.search(
            r"^alice +%s .*\(127\.0\.0\.1\)" % re.escape(tty),
            run(["who"]).stdout.decode(), re.M))
        last = run(["last", "-i", "-f", "/var/log/wtmp"]).stdout.decode()
        # last(1) doubts sessions whose audit login uid is not the user's
        assert re.search(r"^alice +%s +127\.0\.0\.1 .*"
                         "(still logged in|gone - no logout)"
                         % re.escape(tty), last, re.M), last
        lastlog = run(["lastlog", "-u", "alice"]).stdout.decode()
        assert tty in lastlog and "127.0.0.1" in lastlog
        c.close()
        server.wait_gone()
        who = run(["who"]).stdout.decode()
        assert not re.search(r"^alice +%s " % re.escape(tty), who, re.M)
        kinds = [r[0] for r in wtmp() if r[2] == tty]
        assert kinds[-2:] == [USER_PROCESS, DEAD_PROCESS]

    def test_no_record_without_a_terminal(self, server):
        before = pathlib.Path("/var/log/wtmp").stat().st_size
        assert "alice" not in server.out("who")
        assert pathlib.Path("/var/log/wtmp").stat().st_size == before

    def test_last_login_is_shown(self, server, terminal):
        c = terminal()
        assert c.exec("true")
        c.collect()
        c.close()
        server.wait_gone()
        c = terminal()
        c.request("shell")
        assert c.channel_reply()
        type_in(c, "exit\n")
        assert b"Last login: " in c.collect()[0]
        c.close()

    def test_hushlogin(self, server, terminal, world):
        hush = world.home() / ".hushlogin"
        hush.write_text("")
        try:
            c = terminal()
            c.request("shell")
            assert c.channel_reply()
            type_in(c, "exit\n")
            assert b"Last login: " not in c.collect()[0]
            c.close()
        finally:
            hush.unlink()

    @pytest.mark.parametrize("victim", ["utmp", "wtmp", "lastlog"])
    def test_missing_files_do_not_matter(self, server, terminal, victim):
        path = pathlib.Path({"utmp": "/run/utmp"}.get(
            victim, "/var/log/" + victim))
        away = path.with_name("away")
        path.rename(away)
        try:
            c = terminal()
            assert c.exec("echo in") and c.collect()[0] == b"in\r\n"
            c.close()
            server.wait_gone()
        finally:
            away.rename(path)
