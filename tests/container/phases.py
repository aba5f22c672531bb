"""A buildspec's phases, run as CodeBuild runs them: command after command in one shell, until one fails."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

_PHASES = ("install", "pre_build", "build", "post_build")


@dataclass(frozen=True)
class Built:
    """What a build leaves: its exported variables, its artifacts' paths, and what it said."""

    exported: Mapping[str, str]
    artifacts: tuple[Path, ...]
    log: str


def run_phases(buildspec: Path, *, folder: Path, environment: Mapping[str, str]) -> Built:
    """Run the commands of a buildspec in `folder` with nothing but `environment`; fails where a command does.

    See docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html.
    """
    specification = yaml.safe_load(buildspec.read_text(encoding="utf-8"))
    assert specification["version"] == 0.2
    assert specification["env"]["shell"] == "bash"
    phases = specification["phases"]
    assert set(phases) <= set(_PHASES)
    commands = [one for phase in _PHASES for one in (phases.get(phase) or {}).get("commands", [])]
    names = specification["env"].get("exported-variables", [])
    report = [f'printf "%s=%s\\0" {name} "${name}" >&3' for name in names]
    exported = folder / "exported-variables"
    with exported.open("wb") as file:
        done = subprocess.run(
            [
                "bash",
                "-c",
                'exec 3>&"$1"; set -e; ' + "\n".join([*commands, *report]),
                "bash",
                str(file.fileno()),
            ],
            cwd=folder,
            env=dict(environment),
            pass_fds=[file.fileno()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log
    pairs = [pair.partition("=") for pair in exported.read_text(encoding="utf-8").split("\0") if pair]
    files = (specification.get("artifacts") or {}).get("files", [])
    return Built({name: value for name, _, value in pairs}, tuple(folder / name for name in files), log)
