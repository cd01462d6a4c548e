"""Other people's clients: scp -O, rsync, git, PuTTY, Dropbear, paramiko,
asyncssh and libssh."""
import asyncio
import os
import re
import subprocess

import asyncssh
import paramiko
import pytest
from harness import (ALL_CIPHERS, ALL_HOSTKEYS, ALL_KEX, HERE, KEY_TYPES,
                     PATIENCE, ROOT, client_env, need, run)


@pytest.fixture(scope="module")
def blob():
    return os.urandom(1 << 20) * 3


@pytest.fixture
def place(world):
    """a folder that the user may write"""
    folder = (world.home() if ROOT else world.dir) / "place"
    run(["rm", "-rf", folder])
    folder.mkdir()
    if ROOT:
        os.chown(folder, 4201, 4201)
    yield folder
    run(["rm", "-rf", folder])


# --- OpenSSH's other tools


def test_scp_up_and_down(server, world, place, blob):
    need("scp")
    local = world.dir / "scp-local"
    local.write_bytes(blob)
    remote = "%s@127.0.0.1:%s/file" % (world.user, place)
    argv = server.ssh_argv(program="scp")
    p = run([*argv, "-O", "-p", local, remote])
    assert p.returncode == 0, p.stderr
    assert (place / "file").read_bytes() == blob
    back = world.dir / "scp-back"
    p = run([*argv, "-O", remote, back])
    assert p.returncode == 0 and back.read_bytes() == blob
    local.unlink(), back.unlink()


def test_scp_recursive(server, world, place):
    need("scp")
    tree = world.dir / "tree"
    (tree / "a/b").mkdir(parents=True)
    for n in range(20):
        (tree / "a/b" / ("f%d" % n)).write_text("%d\n" % n)
    p = run([*server.ssh_argv(program="scp"), "-O", "-r", tree,
             "%s@127.0.0.1:%s/" % (world.user, place)])
    assert p.returncode == 0, p.stderr
    assert len(list((place / "tree/a/b").iterdir())) == 20
    run(["rm", "-rf", tree])


def test_scp_of_a_missing_file(server, world):
    need("scp")
    p = run([*server.ssh_argv(program="scp"), "-O",
             "%s@127.0.0.1:/no/such/file" % world.user, "/dev/null"])
    assert p.returncode == 1 and b"No such file" in p.stderr


def ssh_command(server, world):
    """an ssh command line for rsync and git, which add host and command"""
    argv = server.ssh_argv()
    return " ".join(argv[:argv.index("127.0.0.1")])


def test_rsync(server, world, place, blob):
    need("rsync")
    tree = world.dir / "rtree"
    tree.mkdir()
    for n in range(30):
        (tree / ("f%d" % n)).write_bytes(blob[n * 1000:(n * 7001) % 300000])
    for source, target in ((str(tree) + "/", "127.0.0.1:%s/r/" % place),
                           ("127.0.0.1:%s/r/" % place,
                            str(world.dir / "rback") + "/")):
        p = run(["rsync", "-a", "-z", "-e", ssh_command(server, world),
                 source, target])
        assert p.returncode == 0, p.stderr
    p = run(["diff", "-r", tree, world.dir / "rback"])
    assert p.returncode == 0, p.stdout
    run(["rm", "-rf", tree, world.dir / "rback"])


def test_git(server, world, place):
    need("git")
    work = world.dir / "gwork"
    env = client_env()
    env.update(GIT_SSH_COMMAND=ssh_command(server, world),
               GIT_CONFIG_GLOBAL="/dev/null", GIT_AUTHOR_NAME="t",
               GIT_AUTHOR_EMAIL="t@example.com", GIT_COMMITTER_NAME="t",
               GIT_COMMITTER_EMAIL="t@example.com")

    def git(*args):
        p = run(["git", *args], env=env)
        assert p.returncode == 0, p.stderr
        return p.stdout.decode()

    assert server.ssh("git init -q --bare -b main %s/r.git" % place) \
        .returncode == 0
    git("init", "-q", "-b", "main", str(work))
    (work / "f").write_bytes(os.urandom(400000))
    git("-C", str(work), "add", "f")
    git("-C", str(work), "commit", "-q", "-m", "one")
    url = "ssh://127.0.0.1%s/r.git" % place
    git("-C", str(work), "push", "-q", url, "main")
    git("clone", "-q", url, str(world.dir / "gclone"))
    assert git("-C", str(world.dir / "gclone"), "rev-parse", "HEAD") \
        == git("-C", str(work), "rev-parse", "HEAD")
    run(["rm", "-rf", work, world.dir / "gclone"])


# --- PuTTY


