"""The emulator that the integration tests share, and tables in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.dynamodb_local import Unavailable, client, running


@dataclass(frozen=True)
class DynamoDBLocal:
    """A running DynamoDB Local: its endpoint, and a client of it that repeats nothing."""

    endpoint_url: str
    client: Any


MakeTable = Callable[..., str]


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDBLocal]:
    """DynamoDB Local; without Java the test is skipped, unless REQUIRE_INTEGRATION=1."""
    with ExitStack() as stack:
        try:
            endpoint_url = stack.enter_context(running())
        except Unavailable as why:
            if os.environ.get("REQUIRE_INTEGRATION") == "1":
                raise
            pytest.skip(str(why))
        yield DynamoDBLocal(endpoint_url, client(endpoint_url))


@pytest.fixture
def make_table(dynamodb_local: DynamoDBLocal) -> Iterator[MakeTable]:
    """Makes tables, and deletes them at the test's end.

    `make_table(("ProductId", "S"), ("Colour", "N"))`: partition key and, perhaps, sort key with their types; the
    answer is the new table's name.
    """
    names: list[str] = []

    def make(
        partition_key: tuple[str, str] = ("ProductId", "S"), sort_key: tuple[str, str] | None = None
    ) -> str:
        keys = [partition_key] if sort_key is None else [partition_key, sort_key]
        name = f"table-{uuid.uuid4().hex[:12]}"
        dynamodb_local.client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": attribute, "KeyType": role}
                for (attribute, _), role in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in keys
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        names.append(name)
        return name

    yield make
    for name in names:
        dynamodb_local.client.delete_table(TableName=name)
