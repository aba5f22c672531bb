from decimal import Decimal

import ledger_items
from imports import Failure, PartStatus, Pinned, State
from objects import ObjectVersion
from tests.unit.functions.builders import AT, IMPORT_ID, an_import, an_object


def test_an_import_survives_the_way_to_the_table_and_back() -> None:
    for found in (an_object(), an_object(version_id=None), an_object(sequencer="")):
        import_ = an_import(state=State.RECEIVED, object=found)
        wire = ledger_items.to_wire(ledger_items.import_to_item(import_))
        assert ledger_items.item_to_import(ledger_items.from_wire(wire)) == import_


def test_a_new_import_has_the_contracts_attributes() -> None:
    item = ledger_items.import_to_item(an_import(state=State.RECEIVED))
    assert item == {
        "pk": f"import#{IMPORT_ID}",
        "sk": "import",
        "import_id": IMPORT_ID,
        "bucket": "input",
        "key": "in/sample.csv",
        "version_id": "v1",
        "sequencer": "0055",
        "etag": "abc",
        "size": 321,
        "event_time": AT,
        "state": "RECEIVED",
        "open": "yes",
        "run": 1,
        "parts": 1,
        "received_at": AT,
        "updated_at": AT,
    }


def test_absent_values_are_absent_attributes() -> None:
    wire = ledger_items.to_wire(ledger_items.import_to_item(an_import(object=an_object(version_id=None))))
    assert "version_id" not in wire


def test_what_job_and_functions_wrote_later_is_read() -> None:
    item = ledger_items.import_to_item(an_import()) | {
        "state": "FAILED",
        "submitted_at": AT,
        "submitted_job": "recorded",
        "load_job": "claimant",
        "pinned": {
            "table_name": "items",
            "header": ["A", "B"],
            "columns": Decimal(120),
            "etag": "abc",
            "header_adjusted": [{"column": Decimal(2), "kind": "trimmed"}],
            "reading": {
                "dialect": {"delimiter": ";"},
                "findings": {"delimiter": {"confidence": Decimal("0.5")}},
            },
        },
        "closed_at": AT,
        "error": {"code": "job_lost", "message": "gone"},
    }
    assert ledger_items.item_to_import(item) == an_import(
        state=State.FAILED,
        submitted_at=AT,
        submitted_job="recorded",
        load_job="claimant",
        pinned=Pinned(
            table_name="items",
            header=("A", "B"),
            columns=120,
            header_adjusted=({"column": 2, "kind": "trimmed"},),
            reading={"dialect": {"delimiter": ";"}, "findings": {"delimiter": {"confidence": 0.5}}},
        ),
        closed_at=AT,
        failure=Failure("job_lost", "gone"),
    )


def test_a_part_that_has_just_begun_is_read() -> None:
    part = ledger_items.item_to_part({"part": Decimal(0), "run": Decimal(1), "status": "RUNNING"})
    assert (part.status, part.counters, part.ignored, part.failure) == (PartStatus.RUNNING, {}, {}, None)


def test_a_part_that_failed_is_read_whole() -> None:
    part = ledger_items.item_to_part(
        {
            "part": Decimal(3),
            "run": Decimal(2),
            "status": "FAILED",
            "counters": {"rows_read": Decimal(7)},
            "ignored": {"header": {"spans": Decimal(1), "bytes": Decimal(27)}},
            "rejects_by_code": {"EMPTY_KEY": Decimal(2)},
            "mended": {"padded": Decimal(4)},
            "error": {"code": "NO_KEY_COLUMN", "message": "no ProductId", "exit_code": Decimal(78)},
            "started_at": AT,
            "finished_at": AT,
        }
    )
    assert (part.part, part.run, part.counters) == (3, 2, {"rows_read": 7})
    assert part.ignored == {"header": {"spans": 1, "bytes": 27}}
    assert part.rejects_by_code == {"EMPTY_KEY": 2}
    assert part.mended == {"padded": 4}
    assert part.failure == Failure("NO_KEY_COLUMN", "no ProductId")
    assert all(type(count) is int for count in part.counters.values())


def test_an_object_keeps_what_the_event_named() -> None:
    item = ledger_items.import_to_item(an_import())
    assert isinstance(ledger_items.item_to_import(item).object, ObjectVersion)
