"""Every way to be executed with a connection, but for systemd's own units.

A spawner starts on a port of its own, a stock client logs in through it, data
goes both ways, and the log must name the right peer.
"""
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from conftest import (KEY, SERVER, listening, run, spawner_program, ssh,
                      ssh_argv, talk, wait_for)

pytestmark = pytest.mark.usefixtures("host_keys")
PORT = 2200
LOG = pathlib.Path("/run/spawner.log")
ARGS = ["-i", "-o", "UsePAM=no", "-E", str(LOG)]
COMMAND = " ".join([SERVER, *ARGS])
PAYLOAD = os.urandom(1 << 20)


def xinetd():
    text = pathlib.Path("/usr/share/sshd-conn/examples/xinetd.d/sshd-conn")
    service = text.read_text().replace(
        "server_args\t= -i", "server_args\t= " + " ".join(ARGS)).replace(
        "service ssh\n{", "service ssh\n{\n\ttype = UNLISTED\n\tport = %d"
        % PORT)
    conf = pathlib.Path("/run/xinetd.conf")
    conf.write_text("defaults\n{\n}\n" + service)
    return [spawner_program("xinetd"), "-dontfork", "-f", str(conf),
            "-pidfile", "/run/xinetd-test.pid"]


def inetd():
    text = pathlib.Path("/usr/share/sshd-conn/examples/inetd.conf")
    lines = [line for line in text.read_text().splitlines()
             if line.startswith("ssh") and " tcp " in line]
    assert len(lines) == 1
    conf = pathlib.Path("/run/inetd.conf")
    line = lines[0].replace("ssh", str(PORT), 1)
    assert line.endswith(" -i")
    conf.write_text(line[:-3] + " " + " ".join(ARGS) + "\n")
    return [spawner_program("inetd"), "-i", str(conf)]


def tcpserver():
    return [spawner_program("tcpserver"), "-HRDl0", "0", str(PORT),
            SERVER, *ARGS]


def activate(*options):
    return [spawner_program("systemd-socket-activate"), "--accept", *options,
            "-l", "127.0.0.1:%d" % PORT, SERVER, *ARGS]


def socat(options):
    return [spawner_program("socat"),
            "TCP4-LISTEN:%d,bind=127.0.0.1,fork,reuseaddr" % PORT,
            "EXEC:%s%s" % (COMMAND, options)]


SPAWNERS = {
    "xinetd": xinetd,
    "openbsd-inetd": inetd,
    "tcpserver": tcpserver,
    "socket-activate-inetd": lambda: activate("--inetd"),
    "socket-activate-fd3": activate,
    "socat-nofork": lambda: [
        arg.replace(",fork", "") for arg in socat(",nofork")],
    "socat-socketpair": lambda: socat(""),
    "socat-pipes": lambda: socat(",pipes"),
}


@pytest.fixture(params=SPAWNERS)
def spawner(request):
    """The super-server, running; nothing of it is left afterwards."""
    argv = SPAWNERS[request.param]()
    LOG.unlink(missing_ok=True)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "FOO": "spawner",
           "NOTIFY_SOCKET": "/run/none", "INVOCATION_ID": "0" * 32}
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=open("/run/spawner.stderr", "w"), env=env,
        start_new_session=True)
    try:
        wait_for(lambda: process.poll() is not None or listening(PORT),
                 request.param)
        assert process.poll() is None, "the spawner ended: " + pathlib.Path(
            "/run/spawner.stderr").read_text()
        yield process
    finally:
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        process.wait(60)
        run("pkill", "-x", "sshd", check=False)
        wait_for(lambda: not listening(PORT), "the port to be free")



