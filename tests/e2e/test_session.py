"""RFC 4254 sessions without a terminal: how a command starts and ends,
and that not one byte is lost on the way."""
import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import threading
import time

import asyncssh
import paramiko
import pytest
import sshraw
from harness import PATIENCE, ROOT, STANDIN, client_env
from sshraw import u32


# --- how it starts and ends


@pytest.fixture
def mark(world):
    """a file that a command waits for, of the user's"""
    path = (world.home() if ROOT else world.dir) / "mark"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("status", [0, 1, 42, 255])
def test_exit_status(server, status):
    assert server.ssh("exit %d" % status).returncode == status


def test_exit_status_precedes_close(session):
    c = session()
    assert c.exec("echo out; echo err >&2; exit 9")
    out, err, requests = c.collect()
    assert (out, err) == (b"out\n", b"err\n")
    assert list(requests) in (["exit-status", "EOF"], ["EOF", "exit-status"])
    assert requests["exit-status"] == u32(9)
    c.close()


def test_exit_status_is_never_lost(login):
    """the end of output and the end of the process race; both arrive"""
    c = login()
    for n in range(150):
        remote = c.open_session(number=n)
        assert c.exec("exec 1>&- 2>&-; exit %d" % (n % 100) if n % 3 else
                      "echo x; exit %d" % (n % 100), channel=remote)
        requests = c.collect()[2]
        assert requests.get("exit-status") == u32(n % 100), n
        c.send(sshraw.msg(sshraw.CLOSE, u32(remote)))
    c.close()


@pytest.mark.parametrize("name", "HUP INT KILL TERM QUIT USR1 ABRT SEGV "
                                 "PIPE ALRM FPE ILL".split())
def test_exit_signal(session, name):
    c = session()
    assert c.exec("ulimit -c 0; kill -%s $$" % name)
    _, _, requests = c.collect()
    assert "exit-status" not in requests
    r = sshraw.Reader(requests["exit-signal"], 0)
    assert r.string().decode() == name
    assert r.byte() in (0, 1)
    c.close()


def test_exit_signal_without_a_standard_name(session):
    c = session()
    assert c.exec("kill -16 $$")
    _, _, requests = c.collect()
    r = sshraw.Reader(requests["exit-signal"], 0)
    assert r.string() == b"SIG@openssh.com"
    c.close()


def test_shell_reads_its_commands(server):
    p = server.ssh(input=b"echo $0\necho two >&2\nexit 3\n")
    assert p.returncode == 3
    if ROOT:
        assert p.stdout == b"-sh\n"
    assert p.stderr.endswith(b"two\n")


@pytest.mark.root
@pytest.mark.parametrize("user,shell", [("alice", "sh"), ("bob", "bash")])
def test_each_shell(server, world, user, shell):
    world.authorize_all(user)
    assert server.out("echo $0", user=user) == shell + "\n" \
        or server.out("echo $0", user=user).endswith("/%s\n" % shell)
    p = server.ssh(user=user, input=b"echo $0\n")
    assert p.stdout == ("-%s\n" % shell).encode()
    assert server.out("id -un; pwd", user=user).split() == [
        user, str(world.home(user))]


def test_separate_stderr(server):
    p = server.ssh("for i in 1 2 3; do echo o$i; echo e$i >&2; done")
    assert p.stdout == b"o1\no2\no3\n"
    assert p.stderr == b"e1\ne2\ne3\n"


def test_command_is_eight_bit_clean(server):
    text = "caf\u00e9 '\"\\$x`\t|&;<>()*?[]~"
    p = server.ssh("printf %s " + "'" + text.replace("'", "'\\''") + "'")
    assert p.stdout.decode() == text


ARGUMENT_MAX = 128 * 1024		# the kernel's, with the NUL


@pytest.mark.parametrize("size", [
    30000, 48 * 1024, 48 * 1024 + 1, 96 * 1024, ARGUMENT_MAX - 1])
