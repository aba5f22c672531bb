import json

import pytest

from csv_import.writing.answers import Answer, NotDynamoDB
from csv_import.writing.batch import Entries
from csv_import.writing.modes.rule import Found
from csv_import.writing.single_write import SingleWrite

ENTRIES: Entries = {b"k": (b'{"Id":{"S":"a"}}', 1)}


def same(body: bytes, found: Found) -> bool:
    return bool(json.loads(body) == found)


INSERT = SingleWrite("PutItem", lambda body: b'{"Item":' + body + b"}", same)


def test_the_request_is_the_modes_own() -> None:
    assert json.loads(INSERT.body(ENTRIES)) == {"Item": {"Id": {"S": "a"}}}
    assert (INSERT.target, INSERT.max_items) == ("DynamoDB_20120810.PutItem", 1)
    assert INSERT.done({"ConsumedCapacity": {"CapacityUnits": 2.0}}, ENTRIES) == Answer(
        units=2.0, left_alone=False
    )
    assert SingleWrite("UpdateItem", bytes).done({}, ENTRIES) == Answer()


def test_an_item_that_is_there_already_is_left_alone() -> None:
    answer = INSERT.condition_failed({"Item": {"Id": {"S": "a"}, "Old": {"S": "x"}}}, ENTRIES)
    assert answer == Answer(left_alone=True)


def test_an_item_that_an_unanswered_request_wrote_counts_as_written() -> None:
    assert INSERT.condition_failed({"Item": {"Id": {"S": "a"}}}, ENTRIES) == Answer(left_alone=False)


def test_a_condition_that_fails_without_its_item_is_not_understood() -> None:
    with pytest.raises(NotDynamoDB):
        INSERT.condition_failed({}, ENTRIES)
    with pytest.raises(NotDynamoDB):
        SingleWrite("UpdateItem", lambda body: body).condition_failed({"Item": {}}, ENTRIES)
