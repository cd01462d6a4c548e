"""Damaged handshakes by the thousand (--mutations): no crash, no report of a
sanitizer, no zombie, exit status 0."""
import json
import time

import pytest
import sshraw
from harness import ALL_CIPHERS, STANDIN, Server, run
from sshraw import Client, Key

HERE = __file__.rsplit("/", 1)[0]


@pytest.fixture
def recording(server, world):
    """what a client sent, in the pieces in which it sent it"""
    c = Client(server.connect(), cipher="aes128-ctr")
    parts, at = [], 0
    for step in (c.hello, c.send_kexinit, c.read_kexinit, c.send_share,
                 c.read_reply, c.send_newkeys, c.read_newkeys, c.service,
                 lambda: c.sign(world.user, Key(world.keys["ed25519"])),
                 c.open_session, lambda: c.exec("true")):
        step()
        if len(c.sent) > at:
            parts.append(bytes(c.sent[at:]).hex())
            at = len(c.sent)
    c.close()
    return parts


@pytest.mark.long
def test_mutated_handshakes(server, world, recording, request):
    count = request.config.getoption("--mutations")
    job = {"argv": server.argv, "env": Server.environment(None),
           "recording": recording, "user": world.user,
           "key": str(world.keys["ed25519"]), "ciphers": ALL_CIPHERS,
           "count": count, "seed": request.config.getoption("--seed"),
           "live": 0.4, "workers": 4,
           "exits": list(range(256)) if STANDIN else [0]}
    path = world.dir / "mutations.json"
    path.write_text(json.dumps(job))
    start = time.monotonic()
    p = run(["/usr/bin/python3", HERE + "/mutate.py", path], timeout=1200,
            env={"PYTHONPATH": HERE, "PATH": "/usr/bin:/bin",
                 "PYTHONWARNINGS": "ignore",
                 "PYTHONDONTWRITEBYTECODE": "1"})
    took = time.monotonic() - start
    assert p.returncode == 0, p.stderr.decode()[-3000:]
    print("%d mutated handshakes in %.0f s" % (count, took))
    failures = json.loads(p.stdout)["failures"]
    assert not failures, "seed %d:\n" % job["seed"] + "\n".join(
        "number %d: %s" % tuple(f) for f in failures)
    assert sshraw.IDENT
