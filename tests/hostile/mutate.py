"""mutate - thousands of damaged handshakes against the server, in parallel.

usage: mutate.py JOB.json     (made by test_mutations.py)

Each number makes one connection: draw = Random(seed, number) decides what is
damaged, so one that fails can be repeated alone with "only": [NUMBER].
Two kinds: a recorded client's bytes with flips, cuts and splices, and a live
client whose messages are damaged before they are encrypted, which reaches
what lies behind the key exchange.  Prints one JSON object: the failures.
"""
import ctypes
import fcntl
import json
import os
import random
import re
import signal
import socket
import sys
import time

import sshraw
from sshraw import Client, Key, msg, string, u32

SANITIZER = re.compile(
    rb"AddressSanitizer|LeakSanitizer|MemorySanitizer|runtime error:"
    rb"|stack smashing|buffer overflow detected|BUG:")
EDGES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
         b"\x80\0\0\0", b"\0\4\0\0", b"\0\0\0\1")


def damage(draw, data):
    """one to four mutations of some bytes"""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        kind = draw.randrange(8)
        at = draw.randrange(len(data) + 1)
        size = draw.choice((1, 1, 2, 4, 8, 64, 300))
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << draw.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = draw.choice((0, 1, 127, 128, 255))
        elif kind == 2:
            del data[at:at + size]
        elif kind == 3:
            data[at:at] = draw.randbytes(size)
        elif kind == 4:
            data[at:at] = data[at:at + size]
        elif kind == 5:
            data[at:at + 4] = draw.choice(EDGES)
        elif kind == 6:
            other = draw.randrange(len(data) + 1)
            data[at:at + size] = data[other:other + size]
        else:
            del data[at:]
    return bytes(data)


def replay(draw, sock, job):
    """a recorded client with damage; parts arrive one by one or at once"""
    parts = [bytes.fromhex(p) for p in job["recording"]]
    victim = draw.randrange(len(parts))
    parts[victim] = damage(draw, parts[victim])
    if draw.random() < .1:
        other = draw.randrange(len(parts))
        parts[victim], parts[other] = parts[other], parts[victim]
    if draw.random() < .5:
        parts = [b"".join(parts)]
    for part in parts:
        sock.sendall(part)
    if draw.random() < .7:
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


def messages(draw, c, job):
    """what a client may say after its login, in order"""
    user = job["user"]
    yield msg(sshraw.OPEN, string("session"), u32(0), u32(1 << 20), u32(32768))
    yield msg(sshraw.REQUEST, u32(0), string("env"), b"\1", string("LC_A"),
              string(user))
    yield msg(sshraw.REQUEST, u32(0), string("pty-req"), b"\1",
              string("xterm"), u32(80), u32(24), u32(0), u32(0),
              string(b"\x35\0\0\0\1\3\0\0\0\x7f\0"))
    yield msg(sshraw.REQUEST, u32(0), string("exec"), b"\1",
              string(draw.choice(("true", "cat", "echo x"))))
    yield msg(sshraw.REQUEST, u32(0), string("window-change"), b"\0",
              u32(9), u32(9), u32(0), u32(0))
    yield msg(sshraw.DATA, u32(0), string(b"hello\n"))
    yield msg(sshraw.WINDOW_ADJUST, u32(0), u32(100))
    yield msg(sshraw.REQUEST, u32(0), string("signal"), b"\0", string("TERM"))
    yield msg(sshraw.GLOBAL_REQUEST, string("tcpip-forward"), b"\1",
              string("localhost"), u32(0))
    yield msg(sshraw.PING, string("x"))
    yield msg(sshraw.EOF, u32(0))
    yield msg(sshraw.CLOSE, u32(0))


def live(draw, sock, job):
    """a client that is right up to one message"""
    c = Client(sock, timeout=4, cipher=draw.choice(job["ciphers"]),
               compression=draw.choice(("none", "none", "zlib@openssh.com")))
    # of the login's first four messages (KEXINIT, KEX_INIT, NEWKEYS,
    # SERVICE_REQUEST) and the authentication, which one is damaged
    victim = draw.choice((0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6))
    count = iter(range(1000))

    def alter(payload):
        return damage(draw, payload) if next(count) == victim else payload

    c.alter = alter
    if draw.random() < .05:
        c.ident = damage(draw, c.ident)
    c.start()
    c.service()
    c.query(job["user"], job["key_object"])
    if c.sign(job["user"], job["key_object"]) != sshraw.AUTH_SUCCESS:
        return
    c.alter = None
    for payload in messages(draw, c, job):
        if draw.random() < .25:
            payload = damage(draw, payload)
        c.send(payload)
    if draw.random() < .2:
        c.send(damage(draw, c.kexinit()))
    sock.shutdown(socket.SHUT_WR)
    while True:
        c.read(4)


