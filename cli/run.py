"""`run`: imports a file on the embedded default, start to end."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from cli.display import Display
from cli.results import Results, collect
from cli.source_file import object_key
from cli.watching import Progress, StalledError, watch
from csv_import.reading.spec_object import SPEC_NAME
from imports import import_id
from ledger import Ledger
from local_aws.deployment import DeploymentError
from local_aws.embedded import EmbeddedAws, running
from local_aws.emulator import PROJECT, EmulatorError
from local_aws.packaging import PackagingError

_RUNS = PROJECT / ".cache" / "runs"
_POLL_S = 0.1
_UPLOAD = TransferConfig(
    multipart_threshold=16 * 1024**2, multipart_chunksize=16 * 1024**2, max_concurrency=4
)
_PREVENTIONS = (
    BotoCoreError,
    ClientError,
    DeploymentError,
    EmulatorError,
    OSError,
    PackagingError,
    S3UploadFailedError,
    StalledError,
)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What a run came to."""

    results: Results
    took_s: float


class RunError(Exception):
    """The run could not be brought to an end; `logs` is where to look."""

    def __init__(self, message: str, *, logs: Path) -> None:
        super().__init__(message)
        self.logs = logs


def run(
    file: Path,
    *,
    parameters: dict[str, str],
    out: Path,
    give_up_after_s: float,
    display: Display,
    spec: Path | None,
) -> Finished:
    """Import `file` and bring the results to the folder `<out>/<import id>`.

    `parameters` are the template's; `spec` stands beside the file as its `_import.yaml`. Raises `RunError`.
    """
    with _run_folder() as run_folder:
        try:
            finished = _run(
                file,
                parameters=parameters,
                out=out,
                give_up_after_s=give_up_after_s,
                display=display,
                run_folder=run_folder,
                spec=spec,
            )
        except _PREVENTIONS as error:
            raise RunError(str(error), logs=run_folder / "logs") from error
        shutil.move(run_folder / "logs", finished.results.logs)
    return finished


def _run(
    file: Path,
    *,
    parameters: dict[str, str],
    out: Path,
    give_up_after_s: float,
    display: Display,
    run_folder: Path,
    spec: Path | None,
) -> Finished:
    display.phase("Starting AWS on this machine ...")
    with running(run_folder, parameters=parameters) as aws:
        began = time.monotonic()
        display.phase(f"Uploading {file.name} ...")
        if spec is not None:
            bucket = aws.outputs["InputBucketName"]
            aws.client("s3").put_object(Bucket=bucket, Key=SPEC_NAME, Body=spec.read_bytes())
        id_ = _drop(file, aws)
        display.phase(f"Importing {id_} ...")
        closed = _follow(id_, aws, display, give_up_after_s)
        took_s = time.monotonic() - began
        display.phase("Fetching the results ...")
        results = collect(
            out.resolve() / id_,
            import_id=id_,
            run=closed.run,
            outputs=aws.outputs,
            s3=aws.client("s3"),
            dynamodb=aws.client("dynamodb"),
        )
    return Finished(results=results, took_s=took_s)


def _drop(file: Path, aws: EmbeddedAws) -> str:
    """Put the file into the input bucket, as a stream; gives the id of its import."""
    s3, bucket, key = aws.client("s3"), aws.outputs["InputBucketName"], object_key(file.name)
    s3.upload_file(str(file), bucket, key, Config=_UPLOAD)
    version_id = s3.head_object(Bucket=bucket, Key=key)["VersionId"]
    return import_id(bucket=bucket, key=key, version_id=version_id, sequencer="")


def _follow(id_: str, aws: EmbeddedAws, display: Display, give_up_after_s: float) -> Progress:
    """Show the import's progress until it is closed."""
    ledger = Ledger(aws.client("dynamodb"), aws.outputs["LedgerTableName"])
    progress = Progress(state="UPLOADED")
    for progress in watch(
        lambda: ledger.read(id_),
        give_up_after_s=give_up_after_s,
        poll_s=_POLL_S,
        clock=time.monotonic,
        sleep=time.sleep,
    ):
        display.loading(progress)
    return progress


@contextmanager
def _run_folder() -> Iterator[Path]:
    """Give a new folder for a run; afterwards it is gone, but for the logs of a run that failed."""
    folder = _RUNS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except Exception:
        for name in ("home", "jobs", "tmp"):
            shutil.rmtree(folder / name, ignore_errors=True)
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
