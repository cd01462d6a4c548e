"""keyboard-interactive: PAM's questions, texts, second factors, tallies and
expired passwords, from stock clients and from a raw one."""
import asyncio
import contextlib
import os

import pytest
import sshraw
from harness import PATIENCE, need, run
from passwords import (PAM_UNIX, asked, edit_shadow, pam_service,
                       plink, set_password, ssh, uid_of)

pytestmark = [pytest.mark.root, pytest.mark.ours]
GOOD = "correct horse"
KBD = "keyboard-interactive"
CONFIG = ["UsePAM yes", "PAMServiceName e2e-kbd",
          "PasswordAuthentication no"]


def module(name):
    for folder in ("/lib/x86_64-linux-gnu/security", "/lib/security",
                   "/lib64/security", "/usr/lib/security"):
        if os.path.exists(folder + "/" + name):
            return
    pytest.skip(name + " is not installed")


@pytest.fixture
def service():
    def make(before="", after="", unix=PAM_UNIX):
        return pam_service("e2e-kbd", before + unix + after)
    make()
    set_password("alice", GOOD)
    return make


def test_stock_ssh(make_server, service):
    server = make_server([*CONFIG, "Banner none"])
    p = ssh(server, "id -u", answers=[GOOD], methods=KBD)
    assert p.stdout.decode().strip() == str(uid_of("alice")), p.stderr
    assert asked(server.world) == ["(alice@e2e) Password: "]
    server.wait_log(r"^Postponed keyboard-interactive for alice from "
                    r"127\.0\.0\.1 port \d+ ssh2 \[preauth\]$")
    server.wait_log(r"^Accepted keyboard-interactive/pam for alice from "
                    r"127\.0\.0\.1 port \d+ ssh2$")


@pytest.mark.parametrize("user", ["alice", "nobody-here"])
def test_wrong(make_server, service, user):
    server = make_server(CONFIG)
    right = GOOD if user != "alice" else "wrong"
    p = ssh(server, "echo in", answers=[right], methods=KBD, user=user)
    assert p.returncode == 255 and p.stdout == b""
    invalid, illegal = (("", "") if user == "alice" else
                        ("invalid user ", "illegal user "))
    server.wait_log(r"^error: PAM: (Authentication failure|User not known to "
                    r"the underlying authentication module) for %s%s from "
                    r"127\.0\.0\.1$" % (illegal, user))
    server.wait_log(r"^Failed keyboard-interactive/pam for %s%s from "
                    r"127\.0\.0\.1 port \d+ ssh2$" % (invalid, user))


def test_root_may_not(make_server, service):
    set_password("root", GOOD)
    server = make_server([*CONFIG, "PermitRootLogin prohibit-password"])
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD, user="root")
    assert p.returncode == 255 and p.stdout == b""
    server = make_server([*CONFIG, "PermitRootLogin yes"])
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD, user="root")
    edit_shadow("root", hash="*")
    assert p.stdout == b"in\n", p.stderr


def test_texts_and_two_questions(make_server, service):
    """what modules say stands before what they ask next, or alone"""
    module("pam_echo.so")
    service(before="auth optional pam_echo.so first words\n",
            unix="auth required pam_unix.so\n"
                 "auth optional pam_echo.so last words\n"
                 "account required pam_unix.so\n"
                 "session required pam_unix.so\n")
    server = make_server(CONFIG)
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD,
            opts=["LogLevel=INFO"])
    assert p.stdout == b"in\n", p.stderr
    assert asked(server.world) == [
        "(alice@e2e) first words\nPassword: "]
    assert b"last words" in p.stderr, p.stderr


def test_second_factor(make_server, service):
    """a time-based code behind the password, for real"""
    module("pam_oath.so")
    need("oathtool")
    secret = "00112233445566778899aabbccddeeff00112233"
    users = "/run/e2e/users.oath"
    with open(users, "w") as f:
        f.write("HOTP/T30 alice - %s\n" % secret)
    os.chmod(users, 0o600)
    service(after="auth required pam_oath.so usersfile=%s window=5\n" % users)
    # pam_oath does not free what the conversation gave it
    server = make_server(CONFIG, env={"ASAN_OPTIONS": "detect_leaks=0"})

    def code(when="now"):
        return run(["oathtool", "--totp", "--now", when,
                    secret]).stdout.decode().strip()
    p = ssh(server, "echo in", answers=[GOOD, "000000"], methods=KBD)
    assert p.returncode == 255
    p = ssh(server, "echo in", answers=["wrong", code()], methods=KBD)
    assert p.returncode == 255
    # A code counts once: those two used up the present one, or not.  The
    # window lets a clock be ahead of ours.
    p = ssh(server, "echo in", answers=[GOOD, code()], methods=KBD)
    if p.returncode:
        p = ssh(server, "echo in", answers=[GOOD, code("now + 40 seconds")],
                methods=KBD)
    assert p.stdout == b"in\n", p.stderr
    assert [a.split(") ")[1][:8] for a in asked(server.world)] == \
        ["Password", "One-time"]


