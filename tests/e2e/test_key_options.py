"""What a line of authorized_keys says beside its key, with stock ssh: each
option holds, and so does none that is somebody else's; AuthorizedKeysCommand."""
import os
import pathlib
import pwd
import re
import shlex
import textwrap
import time

import pytest
import sshraw
from harness import ROOT, SERVER, run

DENIED = 255


def only(world, options, key="ed25519"):
    """the user's one line"""
    world.authorize(options + " " + world.pub(key))


def denied(server, **kw):
    p = server.ssh("echo in", **kw)
    return p.returncode == DENIED and b"in" not in p.stdout


def test_command(make_server, world):
    server = make_server(["Subsystem sftp /bin/false"])
    only(world, 'command="echo forced $SSH_ORIGINAL_COMMAND"')
    assert server.out("touch /tmp/canary") == "forced touch /tmp/canary\n"
    assert server.out("") == "forced\n"
    assert b"forced" in server.ssh("-s", "sftp").stdout
    assert not os.path.exists("/tmp/canary")
    server.wait_log(r"^Starting session: forced-command \(key-option\) "
                    r"'echo forced \$SSH_ORIGINAL_COMMAND' for ")


def test_credential(make_server, world, tmp_path):
    """the unit's: for every user, beside what is configured; lines like any
    other, that no user can read or replace"""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    keys = folder / "ssh.ephemeral-authorized_keys-all"
    other = pathlib.Path(str(world.stranger) + ".pub").read_text()
    env = {"CREDENTIALS_DIRECTORY": str(folder)}
    server = make_server([], env=env)
    assert denied(server, key=world.stranger)		# there is no such file
    keys.write_text("# from the host\nrestrict " + other)
    keys.chmod(0o400)
    assert server.out("echo in", key=world.stranger) == "in\n"
    assert server.out("echo in") == "in\n"
    keys.unlink()
    os.mkfifo(keys)
    assert denied(server, key=world.stranger)
    keys.unlink()
    keys.write_text('command="echo forced" ' + other)
    assert server.out("echo in", key=world.stranger) == "forced\n"
    without = make_server([])
    assert denied(without, key=world.stranger)


def test_command_with_quotes(server, world):
    only(world, r'command="printf %s \"a, b\" \\c"')
    assert server.out("true") == "a, b\\c"


def test_empty_command(server, world):
    only(world, 'command=""')
    assert server.out("echo not this") == ""


def test_force_command_beats_it(make_server, world):
    server = make_server(["ForceCommand echo config"])
    only(world, 'command="echo key"')
    assert server.out("true") == "config\n"
    server.wait_log(r"^Starting session: forced-command \(config\) 'echo")


def test_pty(server, world):
    for options, tty in (("no-pty", False), ("restrict", False),
                         ("restrict,pty", True), ("no-pty,pty", True),
                         ("NO-PTY", False)):
        only(world, options)
        p = server.ssh("-tt", "test -t 0 && echo tty || echo none")
        assert (b"tty" in p.stdout) == tty, options
        assert server.out("echo runs") == "runs\n"


@pytest.mark.root
def test_user_rc(server, world, request):
    folder = world.home() / ".ssh"
    rc = folder / "rc"
    rc.write_text("echo rc\n")
    request.addfinalizer(rc.unlink)
    for options, runs in (("no-user-rc", False), ("restrict", False),
                          ("restrict,user-rc", True), ("no-pty", True),
                          ('command="echo x"', True),
                          ('command="echo x",no-user-rc', False)):
        only(world, options)
        assert ("rc\n" in server.out("echo x")) == runs, options


@pytest.mark.parametrize("setting,told", [
    ("no", "-,-,-"), ("yes", "1,2,3"), ("A,LC_*", "1,-,3"),
    ("!A,*", "-,2,3")])
def test_environment(make_server, world, setting, told):
    server = make_server(["PermitUserEnvironment " + setting])
    only(world, 'environment="A=1",environment="B=2",environment="LC_X=3",'
         'environment="A=9"')
    assert server.out("echo ${A--},${B--},${LC_X--}") == told + "\n"


def test_environment_does_not_beat_ours(make_server, world):
    server = make_server(["PermitUserEnvironment yes", "SetEnv B=config"])
    only(world, 'environment="SSH_CONNECTION=x",environment="B=key",'
         'environment="USER=key"')
    assert server.out("echo $USER $B ${SSH_CONNECTION%% *}") == \
        "key config 127.0.0.1\n"


@pytest.mark.parametrize("options,ok", [
    ('from="127.0.0.1"', True), ('from="127.0.0.0/8"', True),
    ('from="10.0.0.0/8"', False), ('from="!127.0.0.1,*"', False),
    ('from="*"', True), ('from="127.*"', True), ('from=""', False),
    ('from="10.1.1.1,127.0.0.1"', True), ('from="127.0.0.1/8"', False),
    ('FROM="127.0.0.?"', True), ('from="localhost"', False)])
