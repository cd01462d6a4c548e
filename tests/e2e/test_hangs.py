"""LoginGraceTime and SIGTERM against what hangs: PAM modules, helpers."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest
import sshraw
from harness import PATIENCE, run
from passwords import PAM_UNIX, pam_service, wait_until

pytestmark = [pytest.mark.root, pytest.mark.ours]
TIMEOUT = (r"fatal: Timeout before authentication for 127\.0\.0\.1 "
           r"port \d+\n?")
# The first will do where nobody else works.
GRACE = (2, 8, 30)
# What a module starts may have children in sessions of their own.
SCRIPT = """#!/bin/sh
trap '' TERM HUP INT
setsid sleep 61 &
(sleep 62 & sleep 63) &
sleep 64
"""


@pytest.fixture
def hang(world):
    folder = pathlib.Path("/run/e2e-hang")
    folder.mkdir(mode=0o755, exist_ok=True)
    path = folder / "hang"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    world.authorize_all()
    return path


def config(where, hang):
    """a server's in which that hangs"""
    if where == "AuthorizedKeysCommand":
        return ["AuthorizedKeysFile none", "UsePAM no",
                "AuthorizedKeysCommand %s" % hang,
                "AuthorizedKeysCommandUser bob"]
    line = "%s required pam_exec.so %s\n" % (where, hang)
    return ["UsePAM yes", "PAMServiceName " + pam_service(
        "e2e-hang-" + where,
        line + PAM_UNIX if where == "auth" else PAM_UNIX + line)]


def sleepers(server):
    return [p for p in server.report()["alive"] if p[3] == "sleep"]


def iter_datagrams(sock):
    while True:
        try:
            yield sock.recv(8192).decode()
        except BlockingIOError:
            return


def begin(server, where):
    """a login that gets as far as that"""
    if where != "auth":
        return subprocess.Popen(server.ssh_argv("echo in"),
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
    c = sshraw.Client(server.connect())
    with contextlib.suppress(sshraw.Closed):
        c.start().service()
        c.auth("alice", "keyboard-interactive", sshraw.string(b""),
               sshraw.string(b""))
    return c


def end(client):
    if isinstance(client, sshraw.Client):
        client.wait_closed()
        return
    out, _ = client.communicate(timeout=PATIENCE)
    assert client.returncode == 255 and out == b""


@pytest.fixture
def syslog():
    """a /dev/log of ours, in this namespace"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        sock.setblocking(False)
        yield sock
    os.unlink("/dev/log")


@pytest.fixture
def name_service():
    """one that is asked for unknown users, for whom it has no answer"""
    if not os.path.exists("/usr/bin/gcc"):
        pytest.skip("no compiler")
    folder = pathlib.Path("/run/e2e-hang")
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / "hang.c").write_text(
        "#include <nss.h>\n#include <pwd.h>\n#include <unistd.h>\n"
        "enum nss_status _nss_hang_getpwnam_r(const char *n, "
        "struct passwd *p, char *b, size_t s, int *e) "
        "{ (void)n; (void)p; (void)b; (void)s; (void)e; "
        "for (;;) pause(); }\n")
    assert run(["gcc", "-shared", "-fPIC", "-o",
                folder / "libnss_hang.so.2",
                folder / "hang.c"]).returncode == 0
    (folder / "nsswitch.conf").write_text(
        "passwd: files hang\ngroup: files\nshadow: files\n")
    path = os.path.realpath("/etc/nsswitch.conf")
    run(["mount", "--bind", folder / "nsswitch.conf", path], check=True)
    yield {"LD_LIBRARY_PATH": str(folder)}
    run(["umount", "-l", path], check=True)


WHERE = ["auth", "account", "session", "AuthorizedKeysCommand"]


def test_grace_time(make_server, hang, syslog):
    """threats 82; all at once, for each takes the whole of it"""
    for grace in GRACE:
        line = "LoginGraceTime %d" % grace
        servers = [make_server([*config(where, hang), line],
                               log_level="ERROR") for where in WHERE]
        # The last one logs as all do where they are installed.
        servers.append(make_server([*config(WHERE[-1], hang), line],
                                   log_level="ERROR", logto=()))
        began, said = time.monotonic(), []
        clients = [begin(server, where)
                   for server, where in zip(servers, [*WHERE, WHERE[-1]])]
        seen = set()
        while len(seen) < len(servers) and time.monotonic() < began + grace + 2:
            seen |= {s for s in servers if len(sleepers(s)) == 4}
            said.extend(iter_datagrams(syslog))
            time.sleep(0.02)
        for client in clients:
            end(client)
        for server in servers:
            server.wait_gone()
            # verify() asks for exit status 0 and for nobody left.
        if len(seen) == len(servers):
            break
    else:
        pytest.fail("not all hang: %r" % seen)
    assert time.monotonic() - began < grace + PATIENCE
    for server in servers[:-1]:
        assert re.fullmatch(TIMEOUT, server.log())
    said.extend(iter_datagrams(syslog))
    pid = servers[-1].report()["conns"][0]["pid"]
    said = [x for x in said if "Timeout" in x and "[%d]" % pid in x]
    assert len(said) == 1 and re.fullmatch(
        r"<34>[A-Z][a-z]{2} [ \d]\d [\d:]{8} sshd\[%d\]: " % pid + TIMEOUT,
        said[0])


def test_name_service(make_server, name_service):
    for grace in (1, *GRACE):
        server = make_server(["LoginGraceTime %d" % grace], env=name_service,
                             log_level="ERROR")
        c = sshraw.Client(server.connect())
        with contextlib.suppress(sshraw.Closed):
            c.start().service()
            break
    c.auth("mallory", "none")
    c.wait_closed(grace + PATIENCE)
    server.wait_gone()
    assert re.fullmatch(TIMEOUT, server.log())


def test_stop(make_server, hang):
    """SIGTERM, as from "systemctl stop", long before the grace time"""
    wheres = ["account", "AuthorizedKeysCommand"]
    servers = [make_server(config(where, hang)) for where in wheres]
    clients = [begin(server, where)
               for server, where in zip(servers, wheres)]
    for server in servers:
        wait_until(lambda s=server: len(sleepers(s)) == 4)
        os.kill(server.report()["conns"][0]["pid"], signal.SIGTERM)
    for server, client in zip(servers, clients):
        end(client)
        server.wait_gone()
        assert "Timeout before" not in server.log()