def test_faillock(make_server, service):
    """after three wrong ones not even the right one will do"""
    module("pam_faillock.so")
    args = "dir=/run/e2e/faillock deny=3 unlock_time=600 nodelay"
    service(unix="auth required pam_faillock.so preauth %s\n"
                 "auth sufficient pam_unix.so nodelay\n"
                 "auth [default=die] pam_faillock.so authfail %s\n"
                 "account required pam_faillock.so %s\n"
                 "account required pam_unix.so\n"
                 "session required pam_unix.so\n" % (args, args, args))
    server = make_server([*CONFIG, "MaxAuthTries 10"])
    assert ssh(server, "echo in", answers=[GOOD],
               methods=KBD).stdout == b"in\n"
    p = ssh(server, "echo in", answers=["a", "b", "c", GOOD], methods=KBD)
    assert p.returncode == 255
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD)
    assert p.returncode == 255
    tally = run(["faillock", "--dir", "/run/e2e/faillock", "--user",
                 "alice"]).stdout.decode()
    assert tally.count("RHOST") == 3 and "127.0.0.1" in tally, tally
    run(["faillock", "--dir", "/run/e2e/faillock", "--user", "alice",
         "--reset"])
    assert ssh(server, "echo in", answers=[GOOD],
               methods=KBD).stdout == b"in\n"


def test_who_hangs_up_has_not_failed(make_server, service):
    """nobody is locked out by closing the window that asks"""
    module("pam_faillock.so")
    args = "dir=/run/e2e/faillock-gone deny=2 unlock_time=600 nodelay"
    service(unix="auth required pam_faillock.so preauth %s\n"
                 "auth sufficient pam_unix.so nodelay\n"
                 "auth [default=die] pam_faillock.so authfail %s\n"
                 "account required pam_unix.so\n"
                 "session required pam_unix.so\n" % (args, args))
    server = make_server(CONFIG)
    for _ in range(4):
        c = start(server)
        prompt(c)
        c.close()
        server.wait_gone()
    assert ssh(server, "echo in", answers=[GOOD],
               methods=KBD).stdout == b"in\n"


def test_expired_password_is_changed(make_server, service):
    """in the conversation, before the login goes on"""
    new = "battery Staple 9"
    # pam_unix moves a new shadow file into place; ours is mounted there.
    service(unix="auth required pam_unix.so\n"
                 "account required pam_unix.so\n"
                 "password required pam_exec.so expose_authtok quiet "
                 "/run/e2e/change\n"
                 "session required pam_unix.so\n")
    with open("/run/e2e/change", "w") as f:
        f.write("#!/bin/sh\necho changed >> /run/e2e/changed\n")
    os.chmod("/run/e2e/change", 0o755)
    edit_shadow("alice", changed=0)
    server = make_server(CONFIG)
    p = ssh(server, "echo in", answers=[GOOD, new, new], methods=KBD)
    edit_shadow("alice", changed=19000)
    assert p.stdout == b"in\n", (p.stderr, server.log())
    assert os.path.exists("/run/e2e/changed")


def test_not_changed_not_in(make_server, service):
    service(unix="auth required pam_unix.so nodelay\n"
                 "account required pam_unix.so\n"
                 "password requisite pam_deny.so\n"
                 "session required pam_unix.so\n")
    edit_shadow("alice", changed=0)
    server = make_server(CONFIG)
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD)
    edit_shadow("alice", changed=19000)
    assert p.returncode == 255 and p.stdout == b""


@pytest.mark.parametrize("way", ["key", "password"])
def test_expired_password_with_another_method(make_server, service, way):
    """nothing runs but passwd, and that wants a terminal"""
    edit_shadow("alice", changed=0)
    server = make_server(["UsePAM yes", "PAMServiceName e2e-kbd"])
    if way == "key":
        p = server.ssh("echo in")
    else:
        p = ssh(server, "echo in", answers=[GOOD])
    edit_shadow("alice", changed=19000)
    assert p.stdout.find(b"in\n") < 0 and p.returncode != 0
    assert b"Password change required but no TTY available" in \
        p.stdout + p.stderr


