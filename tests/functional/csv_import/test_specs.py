"""A spec in the bucket: found, pinned, obeyed; limits on rejects; several items a row."""

from __future__ import annotations

from typing import Any

import boto3

from csv_import.errors import BadConfiguration, BadData
from tests.functional.csv_import.conftest import World

FILE = b"ProductId,Name,Price\n1,n,007\n2,m,x\n3,,1.50\n"


def put_spec(world: World, text: str, key: str = "_import.yaml") -> str:
    version: str = world.s3.put_object(Bucket="input", Key=key, Body=text.encode())["VersionId"]
    return version


def test_the_nearest_spec_says_how_rows_become_items(world: World) -> None:
    world.table()
    put_spec(world, "mode: nonsense")
    version = put_spec(world, "columns: {Price: N, Name: {to: n.m}}\nprovenance: off\n", "in/_import.yaml")
    import_id = world.drop(FILE, key="in/2026/products.csv")

    assert world.load(import_id) == 0

    assert world.items() == {
        "1": {"ProductId": {"S": "1"}, "n": {"M": {"m": {"S": "n"}}}, "Price": {"N": "7"}},
        "3": {"ProductId": {"S": "3"}, "Price": {"N": "1.5"}},
    }
    assert world.part(import_id)["rejects_by_code"] == {"invalid_number": 1}
    assert world.part(import_id)["notices"] == [
        {"column": "Price", "code": "leading_zeros_lost", "cells": 1},
        {"column": "Price", "code": "trailing_zeros_lost", "cells": 1},
    ]
    spec = world.record(import_id)["spec"]
    assert (spec["key"], spec["version_id"], spec["run"]) == ("in/_import.yaml", version, 1)
    assert world.record(import_id)["pinned"]["mode"] == "put"


def test_a_later_attempt_keeps_to_the_spec_of_the_first(world: World) -> None:
    world.table()
    put_spec(world, "max_rejects: 0\n")
    import_id = world.drop(FILE + b"4\n")
    assert isinstance(world.attempt(import_id), BadData)
    put_spec(world, "columns: {ProductId: drop}\n")  # would not even compile
    part = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
    world.dynamodb.delete_item(TableName="ledger", Key=part)

    again = world.attempt(import_id, 2)

    assert again is not None
    assert again.code == "too_many_rejects"


def test_no_spec_stays_no_spec(world: World) -> None:
    world.table()
    import_id = world.drop(FILE)
    assert world.attempt(import_id) is None
    put_spec(world, "mode: nonsense")
    part = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
    world.dynamodb.delete_item(TableName="ledger", Key=part)
    assert world.attempt(import_id, 2) is None


def test_a_spec_with_a_mistake_stops_the_import_before_anything_is_written(world: World) -> None:
    world.table()
    put_spec(world, "mode: put\ncolumns: {Pric: N}\n")
    import_id = world.drop(FILE)
    assert world.load(import_id) == 65
    put_spec(world, "mode: put\ncolumns: {Price: M}\n")
    import_id = world.drop(FILE)
    assert world.load(import_id) == 78
    assert world.part(import_id)["error"]["code"] == "invalid_spec"
    assert world.part(import_id)["error"]["message"].startswith(
        "_import.yaml: line 2, columns.Price: there is no 'M'"
    )
    assert world.items() == {}


def test_a_mode_or_a_table_must_be_allowed(world: World) -> None:
    world.table()
    put_spec(world, "mode: delete\n")
    stopped = world.attempt(world.drop(FILE))
    assert isinstance(stopped, BadConfiguration)
    assert stopped.code == "mode_not_allowed"
    assert stopped.message.startswith(
        "line 1, mode: this deployment does not allow the mode delete; it allows put, "
    )
    put_spec(world, "max_rejects: 3\ntable: others\n")
    stopped = world.attempt(world.drop(FILE), ALLOWED_TABLES="elsewhere")
    assert stopped is not None
    assert stopped.code == "table_not_allowed"
    assert stopped.message.startswith(
        "line 2, table: this deployment does not load into 'others'; it allows items, els"
    )


