"""What the job logs in this process, whatever standard output was when its logger was made."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger


@contextmanager
def captured_log() -> Iterator[io.StringIO]:
    logger = Logger(service="csv-import")
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    before = handler.setStream(stream)
    try:
        yield stream
    finally:
        handler.setStream(before or stream)
        logger.remove_keys(["import_id", "run", "part", "attempt"])


def lines_of(text: str) -> list[dict[str, Any]]:
    """Each line is a JSON object, or this fails; a line ends where the awslogs driver ends it."""
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]
