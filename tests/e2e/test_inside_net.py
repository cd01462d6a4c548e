"""A test from inside: the net process of a live connection is made to
execute system calls that a taken-over one would like to.

Each must fail with EACCES, and then the connection goes on; or kill the
process, and then the monitor says so and exits as for a bug of ours.
"""
import errno
import os
import pathlib
import shutil
import signal

import pytest
import sshraw
from harness import client_env, run
from test_roles import Roles

pytestmark = [pytest.mark.ours, pytest.mark.root]
HERE = pathlib.Path(__file__).resolve().parent

# call, and whose pid it gets
CALLS = [("openat", None), ("openat-root", None), ("openat-proc", None),
         ("creat", None), ("socket", None), ("socket-unix", None),
         ("clone", None), ("fork", None), ("vfork", None),
         ("execve", None), ("execveat", None),
         ("kill", "monitor"), ("kill", "other net"), ("kill", "itself"),
         ("tgkill", "other net"), ("ptrace", "monitor"),
         ("ptrace", "other net"), ("process_vm_readv", "monitor"),
         ("process_vm_readv", "other net"), ("pidfd_open", "monitor"),
         ("chroot", None), ("setuid", None), ("setns", None),
         ("unshare", None), ("connect", None), ("bpf", None)]


@pytest.fixture(scope="session")
def inject(world):
    """inject(pid, call, other): what the call came to"""
    cc = os.environ.get("CC", "cc").split()
    if not shutil.which(cc[0], path=client_env()["PATH"]):
        pytest.skip("no C compiler")
    program = world.dir / "inject"
    p = run([*cc, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o", program,
             HERE / "inject.c"])
    assert p.returncode == 0, p.stderr.decode()
    known = run([program, "list"]).stdout.decode().split()

    def call(pid, name, other=0):
        if name not in known:
            pytest.skip("no such system call here")
        p = run([program, pid, name, other])
        if p.returncode == 2 and b"PTRACE_SEIZE" in p.stderr:
            pytest.skip("root may not trace here")
        assert p.returncode == 0, p.stderr.decode()
        return p.stdout.decode().strip()

    return call


def connect(server, world, logged_in):
    c = sshraw.Client(server.connect())
    c.start().service()
    if logged_in:
        c.sign(world.user, sshraw.Key(world.keys["ed25519"]))
        c.open_session()
        assert c.exec("cat")
    else:
        c.auth(world.user)
        c.auth_reply()
    return c, Roles(server, login=logged_in)


def still_serves(c, world, logged_in):
    """the connection goes on as if nothing had been"""
    if logged_in:
        c.ping()
    else:
        c.auth(world.user)
        c.auth_reply()


@pytest.mark.parametrize("logged_in", [False, True],
                         ids=["before login", "after login"])
class TestInside:
    def test_injection_works(self, server, world, inject, logged_in):
        """an allowed call returns, so that the others mean something"""
        c, roles = connect(server, world, logged_in)
        assert inject(roles.net, "getpid") == "returned %d" % roles.net
        still_serves(c, world, logged_in)
        c.close()
        server.wait_gone()

    @pytest.mark.parametrize("name,whom", CALLS,
                             ids=["%s %s" % c if c[1] else c[0]
                                  for c in CALLS])
    def test_call(self, server, world, inject, logged_in, name, whom):
        other_client, others = connect(server, world, False) \
            if whom == "other net" else (None, None)
        c, roles = connect(server, world, logged_in)
        pid = {None: 0, "monitor": roles.monitor, "itself": roles.net,
               "other net": others and others.net}[whom]
        said = inject(roles.net, name, pid)
        if said == "failed with errno %d" % errno.EACCES:
            still_serves(c, world, logged_in)
        else:
            assert said == "killed by signal %d" % signal.SIGSYS
            server.exits = {101} if others is None else {0, 101}
            c.wait_closed()
            server.wait_log("error: net role was killed by signal %d "
                            % signal.SIGSYS)
        if others:
            # nothing happened to the neighbour
            still_serves(other_client, world, False)
            other_client.close()
        c.close()
        server.wait_gone()
        statuses = [os.WEXITSTATUS(conn["status"])
                    for conn in server.report()["conns"]]
        died = said.startswith("killed")
        assert statuses == ([0] if others else []) + [101 if died else 0]