def test_account_denied(make_server, service):
    service(after="account required pam_deny.so\n")
    server = make_server(CONFIG)
    p = ssh(server, "echo in", answers=[GOOD], methods=KBD)
    assert p.returncode == 255
    p = server.ssh("echo in")
    assert p.returncode == 255
    server.wait_log(r"^fatal: Access denied for user alice by PAM account "
                    r"configuration \[preauth\]$")


def test_module_that_changes_the_user(make_server, service, world):
    """threats 30: PAM_USER must stay who logs in"""
    if not os.path.exists("/usr/bin/gcc"):
        pytest.skip("no compiler")
    source, lib = "/run/e2e/evil.c", "/run/e2e/pam_evil.so"
    with open(source, "w") as f:
        f.write("#include <security/pam_modules.h>\n"
                "#define TAKE(f) int f(pam_handle_t *h, int a, int b, "
                "const char **c) { (void)a; (void)b; (void)c; "
                "return pam_set_item(h, PAM_USER, \"bob\"); }\n"
                "TAKE(pam_sm_authenticate) TAKE(pam_sm_acct_mgmt)\n"
                "int pam_sm_setcred(pam_handle_t *h, int a, int b, "
                "const char **c) { (void)h; (void)a; (void)b; (void)c; "
                "return PAM_SUCCESS; }\n")
    assert run(["gcc", "-shared", "-fPIC", "-o", lib,
                source]).returncode == 0
    for kind in ("auth", "account"):
        service(after="%s required %s\n" % (kind, lib))
        server = make_server(CONFIG)
        p = ssh(server, "id -un", answers=[GOOD], methods=KBD)
        assert p.returncode == 255 and p.stdout == b"", kind
        server.wait_log("PAM: a module changed the user; login refused")


def test_plink(make_server, service):
    need("plink")
    server = make_server(CONFIG)
    assert plink(server, "echo in", GOOD).stdout == b"in\n"


def test_paramiko(make_server, service):
    paramiko = pytest.importorskip("paramiko")
    server = make_server(CONFIG)
    t = paramiko.Transport((server.address, server.port))
    t.start_client()
    seen = []

    def answer(title, instructions, prompts):
        seen.extend(prompts)
        return [GOOD for _ in prompts]
    t.auth_interactive("alice", answer)
    assert t.is_authenticated() and seen == [("Password: ", False)]
    t.close()


def test_asyncssh(make_server, service):
    asyncssh = pytest.importorskip("asyncssh")
    server = make_server(CONFIG)

    async def go():
        async with asyncssh.connect(
                server.address, server.port, username="alice", password=GOOD,
                known_hosts=None, client_keys=None, config=None,
                preferred_auth=KBD) as conn:
            return (await conn.run("echo in")).stdout
    assert asyncio.run(go()) == "in\n"


# --- a raw client ------------------------------------------------------------

INFO_REQUEST, INFO_RESPONSE = 60, 61


def start(server, devices=b"", user="alice"):
    c = sshraw.Client(server.connect())
    c.start().service()
    ask(c, devices, user)
    return c


def ask(c, devices=b"", user="alice"):
    c.auth(user, KBD, sshraw.string(b""), sshraw.string(devices))


def prompt(c):
    """the texts and prompts of the INFO_REQUEST that comes"""
    r = sshraw.Reader(c.expect(INFO_REQUEST))
    name, instruction, _ = r.string(), r.string(), r.string()
    assert name == b""
    return instruction, [(r.string(), r.byte()) for _ in range(r.u32())]


def answer(c, *answers, count=None):
    c.send(sshraw.msg(INFO_RESPONSE, sshraw.u32(
        len(answers) if count is None else count),
        *[sshraw.string(a) for a in answers]))


def failed(c):
    """(methods, partial) of the FAILURE that comes"""
    r = sshraw.Reader(c.expect(sshraw.AUTH_FAILURE))
    return r.string().decode(), bool(r.byte())


@pytest.mark.parametrize("answers", [
    (), (GOOD, GOOD), (GOOD.encode() + b"\0",), (GOOD.encode() + b"\0x",),
    ("x" * 1025,), ("x" * 20000,), ("",), (b"\xff\xfe",)])
def test_answers_that_do_not_fit(make_server, service, answers):
    """threats 32: a failure, and counted"""
    server = make_server([*CONFIG, "MaxAuthTries 3"])
    c = start(server)
    assert prompt(c) == (b"", [(b"Password: ", 0)])
    answer(c, *answers)
    assert failed(c) == ("publickey,keyboard-interactive", False)
    ask(c)
    prompt(c)
    answer(c, *answers)
    failed(c)
    ask(c)
    prompt(c)
    answer(c, *answers)
    with pytest.raises(sshraw.Disconnected):
        c.read()


