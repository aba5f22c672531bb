"""A DynamoDB table in memory, as far as both sides of the ledger use one: fast enough for thousands of short lives.

It evaluates the very expressions that the clients send; a property test holds it against moto.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
Key = tuple[str, str]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[#:]?\w+(?:\.#?\w+)*)")


class InMemoryDynamoDB:
    """Takes the calls of a low-level client; all tables are one, with the keys `pk` and `sk`."""

    def __init__(self, created_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.items: dict[Key, Item] = {}
        self._created_at = created_at

    def describe_table(self, **_: Any) -> Item:
        return {"Table": {"CreationDateTime": self._created_at}}

    def get_item(self, **request: Any) -> Item:
        found = self.items.get(_key(request["Key"]))
        return {} if found is None else {"Item": deepcopy(found)}

    def put_item(self, **request: Any) -> Item:
        self._check(request, _key(request["Item"]))
        self.items[_key(request["Item"])] = deepcopy(request["Item"])
        return {}

    def update_item(self, **request: Any) -> Item:
        key = _key(request["Key"])
        self._check(request, key)
        item = deepcopy(self.items.get(key) or request["Key"])
        _update(item, request)
        self.items[key] = item
        return {"Attributes": deepcopy(item)} if request.get("ReturnValues") == "ALL_NEW" else {}

    def transact_write_items(self, **request: Any) -> Item:
        actions = [(kind, action) for each in request["TransactItems"] for kind, action in each.items()]
        reasons = []
        for kind, action in actions:
            try:
                self._check(action, _key(action["Item" if kind == "Put" else "Key"]))
                reasons.append({"Code": "None"})
            except ClientError:
                reasons.append({"Code": "ConditionalCheckFailed"})
        if any(reason["Code"] != "None" for reason in reasons):
            error: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")
        for kind, action in actions:
            unconditional = {name: each for name, each in action.items() if name != "ConditionExpression"}
            (self.put_item if kind == "Put" else self.update_item)(**unconditional)
        return {}

    def get_paginator(self, name: str) -> InMemoryDynamoDB:
        assert name == "query"
        return self

    def paginate(self, **request: Any) -> Iterator[Item]:
        index = request.get("IndexName")
        order = (lambda item: item["updated_at"]["S"]) if index else (lambda item: item["sk"]["S"])
        names = request.get("ExpressionAttributeNames", {})
        condition = _Condition(request["KeyConditionExpression"], names, request["ExpressionAttributeValues"])
        found = sorted((item for item in self.items.values() if condition.holds(item)), key=order)
        projection = request.get("ProjectionExpression")
        yield {
            "Items": [_project(item, projection, names) if projection else deepcopy(item) for item in found]
        }

    def _check(self, request: Mapping[str, Any], key: Key) -> None:
        expression = request.get("ConditionExpression")
        if expression is None:
            return
        item = self.items.get(key, {})
        names, values = (
            request.get("ExpressionAttributeNames", {}),
            request.get("ExpressionAttributeValues", {}),
        )
        if not _Condition(expression, names, values).holds(item):
            error: Any = {"Error": {"Code": "ConditionalCheckFailedException"}}
            if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                error["Item"] = deepcopy(item)
            raise ClientError(error, "UpdateItem")


class _Condition:
    """A recursive descent: OR of ANDs of comparisons, functions and parentheses."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._tokens = _TOKEN.findall(text)
        self._names, self._values = names, values
        self._place = 0
        self._item: Mapping[str, Any] = {}

    def holds(self, item: Mapping[str, Any]) -> bool:
        self._place, self._item = 0, item
        held = self._any()
        assert self._place == len(self._tokens), self._tokens
        return held

    def _any(self) -> bool:
        held = self._all()
        while self._take("OR"):
            held = self._all() or held
        return held

    def _all(self) -> bool:
        held = self._one()
        while self._take("AND"):
            held = self._one() and held
        return held

    def _one(self) -> bool:
        if self._take("("):
            held = self._any()
            assert self._take(")")
            return held
        if self._take("attribute_not_exists"):
            return self._arguments()[0] is None
        if self._take("begins_with"):
            text, start = self._arguments()
            return text is not None and str(text).startswith(start)
        left, comparison, right = self._operand(), self._next(), self._operand()
        if comparison == "<>":
            return bool(left != right)
        return left is not None and right is not None and bool(_COMPARISONS[comparison](left, right))

    def _arguments(self) -> list[Any]:
        assert self._take("(")
        found = [self._operand()]
        while self._take(","):
            found.append(self._operand())
        assert self._take(")")
        return found

    def _operand(self) -> Any:
        token = self._next()
        wire = self._values[token] if token.startswith(":") else _at(self._item, token, self._names)
        return None if wire is None else _plain(wire)

    def _next(self) -> str:
        self._place += 1
        return str(self._tokens[self._place - 1])

    def _take(self, token: str) -> bool:
        there = self._place < len(self._tokens) and self._tokens[self._place] == token
        self._place += there
        return there


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _update(item: Item, request: Mapping[str, Any]) -> None:
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    before = deepcopy(item)
    sets, _, removes = request["UpdateExpression"].partition("REMOVE")
    for change in re.split(r",(?![^(]*\))", sets.removeprefix("SET")) if sets.strip() else []:
        name, _, value = (part.strip() for part in change.partition("="))
        if kept := re.fullmatch(r"if_not_exists\((\S+), *(:\w+)\)", value):
            wire = _at(before, kept[1], names) or values[kept[2]]
        else:
            wire = values[value]
        item[names.get(name, name)] = deepcopy(wire)
    for name in filter(None, (each.strip() for each in removes.split(","))):
        item.pop(names.get(name, name), None)


def _project(item: Mapping[str, Any], projection: str, names: Mapping[str, str]) -> Item:
    found: Item = {}
    for path in (each.strip() for each in projection.split(",")):
        wire = _at(item, path, names)
        if wire is None:
            continue
        first, *rest = (names.get(step, step) for step in path.split("."))
        if rest:
            found.setdefault(first, {"M": {}})["M"][rest[0]] = deepcopy(wire)
        else:
            found[first] = deepcopy(wire)
    return found


def _at(item: Mapping[str, Any], path: str, names: Mapping[str, str]) -> Any:
    """The value at a path, None where there is none."""
    wire: Any = {"M": item}
    for step in path.split("."):
        wire = wire.get("M", {}).get(names.get(step, step)) if wire is not None else None
    return wire


def _plain(wire: Mapping[str, Any]) -> Any:
    ((kind, value),) = wire.items()
    return Decimal(value) if kind == "N" else value


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
