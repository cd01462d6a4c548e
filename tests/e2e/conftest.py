"""What the test files of this folder and of tests/hostile share is the
plugin harness.py, which tests/e2e/run loads; here are the raw clients."""
import pytest
import sshraw


@pytest.fixture
def login(server, world):
    """login(): a raw client that is logged in as the user"""
    def make(on=None, **kw):
        c = sshraw.Client((on or server).connect(), **kw)
        return c.login(world.user, sshraw.Key(world.keys["ed25519"]))
    return make
