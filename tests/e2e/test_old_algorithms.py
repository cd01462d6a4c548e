"""Algorithms that are built in and not in this suite's usual lists: the group
exchange, SHA-1, UMAC and CBC, each with the stock client; what of them is
offered when the configuration says nothing; and groups out of ModuliFile."""
import re
import subprocess

import pytest
import sshraw

KEX = ("diffie-hellman-group-exchange-sha256 "
       "diffie-hellman-group-exchange-sha1 diffie-hellman-group14-sha1 "
       "diffie-hellman-group1-sha1").split()
CBC = "aes128-cbc aes192-cbc aes256-cbc 3des-cbc".split()
OFFERED_MACS = ("umac-64-etm@openssh.com umac-128-etm@openssh.com "
                "hmac-sha1-etm@openssh.com umac-64@openssh.com "
                "umac-128@openssh.com hmac-sha1").split()
OLD_MACS = ("hmac-sha1-96-etm@openssh.com hmac-sha1-96 "
            "hmac-md5-etm@openssh.com hmac-md5 hmac-md5-96-etm@openssh.com "
            "hmac-md5-96").split()
ALL = ["KexAlgorithms +" + ",".join(KEX), "Ciphers +" + ",".join(CBC),
       "MACs +" + ",".join(OLD_MACS)]
PAIRS = ([(k, "aes128-ctr", "hmac-sha1") for k in KEX] +
         [(None, c, m) for c in CBC
          for m in ("hmac-sha1", "umac-64-etm@openssh.com")] +
         [(None, "aes256-ctr", m) for m in OFFERED_MACS + OLD_MACS])


def client_has(kind, name):
    return name in subprocess.check_output(["ssh", "-Q", kind],
                                           text=True).split()


@pytest.mark.parametrize("kex,cipher,mac", PAIRS)
def test_stock_client(make_server, kex, cipher, mac):
    for kind, name in (("kex", kex), ("cipher", cipher), ("mac", mac)):
        if name and not client_has(kind, name):
            pytest.skip("the client has no " + name)
    server = make_server(ALL)
    opts = ["LogLevel=DEBUG1", "Ciphers=" + cipher, "MACs=" + mac,
            "RekeyLimit=200K"]
    if kex:
        opts.append("KexAlgorithms=" + kex)
    # there and back again, with new keys on the way
    data = b"0123456789abcdef" * 40000
    p = server.ssh("-v", "cat", opts=opts, input=data)
    assert p.returncode == 0 and p.stdout == data, p.stderr.decode()[-2000:]
    said = p.stderr.decode()
    assert re.search("kex: server->client cipher: %s MAC: %s " %
                     (re.escape(cipher), re.escape(mac)), said)
    assert said.count("SSH2_MSG_NEWKEYS received") > 1
    if kex:
        assert "kex: algorithm: " + kex in said


def offer(server):
    c = sshraw.Client(server.connect())
    c.hello()
    return c.read_kexinit()


def test_offered_by_default(make_server):
    # a list that takes nothing away leaves the default
    lists = offer(make_server(["KexAlgorithms -none", "Ciphers -none",
                               "MACs -none"]))
    kex, _, cipher, _, mac, _ = lists[:6]
    assert not set(KEX) & set(kex)
    assert not any(k.startswith("diffie-hellman") for k in kex)
    assert not set(CBC) & set(cipher)
    assert set(OFFERED_MACS) <= set(mac) and not set(OLD_MACS) & set(mac)


@pytest.mark.ours
def test_moduli_of_the_image(make_server, world):
    """the second connection has an image, and with it ModuliFile's groups"""
    moduli = world.dir / "moduli"
    wanted = [line for line in open("/etc/ssh/moduli")
              if line.split()[4:5] == ["3071"]][:3]
    if not wanted:
        pytest.skip("no /etc/ssh/moduli with groups of 3072 bits")
    moduli.write_text("# three\n" + "".join(wanted))
    server = make_server(["KexAlgorithms " + KEX[0],
                          "MACs umac-64@openssh.com",
                          "ModuliFile %s" % moduli], log_level="DEBUG1")
    # the client asks for what fits the longest of its keys: 128 bits
    opts = ["KexAlgorithms=" + KEX[0], "Ciphers=aes128-ctr",
            "MACs=umac-64@openssh.com"]
    assert server.out("echo one", opts=opts) == "one\n"
    server.wait_log(r"group exchange: 4096 of 2048<3072<8192 bits")
    assert server.out("echo two", opts=opts) == "two\n"
    server.wait_log(r"group exchange: 3072 of 2048<3072<8192 bits")


def test_host_key_with_sha1(make_server):
    """for who asks for it by name, and then also to prove the other keys"""
    sha1 = ["HostKeyAlgorithms=ssh-rsa", "UpdateHostKeys=no"]
    server = make_server(["HostKeyAlgorithms -none"])
    assert server.ssh("true", opts=sha1).returncode == 255
    server.wait_log("no matching host key type found")
    server = make_server(["HostKeyAlgorithms +ssh-rsa"])
    assert server.out("echo y", opts=sha1) == "y\n"