def test_login_data_environment_and_log(spawner):
    script = ("id -un; echo $SSH_CONNECTION; env | cut -d= -f1 | xargs; "
              "ls -l /proc/self/fd | grep -c ' -> '; sha256sum; "
              "head -c 1048576 /dev/zero")
    done = subprocess.run(
        [*ssh_argv(PORT), script], input=PAYLOAD, capture_output=True,
        timeout=60)
    assert done.returncode == 0, done.stderr + LOG.read_bytes()
    name, connection, names, fds, sha, zeros = done.stdout.split(b"\n", 5)
    assert name == b"alice"
    assert sha.split()[0].decode() == hashlib.sha256(PAYLOAD).hexdigest()
    assert zeros == bytes(1 << 20)
    # 0, 1, 2 and the directory itself; the pipe's other end is not there.
    assert int(fds) == 4
    leak = re.compile(rb"\b(LISTEN_\w+|REMOTE_\w+|TCP\w+|SOCAT_\w+|PROTO|FOO|"
                      rb"NOTIFY_SOCKET|INVOCATION_ID)\b")
    assert not leak.findall(names)
    address, port = connection.decode().split()[:2]
    assert address == "127.0.0.1" and port.isdigit()
    text = wait_for(lambda: LOG.exists() and LOG.read_text(), "the log")
    assert re.search(r"Accepted publickey for alice from 127\.0\.0\.1 port "
                     + port + " ssh2: ED25519 SHA256:", text), text


def test_nothing_but_the_protocol_on_the_wire(spawner):
    """fd 2 is the socket under inetd and xinetd: it is never written to."""
    said = talk(PORT, b"GET / HTTP/1.0\r\n\r\n")
    assert said.startswith(b"SSH-2.0-")
    assert b"port" not in said and b"Bad protocol" not in said


def test_no_process_is_left(spawner):
    ssh(PORT, "true")

    def gone():
        # socat,nofork became the server: reap it, and it must have ended well.
        assert spawner.poll() in (None, 0)
        return not run("pgrep", "-x", "sshd", check=False).stdout

    wait_for(gone, "the server's processes to end")


INETD = """\
import os, socket
listener = socket.create_server(("127.0.0.1", %d))
for _ in range(2):
    conn, _peer = listener.accept()
    if os.fork() == 0:
        for fd in (0, 1, 2):
            os.dup2(conn.fileno(), fd)
        os.execv(%r, %r)
    conn.close()
"""


def test_debug_to_stderr_that_is_the_socket(host_keys):
    """inetd's fd 2 with -e and debug: the client logs in, and sees none."""
    inner = [SERVER, "-i", "-e", "-o", "UsePAM=no", "-o", "LogLevel=DEBUG3"]
    parent = subprocess.Popen(
        [sys.executable, "-c", INETD % (PORT, SERVER, inner)])
    try:
        wait_for(lambda: listening(PORT), "the port")
        assert ssh(PORT, "echo in").stdout == "in\n"
        said = talk(PORT, b"GET / HTTP/1.0\r\n\r\n")
    finally:
        parent.kill()
        parent.wait(60)
    assert said.startswith(b"SSH-2.0-")
    assert b"debug" not in said


def proxy_login(command):
    return run("ssh", "-F", "none", "-i", KEY, "-o", "IdentitiesOnly=yes",
               "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
               "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
               "-o", "ProxyCommand=" + command, "alice@pipe",
               "id -un; echo $SSH_CONNECTION")


def test_proxy_command_on_two_pipes(host_keys):
    """ssh gives its ProxyCommand a pipe for each direction."""
    LOG.unlink(missing_ok=True)
    done = proxy_login(COMMAND)
    assert done.stdout.splitlines()[0] == "alice"
    assert "UNKNOWN" in done.stdout.splitlines()[1]
    assert ("Accepted publickey for alice from UNKNOWN port 65535 ssh2"
            in LOG.read_text())


def test_proxy_command_logs_to_stderr(host_keys):
    """fd 2 that is not the connection is written to with -e."""
    done = proxy_login(SERVER + " -i -e -o UsePAM=no")
    assert done.stdout.startswith("alice\n")
    assert "Accepted publickey for alice" in done.stderr


def test_a_peer_that_hangs_up_at_once(host_keys):
    """On pipes, before it says anything: exit 0, the peer's fault."""
    done = subprocess.run([SERVER, *ARGS], input=b"", capture_output=True,
                          timeout=60)
    assert done.returncode == 0, LOG.read_text()
    assert done.stdout.startswith(b"SSH-2.0-")
