"""An engine, the project's image, a registry, and the application in containers; each made once for all tests."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.docker_engine import Engine
from local_aws.embedded import empty
from local_aws.emulator import PROJECT
from tests.container import engine
from tests.container.engine import Unavailable
from tests.container.system import System, build_image, deploy, deployed, lower_memory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need Docker."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.docker)


def give_up(why: Unavailable) -> None:
    """Skip with one line what cannot run here, unless it must."""
    if os.environ.get("REQUIRE_INTEGRATION") == "1":
        raise why
    pytest.skip(str(why))


def forget_images(repository: str) -> None:
    """Untag what was built for a registry that is gone."""
    listed = subprocess.run(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in listed:
        subprocess.run(["docker", "image", "rm", name], capture_output=True, check=False)


@pytest.fixture(scope="session")
def container_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where containers find this machine; there is an engine, and both base images are there."""
    try:
        engine.ensure_engine(tmp_path_factory.mktemp("docker") / "dockerd.log")
        for image in (engine.BASE, engine.LAMBDA):
            engine.ensure_image(image)
    except Unavailable as why:
        give_up(why)
    return Engine(run="tests").host_address(engine.BASE)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a checkout has, so that builds leave nothing in this one."""
    folder = tmp_path_factory.mktemp("project")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (source := PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    for requirements in (folder / "requirements").iterdir():
        os.utime(requirements, (0, 0))  # make would set up environments again that it takes for old
    for name in (".venv", ".venv-sam", ".venv-checkov", ".venv-emulator"):
        (folder / name).symlink_to(PROJECT / name)
    return folder


@pytest.fixture(scope="session")
def registry(container_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty registry on loopback."""
    assert container_address
    try:
        with engine.registry(tmp_path_factory.mktemp("registry")) as address:
            yield address
        forget_images(f"{address}/csv-to-dynamodb")
    except Unavailable as why:
        give_up(why)


@pytest.fixture(scope="session")
def system(
    container_address: str, registry: str, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The whole of it: the image pushed, the stacks deployed with its digest, functions and jobs in containers."""
    image = build_image(project, registry)
    with empty(
        tmp_path_factory.mktemp("aws"), container_address=container_address, runs_containers=True
    ) as aws:
        deployment = deploy(project, aws, image.exported["IMAGE_URI"])
        application = deployed(aws)
        lower_memory(application)
        yield System(application, image, deployment)
