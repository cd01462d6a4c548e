"""Makes configurations that OpenSSH 9.2 and sshd-conn both understand.

Everything comes from a random.Random that the caller seeded, so that a
number names a configuration for good.
"""

import os

FLAGS = """
    AllowAgentForwarding DisableForwarding ExposeAuthInfo
    HostbasedAuthentication HostbasedUsesNameFromPacketOnly
    KbdInteractiveAuthentication PasswordAuthentication PermitEmptyPasswords
    PermitTTY PermitUserRC PubkeyAuthentication StreamLocalBindUnlink
    X11Forwarding X11UseLocalhost
    ChallengeResponseAuthentication SKeyAuthentication
""".split()

GLOBAL_FLAGS = """
    IgnoreUserKnownHosts PrintLastLog PrintMotd StrictModes TCPKeepAlive UseDNS
    UsePAM KeepAlive DSAAuthentication
""".split()

KEX = """curve25519-sha256 sntrup761x25519-sha512@openssh.com
    diffie-hellman-group14-sha256 diffie-hellman-group1-sha1
    ecdh-sha2-nistp256""".split()
CIPHERS = """aes128-ctr aes256-ctr 3des-cbc chacha20-poly1305@openssh.com
    aes256-gcm@openssh.com aes128-cbc""".split()
MACS = """hmac-sha2-256 hmac-sha1-96 umac-64@openssh.com hmac-md5
    hmac-sha2-512-etm@openssh.com""".split()
KEYS = """ssh-ed25519 ssh-rsa rsa-sha2-256 ssh-* *-cert-v01@openssh.com
    ecdsa-sha2-nistp* sk-ssh-ed25519@openssh.com ?sa-sha2-512""".split()
NAMES = "alice bob root backup www-data git *".split()
GROUPS = "root daemon users wheel *".split()
NETS = """10.0.0.0/8 192.0.2.7 192.0.2.0/25 10.1.* 2001:db8::/32 ::1 127.1
    fe80::1 198.51.100.0/24 *:* 0.0.0.0/0 ::/0""".split()
HOSTS = "*.example.com host.example.com h?st* localhost 192.0.2.7".split()

# Values that are taken as they are; %T stands for the test's directory.
VALUES = {
    "AddressFamily": ["any", "inet", "inet6"],
    "AllowStreamLocalForwarding": ["yes", "all", "no", "local", "remote"],
    "AllowTcpForwarding": ["yes", "all", "no", "Local", "remote"],
    "AuthenticationMethods": [
        "publickey", "publickey,password", "password publickey",
        "publickey,keyboard-interactive:pam hostbased publickey"],
    "AuthorizedKeysFile": [
        "none", ".ssh/keys", "/etc/keys/%u %h/.ssh/k", '"with blank" b',
        "a\\ b", "~/k"],
    "AuthorizedPrincipalsFile": ["none", "/etc/p/%u", "~/p", "'a b'"],
    "Banner": ["none", "/etc/issue", "issue.net", '"/a b"'],
    "ChannelTimeout": ["none", "session=5m", "x11=1 direct-tcpip=1h30m"],
    "ChrootDirectory": ["none", "/srv/%u", "%h"],
    "ClientAliveCountMax": ["0", "3", "100"],
    "ClientAliveInterval": ["0", "90", "1h", "1w2d3h4m5s"],
    "Compression": ["yes", "no", "delayed"],
    "FingerprintHash": ["sha256", "MD5", "sha512"],
    "ForceCommand": [
        "none", "internal-sftp", "/bin/echo 'a  b' # c", '"x y"  z',
        "sh -c \"exit 3\""],
    "GatewayPorts": ["yes", "no", "clientspecified"],
    "HostKeyAgent": ["none", "SSH_AUTH_SOCK", "/run/agent", "agent"],
    "IgnoreRhosts": ["yes", "no", "shosts-only"],
    "IPQoS": ["ef", "af21 cs1", "0x10", "none", "lowdelay throughput", "3 4",
              "le", "reliability"],
    "LogLevel": ["QUIET", "fatal", "error", "INFO", "verbose", "debug",
                 "DEBUG1", "debug2", "DEBUG3"],
    "LogVerbose": ["none", "kex.c:*:1000", "a.c:f():1 b.c:*:*"],
    "LoginGraceTime": ["0", "30", "2m", "1h1"],
    "MaxAuthTries": ["1", "6", "100"],
    "MaxSessions": ["0", "1", "10"],
    "MaxStartups": ["10", "10:30:60", "1:100:1", "5:1:5"],
    "ModuliFile": ["/etc/ssh/moduli", "moduli", "none"],
    "PerSourceMaxStartups": ["none", "0", "4"],
    "PerSourceNetBlockSize": ["24:64", "32:128", "0:0"],
    "PermitListen": ["any", "none", "8080", "localhost:80 *:90", "[::1]:22",
                     "*:*"],
    "PermitOpen": ["any", "none", "a:1", "[::1]:22 b:*", "10.0.0.1:443"],
    "PermitRootLogin": ["yes", "no", "prohibit-password", "without-password",
                        "forced-commands-only"],
    "PermitTunnel": ["yes", "no", "point-to-point", "ethernet"],
    "PermitUserEnvironment": ["yes", "no", "LANG,LC_*"],
    "PidFile": ["none", "/run/x.pid", "x.pid"],
    "Port": ["22", "2222", "ssh"],
    "ListenAddress": ["10.0.0.1", "10.0.0.2:2022", "[::1]:22", "::1",
                      "[2001:db8::1]", "127.1"],
    "PubkeyAuthOptions": ["none", "touch-required", "verify-required",
                          "verify-required touch-required"],
    "RekeyLimit": ["default", "default none", "1G", "512M 1h", "1.5g 30m",
                   "0 600", "16"],
    "RequiredRSASize": ["1024", "2048", "3072"],
    "RevokedKeys": ["none", "/etc/revoked", "revoked"],
    "SecurityKeyProvider": ["internal", "/usr/lib/sk.so"],
    "StreamLocalBindMask": ["0177", "022", "0", "777"],
    "SyslogFacility": ["AUTH", "authpriv", "DAEMON", "user", "LOCAL0",
                       "local7"],
    "TrustedUserCAKeys": ["none", "/etc/ca", "ca"],
    "UnusedConnectionTimeout": ["0", "90", "5m"],
    "VersionAddendum": ["none", "Debian-1", 'a "b" c', "x  y"],
    "X11DisplayOffset": ["0", "10", "99"],
    "XAuthLocation": ["none", "/usr/bin/xauth"],
    "Protocol": ["1", "2", "2,1"],
    "UsePrivilegeSeparation": ["sandbox"],
    "RSAAuthentication": ["yes"],
    "KerberosAuthentication": ["no"],
    "GSSAPIAuthentication": ["no"],
}

