"""Calls that must not fail, made to fail one by one (tests/THREATS): nobody
gets a process that has kept anything of root's, and no signal goes astray."""
import os
import pathlib
import pwd
import shutil
import struct

import pytest
import sshraw
from harness import client_env, run
from test_roles import Roles, field

pytestmark = [pytest.mark.ours, pytest.mark.root]
HERE = pathlib.Path(__file__).resolve().parent

# faults.c has the same list
CALLS = ("fork setresuid setresgid setgroups initgroups chroot prctl unshare "
         "close_range socketpair setrlimit libgcrypt").split()
FAIL, LIE = 0, 1
LAYOUT = struct.Struct("=5I%dI32s" % len(CALLS))
WHO = "id -u; id -G; cd /proc/self/fd && echo *"
# So often a failure may go by: ~/.ssh/rc is passed over; net knows three
# empty roots; the user role says twice that it is not dumpable; all that a
# command must not have is closed on exec; a key command's limits are only
# widened.
HARMLESS = {"fork": 1, "chroot": 1, "prctl": 1, "close_range": 1,
            "setrlimit": 1}


class Faults:
    """the page that the server's processes share"""

    def __init__(self, folder):
        self.path = folder / "faults"
        self.path.write_bytes(bytes(LAYOUT.size))

    def want(self, call="fork", nth=0, how=FAIL):
        with self.path.open("r+b") as f:
            f.write(LAYOUT.pack(CALLS.index(call), nth, how, 0, 0,
                                *[0] * len(CALLS), b""))

    def seen(self):
        fields = LAYOUT.unpack(self.path.read_bytes())
        name = fields[-1].rstrip(b"\0").decode()
        return fields[3] and (name or "yes"), fields[4], dict(
            zip(CALLS, fields[5:]))


@pytest.fixture(scope="session")
def library(world):
    """faults.c, as what LD_PRELOAD wants"""
    cc = os.environ.get("CC", "cc").split()
    if not shutil.which(cc[0], path=client_env()["PATH"]):
        pytest.skip("no C compiler")
    made = world.dir / "faults.so"
    p = run([*cc, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC",
             "-o", made, HERE / "faults.c", "-lgcrypt", "-ldl"])
    assert p.returncode == 0, p.stderr.decode()
    return made


@pytest.fixture
def groups_of_root():
    """what a careless process would hand on"""
    before = os.getgroups()
    os.setgroups([0, 4, 27, 4299])
    yield
    os.setgroups(before)


def ids(user):
    """what WHO says; 3 is where the shell reads the directory"""
    entry = pwd.getpwnam(user)
    gids = os.getgrouplist(user, entry.pw_gid)
    return "%d\n%s\n0 1 2 3\n" % (entry.pw_uid, " ".join(map(str, gids)))


def log_in(server, world, look=lambda server: None):
    """what a command of the session says of itself, or nothing"""
    c = sshraw.Client(server.connect(), timeout=30)
    try:
        c.login(world.user, sshraw.Key(world.keys["ed25519"]))
        c.open_session()
        look(server)
        if c.exec(WHO):
            return c.collect()[0].decode()
        # to the process that there is not
        c.request("signal", sshraw.string("TERM"), want_reply=False)
        c.request("signal", sshraw.string("KILL"), want_reply=False)
        c.ping()
        return ""
    except (sshraw.Closed, ValueError):
        return ""
    finally:
        c.close()


@pytest.fixture
def keys_command(world):
    """AuthorizedKeysCommand's lines: it says who it is, and knows the key"""
    path = pathlib.Path("/run/e2e-faults-keys")
    path.write_text("#!/bin/sh\necho groups $(id -G) . >&2\necho '%s'\n"
                    % world.pub())
    path.chmod(0o755)
    yield ["AuthorizedKeysCommand %s" % path, "AuthorizedKeysCommandUser bob"]
    path.unlink()


def see_that_net_has_no_files(server):
    net = Roles(server, login=True).net
    try:
        assert os.listdir("/proc/%d/root" % net) == []
    except OSError:
        pass		# it was of a process that has ended


