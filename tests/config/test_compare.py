"""sshd -T -C of Debian's OpenSSH 9.2 and ours, keyword by keyword.

CONFIG_TEST_COUNT (default 300) configurations, each for five connections.
The differences that are meant stand in this file and in
sshd-conn_config(5), DIFFERENCES.
"""

import os
import random
import subprocess

import pytest

import generate

COUNT = int(os.environ.get("CONFIG_TEST_COUNT", "300"))
SPECS = 5

# Not printed by both: GSSAPI and Kerberos are Debian's additions or not
# built in; the others are newer than 9.2.
ONLY_THEIRS = ("gssapi", "kerberos")
ONLY_OURS = {"pamservicename", "persourcepenalties", "refuseconnection",
             "persourcepenaltyexemptlist"}
# The default became "ef cs0" in a later OpenSSH.
OUR_IPQOS, THEIR_IPQOS = ["ipqos ef cs0"], ["ipqos lowdelay throughput"]


def run(arguments, directory):
    return subprocess.run(arguments, cwd=directory, capture_output=True,
                          text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


def parse(text):
    """Lines by keyword, and the keywords in order."""
    table = {}
    for one in text.splitlines():
        table.setdefault(one.split(" ")[0], []).append(one)
    return table


def theirs(sshd, path, spec, directory, more):
    got = run([sshd, "-T", "-f", path] + (
        ["-C", spec] if spec else []) + more, directory)
    table = {k: v for k, v in parse(got.stdout).items()
             if not k.startswith(ONLY_THEIRS)}
    # "none" is printed after a Match, but not without one.
    if table.get("channeltimeout") == ["channeltimeout none"]:
        del table["channeltimeout"]
    return got, table


def ours(dump, path, spec, directory, more):
    got = run([dump, "-f", path] + (
        ["-C", spec] if spec else []) + more, directory)
    table = {k: v for k, v in parse(got.stdout).items()
             if k not in ONLY_OURS}
    return got, table


def compare(sshd, dump, path, spec, directory, more=()):
    more = list(more)
    their_run, their = theirs(sshd, path, spec, directory, more)
    our_run, our = ours(dump, path, spec, directory, more)
    refused = their_run.returncode != 0
    assert (our_run.returncode != 0) == refused, (
        "sshd: %s\nours: %s" % (their_run.stderr, our_run.stderr))
    if refused:
        return
    if our.get("ipqos") == OUR_IPQOS and their.get("ipqos") == THEIR_IPQOS:
        del our["ipqos"], their["ipqos"]
    assert our == their
    assert list(our) == list(their), "another order"


@pytest.mark.parametrize("number", range(COUNT))
def test_generated(number, sshd, dump, host_key, tmp_path):
    r = random.Random(number)
    files = generate.Files(r, str(tmp_path), host_key)
    for _ in range(SPECS):
        compare(sshd, dump, files.main, generate.spec(r), str(tmp_path))


def test_nothing_known_of_the_connection(sshd, dump, host_key, tmp_path):
    path = tmp_path / "c"
    path.write_text("HostKey %s\nX11Forwarding yes\nMatch all\n"
                    "X11Forwarding no\nMatch user a\nPermitTTY no\n"
                    % host_key, encoding="utf-8")
    compare(sshd, dump, str(path), None, str(tmp_path))


def test_stock_file(sshd, dump, tmp_path):
    if not os.path.exists("/etc/ssh/sshd_config"):
        pytest.skip("no /etc/ssh/sshd_config")
    compare(sshd, dump, "/etc/ssh/sshd_config", None, str(tmp_path))
