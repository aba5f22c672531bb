"""The container's entry: `python -m csv_import load --import-id ID --run N`; exit codes as in docs/contracts.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from aws_lambda_powertools import Logger

from csv_import.errors import JobStop
from csv_import.logs import job_logger
from csv_import.services import connect
from csv_import.settings import settings_from
from csv_import.stages.load import load
from csv_import.waiting import StopSign

BUG = 1


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one stage; returns the exit code."""
    parser = argparse.ArgumentParser(prog="csv_import")
    parser.add_argument("stage", choices=["load"])
    parser.add_argument("--import-id", required=True)
    parser.add_argument("--run", required=True)
    command = parser.parse_args(arguments)
    logger = Logger(service="csv-import", level="INFO")  # until the settings are known
    try:
        settings = settings_from(environment, import_id=command.import_id, run=command.run)
        logger = job_logger(settings)
        stop = StopSign()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        load(settings, connect(logger, stop))
    except JobStop as stopped:
        logger.error("stopped", code=stopped.code, reason=stopped.message, exit_code=stopped.exit_code)  # noqa: TRY400 - an expected end needs no traceback
        return stopped.exit_code
    except Exception:
        logger.exception("a bug of ours", exit_code=BUG)
        return BUG
    return 0


def run() -> NoReturn:
    """Run with this process's arguments and environment."""
    sys.exit(main(sys.argv[1:], os.environ))


if __name__ == "__main__":
    run()