@pytest.mark.release
@pytest.mark.parametrize("call", CALLS[:-1])
def test_each_call_fails_in_turn(make_server, world, library, call, request,
                                 groups_of_root, keys_command):
    """row 51: the login ends there, or is as good as any"""
    # so that a command has a process before its own
    rc = world.home() / ".ssh" / "rc"
    rc.write_text(":\n")
    request.addfinalizer(rc.unlink)
    faults = Faults(world.dir)
    faults.want()
    server = make_server([*keys_command, "ChrootDirectory /"],
                         env={"LD_PRELOAD": str(library),
                              "FAULTS": str(faults.path)})
    server.exits = {0, 255, 111}
    world.authorize()
    good = ids(world.user)
    assert log_in(server, world) == good
    server.wait_gone()
    total = faults.seen()[2][call]
    assert total > 0 or call == "initgroups"
    went_by = 0
    for how in (FAIL, LIE) if call.startswith("setres") else (FAIL,):
        for nth in range(1, total + 1):
            faults.want(call, nth, how)
            said = log_in(server, world)
            server.wait_gone()
            failed, kills, _ = faults.seen()
            assert failed and kills == 0, (nth, how)
            assert said in ("", good), (nth, how)
            went_by += said != ""
            if call == "chroot" and said != "":
                faults.want(call, nth, how)
                log_in(server, world, see_that_net_has_no_files)
    assert went_by <= HARMLESS.get(call, 0)


@pytest.mark.release
def test_each_call_of_libgcrypt_fails_in_turn(make_server, world, library):
    """row 14: it ends there, and nothing is sent as if it had not"""
    faults = Faults(world.dir)
    faults.want()
    server = make_server(env={"LD_PRELOAD": str(library),
                              "FAULTS": str(faults.path)})
    server.exits = {0, 101, 111}

    def ask():
        c = sshraw.Client(server.connect(), timeout=30, cipher="aes128-ctr")
        try:
            c.start().service()
            return c.query(world.user, sshraw.Key(world.keys["ed25519"]))
        except sshraw.Closed:
            # what cannot be read, or is no signature, is another exception
            return 0
        finally:
            c.close()

    assert ask() == sshraw.AUTH_PK_OK
    server.wait_gone()
    total = faults.seen()[2]["libgcrypt"]
    assert total > 20
    went_by, not_called = [], 0
    for nth in range(1, total + 1):
        faults.want("libgcrypt", nth)
        said = ask()
        server.wait_gone()
        failed = faults.seen()[0]
        # a last packet that we did not wait for, a key made ahead or not
        not_called += not failed
        assert said in (0, sshraw.AUTH_FAILURE, sshraw.AUTH_PK_OK)
        if failed and said == sshraw.AUTH_PK_OK:
            went_by.append(failed)
    # keys for an exchange are made ahead, and again if need be; and a
    # fingerprint for the log
    assert set(went_by) <= {"gcry_ecc_mul_point", "gcry_md_hash_buffers"}
    assert len(went_by) <= 4 and not_called <= 4


def test_user_without_groups(make_server, world, groups_of_root,
                             keys_command):
    """row 48: the own one and no other, above all none of root's"""
    group = pathlib.Path("/etc/group")
    before = group.read_text()
    # in place: the file is a bind mount
    group.write_text("".join(
        line for line in before.splitlines(True)
        if not line.startswith("e2ehelpers:")))
    try:
        server = make_server(keys_command)
        world.authorize()
        c = sshraw.Client(server.connect())
        c.login(world.user, sshraw.Key(world.keys["ed25519"]))
        c.open_session()
        roles = Roles(server, login=True)
        alice, bob = pwd.getpwnam("alice"), pwd.getpwnam("bob")
        assert field(roles.user, "Groups") == str(alice.pw_gid)
        assert field(roles.net, "Groups") == ""
        c.exec(WHO)
        assert c.collect()[0].decode() == ids("alice") == \
            "%d\n%d\n0 1 2 3\n" % (alice.pw_uid, alice.pw_gid)
        c.close()
        server.wait_log("^AuthorizedKeysCommand: groups %d .$" % bob.pw_gid)
    finally:
        group.write_text(before)