def environment(job, number):
    """The search for leaks is half of a sanitized connection's cost, and
    what leaks does so in many connections: one in four has it."""
    env = dict(job["env"])
    if number // 2 % 4:
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return env


def start_server(job, number, sock, log):
    return os.posix_spawn(job["argv"][0], job["argv"],
                          environment(job, number),
                          file_actions=[(os.POSIX_SPAWN_DUP2, sock, 0),
                                        (os.POSIX_SPAWN_DUP2, sock, 1),
                                        (os.POSIX_SPAWN_DUP2, log, 2)],
                          setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])


def wait(pid, seconds):
    """the exit status, or None when it does not end in time"""
    end = time.monotonic() + seconds
    pause = .0005
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(pause)
        pause = min(pause * 1.5, .02)
    return None


def reap(seconds):
    """the orphans that a connection left to us; True when all ended"""
    end = time.monotonic() + seconds
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return True
        if time.monotonic() > end:
            return False
        time.sleep(.002)


def one(job, number, listener):
    """one connection; None or what is wrong with its end"""
    draw = random.Random("%d/%d" % (job["seed"], number))
    log, log_w = os.pipe2(os.O_CLOEXEC)
    fcntl.fcntl(log_w, fcntl.F_SETPIPE_SZ, 1 << 20)
    os.set_blocking(log, False)
    try:
        return connection(job, number, draw, log, log_w, listener)
    finally:
        os.close(log)


def connection(job, number, draw, log, log_w, listener):
    if listener:
        ours = socket.create_connection(listener.getsockname(), 60)
        theirs = listener.accept()[0]
    else:
        ours, theirs = socket.socketpair()
    ours.settimeout(6)
    pid = start_server(job, number, theirs.fileno(), log_w)
    theirs.close()
    os.close(log_w)
    try:
        (live if draw.random() < job["live"] else replay)(draw, ours, job)
    except (OSError, sshraw.Closed, sshraw.Timeout, sshraw.InvalidTag,
            ValueError, AssertionError, StopIteration):
        pass
    except Exception as e:
        # zlib.error, and what cryptography says about odd bytes
        if not isinstance(e, (sshraw.zlib.error, ArithmeticError)) \
                and "cryptography" not in type(e).__module__:
            raise
    ours.close()
    status = wait(pid, 60)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return "still running 60 s after the client had gone"
    ended = reap(30)
    try:
        text = os.read(log, 1 << 20)
    except BlockingIOError:
        text = b""
    found = SANITIZER.search(text)
    if found:
        return "report: " + text[max(0, found.start() - 100):
                                 found.end() + 3000].decode("utf-8", "replace")
    if os.WIFSIGNALED(status):
        return "died of signal %d" % os.WTERMSIG(status)
    if os.WEXITSTATUS(status) not in job["exits"]:
        return "exit status %d: %s" % (os.WEXITSTATUS(status),
                                       text[-1500:].decode("utf-8",
                                                           "replace"))
    return None if ended else "a process outlived the connection"


def worker(job, numbers, out):
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)     # PR_SET_CHILD_SUBREAPER
    job["key_object"] = Key(job["key"])
    listener = socket.create_server(("127.0.0.1", 0))
    failures = []
    for number in numbers:
        try:
            what = one(job, number, listener if number % 2 else None)
        except Exception as e:
            what = "the test itself: %r" % e
        if what:
            failures.append([number, what])
            if len(failures) >= 5:
                break
    os.write(out, json.dumps(failures).encode())


def main():
    with open(sys.argv[1]) as f:
        job = json.load(f)
    numbers = job.get("only") or list(range(job["count"]))
    pipes, pids = [], []
    for n in range(job["workers"]):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(r)
                worker(job, numbers[n::job["workers"]], w)
            finally:
                os._exit(0)
        os.close(w)
        pipes.append(r)
        pids.append(pid)
    failures = []
    for r in pipes:
        with os.fdopen(r) as f:
            text = f.read()
        failures += json.loads(text) if text else [[-1, "a worker died"]]
    for pid in pids:
        os.waitpid(pid, 0)
    print(json.dumps({"failures": sorted(failures)}))


if __name__ == "__main__":
    main()