NOT_IN_MATCH = set(GLOBAL_FLAGS) | set("""
    AddressFamily Compression FingerprintHash HostKeyAgent
    LoginGraceTime MaxStartups ModuliFile PerSourceMaxStartups
    PerSourceNetBlockSize PermitUserEnvironment PidFile Port ListenAddress
    SecurityKeyProvider SyslogFacility VersionAddendum XAuthLocation Protocol
    UsePrivilegeSeparation HostKey HostCertificate HostKeyAlgorithms Ciphers
    MACs KexAlgorithms Subsystem
""".split())


def some(r, words, most=3):
    return r.sample(words, r.randint(1, min(most, len(words))))


def algorithm_list(r, words, wild):
    names = some(r, words)
    sign = r.choice(["", "", "+", "^", "-"])
    if sign == "-" and not wild:
        # Two wildcards could take everything away: a meant difference.
        names[0] = r.choice([names[0], names[0][:4] + "*"])
    return sign + ",".join(names)


def pattern_list(r, words):
    return ",".join(r.choice(["", "", "", "!"]) + w for w in some(r, words))


def user_pattern(r):
    if r.random() < 0.3:
        return r.choice(NAMES) + "@" + pattern_list(r, HOSTS + NETS)
    return r.choice(NAMES)


MADE = {
    "AcceptEnv": lambda r: " ".join(some(r, ["LANG", "LC_*", "A", "B?"])),
    "SetEnv": lambda r: " ".join(
        some(r, ["A=1", "B=2", '"C=x y"', "A=3", "D=", "A=b=c"], 4)),
    "AllowUsers": lambda r: " ".join(
        user_pattern(r) for _ in range(r.randint(1, 3))),
    "DenyUsers": lambda r: " ".join(
        user_pattern(r) for _ in range(r.randint(1, 3))),
    "AllowGroups": lambda r: " ".join(some(r, GROUPS)),
    "DenyGroups": lambda r: " ".join(some(r, GROUPS)),
    "KexAlgorithms": lambda r: algorithm_list(r, KEX, False),
    "Ciphers": lambda r: algorithm_list(r, CIPHERS, False),
    "MACs": lambda r: algorithm_list(r, MACS, False),
    "HostKeyAlgorithms": lambda r: algorithm_list(r, KEYS, True),
    "PubkeyAcceptedAlgorithms": lambda r: algorithm_list(r, KEYS, True),
    "PubkeyAcceptedKeyTypes": lambda r: algorithm_list(r, KEYS, True),
    "HostbasedAcceptedAlgorithms": lambda r: algorithm_list(r, KEYS, True),
    "HostbasedAcceptedKeyTypes": lambda r: algorithm_list(r, KEYS, True),
    "CASignatureAlgorithms": lambda r: algorithm_list(
        r, [k for k in KEYS if "cert" not in k], True),
}