def test_from(server, world, options, ok):
    only(world, options)
    if ok:
        assert server.out("echo in") == "in\n"
        return
    assert denied(server)
    server.wait_log(r"authorized_keys:1: Authentication tried for \S+ with "
                    r"correct key but not from a permitted host \(host=127"
                    r"\.0\.0\.1, ip=127\.0\.0\.1\)\.$")


@pytest.mark.parametrize("options,ok", [
    ('from="*"', False), ('from="UNKNOWN"', False), ('from="!10.*"', False),
    ('from="127.0.0.1"', False), ('from="0.0.0.0/0"', False),
    ("no-pty", True)])
def test_from_fails_closed_without_an_address(server, world, options, ok):
    """two pipes, which ssh makes itself"""
    only(world, options)
    command = " ".join(map(shlex.quote, [SERVER, "-i", "-e", "-f",
                                         str(server.config)]))
    p = server.ssh("echo in", opts=["ProxyCommand=" + command])
    assert (p.stdout == b"in\n") == ok, p.stderr
    if not ok:
        assert b"not from a permitted host" in p.stderr


@pytest.mark.root
def test_from_with_names(make_server, world):
    """only with UseDNS, and only a name that leads back"""
    only(world, 'from="localhost*"')
    assert denied(make_server())
    assert make_server(["UseDNS yes"]).out("echo in") == "in\n"
    only(world, 'from="*,!localhost*"')
    assert make_server().out("echo in") == "in\n"
    assert denied(make_server(["UseDNS yes"]))


def test_expiry(server, world):
    for options, ok in (('expiry-time="20200101"', False),
                        ('expiry-time="20991231"', True),
                        ('expiry-time="20991231Z",expiry-time="2020010100Z"',
                         False),
                        ('expiry-time="20991231",expiry-time="202001010000"',
                         False)):
        only(world, options)
        assert denied(server) != ok, options
    for seconds in (2, 10, 40):		# a machine may be busy
        end = int(time.time()) + seconds
        only(world, 'expiry-time="%s"' % time.strftime(
            "%Y%m%d%H%M%SZ", time.gmtime(end)))
        p = server.ssh("echo in")
        if p.returncode == 0:
            break
    assert p.stdout == b"in\n"
    time.sleep(max(0, end - time.time()) + 1.2)
    assert denied(server)


@pytest.mark.parametrize("options", [
    "no-such-option", "principals=\"x\"", "cert-authority", "pty,,pty",
    'command="a",command="b"', 'tunnel="x"', 'permitopen="nothing"'])
def test_key_is_refused(server, world, options):
    only(world, options)
    assert denied(server)
    assert "Accepted" not in server.log()
    for word in ("no-such-option", "nothing"):
        assert word not in server.log()


def test_each_line_has_its_own_options(server, world):
    world.authorize('command="echo one" ' + world.pub("ed25519"),
                    'no-pty ' + world.pub("rsa3072"),
                    world.pub("ecdsa256"))
    assert server.out("echo two") == "one\n"
    assert server.out("echo two", key="rsa3072") == "two\n"
    assert server.out("echo two", key="ecdsa256") == "two\n"


def test_a_later_line_of_the_same_key(server, world):
    """a line that refuses the key does not refuse the next"""
    world.authorize('from="10.0.0.1" ' + world.pub(),
                    'command="echo second" ' + world.pub(),
                    'command="echo third" ' + world.pub())
    assert server.out("true") == "second\n"


@pytest.mark.parametrize("query,sign,want", [
    ("f", "o", "free"), ("o", "f", "forced"), ("fof", "o", "free"),
    ("ofo", "f", "forced"), ("", "f", "forced"), ("ff", "f", "forced"),
    ("", "o", "free")])
def test_options_of_the_key_that_signed(server, world, query, sign, want):
    """CVE-2024-45337: not those of a key that was only asked about"""
    open_pub = world.stranger.with_suffix(".pub").read_text()
    world.authorize('command="echo forced" ' + world.pub(), open_pub)
    keys = {"f": sshraw.Key(world.keys["ed25519"]),
            "o": sshraw.Key(world.stranger)}
    c = sshraw.Client(server.connect()).start()
    c.service()
    for name in query:
        assert c.query(world.user, keys[name]) == sshraw.AUTH_PK_OK
    assert c.sign(world.user, keys[sign]) == sshraw.AUTH_SUCCESS
    c.open_session()
    assert c.exec("echo free")
    assert c.collect()[0] == want.encode() + b"\n"


