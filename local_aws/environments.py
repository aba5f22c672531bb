"""What the emulator, the functions and the jobs find in their environment; nothing of the user's is handed on."""

import os
from collections.abc import Mapping
from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "000000000000"
SIGNING_KEY = "any-will-do"

_PLATFORM = (
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "HOME",
    "LANG",
    "PATH",
    "TMPDIR",
)


def platform(environment: Mapping[str, str]) -> dict[str, str]:
    """Pick what a job gets of the emulator's environment: what the platform gives on AWS."""
    return {name: environment[name] for name in _PLATFORM if name in environment}


def in_container(endpoint: str) -> dict[str, str]:
    """Give what the platform sets in the container of a job or a function that finds AWS at `endpoint`."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def emulator(*, port: int, run_folder: Path, path: str) -> dict[str, str]:
    """Give the whole environment of the emulator; `path` is where executables are looked for.

    Credentials and configuration of the user are out of sight: the home is a folder of the run.
    """
    home = run_folder / "home"
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SIGNING_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": path,
        "TMPDIR": str(run_folder / "tmp"),
        **_emulator_settings(port=port, run_folder=run_folder),
    }


def _emulator_settings(*, port: int, run_folder: Path) -> dict[str, str]:
    """Give ministack's settings: all state in memory and one port, on this machine alone."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "STATE_DIR": str(run_folder / "tmp" / "state"),
        "S3_DATA_DIR": str(run_folder / "tmp" / "s3"),
        # Further listeners and the Docker daemon are none of our business.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{run_folder / 'tmp' / 'no-docker.sock'}",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
        "LOG_LEVEL": "INFO",
        # Who may do what is checked: see `permissions`.
        "AUTH": "true",
    }
