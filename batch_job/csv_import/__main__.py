"""The entry: `python -m csv_import plan|load --import-id ID --run N`; exit codes as in docs/contracts.md."""

from __future__ import annotations

if __name__ == "__main__":
    # The first process of a container ignores a signal that it has no handler for, and the imports below take a second.
    import signal
    import sys

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from aws_lambda_powertools import Logger

from csv_import.errors import BadConfiguration, JobStop
from csv_import.logs import job_logger
from csv_import.services import Services, connect
from csv_import.settings import Settings, settings_from
from csv_import.stages.load import load
from csv_import.stages.plan import plan
from csv_import.waiting import StopSign

BUG = 1

_STAGES: dict[str, Callable[[Settings, Services], None]] = {"plan": plan, "load": load}

# Rows come and go by the million and never form cycles: looking for cycles among them every 700 objects, as Python does
# by default, would take a third of the job's time.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one stage; returns the exit code."""
    logger = Logger(service="csv-import", level="INFO")  # until the settings are known
    try:
        command = _parser().parse_args(arguments)
        settings = settings_from(
            environment, import_id=command.import_id, run=command.run, submission=command.submission
        )
        logger = job_logger(settings)
        stop = StopSign()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        _STAGES[command.stage](settings, connect(logger, stop))
    except JobStop as stopped:
        logger.error("stopped", code=stopped.code, reason=stopped.message, exit_code=stopped.exit_code)  # noqa: TRY400 - an expected end needs no traceback
        return stopped.exit_code
    except Exception:
        logger.exception("a bug of ours", exit_code=BUG)
        return BUG
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is a stop like any other: argparse's own exit code would be retried."""

    def error(self, message: str) -> NoReturn:
        raise BadConfiguration("invalid_command", message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="csv_import")
    parser.add_argument("stage", choices=sorted(_STAGES))
    parser.add_argument("--import-id", required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--submission")
    return parser


def run() -> NoReturn:
    """Run with this process's arguments and environment."""
    sys.exit(main(sys.argv[1:], os.environ))


if __name__ == "__main__":
    run()
