"""passwords - what the tests of password logins share: accounts' hashes,
PAM services of our own, and stock clients that type.

All of it happens to the private /etc of tests/e2e/run.
"""
import ctypes
import ctypes.util
import pathlib
import pwd
import stat
import time

from harness import PATIENCE, client_env, run

SHADOW = pathlib.Path("/etc/shadow")
# Cheap to compute: what is tested is not crypt(3).
SALT = "$6$rounds=1000$e2etestsalt$"
# Its two seconds a failure are not what is tested.
PAM_UNIX = """
auth required pam_unix.so nullok nodelay
account required pam_unix.so
password required pam_unix.so nullok
session required pam_unix.so
"""


def crypt(password, salt=SALT):
    lib = ctypes.CDLL(ctypes.util.find_library("crypt"))
    lib.crypt.restype = ctypes.c_char_p
    made = lib.crypt(password.encode(), salt.encode())
    assert made and not made.startswith(b"*"), made
    return made.decode()


def edit_shadow(user, **fields):
    """set fields of an account's line, by their names in shadow(5)"""
    names = ("name hash changed min max warn inactive expire "
             "reserved").split()
    lines = SHADOW.read_text().splitlines()
    for i, line in enumerate(lines):
        parts = line.split(":")
        if parts[0] != user:
            continue
        for name, value in fields.items():
            parts[names.index(name)] = str(value)
        lines[i] = ":".join(parts)
    # In place: the file is a bind mount.
    SHADOW.write_text("\n".join(lines) + "\n")


def set_password(user, password):
    edit_shadow(user, hash=crypt(password), changed=19000, max=99999,
                expire="")


def pam_service(name, text=PAM_UNIX):
    path = pathlib.Path("/etc/pam.d") / name
    path.write_text(text)
    return name


def askpass(world, *answers):
    """an environment in which ssh types these, one after the other"""
    folder = world.dir / "askpass"
    folder.mkdir(exist_ok=True, mode=0o755)
    for old in folder.iterdir():
        old.unlink()
    for i, answer in enumerate(answers):
        (folder / ("answer.%d" % i)).write_text(answer + "\n")
    script = folder / "askpass"
    script.write_text(
        "#!/bin/sh\ncd '%s' || exit 1\nprintf '%%s\\n---\\n' \"$1\" >> asked\n"
        "for f in answer.*; do\n[ -e \"$f\" ] || exit 1\n"
        "cat \"$f\"; rm \"$f\"; exit 0\ndone\n" % folder)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    env = client_env()
    env.update({"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force"})
    return env


def asked(world):
    """the prompts that ssh has put, in order"""
    path = world.dir / "askpass" / "asked"
    text = path.read_text() if path.exists() else ""
    return [t.rstrip("\n") for t in text.split("---\n") if t]


def ssh(server, *args, answers=(), methods="password", user=None, opts=(),
        key=None, **kw):
    """stock ssh with BatchMode off that types what it is told to"""
    world = server.world
    env = askpass(world, *answers)
    argv = server.ssh_argv(*args, user=user, key=key, opts=(
        "BatchMode=no", "PreferredAuthentications=" + methods,
        "NumberOfPasswordPrompts=%d" % max(1, len(answers)), *opts))
    return run(argv, env=env, **kw)


def plink(server, command, password, user=None, **kw):
    world = server.world
    key = world.hostkeys["ed25519"]
    return run(["plink", "-batch", "-ssh", "-P", server.port, "-l",
                user or world.user, "-pw", password, "-hostkey",
                world.fingerprint(key), server.address, command], **kw)


def wait_until(what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def uid_of(user):
    return pwd.getpwnam(user).pw_uid
