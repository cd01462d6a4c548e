"""The options of sshd, given to sshd -t and -T and to ours.

Exit statuses are the same; what is said for a wrong command line is too, and
so is what -T prints, but for the lists of algorithms (test_compare.py has
those).  None of it reaches the machine: images go into a throw-away place.
"""

import os
import socket
import subprocess

import pytest

from test_compare import ONLY_OURS, ONLY_THEIRS, OUR_IPQOS, parse

ALGORITHMS = {"ciphers", "macs", "kexalgorithms", "casignaturealgorithms",
              "hostkeyalgorithms", "pubkeyacceptedalgorithms",
              "hostbasedacceptedalgorithms"}
SPEC = ["-C", "user=root,host=h,addr=192.0.2.1,laddr=192.0.2.2,lport=22"]


@pytest.fixture(name="place")
def make_place(host_key, tmp_path):
    (tmp_path / "c").write_text("HostKey %s\n" % host_key, encoding="utf-8")
    (tmp_path / "match").write_text(
        "HostKey %s\nPort 44\nAddressFamily inet6\nLogLevel ERROR\n"
        "LoginGraceTime 7\nMatch all\nLogLevel VERBOSE\n" % host_key,
        encoding="utf-8")
    (tmp_path / "bad").write_text("Frob 1\n", encoding="utf-8")
    return tmp_path


def run(program, options, place):
    return subprocess.run(
        [program, *options], cwd=place, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C",
             "STATE_DIRECTORY": str(place), "RUNTIME_DIRECTORY": str(place)})


def settings(text):
    table = parse(text)
    # Newer defaults, other programs; see DIFFERENCES of the manual.
    return {k: v for k, v in table.items() if k not in ALGORITHMS | ONLY_OURS
            and not k.startswith(ONLY_THEIRS) and v != OUR_IPQOS
            and v != ["ipqos lowdelay throughput"]
            and k not in ("versionaddendum", "channeltimeout")}


SAME = """
-4|-6|-4 -6|-6 -4|-4 -o AddressFamily=inet6|-b 1024|-b x|-k 5|-D|-i|-e|-u0
-p 2222|-p 22 -p 33|-p ssh|-p 66 -o ListenAddress=::1
-p 66 -o ListenAddress=[::1]:55|-o Port=33|-o Banner=/x -o Banner=/y
-g 30|-g 0|-g 1h30|-g 30 -o LoginGraceTime=20|-o LoginGraceTime=20 -g 30
-h key|-h key -h other|-c key|-q|-d|-dd|-ddd|-dddd|-d -q|-q -d
-q -o LogLevel=INFO|-C user=root|-C user=root -C host=h,addr=192.0.2.9|-C
""".strip().replace("\n", "|").split("|")


@pytest.mark.parametrize("more", [[], SPEC], ids=["all", "one"])
@pytest.mark.parametrize("file", ["c", "match"])
@pytest.mark.parametrize("options", SAME)
def test_dump(options, file, more, sshd, server, place):
    words = options.split() + ([""] if options == "-C" else [])
    their = run(sshd, ["-T", "-f", file, *words, *more], place)
    our = run(server, ["-T", "-f", file, *words, *more], place)
    assert (our.returncode, their.returncode) == (0, 0), our.stderr
    assert settings(our.stdout) == settings(their.stdout)
    assert list(settings(our.stdout)) == list(settings(their.stdout))


def test_stock_file(sshd, server, place):
    """What this machine has, its sshd_config.d included."""
    # By its name: ours looks below $(sysconfdir), wherever that is.
    file = "/etc/ssh/sshd_config"
    if not os.path.exists(file):
        pytest.skip("no " + file)
    their, our = (run(p, ["-T", "-f", file, *SPEC], place)
                  for p in (sshd, server))
    assert (our.returncode, their.returncode) == (0, 0), our.stderr
    assert settings(our.stdout) == settings(their.stdout)


