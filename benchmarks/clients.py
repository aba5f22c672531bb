"""What people use today, each as a process that loads a file and prints what it took: CPU, time, memory.

`python -m benchmarks.clients batch_writer rows.csv --endpoint http://127.0.0.1:8000`
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import orjson
import pycurl
from botocore.config import Config
from botocore.credentials import Credentials

from benchmarks.job import SDK, TABLE
from csv_import.writing.signing import Signer

BATCH = 25
THREADS = 16
REQUESTS_IN_FLIGHT = 16

Row = dict[str, Any]
Load = Callable[[Path, "Target"], int]


class Target:
    """Where the rows go.

    Args:
        endpoint: URL of the sink.
        ca_bundle: certificates to trust, or None.
        numbers, truths: columns to send as numbers, and as truth values.
    """

    def __init__(
        self, endpoint: str, ca_bundle: str | None, *, numbers: tuple[str, ...], truths: tuple[str, ...]
    ) -> None:
        self.endpoint = endpoint
        self.ca_bundle = ca_bundle
        self.numbers = numbers
        self.truths = truths

    def arguments(self) -> dict[str, Any]:
        """For boto3."""
        return {
            "endpoint_url": self.endpoint,
            "region_name": SDK["AWS_REGION"],
            "aws_access_key_id": SDK["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": SDK["AWS_SECRET_ACCESS_KEY"],
            "verify": self.ca_bundle,
            "config": Config(max_pool_connections=THREADS),
        }

    def rows(self, file: Path) -> Iterator[Row]:
        """The file's rows with their types as boto3's resource takes them; empty cells are left out."""
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                item: Row = {name: cell for name, cell in row.items() if cell}
                for name in self.numbers:
                    if name in item:
                        item[name] = Decimal(item[name])
                for name in self.truths:
                    if name in item:
                        item[name] = item[name] == "true"
                yield item

    def items(self, file: Path) -> Iterator[Row]:
        """The file's rows as a low-level client takes them."""
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield {name: self._value(name, cell) for name, cell in row.items() if cell}

    def _value(self, name: str, cell: str) -> dict[str, str | bool]:
        if name in self.truths:
            return {"BOOL": cell == "true"}
        return {"N" if name in self.numbers else "S": cell}


def batch_writer(file: Path, target: Target) -> int:
    """boto3's resource and its batch_writer."""
    rows = 0
    with boto3.resource("dynamodb", **target.arguments()).Table(TABLE).batch_writer() as writer:
        for row in target.rows(file):
            writer.put_item(Item=row)
            rows += 1
    return rows


def put_item(file: Path, target: Target) -> int:
    """The published samples' loop: one put_item a row, through the resource."""
    table = boto3.resource("dynamodb", **target.arguments()).Table(TABLE)
    rows = 0
    for row in target.rows(file):
        table.put_item(Item=row)
        rows += 1
    return rows


def threads(file: Path, target: Target) -> int:
    """A low-level client, 25 items a request, from a pool of threads."""
    client = boto3.client("dynamodb", **target.arguments())
    rows, pending = 0, set[Future[Any]]()
    with ThreadPoolExecutor(THREADS) as pool:
        items = target.items(file)
        while batch := list(itertools.islice(items, BATCH)):
            rows += len(batch)
            requests: Any = [{"PutRequest": {"Item": item}} for item in batch]
            pending.add(pool.submit(client.batch_write_item, RequestItems={TABLE: requests}))
            if len(pending) >= 2 * THREADS:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for each in done:
                    each.result()
    return rows


def replay(file: Path, target: Target) -> int:
    """Signed requests made beforehand, sent over libcurl: what no client in Python can beat."""
    items, bodies = target.items(file), []
    while batch := list(itertools.islice(items, BATCH)):
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        bodies.append((len(batch), orjson.dumps({"RequestItems": {TABLE: requests}})))
    signer = Signer(
        endpoint=target.endpoint,
        region=SDK["AWS_REGION"],
        target="DynamoDB_20120810.BatchWriteItem",
        credentials=Credentials("benchmark", "benchmark"),
        now=lambda: datetime.now(UTC),
    )
    signed = [(signer.headers(body), body) for _, body in bodies]
    begin()
    _replay(signed, target)
    return sum(count for count, _ in bodies)


def _replay(signed: list[tuple[list[str], bytes]], target: Target) -> None:
    multi = pycurl.CurlMulti()
    free = []
    for _ in range(REQUESTS_IN_FLIGHT):
        handle = pycurl.Curl()
        handle.setopt(pycurl.URL, target.endpoint)
        handle.setopt(pycurl.POST, 1)
        if target.ca_bundle:
            handle.setopt(pycurl.CAINFO, target.ca_bundle)
        free.append(handle)
    waiting, in_flight = iter(signed), 0
    request = next(waiting, None)
    while request is not None or in_flight:
        while free and request is not None:
            headers, body = request
            handle = free.pop()
            handle.setopt(pycurl.HTTPHEADER, [*headers, "Expect:", "Accept:", "User-Agent:"])
            handle.setopt(pycurl.POSTFIELDS, body)
            handle.setopt(pycurl.WRITEFUNCTION, len)
            multi.add_handle(handle)
            in_flight += 1
            request = next(waiting, None)
        multi.perform()
        _, good, bad = multi.info_read(REQUESTS_IN_FLIGHT)
        assert not bad, bad
        for handle in good:
            assert handle.getinfo(pycurl.RESPONSE_CODE) == 200
            multi.remove_handle(handle)
            free.append(handle)
        in_flight -= len(good)
        if not good:
            multi.select(1.0)


CLIENTS: dict[str, Load] = {
    "batch_writer": batch_writer,
    "put_item": put_item,
    "threads": threads,
    "replay": replay,
}
_began = [0.0, 0.0]


def begin() -> None:
    """What was done so far does not count."""
    _began[:] = [_cpu_s(), time.monotonic()]


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Load a file with one client."""
    parser = argparse.ArgumentParser(description="Load a file into a sink with a client that people use.")
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--ca-bundle")
    parser.add_argument("--number", action="append", default=[], help="a column to send as a number")
    parser.add_argument("--truth", action="append", default=[], help="a column to send as a truth value")
    options = parser.parse_args()
    target = Target(
        options.endpoint, options.ca_bundle, numbers=tuple(options.number), truths=tuple(options.truth)
    )
    begin()
    rows = CLIENTS[options.client](options.file, target)
    cpu_s, wall_s = _cpu_s() - _began[0], time.monotonic() - _began[1]
    to_mib = 1024 if sys.platform != "darwin" else 1024 * 1024
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / to_mib
    print(json.dumps({"rows": rows, "cpu_s": cpu_s, "wall_s": wall_s, "peak_mib": peak_mib}))


if __name__ == "__main__":
    main()
