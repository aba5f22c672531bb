"""What the container adds on top of its Python base, uncompressed: the locked dependencies, and the package.

`python -m benchmarks.image_size` installs them into a folder of its own, without bytecode, prints what each takes, and
exits with 1 when all of it is 60 MB or more. Where the Dockerfile leaves something out, the image has less.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

MAX_MB = 60.0
JOB = Path(__file__).parents[1] / "batch_job"
SHOWN = 8


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each entry of a folder, the largest first; of folders those of their files, bytecode left out."""
    found = {each.name: _bytes_of(each.rglob("*") if each.is_dir() else [each]) for each in folder.iterdir()}
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _bytes_of(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file() and "__pycache__" not in path.parts)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    options = ["--no-compile", "--only-binary", ":all:", "--require-hashes", "--target", str(folder)]
    subprocess.run([*pip, *options, "-r", str(JOB / "requirements.txt")], check=True)


def main() -> int:
    """Install, measure, print; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        _install(Path(folder))
        found = sizes(Path(folder))
    found["csv_import"] = _bytes_of((JOB / "csv_import").rglob("*"))
    total_mb = sum(found.values()) / 1e6
    for name, size in list(found.items())[:SHOWN]:
        print(f"{name:<28}{size / 1e6:>7.1f} MB")
    print(f"{'all':<28}{total_mb:>7.1f} MB (limit {MAX_MB:.0f})")
    return 0 if total_mb < MAX_MB else 1


if __name__ == "__main__":
    sys.exit(main())
