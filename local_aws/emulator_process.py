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
from functools import partial
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

from local_aws import (
    alarms,
    batch_service,
    batch_types,
    environments,
    function_containers,
    function_workers,
    nested_stacks,
    object_ranges,
    permissions,
)
from local_aws.batch_docker import JobContainer
from local_aws.batch_scheduler import Platform
from local_aws.docker_engine import Engine
from local_aws.image import local_entrypoint


def main() -> None:
    """Serve until the starter goes away or kills the group."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--socket", type=int, required=True, nargs="+", help="descriptors of listening sockets"
    )
    parser.add_argument("--project-python", required=True, help="interpreter of functions and jobs")
    parser.add_argument("--dockerfile", type=Path, required=True, help="Dockerfile of the job's image")
    parser.add_argument("--run-folder", type=Path, required=True, help="where logs and working files go")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="jobs that run at one time")
    parser.add_argument(
        "--container-endpoint", help="run jobs and functions in containers that find AWS at this URL"
    )
    parser.add_argument("--container-run", default="", help="the run that containers belong to")
    parser.add_argument(
        "--docker-host", default="", help="where the Docker engine is, as DOCKER_HOST says it"
    )
    options = parser.parse_args()
    engine = (
        Engine(run=options.container_run, host=options.docker_host) if options.container_endpoint else None
    )
    threading.Thread(target=_end_with_the_starter, args=[engine], daemon=True).start()
    _add_what_is_missing(options, engine)
    _serve(options.socket)


def _end_with_the_starter(engine: Engine | None) -> None:
    sys.stdin.buffer.read()
    if engine:
        engine.remove_all()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _add_what_is_missing(options: argparse.Namespace, engine: Engine | None) -> None:
    batch_service.install(_in_containers(options, engine) if engine else _as_processes(options))
    batch_types.install()
    nested_stacks.install()
    object_ranges.install()
    alarms.install()
    permissions.install(options.run_folder / "logs" / "calls.jsonl")
    function_workers.install(python=options.project_python)
    if engine:
        function_containers.install(
            engine,
            environment=environments.in_container(options.container_endpoint),
            folder=options.run_folder / "functions",
        )


def _as_processes(options: argparse.Namespace) -> Platform:
    image_and_platform = {
        **environments.platform(os.environ),
        "PYTHONPATH": str(options.dockerfile.parent),
        "PYTHONUNBUFFERED": "1",
    }
    return Platform(
        entrypoint=tuple(local_entrypoint(options.dockerfile, python=options.project_python)),
        environment=lambda job: {**image_and_platform, **permissions.job_credentials(job)},
        work_folder=options.run_folder / "jobs",
        log_folder=options.run_folder / "logs",
        slots=options.jobs,
    )


def _in_containers(options: argparse.Namespace, engine: Engine) -> Platform:
    """The definition's image has its own entry point and variables; of this machine's nothing is handed on."""
    platform = environments.in_container(options.container_endpoint)
    return Platform(
        entrypoint=(),
        environment=lambda job: {**platform, **permissions.job_credentials(job)},
        work_folder=options.run_folder / "jobs",
        log_folder=options.run_folder / "logs",
        slots=options.jobs,
        attempt=lambda job: partial(JobContainer, container=job.container, engine=engine),
    )


def _serve(sockets: list[int]) -> None:
    config = Config()
    config.bind = [f"fd://{socket}" for socket in sockets]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