@pytest.mark.parametrize("first,second,out,tty", [
    ("", "", b"none", True), ("no-pty", "", b"none", False),
    ("", "no-pty", b"none", False),
    ('command="echo c"', "no-pty", b"c", False),
    ("restrict", 'command="echo c"', b"c", False),
    ('command="echo c"', 'command="echo c"', b"c", False),
    ('command="echo c"', 'command="echo d"', None, False)])
def test_two_keys_are_both_obeyed(make_server, world, first, second, out,
                                  tty):
    """what AuthenticationMethods asks for adds up, and never lifts"""
    server = make_server(["AuthenticationMethods publickey,publickey"])
    world.authorize((first + " " + world.pub("ed25519")).strip(),
                    (second + " " + world.pub("rsa3072")).strip())
    for flag in ("-T", "-tt"):
        p = server.ssh(flag, "test -t 0 && echo tty || echo none",
                       opts=["IdentityFile=%s" % world.keys["rsa3072"]])
        if out is None:
            assert p.returncode == DENIED and p.stdout == b""
            server.wait_log("^error: the options of two keys contradict")
        elif flag == "-T":
            assert p.stdout.strip() == out, (p.stderr, server.log())
        else:
            assert (b"tty" in p.stdout) == tty, (p.stderr, server.log())


# --- AuthorizedKeysCommand -------------------------------------------------

@pytest.fixture
def command(world, tmp_path_factory):
    """command(script): a program that only root can write"""
    if not ROOT:
        pytest.skip("needs root")

    def make(script, mode=0o755, name="keys"):
        folder = pathlib.Path("/run/e2e-keys")
        folder.mkdir(mode=0o755, exist_ok=True)
        path = folder / name
        path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
        path.chmod(mode)
        world.authorize()
        return path
    return make


def lines(path, *more, user="bob"):
    return ["AuthorizedKeysCommand %s %s" % (path, " ".join(more)),
            "AuthorizedKeysCommandUser " + user]


@pytest.mark.root
def test_keys_command(make_server, world, command):
    path = command("echo '%s'\n" % world.pub())
    server = make_server(lines(path))
    world.authorize()
    assert server.out("echo in") == "in\n"
    assert denied(server, key="rsa3072")
    assert denied(server, user="nobody-here")


@pytest.mark.root
def test_keys_command_after_the_files(make_server, world, command):
    path = command("echo canary >&2; echo 'command=\"echo cmd\" %s'\n" %
                   world.pub())
    server = make_server(lines(path))
    only(world, 'command="echo file"')
    assert server.out("true") == "file\n"
    assert "canary" not in server.log()
    world.authorize()
    assert server.out("true") == "cmd\n"
    assert server.log().count("AuthorizedKeysCommand: canary") == 1


@pytest.mark.root
def test_keys_command_tokens(make_server, world, command):
    out = pathlib.Path("/run/e2e-keys/said")
    path = command('printf "%%s|" "$@" >&2; echo >&2\necho \'%s\'\n' %
                   world.pub())
    server = make_server(lines(path, "%u", "%U", "%h", "%t", "%f", "%k",
                               "%%", "'a b'", "%C", "x%uy"))
    world.authorize()
    assert server.out("echo in") == "in\n"
    entry = pwd.getpwnam(world.user)
    line = server.wait_log(r"^AuthorizedKeysCommand: (.*)$").group(1)
    got = line.split("|")
    kind, blob, _ = world.pub().split()
    assert got[:8] == [entry.pw_name, str(entry.pw_uid), entry.pw_dir, kind,
                       world.fingerprint(world.keys["ed25519"]), blob, "%",
                       "a b"]
    assert re.fullmatch(r"127\.0\.0\.1 %d 127\.0\.0\.1 \d+" % server.port,
                        got[8])
    assert got[9] == "x%sy" % world.user


@pytest.mark.root
def test_keys_command_without_arguments(make_server, world, command):
    path = command('echo "$# $1" >&2; echo \'%s\'\n' % world.pub())
    server = make_server(lines(path))
    world.authorize()
    assert server.out("echo in") == "in\n"
    server.wait_log("^AuthorizedKeysCommand: 1 %s$" % world.user)


