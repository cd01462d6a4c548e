"""Lines that are easy to get wrong: taken or refused as sshd does."""

import pytest

from test_compare import compare

SPEC = "user=alice,host=a.Ex.COM,addr=10.0.0.1,laddr=10.9.9.9,lport=22"

LINES = r"""
X11Forwarding
X11Forwarding ""
X11Forwarding yes no
X11Forwarding=yes
X11Forwarding = yes
X11Forwarding == yes
"X11Forwarding" "yes"
"X11Forwarding"=yes
X11For"warding" yes
X11For"warding yes
"X11Forwarding yes
=X11Forwarding yes
X11Forwarding true
X11Forwarding YES # comment
X11Forwarding yes#comment
Banner "a
Banner a'b c'd\\ e
Banner a#b #c
Banner "" x
Banner a\ b
Banner 'a "b'
LoginGraceTime 1h5
LoginGraceTime 5x
LoginGraceTime -1
LoginGraceTime 1.5
LoginGraceTime 4000w
MaxAuthTries -1
MaxAuthTries +5
MaxAuthTries 5x
MaxAuthTries 0x5
MaxSessions 2147483647
MaxSessions 2147483648
Port 0
Port 65536
Port ssh
Port nosuchservice
ListenAddress 10.0.0.1:0
ListenAddress [::1
ListenAddress 10.0.0.1 rdomain x
RDomain none
MaxStartups 10:20
MaxStartups 10:20:30xx
MaxStartups 0
MaxStartups 20:100:10
MaxStartups 10:101:20
MaxStartups 10:0:20
PerSourceNetBlockSize 33:64
PerSourceNetBlockSize 24:129
PerSourceMaxStartups -1
PermitRootLogin maybe
PermitTunnel Yes
PermitTunnel yes
AllowTcpForwarding LOCAL
Compression zlib
SyslogFacility LOCAL8
SyslogFacility AUTHPRIV
LogLevel DEBUG4
LogLevel silent
LogVerbose none x
LogVerbose x none
FingerprintHash md4
FingerprintHash SHA1
IPQoS af99
IPQoS 256
IPQoS 0x20 ef
IPQoS ef cs0 cs1
RekeyLimit 15
RekeyLimit 1x
RekeyLimit 1.5G 1h30m
RekeyLimit default default
RekeyLimit none
StreamLocalBindMask 8
StreamLocalBindMask 0079
StreamLocalBindMask 1000
PubkeyAuthOptions none touch-required
PubkeyAuthOptions touch
PermitUserEnvironment A,B C
AcceptEnv A=1
AcceptEnv ""
SetEnv A
SetEnv =
SetEnv A=1 A=2 B=
DenyUsers a@10.0.0.1/8
DenyUsers a@10.0.0.0/8,!b
DenyUsers !a "" x
DenyUsers a@
DenyGroups ""
AllowGroups a b
AuthenticationMethods none
AuthenticationMethods any publickey
AuthenticationMethods publickey any
AuthenticationMethods publickey,publickey
AuthenticationMethods publickey, password
AuthenticationMethods ,publickey
AuthenticationMethods publickey,frob
AuthenticationMethods publickey:x
AuthorizedKeysCommand /x
AuthorizedKeysCommand x
AuthorizedKeysCommand "/x y"
AuthorizedKeysCommand none
AuthorizedPrincipalsCommand /x
AuthorizedKeysFile none x
AuthorizedKeysFile ""
PermitOpen any x:1
PermitOpen x:1 any
PermitOpen x/1
PermitOpen x:0
PermitOpen ::1:80
PermitOpen [::1]:*
PermitOpen :80
PermitListen *
PermitListen *:80 *
PermitListen ssh
PermitListen x
ChannelTimeout x
ChannelTimeout x=
ChannelTimeout x=1 y=1m
ChannelTimeout =1
ChannelTimeout none x=1
UnusedConnectionTimeout x
Subsystem sftp
Subsystem
Subsystem a /b  c
ForceCommand "a b" # c
ForceCommand "a
Ciphers aes128-ctr,aes128-ctr
Ciphers aes128-ctr,,aes256-ctr
Ciphers aes128-ctr,
Ciphers +aes*
Ciphers +3des-cbc
Ciphers ^3des-cbc,aes128-ctr
Ciphers -frob
Ciphers none
Ciphers ""
Ciphers +
MACs ^hmac-md5,hmac-sha1
KexAlgorithms -*sha1*,sntrup*,ecdh*
KexAlgorithms !curve25519-sha256
HostKeyAlgorithms ssh-*
HostKeyAlgorithms !ssh-rsa
PubkeyAcceptedAlgorithms +ssh-r*
PubkeyAcceptedAlgorithms ^*ed25519*,foo
CASignatureAlgorithms *
Include
Include ""
Include /none/*
Include /none/* ""
Include /dev/null
Protocol 1
Protocol
UsePrivilegeSeparation
UsePrivilegeSeparation whatever this is
Frob yes
Frob
Match
Match User
Match User=
Match User=alice
Match User= alice
Match User = alice
Match user alice Host *.ex.com
Match User alice,!a*
Match User !bob
Match User *,!bob
Match all
Match All User x
Match User x all
Match all all
Match Foo x
Match Address 10.0.0.1/8
Match Address 10.0.0.0/8
Match Address 10.1
Match Address 10.0.0.0/33
Match Address 10.0.0.0/
Match Address 10.0.0.0/8x
Match Address 10.0.0.*
Match Address ""
Match Address 10.0.0.0/8,!10.0.0.1
Match Address ::/0
Match LocalPort 22
Match LocalPort ssh
Match LocalPort x
Match LocalPort 22,23
Match Group nosuchgroup
Match User alice # comment
""".strip().split("\n")