def test_long_command(session, size):
    c = session()
    text = ("".join("%08d" % i for i in range(0, size // 8 + 1)))[:size - 5]
    assert c.exec("echo " + text)
    assert c.collect()[0] == text.encode() + b"\n"
    c.close()


def test_stock_client_with_a_long_command(server):
    assert server.out("x=%s; echo ${#x}" % ("y" * 120000)) == "120000\n"


@pytest.mark.parametrize("options", [[], ["ForceCommand echo forced"]])
def test_command_that_is_too_long(make_server, login, options):
    c = login(make_server(options))
    c.open_session()
    assert not c.exec("echo " + "x" * ARGUMENT_MAX)
    assert c.exec("echo on") and c.collect()[0] in (b"on\n", b"forced\n")
    c.close()


def test_second_command_on_a_channel_is_refused(session):
    c = session()
    assert c.exec("cat")
    assert not c.exec("echo second")
    c.send(sshraw.msg(sshraw.EOF, u32(c.remote)))
    assert c.collect()[0] == b""
    c.close()


@pytest.mark.parametrize("request_", [
    "no-such-request", "no-such@example.com", "exit-status"])
def test_unknown_requests_are_refused(session, request_):
    c = session()
    c.request(request_, b"junk")
    assert not c.channel_reply()
    assert c.exec("echo on") and c.collect()[0] == b"on\n"
    c.close()


def test_a_subsystem_says_nothing_on_the_side(make_server):
    """as from OpenSSH: read, so that it does not stop, and passed to nobody"""
    server = make_server(["Subsystem both head -c 1000000 /dev/zero >&2; "
                          "echo out; exit 3"])
    p = server.ssh("-s", "both")
    assert (p.returncode, p.stdout, p.stderr) == (3, b"out\n", b"")
    assert server.ssh("echo out; echo err >&2").stderr == b"err\n"


def test_a_flood_on_the_side_holds_up_nobody(make_server, login):
    """what nobody gets takes no room anywhere, and still has to take turns"""
    c = login(make_server(["Subsystem flood cat /dev/zero >&2"]))
    c.open_session(window=1)
    c.request("subsystem", sshraw.string("flood"))
    assert c.channel_reply()
    for _ in range(20):
        assert c.ping()
    c.close()


def test_unknown_subsystem(server, session):
    c = session()
    c.request("subsystem", sshraw.string("nosuch"))
    assert not c.channel_reply()
    c.close()


@pytest.mark.parametrize("kind", ["x11", "forwarded-tcpip", "nonsense",
                                  "session@example.com"])
def test_unknown_channel_types(login, kind):
    c = login()
    assert c.open_session(kind=kind) is None
    assert c.open_session() is not None
    c.close()


# --- half-close, draining, stubborn processes


def test_cat_gets_end_of_file(server):
    assert server.ssh("cat; echo end", input=b"in\n").stdout == b"in\nend\n"


@pytest.mark.parametrize("size", [0, 1, 1 << 20, 10 << 20])
def test_output_is_drained_before_close(server, size):
    p = server.ssh("head -c %d /dev/zero; exit 5" % size)
    assert (len(p.stdout), p.returncode) == (size, 5)


def test_both_outputs_are_drained(server):
    p = server.ssh("head -c 700000 /dev/zero; head -c 600000 /dev/zero >&2")
    assert (len(p.stdout), len(p.stderr)) == (700000, 600000)


def test_digest_of_input(server):
    data = os.urandom(1 << 20) * 4
    p = server.ssh("sha256sum", input=data)
    assert p.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_eof_of_output_then_more_input(session):
    """the child closes stdout and goes on reading"""
    c = session()
    assert c.exec("exec 1>&-; read x; echo got $x >&2")
    time.sleep(0.2)
    c.send(sshraw.msg(sshraw.DATA, u32(c.remote), sshraw.string("it\n")))
    out, err, requests = c.collect()
    assert (out, err) == (b"", b"got it\n")
    assert requests["exit-status"] == u32(0)
    c.close()


def test_background_process_holds_the_pipe(session, mark):
    """exit-status at once, close when the pipe's last writer is gone"""
    c = session()
    assert c.exec("(until [ -e '%s' ]; do sleep 0.02; done; echo late) & "
                  "echo now" % mark)
    seen = [c.read()[0]]
    while sshraw.REQUEST not in seen:
        seen.append(c.read()[0])
    with pytest.raises(sshraw.Timeout):
        while True:
            seen.append(c.read(0.2)[0])
    mark.touch()
    while seen[-1] != sshraw.CLOSE:
        seen.append(c.read()[0])
    assert seen.count(sshraw.CLOSE) == 1 and seen.count(sshraw.DATA) == 2
    c.close()


def test_background_process_that_let_go(server):
    """nohup-like: the session ends at once, the process goes on"""
    server.leftovers = True
    assert server.out("sleep 300 </dev/null >/dev/null 2>&1 & echo bye") \
        == "bye\n"
    alive = [p for p in server.report()["alive"] if "sleep" in p[4]]
    assert len(alive) == 1
    os.kill(alive[0][0], signal.SIGKILL)
    server.leftovers = False


def test_yes_head(server):
    assert server.out("yes | head -n 3") == "y\ny\ny\n"


def test_reader_that_goes_away(server):
    """ssh yes | head: the remote writer must not live on"""
    p = subprocess.Popen(server.ssh_argv("yes"), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                         env=client_env())
    assert p.stdout.read(2) == b"y\n"
    p.stdout.close()
    if not STANDIN:
        # ssh tells only servers that call themselves OpenSSH, by
        # eow@openssh.com; to others it goes on listening
        time.sleep(0.3)
        p.terminate()
    p.wait(PATIENCE)
    p.stderr.close()
    server.wait_gone()


def test_eow_from_the_client(login):
    """its writer gets SIGPIPE, as in a pipeline"""
    c = login()
    c.open_session(window=1 << 30)
    c.skip = (sshraw.DATA,)
    assert c.exec("exec yes")
    c.expect(sshraw.DATA)
    c.request("eow@openssh.com", want_reply=False)
    requests = c.collect()[2]
    r = sshraw.Reader(requests["exit-signal"], 0)
    assert r.string() == b"PIPE"
    c.close()


def test_child_closes_stdin_early(server):
    p = server.ssh("exec 0<&-; sleep 0.3; echo done", input=bytes(8 << 20))
    assert (p.stdout, p.returncode) == (b"done\n", 0)


def test_child_ignores_stdin(server):
    p = server.ssh("echo done", input=bytes(8 << 20))
    assert (p.stdout, p.returncode) == (b"done\n", 0)


@pytest.mark.parametrize("ident,expected", [
    (b"SSH-2.0-OpenSSH_9.2", True), (b"SSH-2.0-Other_1", False)])
def test_eow(session, mark, ident, expected):
    """eow@openssh.com when nobody reads the input any more"""
    c = session(ident=ident)
    assert c.exec("exec 0<&-; echo ready; until [ -e '%s' ]; do sleep 0.02; "
                  "done; echo end" % mark)
    c.expect(sshraw.DATA)
    for _ in range(2):
        c.send(sshraw.msg(sshraw.DATA, u32(c.remote),
                          sshraw.string(b"x" * 99)))
    said = b""
    with contextlib.suppress(sshraw.Timeout):
        while b"eow@openssh.com" not in said:
            said += c.read(PATIENCE if expected else 0.4)
    assert (b"eow@openssh.com" in said) == expected, said
    mark.touch()
    out, _, requests = c.collect()
    assert out == b"end\n" and "eow@openssh.com" not in requests
    c.close()


def test_client_disappears(server, login):
    """the connection breaks: the command is told and goes"""
    c = login()
    c.open_session()
    assert c.exec("cat; sleep 0.2")
    c.close()
    server.wait_gone()


# --- windows


def test_small_window(login):
    """nothing beyond the window is sent, all of it arrives"""
    c = login()
    c.open_session(window=1000, packet=300)
    assert c.exec("head -c 10000 /dev/zero; echo x >&2")
    got, credit = 0, 1000
    while got < 10002:
        p = c.read()
        if p[0] not in (sshraw.DATA, sshraw.EXT_DATA):
            continue
        r = sshraw.Reader(p)
        r.u32()
        if p[0] == sshraw.EXT_DATA:
            r.u32()
        size = len(r.string())
        assert size <= 300 and size <= credit
        got, credit = got + size, credit - size
        if credit == 0:
            with pytest.raises(sshraw.Timeout):
                while c.read(0.15)[0] not in (sshraw.DATA, sshraw.EXT_DATA):
                    pass
            credit = 2500
            c.send(sshraw.msg(sshraw.WINDOW_ADJUST, u32(c.remote),
                              u32(credit)))
    c.collect()
    c.close()


def test_server_window_is_replenished(login):
    c = login()
    c.open_session()
    assert c.exec("wc -c")
    left, total = c.window, 3 * c.window
    sent = 0
    while sent < total:
        n = min(left, 16384, total - sent)
        if n:
            c.send(sshraw.msg(sshraw.DATA, u32(c.remote),
                              sshraw.string(bytes(n))))
            sent, left = sent + n, left - n
        else:
            p = c.expect(sshraw.WINDOW_ADJUST)
            left += sshraw.Reader(p, 5).u32()
    c.send(sshraw.msg(sshraw.EOF, u32(c.remote)))
    while True:
        p = c.expect(sshraw.DATA, sshraw.WINDOW_ADJUST)
        if p[0] == sshraw.DATA:
            break
    assert int(sshraw.Reader(p, 5).string()) == total
    c.collect()
    c.close()


# --- several channels


def test_channels_are_independent(login):
    c = login()
    remotes = {}
    for n in range(5):
        remotes[n] = c.open_session(number=n)
        assert c.exec("read x; echo %d $x; exit %d" % (n, n),
                      channel=remotes[n])
    for n in reversed(range(5)):
        c.send(sshraw.msg(sshraw.DATA, u32(remotes[n]),
                          sshraw.string("w%d\n" % n)))
    out, status, closed = {}, {}, 0
    while closed < 5:
        p = c.read()
        r = sshraw.Reader(p)
        n = r.u32()
        if p[0] == sshraw.DATA:
            out[n] = r.string()
        elif p[0] == sshraw.REQUEST and r.string() == b"exit-status":
            r.byte()
            status[n] = r.u32()
        elif p[0] == sshraw.CLOSE:
            closed += 1
            c.send(sshraw.msg(sshraw.CLOSE, u32(remotes[n])))
    assert out == {n: b"%d w%d\n" % (n, n) for n in range(5)}
    assert status == {n: n for n in range(5)}
    c.close()


def test_max_sessions(make_server, login):
    c = login(make_server(["MaxSessions 3"]))
    remotes = [c.open_session(number=n) for n in range(3)]
    assert None not in remotes
    assert c.open_session(number=3) is None
    # a closed one makes room
    c.send(sshraw.msg(sshraw.CLOSE, u32(remotes[0])))
    c.expect(sshraw.CLOSE)
    assert c.open_session(number=4) is not None
    c.close()


def test_max_sessions_is_ten(login):
    c = login()
    opened = [c.open_session(number=n) for n in range(11)]
    assert None not in opened[:10] and opened[10] is None
    c.close()


def test_control_master_ten_at_once(server, world):
    """ssh -M: ten sessions over one connection, ten at a time, twice"""
    path = world.dir / "cm"
    opts = ["ControlMaster=yes", "ControlPath=%s" % path]
    master = subprocess.Popen(
        server.ssh_argv("-N", opts=opts), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=client_env())
    deadline = time.monotonic() + PATIENCE
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    results = {}

    def one(n):
        p = server.ssh("cat; echo %d; exit %d" % (n, n),
                       opts=["ControlPath=%s" % path],
                       input=b"x" * (n * 30000))
        results[n] = p.stdout == b"x" * (n * 30000) + b"%d\n" % n \
            and p.returncode == n

    try:
        for _ in range(2):
            results.clear()
            threads = [threading.Thread(target=one, args=(n,))
                       for n in range(10)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            assert results == {n: True for n in range(10)}
        assert len(server.report()["conns"]) == 1
        server.ssh("-O", "exit", opts=["ControlPath=%s" % path])
    finally:
        master.terminate()
        master.communicate(timeout=PATIENCE)
    assert server.log().count("Accepted publickey") == 1


def test_no_more_sessions(login):
    c = login()
    c.open_session()
    c.send(sshraw.msg(sshraw.GLOBAL_REQUEST,
                      sshraw.string("no-more-sessions@openssh.com"),
                      sshraw.boolean(False)))
    assert c.exec("echo still") and c.collect()[0] == b"still\n"
    try:
        assert c.open_session(number=1) is None
    except sshraw.Closed:
        pass
    c.close()


# --- signals, break


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "KILL", "QUIT"])
def test_signal_kills(session, name):
    c = session()
    assert c.exec("ulimit -c 0; exec sleep 30")
    time.sleep(0.3)
    c.request("signal", sshraw.string(name), want_reply=False)
    _, _, requests = c.collect()
    assert sshraw.Reader(requests["exit-signal"], 0).string().decode() == name
    c.close()


@pytest.mark.parametrize("name", ["USR1", "USR2"])
def test_signal_can_be_caught(session, name):
    c = session()
    assert c.exec("trap 'echo caught; exit 7' %s; echo ready; "
                  "while :; do sleep 0.05; done" % name)
    c.expect(sshraw.DATA)
    c.request("signal", sshraw.string(name), want_reply=False)
    out, _, requests = c.collect()
    assert out == b"caught\n" and requests["exit-status"] == u32(7)
    c.close()


def test_unknown_signal_is_refused(session):
    c = session()
    assert c.exec("cat")
    c.request("signal", sshraw.string("NOSUCH"))
    assert not c.channel_reply()
    c.send(sshraw.msg(sshraw.EOF, u32(c.remote)))
    c.collect()
    c.close()


def test_break(session):
    c = session()
    c.request("pty-req", sshraw.string("vt100"), u32(80), u32(24), u32(0),
              u32(0), sshraw.string(b"\0"))
    assert c.channel_reply()
    assert c.exec("read x")
    c.request("break", u32(100))
    assert c.channel_reply()
    c.send(sshraw.msg(sshraw.DATA, u32(c.remote), sshraw.string("\n")))
    c.collect()
    c.close()


def test_asyncssh_signal_and_exit_signal(server, world):
    async def go():
        async with asyncssh.connect(
                "127.0.0.1", server.port, username=world.user,
                client_keys=[str(world.keys["ed25519"])], known_hosts=None,
                config=None, agent_path=None) as conn:
            process = await conn.create_process("exec sleep 30")
            await asyncio.sleep(0.3)
            process.send_signal("TERM")
            result = await process.wait()
            return result.exit_signal[0]
    assert asyncio.run(asyncio.wait_for(go(), 60)) == "TERM"


def test_paramiko_exit_status(server, world):
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", server.port, world.user,
                       key_filename=str(world.keys["ed25519"]),
                       allow_agent=False, look_for_keys=False)
        _, out, err = client.exec_command("echo o; echo e >&2; exit 17")
        assert out.channel.recv_exit_status() == 17
        assert (out.read(), err.read()) == (b"o\n", b"e\n")
