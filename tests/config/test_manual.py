"""sshd-conn_config(5) and the table of keywords say the same."""

import os
import re
import shutil
import subprocess

import pytest

MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "man",
                      "sshd-conn_config.5")


@pytest.fixture(scope="module")
def table(dump):
    got = subprocess.run([dump, "-k"], capture_output=True, text=True,
                         check=True)
    return [line.split("\t") for line in got.stdout.splitlines()]


@pytest.fixture(scope="module")
def manual():
    with open(MANUAL, encoding="utf-8") as f:
        return f.read()


def section(manual, name):
    return re.search(r"^\.Sh %s$(.*?)^\.Sh " % name, manual, re.M | re.S)[1]


def test_every_spelling_is_there(table, manual):
    words = {w.lower() for line in manual.splitlines()
             if line.startswith((".Cm ", ".It Cm ", "Cm "))
             for w in re.split(r"[ ,]+", line)}
    missing = [name for name, _, _, _ in table if name not in words and
               not name.startswith(("gssapi", "kerberos"))]
    assert not missing


def test_state(table, manual):
    listed = re.findall(r"^\.Cm (\w+)", section(manual, "NOT YET IN FORCE"),
                        re.M)
    meant = {name for _, name, state, _ in table
             if state in ("not-yet", "not-enforced")}
    assert sorted(listed) == sorted(meant)
    replaced = section(manual, "KEYWORDS OF THE SERVICE MANAGER").lower()
    assert not [name for name, _, state, _ in table
                if state in ("replaced", "refused") and name not in replaced
                and not name.startswith(("gssapi", "kerberos"))]


def test_where_it_may_stand(table, manual):
    described = {}
    for part in section(manual, "KEYWORDS").split("\n.It Cm ")[1:]:
        name, text = part.split("\n", 1)
        described[name] = text
    for spelling, name, state, place in table:
        if name.lower() != spelling or name not in described:
            continue
        says_global = re.search(r"^Global\.$", described[name], re.M)
        assert bool(says_global) == (place == "global"), name


@pytest.mark.parametrize("name", ["sshd-conn.8", "sshd-conn_config.5",
                                  "sshd-conn-keygen.8"])
def test_lint(name):
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc")
    got = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                          os.path.join(os.path.dirname(MANUAL), name)],
                         capture_output=True, text=True, check=False)
    assert got.stdout == ""
