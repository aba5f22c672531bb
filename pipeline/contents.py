"""A digest of all that `docker build batch_job` sees, and of the base image if one is named: contents.py [BASE].

Dockerfile and what .dockerignore lets through; the same files give the same digest wherever they lie.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

CONTEXT = Path("batch_job")


def files(context: Path) -> Iterator[Path]:
    """Every file of the context, in an order of its own."""
    lines = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = [context / line[1:] for line in lines if line.startswith("!")]
    found = {context / "Dockerfile"}
    for one in let_through:
        found.update([one] if one.is_file() else one.rglob("*"))
    return (path for path in sorted(found) if path.is_file() and "__pycache__" not in path.parts)


def digest(context: Path, base: str) -> str:
    """The hexadecimal SHA-256 of base, names and contents."""
    total = hashlib.sha256(base.encode())
    for path in files(context):
        contents = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"\0{path.relative_to(context).as_posix()}\0{contents}".encode())
    return total.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest(CONTEXT, "".join(sys.argv[1:])) + "\n")
