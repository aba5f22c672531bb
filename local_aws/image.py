"""What the job's image starts, read from its Dockerfile: no image is built or run on this machine."""

import json
import re
from pathlib import Path

_ENTRYPOINT = re.compile(r"^\s*ENTRYPOINT\s+(\[.*\])\s*$", re.MULTILINE)


class DockerfileError(Exception):
    """The Dockerfile does not say what the image starts in a form that can be read here."""


def entrypoint(dockerfile: str) -> list[str]:
    """Give the words of the last ENTRYPOINT of a Dockerfile's text, which must be in its exec form."""
    found = _ENTRYPOINT.findall(dockerfile)
    if not found:
        raise DockerfileError('no line like ENTRYPOINT ["python", "-m", "package"]')
    try:
        words = json.loads(found[-1])
    except ValueError as error:
        raise DockerfileError(f"ENTRYPOINT {found[-1]} is no list of strings: {error}") from error
    if not words or not all(isinstance(word, str) for word in words):
        raise DockerfileError(f"ENTRYPOINT {found[-1]} is no list of strings")
    return list(words)


def local_entrypoint(dockerfile: Path, *, python: str) -> list[str]:
    """Give the entry point with the image's `python` replaced by an interpreter of this machine."""
    words = entrypoint(dockerfile.read_text(encoding="utf-8"))
    return [python, *words[1:]] if words[0] in ("python", "python3") else words
