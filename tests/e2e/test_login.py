"""From the accepted login to the first prompt: root directory, auth info,
rc files, greetings, nologin, what PAM adds (features.md section 7)."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

import paramiko
import pytest
import sshraw
from harness import PATIENCE, ROOT, SERVER, run, sanitized
from passwords import PAM_UNIX, edit_shadow, pam_service, set_password
from passwords import ssh as typing_ssh

LOGIN_STOPPED = 254
USED_SEC = 2


@pytest.fixture
def etc():
    """/etc, a copy that the test may write"""
    if not ROOT:
        pytest.skip("needs root")
    copy = pathlib.Path(os.environ["E2E_DIR"]) / "etc-copy"
    run(["cp", "-a", "/etc", copy], check=True)
    run(["mount", "--bind", copy, "/etc"], check=True)
    yield pathlib.Path("/etc")
    run(["umount", "-l", "/etc"], check=True)
    shutil.rmtree(copy)


@pytest.fixture
def home_file(world):
    """write(name, text): a file of the user's that goes with the test"""
    made = []

    def write(name, text, mode=0o644):
        path = world.home() / name
        path.write_text(text)
        path.chmod(mode)
        if ROOT:
            entry = pwd.getpwnam(world.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        made.append(path)
        return path

    yield write
    for path in made:
        path.unlink()


def terminal(server, typed="exit\n", *args, **kw):
    """what a shell on a terminal writes"""
    p = server.ssh("-tt", *args, input=typed.encode(), **kw)
    return p.stdout.decode().replace("\r\n", "\n"), p.returncode


# --- ChrootDirectory


@pytest.fixture
def jail(request):
    """a root directory with a shell and its libraries, and no /dev"""
    if not ROOT:
        pytest.skip("needs root")
    root = pathlib.Path(os.environ["E2E_DIR"]) / "jail"
    for name in ("sh", "id", "cat", "ls", "pwd", "env", "tty", "stat"):
        path = pathlib.Path(shutil.which(name))
        needs = re.findall(r"(/\S+) \(0x", run(["ldd", path]).stdout.decode())
        for one in [str(path), *needs]:
            target = root / one[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy(one, target)
    # the users' shell and a login's PATH, wherever these come from
    for name in ("bin", "usr/bin"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for path in [*(root / "usr/bin").iterdir(), *(root / "bin").iterdir()]:
        for folder in (root / "bin", root / "usr/bin"):
            if not (folder / path.name).exists():
                shutil.copy(path, folder / path.name)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "mark").write_text("inside\n")
    (root / "proc").mkdir()
    if sanitized():     # LeakSanitizer looks for its threads there
        run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    yield root
    for server in request.node.servers:
        server.wait_gone()
    run(["umount", "-l", root / "proc"])
    shutil.rmtree(root)


@pytest.mark.root
def test_chroot(make_server, jail):
    server = make_server(["ChrootDirectory %s" % jail])
    p = server.ssh("cat /mark; pwd; id -u; ls -a /")
    assert p.returncode == 0, server.log()
    lines = p.stdout.decode().split()
    assert lines[:3] == ["inside", "/", "4201"]
    assert "home" not in lines and "mark" in lines
    # a home that is not in there is nothing to speak of
    assert p.stderr == b""
    server.wait_log(r'^Changed root directory to "%s"' % jail)


@pytest.mark.root
def test_chroot_with_a_home(make_server, jail, world):
    inside = jail / str(world.home())[1:]
    (inside / ".ssh").mkdir(parents=True)
    (inside / ".ssh/rc").write_text("echo rc of the jail\n")
    server = make_server(["ChrootDirectory %s" % jail])
    out = server.out("pwd; echo $HOME")
    assert out == "rc of the jail\n%s\n%s\n" % (world.home(), world.home())


@pytest.mark.root
def test_chroot_tokens(make_server, jail, world):
    base = jail.parent / "jails"
    base.mkdir()
    jail.rename(base / "%alice-4201")
    try:
        server = make_server(["ChrootDirectory %s/%%%%%%u-%%U" % base])
        assert server.out("cat /mark") == "inside\n"
    finally:
        (base / "%alice-4201").rename(jail)
        base.rmdir()


@pytest.mark.root
def test_chroot_for_some(make_server, jail, world):
    world.authorize_all("bob")
    server = make_server()
    match_user(server, "alice", "ChrootDirectory %s" % jail)
    assert server.out("cat /mark") == "inside\n"
    assert server.ssh("cat /mark", user="bob").returncode == 1


@pytest.mark.root
def test_chroot_has_terminals(make_server, jail):
    """the terminal comes from outside, as OpenSSH's does"""
    server = make_server(["ChrootDirectory %s" % jail])
    out, status = terminal(server, "", "test -t 0; echo $? $SSH_TTY; "
                           "stat -c '%u %a' /proc/self 2>&1; ls /dev")
    tty = re.match(r"0 (/dev/pts/\d+)\n", out)
    assert tty, out
    server.wait_gone()
    who = run(["who", "-a"]).stdout.decode()
    assert tty[1][5:] in who


@pytest.mark.root
def test_chroot_terminal_is_the_users(make_server, jail, session):
    server = make_server(["ChrootDirectory %s" % jail])
    p = subprocess.Popen(server.ssh_argv("-tt", "echo $SSH_TTY; cat"),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    tty = p.stdout.readline().strip().decode()
    st = os.stat(tty)
    assert st.st_uid == 4201 and st.st_mode & 0o777 in (0o600, 0o620)
    p.communicate(b"\x04")


@pytest.mark.root
def test_chroot_and_descriptors(make_server, jail):
    """threats 68: none leads out"""
    run(["mount", "-t", "proc", "proc", jail / "proc"], check=True)
    server = make_server(["ChrootDirectory %s" % jail])
    assert server.out("ls /proc/$$/fd; true").split() == ["0", "1", "2"]
    # nor has the role itself a directory of outside
    out = server.out("ls -l /proc/$PPID/cwd /proc/$PPID/fd 2>&1; true")
    assert "/run/e2e" not in out
    run(["umount", "-l", jail / "proc"], check=True)


@pytest.mark.root
@pytest.mark.parametrize("change,words", [
    ("chmod g+w .", r'bad ownership or modes for chroot directory "%s"'),
    ("chmod o+w .", r'bad ownership or modes for chroot directory "%s"'),
    ("chown 4201 .", r'bad ownership or modes for chroot directory "%s"'),
    ("chmod o+w ..",
     r'bad ownership or modes for chroot directory component "/run/e2e/"'),
    ("mv ../jail ../jail.away", r'stat\("%s"\): No such file or directory'),
])
def test_chroot_that_is_refused(make_server, jail, change, words):
    undo = {"g+w": "chmod g-w .", "o+w": "chmod o-w .",
            "4201": "chown 0 ."}.get(change.split()[1],
                                      "mv ../jail.away ../jail")
    if change.endswith(".."):
        undo += "."
    server = make_server(["ChrootDirectory %s" % jail])
    server.exits = {111}
    run(["sh", "-c", change], cwd=jail, check=True)
    try:
        p = server.ssh("cat /mark; echo in")
    finally:
        run(["sh", "-c", undo], cwd="/run/e2e/jail.away" if "mv" in undo
            else jail, check=True)
    assert p.returncode == 255 and p.stdout == b""
    server.wait_log("^fatal: " + (words % jail if "%s" in words else words))


@pytest.mark.root
def test_chroot_into_a_trap(make_server, jail):
    """a link of root's to a place that is somebody else's"""
    link = jail.parent / "trap"
    link.symlink_to("/run/e2e/home/alice")
    try:
        server = make_server(["ChrootDirectory %s" % link])
        server.exits = {111}
        assert server.ssh("echo in").stdout == b""
        server.wait_log("^fatal: bad ownership or modes for chroot dir")
    finally:
        link.unlink()


@pytest.mark.single
def test_no_chroot_without_root(make_server):
    server = make_server(["ChrootDirectory /"])
    server.exits = {111}
    assert server.ssh("echo in").stdout == b""
    server.wait_log("^fatal: server lacks privileges to chroot to "
                    "ChrootDirectory")


# --- ExposeAuthInfo


def test_auth_info(make_server, world):
    server = make_server(["ExposeAuthInfo yes"])
    out = server.out("echo $SSH_USER_AUTH; stat -c '%U %a' $SSH_USER_AUTH; "
                     "cat $SSH_USER_AUTH")
    name, owner, *lines = out.splitlines()
    assert re.fullmatch(r"/tmp/sshauth\.[A-Za-z0-9]{15}", name)
    assert owner == world.user + " 600"
    key = " ".join(world.pub().split()[:2])
    assert lines == ["publickey " + key]
    server.wait_gone()
    assert not os.path.exists(name)


def test_auth_info_is_one_file(make_server, login):
    server = make_server(["ExposeAuthInfo yes"])
    c = login(server)
    names = set()
    for n in range(3):
        remote = c.open_session(number=n)
        assert c.exec("echo $SSH_USER_AUTH", channel=remote)
        names.add(c.collect()[0])
    assert len(names) == 1
    c.close()


def test_no_auth_info_by_default(server):
    assert server.out("echo x$SSH_USER_AUTH") == "x\n"


@pytest.mark.root
def test_auth_info_in_a_chroot(make_server, jail):
    server = make_server(["ExposeAuthInfo yes", "ChrootDirectory %s" % jail])
    assert server.out("cat $SSH_USER_AUTH").startswith("publickey ssh-ed")
    (jail / "tmp").chmod(0o755)
    # without room for it the login goes on
    assert server.out("echo x$SSH_USER_AUTH") == "x\n"
    server.wait_log(r"^error: user alice: ExposeAuthInfo: mkstemp: Perm")


# --- rc files


@pytest.fixture
def rc(home_file, etc):
    """both rc files; each says which it is"""
    home_file(".ssh/rc", "echo user-rc $SSH_ORIGINAL_COMMAND; cat\n")
    (etc / "ssh/sshrc").write_text("echo system-rc; cat\n")


@pytest.mark.root
@pytest.mark.parametrize("config,option,first", [
    ([], "", "user-rc"),
    (["PermitUserRC no"], "", "system-rc"),
    ([], "no-user-rc", "system-rc"),
    ([], "restrict", "system-rc"),
    ([], "restrict,user-rc", "user-rc"),
    (["ForceCommand echo cmd"], "", "system-rc"),
    ([], 'command="echo cmd"', "user-rc echo cmd"),
    (["ForceCommand echo cmd"], 'command="echo no"', "system-rc"),
])
def test_rc_files(make_server, world, rc, config, option, first):
    server = make_server(config)
    world.authorize((option + " " if option else "") + world.pub())
    assert server.out("echo cmd") == first + "\ncmd\n"


@pytest.mark.root
def test_rc_of_a_subsystem(make_server, rc):
    server = make_server(["Subsystem hello echo cmd"])
    p = server.ssh("-s", "hello")
    assert p.stdout == b"system-rc\ncmd\n"


@pytest.mark.root
def test_rc_gets_no_input(server, rc):
    """its cat sees the end at once; the command's input is whole"""
    p = server.ssh("cat", input=b"for the command\n")
    assert p.stdout == b"user-rc cat\nfor the command\n" or \
        p.stdout == b"user-rc\nfor the command\n"


# --- greetings and nologin


@pytest.mark.root
def test_motd(make_server, etc, home_file):
    (etc / "motd").write_text("message of today\n")
    server = make_server()
    assert "message of today\n" in terminal(server)[0]
    assert server.ssh(input=b"exit\n").stdout == b""
    assert "today" not in terminal(server, "", "true")[0]
    assert "today" not in terminal(make_server(["PrintMotd no"]))[0]
    home_file(".hushlogin", "")
    assert "today" not in terminal(server)[0]


@pytest.mark.root
def test_last_login_is_not_always_told(make_server):
    server = make_server(["PrintLastLog no"])
    for _ in range(2):
        assert "Last login" not in terminal(server)[0]


@pytest.mark.root
def test_nologin(make_server, etc, world):
    (etc / "nologin").write_text("closed until noon\n")
    server = make_server()
    p = server.ssh("echo in")
    assert (p.returncode, p.stdout, p.stderr) == \
        (LOGIN_STOPPED, b"", b"closed until noon\n")
    server.wait_log(r"^User alice not allowed because /etc/nologin exists$")
    out, status = terminal(server)
    assert status == LOGIN_STOPPED and "closed until noon\n" in out
    world.authorize_all("root")
    try:
        assert server.out("echo in", user="root") == "in\n"
    finally:
        world.authorized_keys("root").unlink()


# --- what PAM adds


@pytest.fixture
def pam(etc, make_server, world):
    """pam(session lines, config): a server with that PAM service"""
    def make(lines, config=(), **kw):
        (etc / "pam.d/sshd-test").write_text(
            "auth required pam_permit.so\naccount required pam_permit.so\n"
            "password required pam_deny.so\n" + "".join(
                "session " + line + "\n" for line in lines))
        return make_server(["UsePAM yes", "PAMServiceName sshd-test",
                            *config], **kw)
    return make


@pytest.mark.root
def test_pam_text(pam, etc, home_file):
    """pam_motd and its like: before "Last login", on a shell only"""
    (etc / "welcome").write_text("welcome to %H\n")
    server = pam(["optional pam_echo.so file=/etc/welcome"],
                 ["PrintMotd no"])
    terminal(server)
    server.wait_gone()
    out = terminal(server)[0]
    # what was typed may be echoed between the two
    assert re.search(r"welcome to 127\.0\.0\.1\s+(exit\s+)?Last login: ",
                     out), out
    p = server.ssh(input=b"exit\n")
    assert b"welcome to" in p.stdout
    p = server.ssh("echo cmd")
    assert p.stdout == b"cmd\n" and b"welcome" not in p.stderr
    assert "welcome" not in terminal(server, "", "echo cmd")[0]
    home_file(".hushlogin", "")
    assert "welcome" not in terminal(server)[0]


@pytest.mark.root
def test_pam_umask(pam):
    assert pam(["required pam_umask.so umask=0027"]).out("umask").endswith(
        "027\n")


@pytest.mark.root
@pytest.mark.parametrize("spawner,ours", [(0o022, "022"), (0, "022"),
                                          (0o077, "077"), (0o002, "022")])
def test_umask(make_server, spawner, ours):
    """the spawner's, but never writable for others"""
    server = make_server(umask=spawner)
    assert server.out("umask").endswith(ours + "\n")


@pytest.mark.root
def test_pam_limits(pam, etc):
    (etc / "limits").write_text("alice hard nofile 333\nalice - core 0\n"
                                "alice - nice 0\nalice - priority 3\n")
    server = pam(["required pam_limits.so conf=/etc/limits"])
    assert server.out("ulimit -n; nice") == "333\n3\n"
    # set for the process that becomes the user's, not left for the next
    assert server.out("ulimit -n") == "333\n"


@pytest.mark.root
def test_pam_environment(pam, etc, home_file):
    """later wins: the client's, the account's, PAM's, SetEnv's, ours"""
    (etc / "env").write_text(
        "A=pam\nB=pam\nMAIL=pam\nPATH=/pam:/usr/bin:/bin\nSSH_TTY=pam\n"
        "SSH_AUTH_INFO_9=pam\nSSH_CONNECTION_X=pam\nSSH_CLIENT=pam\n")
    home_file(".ssh/environment", "A=file\nC=file\nSSH_CLIENT=file\n")
    server = pam(["required pam_env.so readenv=1 envfile=/etc/env "
                  "user_readenv=0 conffile=/dev/null"],
                 ["AcceptEnv A B C D", "SetEnv B=set SSH_CONNECTION=set",
                  "PermitUserEnvironment yes"])
    p = server.ssh("env", opts=["SetEnv=A=client B=client C=client D=client"])
    got = dict(line.split("=", 1) for line in p.stdout.decode().splitlines())
    assert {k: got.get(k) for k in "ABCD"} == {
        "A": "pam", "B": "set", "C": "file", "D": "client"}
    assert got["MAIL"] == "pam" and got["PATH"].startswith("/pam:")
    assert "SSH_AUTH_INFO_9" not in got and "SSH_CONNECTION_X" not in got
    assert got["SSH_CLIENT"].startswith("127.0.0.1 ")
    assert got["SSH_CONNECTION"].startswith("127.0.0.1 ")
    assert got.get("SSH_TTY") in (None, "pam")


@pytest.mark.root
def test_pam_does_not_say_nologin(pam, etc):
    """with PAM, /etc/nologin is pam_nologin's"""
    (etc / "nologin").write_text("closed\n")
    assert pam([]).out("echo in") == "in\n"


@pytest.mark.root
def test_pam_session_that_fails(pam, etc):
    """as with OpenSSH: accepted, told, and nothing runs"""
    (etc / "why").write_text("no session today\n")
    server = pam(["optional pam_echo.so file=/etc/why",
                  "required pam_deny.so"])
    p = server.ssh("echo in")
    assert (p.returncode, p.stdout) == (LOGIN_STOPPED, b"no session today\n")
    server.wait_log(r"^error: PAM: pam_open_session\(\): ")
    server.wait_log(r"^Accepted publickey for alice from ")
    p = server.ssh("-W127.0.0.1:%d" % server.port)
    assert p.returncode == 255 and p.stdout == b""
    server.wait_log(r"refused local port forward")


@pytest.mark.root
def test_pam_in_a_container(pam, etc):
    """no audit, no loginuid: Debian's own lines, and a login all the same"""
    server = pam(["required pam_loginuid.so", "optional pam_keyinit.so force "
                  "revoke", "optional pam_systemd.so", "required pam_env.so",
                  "required pam_limits.so", "required pam_unix.so"])
    assert server.out("echo in") == "in\n"


def contained_ssh(server, *args):
    """through a server that has a container's rights: no word with audit,
    and a login uid that is somebody's already"""
    start = ("echo 7 >/proc/self/loginuid; exec %s -i -f %s -E %s" %
             (SERVER, server.config, server.dir / "log.99"))
    setpriv = ("setpriv --bounding-set=-audit_control,-audit_write,"
               "-sys_nice,-sys_resource,-mac_admin --no-new-privs "
               "sh -c '%s'" % start)
    argv = server.ssh_argv(*args, opts=["ProxyCommand=" + setpriv])
    return run(argv)


@pytest.mark.root
@pytest.mark.parametrize("rule,status", [("optional", 0),
                                         ("required", LOGIN_STOPPED)])
def test_pam_in_a_container_that_denies(pam, etc, rule, status):
    """what the administrator's lines call optional is survived, and what
    they require is not; either is logged"""
    if not os.path.exists("/proc/self/loginuid"):
        pytest.skip("this kernel has no audit")
    (etc / "limits").write_text("alice - nice -5\nalice - nofile 99999999\n")
    server = pam([rule + " pam_loginuid.so", "optional pam_keyinit.so force "
                  "revoke", "optional pam_limits.so conf=/etc/limits",
                  "optional pam_systemd.so", "required pam_unix.so"])
    p = contained_ssh(server, "echo in; cat /proc/self/loginuid")
    assert (p.returncode, p.stdout) == (status, b"in\n7" if status == 0
                                        else b""), p.stderr
    log = server.log()
    assert "Accepted publickey for alice from" in log
    if status != 0:
        assert "error: PAM: pam_open_session(): " in log


# --- passwords: failed ones in btmp, expired ones changed


def lastb():
    return run(["lastb", "-i", "-f", "/var/log/btmp"]).stdout.decode()


@pytest.fixture(params=["shadow", "pam"])
def passwords(request, etc):
    """the configuration; alice's password is "old secret" """
    pam_service("e2e-unix", PAM_UNIX)
    (etc / "pam.d/passwd").write_text(PAM_UNIX)
    set_password("alice", "old secret")
    return ["UsePAM no"] if request.param == "shadow" else \
        ["UsePAM yes", "PAMServiceName e2e-unix"]


@pytest.mark.root
def test_btmp(make_server, passwords, etc):
    btmp = pathlib.Path("/var/log/btmp")
    btmp.write_bytes(b"")
    server = make_server(passwords)
    for user in ("alice", "nobody-here"):
        typing_ssh(server, "true", answers=["wrong"], user=user)
    # keys are tried by the dozen: those are no record's worth
    server.ssh("true", key=str(server.world.stranger))
    lines = [line.split()[:3] for line in lastb().splitlines()]
    assert [line for line in lines if line[:1] != ["btmp"] and line] == [
        ["nobody-h", "ssh:notty", "127.0.0.1"],
        ["alice", "ssh:notty", "127.0.0.1"]], lastb()


@pytest.mark.root
@pytest.mark.parametrize("how", ["mode", "gone", "link", "read-only"])
def test_btmp_that_cannot_be(make_server, passwords, how):
    btmp = pathlib.Path("/var/log/btmp")
    victim = btmp.with_name("victim")
    btmp.unlink()
    if how != "gone":
        victim.touch(0o600)
    if how == "link":
        btmp.symlink_to(victim)
    elif how != "gone":
        victim.rename(btmp)
    if how == "mode":
        btmp.chmod(0o644)
    if how == "read-only":
        run(["mount", "-o", "remount,ro", "/var/log"], check=True)
    try:
        server = make_server(passwords)
        p = typing_ssh(server, "echo in", answers=["wrong", "old secret"])
        assert p.stdout == b"in\n"
        # nor do the other records keep anybody out
        assert terminal(server)[1] == 0
        if how == "gone":
            assert not btmp.exists()
        elif how != "read-only":
            assert btmp.stat().st_size == 0
        if how == "mode":
            server.wait_log(r"^Excess permission or bad ownership on file "
                            r"/var/log/btmp$")
    finally:
        run(["mount", "-o", "remount,rw", "/var/log"], check=True)
        btmp.unlink(missing_ok=True)
        victim.unlink(missing_ok=True)
        btmp.touch(0o600)


class Typist:
    """paramiko with a terminal: waits for words, types an answer"""

    def __init__(self, server, password):
        transport = paramiko.Transport(server.connect())
        transport.start_client()
        transport.auth_password(server.world.user, password)
        self.transport, self.seen = transport, ""
        self.channel = transport.open_session()
        self.channel.settimeout(PATIENCE)
        self.channel.get_pty()
        self.channel.invoke_shell()

    def until(self, pattern, answer=None):
        while not re.search(pattern, self.seen, re.I):
            data = self.channel.recv(4096)
            assert data, self.seen
            self.seen += data.decode()
        seen, self.seen = self.seen, ""
        if answer is not None:
            self.channel.send((answer + "\n").encode())
        return seen


@pytest.mark.root
def test_expired_password(make_server, passwords, home_file):
    """passwd(1) instead of the shell; then the new one is good"""
    home_file(".ssh/rc", "echo rc ran\n")
    edit_shadow("alice", changed=0)
    server = make_server(passwords)
    t = Typist(server, "old secret")
    said = t.until("current.*password:", "old secret")
    assert "WARNING: Your password has expired." in said
    assert "You must change your password now and login again!" in said
    assert "rc ran" not in said
    t.until("new password:", "Qy7_another.one")
    t.until("new password:", "Qy7_another.one")
    assert t.channel.recv_exit_status() == 0
    t.transport.close()
    p = typing_ssh(server, "echo in", answers=["Qy7_another.one"])
    assert p.stdout == b"rc ran\nin\n", p.stderr


@pytest.mark.root
def test_expired_password_without_a_terminal(make_server, passwords):
    edit_shadow("alice", changed=0)
    server = make_server(passwords)
    p = typing_ssh(server, "echo in", answers=["old secret"])
    assert p.returncode == 1 and p.stdout == b""
    assert b"WARNING: Your password has expired." in p.stderr
    assert b"Password change required but no TTY available." in p.stderr
    p = typing_ssh(server, "-W127.0.0.1:%d" % server.port,
                   answers=["old secret"])
    assert p.returncode == 255 and p.stdout == b""
    server.wait_log(r"refused local port forward")


@pytest.mark.root
def test_warned_ahead(make_server, home_file):
    """without PAM: on the first terminal, unless the user wants no
    greetings; of the password only where one was asked for"""
    set_password("alice", "old secret")
    today = int(time.time()) // 86400
    edit_shadow("alice", changed=today - 85, max=90, warn=7,
                expire=today + 1)
    password = "Your password will expire in 5 days.\r\n"
    account = "Your account will expire in 1 day.\r\n"
    server = make_server(["UsePAM no"])
    try:
        t = Typist(server, "old secret")
        assert account + password in t.until("[$#] $")
        t.transport.close()
        p = typing_ssh(server, "echo in", answers=["old secret"])
        assert p.stdout == b"in\n" and b"expire" not in p.stderr
        said, _ = terminal(server)
        assert account.replace("\r", "") in said and "password" not in said
        home_file(".hushlogin", "")
        assert "expire" not in terminal(server)[0]
    finally:
        set_password("alice", "old secret")


# --- what net keeps for the user


def tos(server):
    """the mark on what the server sends, of the one connection there is"""
    out = run(["ss", "-Htno", "--tos", "state", "established",
               "sport = :%d" % server.port]).stdout.decode()
    return int(re.search(r"\btos:(0x[0-9a-f]+|0)", out)[1], 0) & ~3


@pytest.mark.root
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_ip_qos(make_server, login, address):
    """by the kind of session; a terminal makes it interactive for good"""
    server = make_server(["IPQoS af21 cs1"], address=address)
    c = login(server)
    first = c.open_session(number=0)
    assert c.exec("cat", channel=first)
    assert tos(server) == 0x20
    for n, terminal_ in ((1, True), (2, False)):
        remote = c.open_session(number=n)
        if terminal_:
            c.request("pty-req", sshraw.string("x"), bytes(16),
                      sshraw.string(""), channel=remote)
            assert c.channel_reply()
        assert c.exec("cat", channel=remote)
        assert tos(server) == 0x48
    c.close()


@pytest.mark.root
def test_ip_qos_none(make_server, login):
    server = make_server(["IPQoS none"])
    c = login(server)
    c.open_session()
    assert c.exec("cat")
    assert tos(server) == 0
    c.close()


def match_user(server, user, *lines):
    """a Match block behind all that the harness has written"""
    with server.config.open("a") as f:
        f.write("Match User %s\n%s\n" % (user, "\n".join(lines)))


@pytest.mark.parametrize("matched", [False, True])
def test_unused_connection(make_server, world, matched):
    line = "UnusedConnectionTimeout %d" % USED_SEC
    server = make_server([] if matched else [line])
    if matched:
        match_user(server, world.user, line)
    start = time.monotonic()
    assert server.ssh("-N").returncode == 255
    assert USED_SEC - 0.2 < time.monotonic() - start < USED_SEC + PATIENCE
    server.wait_log(r"^terminating inactive connection from user %s \S+ "
                    r"port \d+$" % world.user)
    assert server.out("sleep %g; echo in" % (1.5 * USED_SEC)) == "in\n"


@pytest.mark.parametrize("line,ok", [
    ("ChannelTimeout direct-*=60 session:comm*=1", False),
    ("ChannelTimeout session:shell=1 x=1", True)])
def test_idle_channel(make_server, world, line, ok):
    server = make_server()
    match_user(server, world.user, line)
    if ok:
        p = server.ssh("sleep 1.6; echo in; exit 23")
        assert (p.returncode, p.stdout) == (23, b"in\n")
        return
    start = time.monotonic()
    # it waits for input until that is closed for it
    idle, held = os.pipe()
    try:
        p = server.ssh("cat; echo in; exit 23", stdin=idle)
    finally:
        os.close(idle), os.close(held)
    assert (p.returncode, p.stdout) == (255, b"")
    assert 0.9 < time.monotonic() - start < PATIENCE
    server.wait_log(r"^channel 0: closing after 1 seconds of inactivity$")


def test_client_alive_for_one_user(make_server, login, world):
    """threats 56: what stands in a Match block is in force, not only shown"""
    server = make_server()
    match_user(server, world.user, "ClientAliveInterval 1",
               "ClientAliveCountMax 1")
    c = login(server)
    start = time.monotonic()
    while True:
        try:
            c.read()        # keepalives are not answered
        except sshraw.Closed:
            break
    assert time.monotonic() - start < PATIENCE
    server.wait_log(r"^Timeout, client not responding from user ")
    c.close()
