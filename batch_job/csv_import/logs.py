"""JSON log lines that carry import, index of the job and attempt; nothing from a cell is ever logged."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from csv_import.settings import Settings


def job_logger(settings: Settings) -> Logger:
    """The logger of this process: one JSON object a line on standard output."""
    logger = Logger(service="csv-import", level=settings.log_level, log_uncaught_exceptions=False)
    logger.setLevel(settings.log_level)  # the first logger of a service fixes the level otherwise
    logger.append_keys(
        import_id=settings.import_id, run=settings.run, index=settings.index, attempt=settings.attempt
    )
    return logger
