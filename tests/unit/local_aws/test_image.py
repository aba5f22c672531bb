from pathlib import Path

import pytest

from local_aws.emulator import PROJECT
from local_aws.image import DockerfileError, entrypoint, local_entrypoint


def test_the_projects_dockerfile_starts_the_package() -> None:
    words = local_entrypoint(PROJECT / "batch_job" / "Dockerfile", python="/somewhere/python")
    assert words == ["/somewhere/python", "-m", "csv_import"]


def test_the_last_entrypoint_counts() -> None:
    assert entrypoint('FROM a\nENTRYPOINT ["a"]\nFROM b\nENTRYPOINT ["b", "c"]\n') == ["b", "c"]


def test_another_program_than_python_stays(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('ENTRYPOINT ["tini", "--"]')
    assert local_entrypoint(tmp_path / "Dockerfile", python="p") == ["tini", "--"]


@pytest.mark.parametrize(
    "text",
    ["FROM a", "ENTRYPOINT python -m a", "ENTRYPOINT []", "ENTRYPOINT [1]", "ENTRYPOINT ['a']"],
    ids=["none", "shell form", "empty", "no strings", "no JSON"],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(DockerfileError):
        entrypoint(text)