@pytest.mark.root
def test_keys_command_is_its_user_and_nobody_else(make_server, world,
                                                  command):
    path = command("""\
        exec >&2
        echo ids $(id -u) $(id -g) $(id -G) .
        echo env $(env | sort | sed 's/=.*//' | tr '\\n' ' ') .
        echo cwd $(pwd) home $HOME user $USER umask $(umask) .
        echo fds $(cd /proc/self/fd; echo *) .
        echo stdin $(readlink /proc/$$/fd/0) .
        grep -E 'NoNewPrivs|SigBlk|SigIgn' /proc/$$/status | tr '\\n' ' '
        echo
        """)
    server = make_server(lines(path), env={"SECRET": "x",
                                           "LISTEN_FDS": "1"})
    world.authorize()
    assert denied(server)
    bob = pwd.getpwnam("bob")
    groups = run(["id", "-G", "bob"]).stdout.decode().strip()
    log = server.log()
    assert "ids %d %d %s ." % (bob.pw_uid, bob.pw_gid, groups) in log
    env = re.search(r"env (.*) \.$", log, re.M).group(1).split()
    assert set(env) <= {"PATH", "USER", "LOGNAME", "HOME", "LANG", "PWD",
                        "SHLVL", "_", "OLDPWD"}
    assert "cwd / home %s user bob umask 0022 ." % bob.pw_dir in log
    assert re.search(r"fds 0 1 2( 3)? \.$", log, re.M)
    assert "stdin /dev/null ." in log
    assert re.search(r"SigBlk:\\t0{16} SigIgn:\\t0{16} ", log)


@pytest.mark.root
@pytest.mark.parametrize("script,why", [
    ("echo '%s'; exit 3", r"AuthorizedKeysCommand \S+ failed, status 3"),
    ("echo '%s'; kill -9 $$",
     r"AuthorizedKeysCommand \S+ exited on signal 9"),
    ("echo 'no-such-option %s'",
     r"AuthorizedKeysCommand:1: key refused: bad key options"),
    ("echo 'from=\"10.0.0.1\" %s'",
     r"AuthorizedKeysCommand:1: Authentication tried for "),
    ("yes x; echo '%s'", r"AuthorizedKeysCommand \S+ said too much"),
])
def test_keys_command_fails(make_server, world, command, script, why):
    path = command(script % world.pub() + "\n")
    server = make_server(lines(path))
    world.authorize()
    assert denied(server)
    server.wait_log(why)


@pytest.mark.root
@pytest.mark.parametrize("how", ["mode", "owner", "folder", "absent",
                                 "user"])
def test_keys_command_that_others_could_write(make_server, world, command,
                                              how, request):
    path = command("echo '%s'\n" % world.pub())
    config = lines(path)
    want = "Unsafe AuthorizedKeysCommand"
    if how == "mode":
        path.chmod(0o775)
    elif how == "owner":
        os.chown(path, pwd.getpwnam("bob").pw_uid, 0)
    elif how == "folder":
        path.parent.chmod(0o777)
        request.addfinalizer(lambda: path.parent.chmod(0o755))
    elif how == "absent":
        config = lines(str(path) + "-not-there")
        want = "Could not stat AuthorizedKeysCommand"
    else:
        config = lines(path, user="nobody-at-all")
        want = 'AuthorizedKeysCommandUser "nobody-at-all" not found'
    server = make_server(config)
    world.authorize()
    assert denied(server)
    server.wait_log(want)


@pytest.mark.root
def test_files_of_a_group(make_server, world, tmp_path_factory):
    """a file that the account reads by a supplementary group only"""
    folder = pathlib.Path("/run/e2e-group")
    folder.mkdir(mode=0o755, exist_ok=True)
    groups = [int(g) for g in run(["id", "-G", world.user]).stdout.split()]
    primary = pwd.getpwnam(world.user).pw_gid
    others = [g for g in groups if g != primary]
    if not others:
        pytest.skip("%s is in one group only" % world.user)
    path = folder / "keys"
    path.write_text(world.pub() + "\n")
    os.chown(path, 0, others[0])
    path.chmod(0o640)
    server = make_server(["AuthorizedKeysFile %s" % path])
    assert server.out("echo in") == "in\n"
    os.chown(path, 0, 0)
    assert denied(server)
    server.wait_log("Could not open user '%s' authorized keys '%s': "
                    "Permission denied" % (world.user, path))


@pytest.mark.root
def test_wildcards_in_file_names(make_server, world):
    folder = pathlib.Path("/run/e2e-glob")
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / ("%s.a" % world.user)).write_text("# none\n")
    (folder / ("%s.b" % world.user)).write_text(world.pub() + "\n")
    server = make_server(["AuthorizedKeysFile %s/%%u.*" % folder])
    assert server.out("echo in") == "in\n"
    assert denied(server, user="bob")


@pytest.mark.root
def test_root_with_forced_commands_only(make_server, world):
    server = make_server(["PermitRootLogin forced-commands-only"])
    world.authorize(world.pub("ed25519"),
                    'command="echo job" ' + world.pub("rsa3072"),
                    user="root")
    assert denied(server, user="root")
    server.wait_log(r"^ROOT LOGIN REFUSED FROM 127\.0\.0\.1 port \d+$")
    assert server.out("echo x", user="root", key="rsa3072") == "job\n"
    server.wait_log(r"^Root login accepted for forced command\.$")
