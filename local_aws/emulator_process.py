"""The emulator's process: ministack with what it lacks, on a socket that the starter has opened.

Runs in the emulator's environment, as `python -m local_aws.emulator_process`, from the project's root. It is
the leader of a process group that holds functions and jobs too, and it ends with its standard input: however
the starter ends, nothing is left behind.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

from local_aws import (
    alarms,
    batch_service,
    batch_types,
    environments,
    function_workers,
    nested_stacks,
    object_ranges,
    permissions,
)
from local_aws.batch_scheduler import Platform
from local_aws.image import local_entrypoint


def main() -> None:
    """Serve until the starter goes away or kills the group."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--project-python", required=True, help="interpreter of functions and jobs")
    parser.add_argument("--dockerfile", type=Path, required=True, help="Dockerfile of the job's image")
    parser.add_argument("--run-folder", type=Path, required=True, help="where logs and working files go")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="jobs that run at one time")
    options = parser.parse_args()
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    _add_what_is_missing(options)
    _serve(options.socket)


def _end_with_the_starter() -> None:
    sys.stdin.buffer.read()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _add_what_is_missing(options: argparse.Namespace) -> None:
    image_and_platform = {
        **environments.platform(os.environ),
        "PYTHONPATH": str(options.dockerfile.parent),
        "PYTHONUNBUFFERED": "1",
    }
    platform = Platform(
        entrypoint=tuple(local_entrypoint(options.dockerfile, python=options.project_python)),
        environment=lambda job: {**image_and_platform, **permissions.job_credentials(job)},
        work_folder=options.run_folder / "jobs",
        log_folder=options.run_folder / "logs",
        slots=options.jobs,
    )
    batch_service.install(platform)
    batch_types.install()
    nested_stacks.install()
    object_ranges.install()
    alarms.install()
    permissions.install(options.run_folder / "logs" / "calls.jsonl")
    function_workers.install(python=options.project_python)


def _serve(socket: int) -> None:
    config = Config()
    config.bind = [f"fd://{socket}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