@pytest.fixture(scope="module")
def putty(world):
    need("plink", "puttygen")
    keys = {}
    for kind in ("ed25519", "ecdsa256", "rsa3072"):
        keys[kind] = world.dir / ("%s.ppk" % kind)
        run(["puttygen", world.keys[kind], "-o", keys[kind]], check=True)
    hostkeys = []
    for path in world.hostkeys.values():
        hostkeys += ["-hostkey", world.fingerprint(path)]

    def plink(server, *command, key="ed25519", flags=(), **kw):
        return run(["plink", "-batch", "-ssh", "-noagent", *flags, "-P",
                    server.port, *hostkeys, "-i", keys[key], "-l",
                    world.user, "127.0.0.1", *command], **kw)
    return plink


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa256", "rsa3072"])
def test_plink(server, putty, kind):
    p = putty(server, "cat; exit 21", key=kind, input=b"through plink\n")
    assert (p.stdout, p.returncode) == (b"through plink\n", 21), p.stderr


def test_plink_bulk(server, putty, blob):
    p = putty(server, "cat", input=blob)
    assert p.stdout == blob


def test_plink_compressed(server, putty, blob):
    p = putty(server, "cat", flags=["-C"], input=blob[:1 << 19])
    assert p.stdout == blob[:1 << 19]


def test_plink_with_a_terminal(server, putty):
    p = putty(server, "tty; exit 3", flags=["-t"])
    assert b"/dev/pts/" in p.stdout and p.returncode == 3


def test_plink_with_the_wrong_host_key(server, world):
    need("plink")
    server.exits = {0, 255}
    p = run(["plink", "-batch", "-ssh", "-P", server.port, "-hostkey",
             "SHA256:" + "A" * 43, "-l", world.user, "127.0.0.1", "true"])
    assert p.returncode != 0


# --- Dropbear


@pytest.fixture(scope="module")
def dropbear(world):
    need("dbclient", "dropbearconvert")
    keys = {}
    for kind in ("ed25519", "ecdsa256", "rsa3072"):
        keys[kind] = world.dir / ("%s.dropbear" % kind)
        p = run(["dropbearconvert", "openssh", "dropbear",
                 world.keys[kind], keys[kind]])
        if p.returncode:
            # it wants the older container
            pem = world.dir / ("%s.pem" % kind)
            pem.write_bytes(world.keys[kind].read_bytes())
            pem.chmod(0o600)
            run(["ssh-keygen", "-p", "-q", "-N", "", "-m", "PEM", "-f",
                 pem], check=True)
            run(["dropbearconvert", "openssh", "dropbear", pem,
                 keys[kind]], check=True)

    def client(server, *command, key="ed25519", flags=(), **kw):
        argv = ["dbclient", "-y", "-y", *flags, "-p", server.port, "-i",
                keys[key], "-l", world.user, "127.0.0.1", *command]
        try:
            return run(argv, timeout=30, **kw)
        except subprocess.TimeoutExpired:
            # on a busy machine it may sleep on after its last channel has
            # been closed by both sides, one time in a hundred
            assert "Close session" in server.log()
            return run(argv, **kw)
    return client


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa256", "rsa3072"])
def test_dbclient(server, dropbear, kind):
    p = dropbear(server, "cat; exit 22", key=kind, input=b"by dbclient\n")
    assert (p.stdout, p.returncode) == (b"by dbclient\n", 22), p.stderr


@pytest.mark.parametrize("cipher", ["chacha20-poly1305@openssh.com",
                                    "aes128-ctr", "aes256-ctr"])
def test_dbclient_ciphers(server, dropbear, cipher, blob):
    p = dropbear(server, "cat", flags=["-c", cipher], input=blob)
    assert p.stdout == blob, p.stderr


def test_dbclient_with_a_terminal(server, dropbear):
    master, slave = os.openpty()
    try:
        p = dropbear(server, "tty; exit 3", flags=["-t"], stdin=slave)
    finally:
        os.close(master)
        os.close(slave)
    assert b"/dev/pts/" in p.stdout and p.returncode == 3


# --- paramiko


def paramiko_connect(server, world, kind="ed25519", **kw):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", server.port, world.user,
                   key_filename=str(world.keys[kind]), allow_agent=False,
                   look_for_keys=False, **kw)
    return client


@pytest.mark.parametrize("kind", list(KEY_TYPES))
def test_paramiko_keys(server, world, kind):
    with paramiko_connect(server, world, kind) as client:
        _, out, _ = client.exec_command("echo in")
        assert out.read() == b"in\n"


@pytest.mark.parametrize("compress", [False, True])
def test_paramiko_bulk(server, world, blob, compress):
    with paramiko_connect(server, world, compress=compress) as client:
        stdin, out, _ = client.exec_command("wc -c")
        stdin.write(blob)
        stdin.channel.shutdown_write()
        assert int(out.read()) == len(blob)
        _, out, _ = client.exec_command("head -c 2000000 /dev/zero")
        assert len(out.read()) == 2000000


def test_paramiko_rekeys(server, world):
    with paramiko_connect(server, world) as client:
        # (a channel that closes meanwhile makes paramiko wait for itself)
        stdin, out, _ = client.exec_command("cat")
        for n in range(3):
            client.get_transport().renegotiate_keys()
            stdin.write("%d\n" % n)
            stdin.flush()
            assert out.readline() == "%d\n" % n


