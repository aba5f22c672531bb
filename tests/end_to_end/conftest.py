from collections.abc import Iterator

import pytest

from local_aws.embedded import running
from tests.end_to_end.application import Application


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The project's templates, deployed with their defaults; one for all tests of a module."""
    with running(tmp_path_factory.mktemp("aws")) as aws:
        yield Application(aws)