@pytest.mark.parametrize("count", [2, 0xffffffff, 0x40000001])
def test_more_answers_told_of_than_there_are(make_server, service, count):
    server = make_server(CONFIG)
    c = start(server)
    prompt(c)
    answer(c, GOOD, count=count)
    with pytest.raises(sshraw.Disconnected) as e:
        c.read()
    assert e.value.code == 2


def test_answers_that_nobody_asked_for(make_server, service):
    """UNIMPLEMENTED, before a question and after its answer"""
    server = make_server(CONFIG)
    c = sshraw.Client(server.connect())
    c.start().service()
    answer(c, GOOD)
    c.expect(sshraw.UNIMPLEMENTED, skip=())
    ask(c)
    prompt(c)
    answer(c, "wrong")
    answer(c, GOOD)
    failed(c)
    c.expect(sshraw.UNIMPLEMENTED)
    ask(c)
    prompt(c)
    answer(c, GOOD)
    c.expect(sshraw.AUTH_SUCCESS)
    answer(c, GOOD)
    c.expect(sshraw.UNIMPLEMENTED, skip=(sshraw.GLOBAL_REQUEST,
                                         sshraw.EXT_INFO))


@pytest.mark.parametrize("devices,there", [
    (b"", True), (b"pam", True), (b"skey,pam", True), (b"pam," * 9999, True),
    (b"pa", False), (b"pamx", False), (b"skey", False), (b",", False)])
def test_devices(make_server, service, devices, there):
    """threats 29: a name that is there often is there once"""
    server = make_server([*CONFIG, "MaxAuthTries 2"])
    c = start(server, devices)
    if there:
        prompt(c)
        answer(c, "wrong")
    failed(c)
    ask(c, devices)
    if there:
        prompt(c)
        answer(c, "wrong")
    with pytest.raises(sshraw.Disconnected):
        c.read()


def test_given_up(make_server, service, world):
    """threats 31: another method in the middle, at each step"""
    server = make_server(["UsePAM yes", "PAMServiceName e2e-kbd",
                          "MaxAuthTries 3"])
    key = sshraw.Key(world.keys["ed25519"])
    for again in range(3):
        c = start(server)
        for _ in range(again):
            prompt(c)
            ask(c)
        prompt(c)
        # Nobody has answered: nothing was tried.
        assert c.sign("alice", key) == sshraw.AUTH_SUCCESS
        c.close()
    c = start(server)
    prompt(c)
    c.auth("alice", "password", sshraw.boolean(False), sshraw.string(GOOD))
    assert c.auth_reply() == sshraw.AUTH_SUCCESS


def test_another_user_in_the_middle(make_server, service):
    """threats 30"""
    server = make_server(CONFIG)
    c = start(server)
    prompt(c)
    ask(c, user="bob")
    with pytest.raises(sshraw.Disconnected) as e:
        c.read()
    assert "Change of username or service not allowed" in e.value.text


def test_gone_in_the_middle(make_server, service):
    server = make_server(CONFIG)
    c = start(server)
    prompt(c)
    c.close()
    server.wait_log(r"^Connection (closed|reset) by authenticating user alice")
    server.wait_gone()


def test_new_keys_in_the_middle(make_server, service):
    """a question may wait for long: keys are made anew meanwhile"""
    server = make_server(CONFIG)
    c = start(server)
    prompt(c)
    c.rekey()
    answer(c, GOOD)
    c.expect(sshraw.AUTH_SUCCESS)


def test_grace_time_and_a_peer_that_thinks(make_server, service):
    for grace in (1, 8, 30):		# a machine may be busy
        server = make_server([*CONFIG, "LoginGraceTime %d" % grace])
        with contextlib.suppress(sshraw.Closed):
            c = start(server)
            prompt(c)
            break
    else:
        pytest.fail("nobody was asked")
    c.wait_closed(grace + PATIENCE)
    server.wait_log("fatal: Timeout before authentication for 127.0.0.1")
    server.wait_gone()


def test_channel_in_the_middle(make_server, service):
    server = make_server(CONFIG)
    c = start(server)
    prompt(c)
    c.send(sshraw.msg(sshraw.OPEN, sshraw.string("session"), sshraw.u32(0),
                      sshraw.u32(1 << 21), sshraw.u32(32768)))
    with pytest.raises(sshraw.Disconnected):
        c.read()