def test_another_table_that_is_allowed(world: World) -> None:
    world.table()
    boto3.client("dynamodb").create_table(
        TableName="others",
        KeySchema=[{"AttributeName": "Sku", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Sku", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put_spec(world, "table: others\ncolumns: {ProductId: {to: Sku}}\nprovenance: off\nother_columns: drop\n")
    import_id = world.drop(FILE)
    assert world.attempt(import_id, ALLOWED_TABLES="arn:aws:dynamodb:eu-central-1:1:table/others") is None
    assert world.items() == {}
    found: list[Any] = world.dynamodb.scan(TableName="others")["Items"]
    assert sorted(item["Sku"]["N"] for item in found) == ["1", "2", "3"]
    assert world.record(import_id)["pinned"]["table_name"] == "others"


def test_too_many_rejects_stop_the_import_where_the_limit_is_passed(world: World) -> None:
    world.table()
    put_spec(world, "max_rejects: 2\n")
    rows = [b"ok%d,n,1\n" % n if n % 3 else b"bad%d\n" % n for n in range(1, 31)]
    import_id = world.drop(b"ProductId,Name,Price\n" + b"".join(rows))

    stopped = world.attempt(import_id, segment_records=4)

    assert isinstance(stopped, BadData)
    assert stopped.message.startswith(
        "stopped at line 10 (record 9): more rows are rejected than max_rejects allows (2)"
    )
    assert world.items().keys() == {"ok1", "ok2", "ok4", "ok5", "ok7", "ok8"}
    assert world.part(import_id)["status"] == "FAILED"
    counters = world.counters(import_id)
    assert (counters["rows_read"], counters["rows_written"], counters["rows_rejected"]) == (9, 6, 3)
    assert world.rejects(import_id) == b"bad3\nbad6\nbad9\n"


def test_a_share_of_rejects_counts_from_so_many_rows_on(world: World) -> None:
    world.table()
    put_spec(world, "max_reject_ratio: 0.5\nmax_reject_ratio_from_rows: 10\n")
    bad, good = b"bad\n", b"ok%d,n,1\n"
    head = b"ProductId,Name,Price\n"
    assert world.attempt(world.drop(head + bad * 9)) is None
    assert world.attempt(world.drop(head + bad * 9 + b"".join(good % n for n in range(9)))) is None
    late = world.attempt(world.drop(head + bad * 9 + b"".join(good % n for n in range(8))))
    assert late is not None
    assert late.message.startswith(
        "stopped at line 19 (record 18): 9 of 17 rows are rejected, a larger share than"
    )
    stopped = world.attempt(world.drop(head + bad * 12))
    assert stopped is not None
    assert stopped.message.startswith(
        "stopped at line 11 (record 10): 10 of 10 rows are rejected, a larger share than"
    )


def test_the_rejects_of_other_parts_count_too(world: World) -> None:
    world.table()
    put_spec(world, "max_rejects: 3\n")
    import_id = world.drop(FILE + b"4\n")
    key = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "import"}}
    world.dynamodb.update_item(
        TableName="ledger",
        Key=key,
        UpdateExpression="SET parts = :n",
        ExpressionAttributeValues={":n": {"N": "3"}},
    )
    counted = {"rows_read": {"N": "10"}, "rows_rejected": {"N": "3"}}
    other = {"pk": key["pk"], "sk": {"S": "run#0001#part#00001"}, "counters": {"M": counted}}
    world.dynamodb.put_item(TableName="ledger", Item=other)
    other = {**other, "sk": {"S": "run#0002#part#00001"}}  # another run's
    world.dynamodb.put_item(TableName="ledger", Item=other)

    stopped = world.attempt(import_id)

    assert stopped is not None
    assert stopped.message.startswith("stopped at line 5 (record 4): ")


def test_rows_of_several_items_are_counted_apart_from_their_items(world: World) -> None:
    world.table(key={"ProductId": "S", "Kind": "S"})
    put_spec(
        world,
        "columns: {Id: drop, Category: drop}\n"
        "provenance: off\n"
        "items:\n"
        "  - attributes: {ProductId: 'P#{Id}', Kind: META}\n"
        "  - attributes: {ProductId: 'C#{Category}', Kind: 'P#{Id}'}\n"
        "    columns: [Name]\n"
        "    optional: true\n",
    )
    import_id = world.drop(b"Id,Category,Name\n1,a,x\n2,,y\n1,b,z\n,a,q\n")

    assert world.load(import_id) == 0

    found = sorted((item["ProductId"]["S"], item["Kind"]["S"], item["Name"]["S"]) for item in world.scan())
    assert found == [("C#a", "P#1", "x"), ("C#b", "P#1", "z"), ("P#1", "META", "z"), ("P#2", "META", "y")]
    counters = world.counters(import_id)
    assert {name: count for name, count in counters.items() if name.startswith(("rows", "items"))} == {
        "rows_read": 4,
        "rows_accepted": 3,
        "rows_written": 2,
        "rows_superseded": 1,
        "rows_skipped": 0,
        "rows_rejected": 1,
        "items_accepted": 5,
        "items_written": 4,
        "items_superseded": 1,
        "items_skipped": 0,
    }


def test_the_dialect_that_the_spec_says_is_not_found_out(world: World) -> None:
    world.table()
    put_spec(world, "dialect: {delimiter: '|', quote: '', skipped_lines: 1}\n")
    import_id = world.drop(b'a title\nProductId|Name,First\n1|x,"y\n2|z,w\n')

    assert world.load(import_id) == 0

    assert {key: item["Name,First"]["S"] for key, item in world.items().items()} == {"1": 'x,"y', "2": "z,w"}
    reading = world.record(import_id)["pinned"]["reading"]
    assert (reading["dialect"]["delimiter"], reading["dialect"]["quote"]) == ("|", None)
    assert world.part(import_id)["ignored"]["preamble"]["bytes"] == 8


def test_what_the_spec_composes_is_no_column_that_a_header_must_have(world: World) -> None:
    world.table()
    put_spec(world, "attributes: {ProductId: 'P#{Number}'}\nprovenance: off\n")
    assert world.load(world.drop(b"Number;Name\n1;n\n2;m\n")) == 0
    assert world.items().keys() == {"P#1", "P#2"}


ODD = b"ProductId,Name,Price\n1,n\n2,a,b,c\n3,n,1\n"


def test_the_spec_says_how_strictly_rows_are_taken(world: World) -> None:
    world.table()
    put_spec(world, "rows: lenient\ncolumns: {Name: {to: n.m}}\n")
    import_id = world.drop(ODD)
    assert world.load(import_id) == 0
    assert world.items().keys() == {"1", "2", "3"}
    assert world.items()["2"]["Price"] == {"S": "b,c"}
    assert world.part(import_id)["mended"] == {"padded": 1, "joined": 1}
    assert world.record(import_id)["pinned"]["reading"]["mode"] == "lenient"

    world.environment["READING_MODE"] = "lenient"
    put_spec(world, "rows: strict\n")
    import_id = world.drop(ODD)
    assert world.load(import_id) == 0
    assert world.part(import_id)["rejects_by_code"] == {"too_few_cells": 1, "too_many_cells": 1}


def test_a_later_attempt_keeps_to_how_strictly_the_first_one_took_rows(world: World) -> None:
    world.table()
    put_spec(world, "max_rejects: 1\n")
    import_id = world.drop(ODD)
    assert isinstance(world.attempt(import_id), BadData)
    part = {"pk": {"S": f"import#{import_id}"}, "sk": {"S": "run#0001#part#00000"}}
    world.dynamodb.delete_item(TableName="ledger", Key=part)
    assert isinstance(world.attempt(import_id, 2, READING_MODE="lenient"), BadData)


def test_an_import_that_is_stopped_counts_what_was_mended_so_far(world: World) -> None:
    world.table()
    put_spec(world, "rows: lenient\nmax_rejects: 0\n")
    import_id = world.drop(b"ProductId,Name\n1\n,x\n2\n3\n")
    assert isinstance(world.attempt(import_id), BadData)
    assert world.counters(import_id)["rows_read"] == 2
    assert world.part(import_id)["mended"] == {"padded": 1}


def test_an_import_that_is_stopped_tells_of_no_cell_behind_the_record_it_stopped_at(world: World) -> None:
    world.table()
    put_spec(world, "max_rejects: 0\ncolumns: {Price: {type: N}}\n")
    import_id = world.drop(b"ProductId,Price\n1,007\n,1\n2,008\n3,009\n")
    assert isinstance(world.attempt(import_id), BadData)
    assert world.counters(import_id)["rows_read"] == 2
    assert world.part(import_id)["notices"] == [{"column": "Price", "code": "leading_zeros_lost", "cells": 1}]


def test_rows_with_much_in_each_item_are_shaped_in_slices_and_counted_as_one(world: World) -> None:
    world.table()
    put_spec(world, f"columns: {{Price: N}}\nattributes: {{Text: {'t' * 60_000}}}\nprovenance: off\n")
    rows = "".join(f"{number},{'x' if number in (5, 99) else f'0{number}'}\n" for number in range(1, 101))
    import_id = world.drop(b"ProductId,Price\n" + rows.encode() + b"7,77\n")  # 4 MiB hold 69 items

    assert world.load(import_id) == 0

    counts = world.counters(import_id)
    assert (counts["rows_read"], counts["rows_rejected"], counts["rows_written"]) == (101, 2, 98)
    assert counts["rows_superseded"] == 1
    assert world.items()["7"]["Price"] == {"N": "77"}
    assert world.part(import_id)["notices"] == [
        {"column": "Price", "code": "leading_zeros_lost", "cells": 98}
    ]


def test_an_update_takes_attributes_off_where_the_spec_says_so(world: World) -> None:
    world.table()
    for number in "123":
        item = {"ProductId": {"S": number}, "Until": {"S": "2026"}, "Note": {"S": "old"}}
        world.dynamodb.put_item(TableName="items", Item=item)
    put_spec(
        world,
        "mode: update\nprovenance: off\ncolumns: {Until: {empty: remove, nulls: never, nulls_as: remove}}\n",
    )
    content = b"ProductId,Until,Note\n1,,\n2,never,new\n3,2027,\n3,,\n4,1,\n4,,\n"
    import_id = world.drop(content)

    assert world.load(import_id) == 0

    assert world.items() == {
        "1": {"ProductId": {"S": "1"}, "Note": {"S": "old"}},
        "2": {"ProductId": {"S": "2"}, "Note": {"S": "new"}},
        "3": {"ProductId": {"S": "3"}, "Note": {"S": "old"}},
        "4": {"ProductId": {"S": "4"}},
    }
    assert world.counters(import_id)["rows_written"] == 4