# What may stand in a Match block, and what may not.
IN_MATCH = """
AcceptEnv A
AllowAgentForwarding no
AddressFamily any
Banner x
ChannelTimeout x=1
Ciphers aes128-ctr
ClientAliveInterval 3
Compression no
DSAAuthentication no
FingerprintHash md5
HostbasedAcceptedKeyTypes ssh-rsa
HostKey /x
IgnoreRhosts no
IgnoreUserKnownHosts yes
LogLevel debug
LogVerbose x
LoginGraceTime 3
MaxStartups 3
ModuliFile /x
PermitUserEnvironment yes
PidFile /x
Port 22
PrintMotd no
Protocol 2
RekeyLimit 1G 1h
RequiredRSASize 2000
RhostsRSAAuthentication no
RSAAuthentication no
SKeyAuthentication no
StrictModes no
SyslogFacility user
TCPKeepAlive no
UseDNS no
UseLogin no
UsePAM no
VersionAddendum x
X11DisplayOffset 3
XAuthLocation /x
""".strip().split("\n")


@pytest.mark.parametrize("line", LINES)
def test_line(line, sshd, dump, host_key, tmp_path):
    path = tmp_path / "c"
    path.write_text("HostKey %s\n%s\nPermitTTY no\n" % (host_key, line),
                    encoding="utf-8")
    compare(sshd, dump, str(path), SPEC, str(tmp_path))


@pytest.mark.parametrize("where", ["user alice", "user bob", "all"])
@pytest.mark.parametrize("line", IN_MATCH)
def test_line_in_match(line, where, sshd, dump, host_key, tmp_path):
    path = tmp_path / "c"
    path.write_text("HostKey %s\nMatch %s\n%s\n" % (host_key, where, line),
                    encoding="utf-8")
    compare(sshd, dump, str(path), SPEC, str(tmp_path))


@pytest.mark.parametrize("override", [
    "X11Forwarding yes", "X11Forwarding=yes", "Match all", "Include /x",
    "Frob 1", "X11Forwarding", "PermitTTY no", "AcceptEnv A B"])
def test_override(override, sshd, dump, host_key, tmp_path):
    path = tmp_path / "c"
    path.write_text("HostKey %s\nX11Forwarding no\nAcceptEnv C\n"
                    "Match all\nPermitTTY yes\n" % host_key,
                    encoding="utf-8")
    compare(sshd, dump, str(path), SPEC, str(tmp_path), ["-o", override])