def test_paramiko_shell(server, world):
    with paramiko_connect(server, world) as client:
        shell = client.invoke_shell("vt100", 90, 33)
        shell.settimeout(PATIENCE)
        shell.send(b"stty size; exit 4\n")
        got = b""
        while True:
            data = shell.recv(4096)
            if not data:
                break
            got += data
        assert b"33 90" in got
        assert shell.recv_exit_status() == 4


# --- asyncssh


def asyncssh_run(server, world, action, **kw):
    async def go():
        async with asyncssh.connect(
                "127.0.0.1", server.port, username=world.user,
                client_keys=[str(world.keys["ed25519"])], known_hosts=None,
                config=None, agent_path=None, **kw) as conn:
            return await action(conn)
    return asyncio.run(asyncio.wait_for(go(), 120))


@pytest.mark.parametrize("kex", ALL_KEX)
def test_asyncssh_kex(server, world, kex):
    async def action(conn):
        return (await conn.run("echo in")).stdout
    assert asyncssh_run(server, world, action, kex_algs=[kex]) == "in\n"


@pytest.mark.parametrize("cipher", ALL_CIPHERS)
def test_asyncssh_ciphers(server, world, cipher):
    async def action(conn):
        result = await conn.run("cat; exit 5", input="x" * 300000)
        return result.exit_status, len(result.stdout)
    assert asyncssh_run(server, world, action,
                        encryption_algs=[cipher]) == (5, 300000)


@pytest.mark.parametrize("algorithm", ALL_HOSTKEYS)
def test_asyncssh_host_keys(server, world, algorithm):
    async def action(conn):
        return (await conn.run("echo in")).stdout
    assert asyncssh_run(server, world, action,
                        server_host_key_algs=[algorithm]) == "in\n"


def test_asyncssh_many_at_once(server, world):
    async def action(conn):
        results = await asyncio.gather(*[
            conn.run("sleep 0.1; echo %d; exit %d" % (n, n))
            for n in range(10)])
        return [(r.stdout.strip(), r.exit_status) for r in results]
    assert asyncssh_run(server, world, action) \
        == [(str(n), n) for n in range(10)]


def test_asyncssh_rekeys_under_load(server, world):
    async def action(conn):
        result = await conn.run("cat", input="y" * 4000000)
        return len(result.stdout)
    assert asyncssh_run(server, world, action,
                        rekey_bytes=200000) == 4000000


def test_asyncssh_terminal(server, world):
    async def action(conn):
        process = await conn.create_process(
            "stty size; read x; stty size", term_type="ansi",
            term_size=(70, 20))
        first = await process.stdout.readline()
        process.change_terminal_size(71, 21)
        process.stdin.write("\n")
        rest = await process.stdout.read()
        return first.split(), rest.split()[-2:]
    assert asyncssh_run(server, world, action) \
        == (["20", "70"], ["21", "71"])


def test_asyncssh_types_after_it_resizes(server, world):
    """what is typed behind a change of size never meets the old one"""
    async def action(conn):
        process = await conn.create_process(
            "stty -echo; echo ready; while read x; do stty size; done",
            term_type="ansi", term_size=(70, 20))
        assert (await process.stdout.readline()).strip() == "ready"
        late = []
        for cols in range(100, 300):
            process.change_terminal_size(cols, 21)
            process.stdin.write("\n")
            size = (await process.stdout.readline()).split()
            if size != ["21", str(cols)]:
                late.append((cols, size))
        return late
    assert asyncssh_run(server, world, action) == []


def test_asyncssh_break_and_environment(make_server, world):
    server = make_server(["AcceptEnv LC_*"])

    async def action(conn):
        result = await conn.run("echo $LC_TEST", env={"LC_TEST": "v"})
        return result.stdout
    assert asyncssh_run(server, world, action) == "v\n"


# --- libssh


@pytest.fixture(scope="module")
def libssh(world):
    program = world.dir / "libssh-client"
    p = subprocess.run(["cc", "-std=gnu11", "-Wall", "-Wextra", "-o",
                        str(program), str(HERE / "libssh-client.c"),
                        "-lssh"], stderr=subprocess.PIPE)
    if p.returncode:
        pytest.skip("no libssh to build with: "
                    + re.sub(r"\s+", " ", p.stderr.decode())[-200:])
    return program


@pytest.mark.parametrize("kind", list(KEY_TYPES))
def test_libssh(server, world, libssh, kind):
    p = run([libssh, server.port, world.user, world.keys[kind],
             "cat; echo err >&2; exit 23"], input=b"libssh\n")
    assert p.returncode == 23, p.stderr
    assert p.stdout == b"libssh\n" and b"err\n" in p.stderr


def test_libssh_bulk(server, world, libssh, blob):
    p = run([libssh, server.port, world.user, world.keys["ed25519"],
             "wc -c"], input=blob)
    assert int(p.stdout) == len(blob)