WRONG = """
-Z|-v|-b|-f|-o|-p 0|-p 65536|-p x|-g x|-g -3|-u 66|extra|-C frob=1|-C user
-C lport=x|-C lport=70000|-C user=root|-o Frob=1|-o X11Forwarding
-o X11Forwarding=maybe|-o Match=all|-o Include=/x|-f /nonexistent|-f bad
-E /nonexistent/x|-R|-g x extra|-p 0 -Z|-Z -p 0
""".strip().replace("\n", "|").split("|")
# There the two speak of other things, or each in its own words.
OWN_WORDS = ("-o X11Forwarding=maybe", "-o Match=all", "-o Include=/x",
             "-f bad", "-R")


@pytest.mark.parametrize("options", WRONG)
def test_refused(options, sshd, server, place):
    first = [] if "-f" in options else ["-f", "c"]
    their = run(sshd, ["-t", *first, *options.split()], place)
    our = run(server, ["-t", *first, *options.split()], place)
    assert our.returncode == their.returncode != 0
    assert our.stdout == their.stdout == ""
    if options not in OWN_WORDS:
        assert our.stderr.split("\n")[0] == their.stderr.split("\n")[0]
    assert ("usage: " in our.stderr) == ("usage: " in their.stderr)


@pytest.mark.parametrize("options", [
    "-V", "-V -Z", "-u x", "-u -1", "-u 65", "-u 67", "-r", "-Q", "-f none",
    "-f c -t -T -t", "-f c -h /nonexistent", "-o #x"])
def test_taken(options, sshd, server, place):
    first = [] if "-f" in options else ["-f", "c"]
    for program in (sshd, server):
        got = run(program, ["-t", *first, *options.split()], place)
        if options != "-f none":
            assert got.returncode == 0, got.stderr


def test_what_has_no_effect_is_said(server, place):
    got = run(server, ["-t", "-f", "c", "-4", "-p", "2022", "-r"], place)
    assert got.returncode == 0
    for text in ("-p has no effect here: ", "[Socket]\nListenStream=\n"
                 "ListenStream=0.0.0.0:2022\n", "-4 and -6 ", "-r is "):
        assert text in got.stderr


@pytest.mark.parametrize("name, other", [
    ("log.%p.%P.%%", None), ("plain", "plain"), ("%x", "%x")])
def test_log_file(name, other, server, place):
    """-E, for what -t has to say."""
    got = run(server, ["-t", "-f", "bad", "-E", name], place)
    assert (got.returncode, got.stderr) == (255, "")
    found = place / other if other else next(place.glob("log.*"))
    assert other or found.name.split(".")[1].isdigit()
    assert other or found.name.split(".")[2:] == ["sshd", "%"]
    assert '"Frob" is not a keyword' in found.read_text(encoding="utf-8")


def test_a_full_disk_is_no_success(server, place):
    with open("/dev/full", "wb") as full:
        got = subprocess.run([server, "-T", "-f", "c"], stdout=full,
                             stderr=subprocess.DEVNULL, cwd=place,
                             check=False)
    assert got.returncode == 111


def test_explained(server, place, host_key):
    got = run(server, ["-T", "--explain", "-f", "match", "-p", "5", "-g", "9",
                       "-h", "key"], place)
    assert "# an option\nport 5\n" in got.stdout
    assert "# an option\nlogingracetime 9\n" in got.stdout
    assert "# an option, match:1\nhostkey %s/key\nhostkey %s\n" % (
        place, host_key) in got.stdout


@pytest.mark.parametrize("options", ["-Z", "-p 0", "-t extra", "-C x"])
def test_a_client_hears_nothing_of_it(options, server, place):
    """Under inetd, fd 2 is the connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        got = subprocess.run([server, *options.split()], stdin=theirs,
                             stdout=theirs, stderr=theirs, cwd=place,
                             check=False)
        theirs.close()
        assert got.returncode in (1, 255)
        assert ours.recv(100) == b""
