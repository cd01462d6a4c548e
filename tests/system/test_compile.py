"""The path unit and the image under a real systemd."""
import pathlib

import pytest

from conftest import run, ssh, wait_for

pytestmark = pytest.mark.usefixtures("systemd")
CONFIG = pathlib.Path("/etc/ssh/sshd_config")
PARTS = pathlib.Path("/etc/ssh/sshd_config.d")


def keygen(*options):
    return run("/usr/sbin/sshd-conn-keygen", *options, check=False)


def current():
    return keygen("--check").returncode == 0


@pytest.fixture(scope="module")
def watched(systemd):
    text = CONFIG.read_text()
    run("systemctl", "start", "sshd-conn.socket")
    wait_for(current, "the first image")
    yield text
    CONFIG.write_text(text)
    wait_for(current, "the image at the end")
    run("systemctl", "reset-failed", "sshd-conn-compile.service",
        check=False)
    # As others expect to find it: nothing listens, no oneshot has run.
    run("systemctl", "stop", "sshd-conn.socket", "sshd-conn-keygen.service")


def test_units_verify(systemd):
    done = run("systemd-analyze", "--man=no", "verify",
               "sshd-conn-compile.path", "sshd-conn-compile.service",
               check=False)
    bad = [line for line in done.stderr.splitlines()
           if "sshd-conn-compile" in line]
    assert not bad


def test_the_socket_brings_the_watch_along(watched):
    state = run("systemctl", "is-active", "sshd-conn-compile.path")
    assert state.stdout.strip() == "active"


def test_every_edit_is_compiled(watched):
    for number in range(12):		# more than systemd's start limit
        CONFIG.write_text("%s\n# %d\n" % (watched, number))
        wait_for(current, "the image of edit %d" % number)
    new = CONFIG.with_suffix(".new")
    new.write_text(watched + "\nMaxSessions 3\n")
    new.rename(CONFIG)
    wait_for(lambda: "\nmaxsessions 3\n" in keygen("--print").stdout,
             "the renamed file's image")


def test_new_file_in_the_directory(watched):
    PARTS.mkdir(exist_ok=True)
    CONFIG.write_text("Include %s/*.conf\n%s" % (PARTS, watched))
    wait_for(current, "the image with the Include")
    part = PARTS / "x.conf"
    part.write_text("MaxSessions 4\n")
    try:
        wait_for(lambda: "\nmaxsessions 4\n" in keygen("--print").stdout,
                 "the image with the new file")
    finally:
        part.unlink()


def test_wrong_text_is_in_the_journal_and_people_get_in(watched):
    CONFIG.write_text(watched + "\nNonsense yes\n")
    line = CONFIG.read_text().count("\n")
    text = "%s:%d:1: " % (CONFIG, line)
    wait_for(lambda: text in run("journalctl", "-b", "--no-pager", "-t",
                                 "sshd-conn-keygen").stdout, "the error")
    assert ssh(22, "echo in").stdout == "in\n"
    text = "%s line %d: " % (CONFIG, line)
    wait_for(lambda: text in run("journalctl", "-b", "--no-pager", "-t",
                                 "sshd").stdout, "the connection's line")
    CONFIG.write_text(watched)
    wait_for(current, "the mended file's image")
    wait_for(lambda: run("systemctl", "is-failed",
                         "sshd-conn-compile.service",
                         check=False).stdout.strip() != "failed",
             "the unit to recover")


def test_a_key_that_was_taken_away_stays_away(watched):
    key = pathlib.Path("/etc/ssh/ssh_host_ecdsa_key")
    saved = key.read_bytes()
    key.unlink()
    wait_for(current, "the image without the key")
    assert not key.exists()
    key.write_bytes(saved)
    key.chmod(0o600)
    wait_for(current, "the image with the key")