KEYWORDS = (FLAGS + GLOBAL_FLAGS + list(VALUES) + list(MADE))

SEPARATORS = [" ", " ", " ", "\t", "  ", "=", " = ", " =", "= "]


def spell(r, keyword):
    how = r.random()
    if how < 0.1:
        return keyword.lower()
    if how < 0.2:
        return keyword.upper()
    if how < 0.22:
        return '"%s"' % keyword
    return keyword


def value_of(r, keyword):
    if keyword in MADE:
        return MADE[keyword](r)
    if keyword in VALUES:
        return r.choice(VALUES[keyword])
    return r.choice(["yes", "no", "YES", "No"])


# These take the rest of the line, comment signs included.
VERBATIM = {"ForceCommand", "VersionAddendum"}


def line(r, keyword):
    name = spell(r, keyword)
    separator = " " if name[0] == '"' else r.choice(SEPARATORS)
    text = r.choice(["", "", "  ", "\t"]) + name + separator
    text += value_of(r, keyword)
    if keyword not in VERBATIM and r.random() < 0.1:
        text += r.choice([" # comment", "  ", "\t#", " \f"])
    return text


def criterion(r):
    kind = r.choice("User Group Host Address LocalAddress LocalPort".split())
    argument = {
        "User": lambda: pattern_list(r, NAMES),
        "Group": lambda: pattern_list(r, GROUPS),
        "Host": lambda: pattern_list(r, HOSTS),
        "Address": lambda: pattern_list(r, NETS),
        "LocalAddress": lambda: pattern_list(r, NETS),
        "LocalPort": lambda: r.choice(["22", "2222", "ssh"]),
    }[kind]()
    return r.choice([kind, kind.lower()]) + r.choice([" ", " ", "="]) + argument


def match(r):
    if r.random() < 0.15:
        return "Match " + r.choice(["all", "All"])
    count = r.choice([1, 1, 1, 2, 2, 3])
    return "Match " + " ".join(criterion(r) for _ in range(count))


class Files:
    """One configuration: a main file and what it includes."""

    def __init__(self, r, directory, host_key):
        self.r = r
        self.directory = directory
        self.count = 0
        self.methods = False
        first = ["HostKey " + host_key]
        self.main = self.write("sshd_config", first + self.body(0, False))

    def write(self, name, lines):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(text + "\n" for text in lines))
        return path

    def usable(self, keyword, in_match):
        """AddressFamily inet with a v6 ListenAddress cannot work."""
        if in_match and keyword in NOT_IN_MATCH:
            return False
        if keyword in ("AddressFamily", "ListenAddress"):
            other = self.__dict__.setdefault("listen", keyword)
            return other == keyword
        return True

    def include(self, depth, in_match):
        self.count += 1
        name = "part%d" % self.count
        self.write(name, self.body(depth + 1, in_match))
        path = os.path.join(self.directory, name)
        return "Include " + self.r.choice(
            [path, path, '"%s"' % path, path + "*", path + " /none/*"])

    def lines(self, depth, in_match):
        out = []
        for _ in range(self.r.randint(1, 12)):
            keyword = self.r.choice(KEYWORDS)
            if self.usable(keyword, in_match):
                out.append(line(self.r, keyword))
            if depth < 3 and self.r.random() < 0.06:
                out.append(self.include(depth, in_match))
            if self.r.random() < 0.05:
                out.append(self.r.choice(["", "# " + keyword, "   "]))
        return out

    def body(self, depth, in_match):
        out = self.lines(depth, in_match)
        for _ in range(self.r.randint(0, 4)):
            out.append(match(self.r))
            out += self.lines(depth, True)
        return out


def spec(r):
    return ",".join([
        "user=" + r.choice(["alice", "bob", "root", "daemon", "nobody"]),
        "host=" + r.choice(["host.example.com", "HOST.Example.Com",
                            "localhost", "192.0.2.7", "x"]),
        "addr=" + r.choice(["192.0.2.7", "10.1.2.3", "127.0.0.1", "::1",
                            "2001:db8::5", "198.51.100.1", "UNKNOWN"]),
        "laddr=" + r.choice(["192.0.2.7", "10.1.2.3", "::1", "fe80::1"]),
        "lport=" + r.choice(["22", "2222", "8022"]),
    ])
