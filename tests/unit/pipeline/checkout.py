"""A checkout of what the scripts need, with recorders of calls where the tools would be."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[3]
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
DIGEST = f"{ECR}/app@sha256:" + "0" * 64
RECORD = 'echo "${0##*/} $*" >>"$CALLS"\n'
DOCKER = (
    RECORD
    + 'case "$*" in\n'
    + '  pull*/app:*) echo "${PULL_SAYS:-manifest unknown}" >&2; exit "${PULLED:-1}";;\n'
    + '  pull*) exit "${BASE_PULLED:-0}";;\n'
    + '  "build --platform "*) set -- $3; echo "$1" >"$CALLS.platform"; exit "${BUILT:-0}";;\n'
    + "  run*) echo '{}';;\n"
    + "  login*) cat >/dev/null;;\n"
    + '  "image inspect "*Labels*) echo "${INSPECTED:-}";;\n'
    + '  "image inspect "*RepoDigests*) echo "other/app@sha256:1"; echo "$DIGEST";;\n'
    + '  "image inspect "*Architecture*) echo "${MADE_FOR:-$(cat "$CALLS.platform")}";;\n'
    + '  "image inspect "*) [[ " ${HERE:-} " = *" ${*: -1} "* ]];;\n'
    + "esac\n"
)
AWS = (
    RECORD
    + 'case $1 in ecr) [ -z "${NO_CREDENTIALS:-}" ] && echo password;; '
    + '*) echo "${STACK_SAYS:-Unable}" >&2; exit 254;; esac\n'
)


def checkout(tmp_path: Path) -> Path:
    """A checkout with recorders in the place of docker, aws and sam."""
    shutil.copytree(PROJECT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "pipeline").glob("*.sh"):
        path.chmod(0o644)  # as an archive unpacks them that knows no rights
    (tmp_path / "batch_job" / "csv_import").mkdir(parents=True)
    for name in ("Dockerfile", "requirements.txt", ".dockerignore"):
        shutil.copy(PROJECT / "batch_job" / name, tmp_path / "batch_job")
    (tmp_path / "batch_job" / "csv_import" / "rows.py").write_text("first = 1\n")
    for name, script in (
        ("docker", DOCKER),
        ("aws", AWS),
        ("sam", RECORD),
        ("python3.13", ""),
    ):
        tool = tmp_path / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        write_tool(tool, script)
    return tmp_path


def run(folder: Path, script: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a script with nothing but these variables, off a terminal; gives how it ended and the calls it made."""
    return call(folder, ["bash", f"pipeline/{script}"], variables)


def make(folder: Path, *words: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run `make` as a person does, with SAM's environment set up."""
    shutil.copy(PROJECT / "Makefile", folder)
    (folder / "requirements").mkdir(exist_ok=True)
    for name in ("requirements/pip.txt", "requirements/sam.txt", "requirements/run.txt"):
        (folder / name).touch()
    for environment in (".venv", ".venv-sam"):
        tools = folder / environment / "bin"
        tools.mkdir(parents=True, exist_ok=True)
        write_tool(tools / "python", f'exec {sys.executable} "$@"\n')
        write_tool(tools / "sam", RECORD)
    for installed in (".venv-sam/installed", ".venv/installed-run"):
        (folder / installed).touch()
    return call(folder, ["make", f"PYTHON={sys.executable}", *words], variables)


def call(
    folder: Path, words: list[str], variables: Mapping[str, str], stdin: int = subprocess.DEVNULL
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a command with nothing but these variables; gives how it ended and the calls it made."""
    calls = folder / "calls"
    calls.write_text("")
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "DIGEST": DIGEST,
        "PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        words,
        env={**environment, **variables},
        cwd=folder,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, calls.read_text().splitlines()


def write_tool(path: Path, script: str) -> None:
    """Put a script where a command would be."""
    path.write_text(f"#!/bin/bash\n{script}")
    path.chmod(0o755)


def contents(folder: Path, *base: str) -> str:
    """What pipeline/contents.py says of a checkout."""
    words = [sys.executable, "pipeline/contents.py", *base]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
