"""Containers of a run end with it, and only they."""

import subprocess
import time
import uuid

import pytest

from local_aws.docker_engine import DockerError, Engine
from tests.container.engine import BASE


def start(engine: Engine) -> str:
    words = engine.run_command(["--detach", "--volume", "/tmp"], {}, [BASE, "sleep", "600"])
    return engine.call(*words)


def exists(container: str) -> bool:
    done = subprocess.run(["docker", "container", "inspect", container], capture_output=True, check=False)
    return done.returncode == 0


def test_the_containers_of_one_run_are_removed_and_those_of_another_stay(container_address: str) -> None:
    assert container_address
    one, other = Engine(run=uuid.uuid4().hex), Engine(run=uuid.uuid4().hex)
    try:
        mine, theirs = start(one), start(other)
        one.remove_all()
        assert (exists(mine), exists(theirs)) == (False, True)
        one.remove_all()
    finally:
        other.remove_all()
    assert not exists(theirs)


def test_what_the_engine_refuses_is_told_in_its_words(container_address: str) -> None:
    assert container_address
    with pytest.raises(DockerError, match="nowhere"):
        Engine(run="none").call("docker", "run", "--rm", "127.0.0.1:1/nowhere:1")


def test_a_container_is_told_to_end_at_once(container_address: str) -> None:
    assert container_address
    engine = Engine(run=uuid.uuid4().hex)
    try:
        container = start(engine)
        began = time.monotonic()
        engine.kill(container)
        assert engine.call("docker", "wait", container) == "137"
        assert time.monotonic() - began < 10
        engine.kill("no-such-container")
    finally:
        engine.remove_all()
