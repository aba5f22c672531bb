import hashlib
import re

import pytest

from imports import State, import_id, received, total
from tests.unit.functions.builders import AT, a_part, an_object


def digest(*texts: str) -> str:
    return hashlib.sha256(b"\0".join(text.encode() for text in texts)).hexdigest()[:20]


def test_the_id_is_slug_and_digest() -> None:
    assert import_id(bucket="b", key="in/Sample.csv", version_id="v1", sequencer="0055") == (
        f"sample-csv-{digest('b', 'in/Sample.csv', 'v1')}"
    )


def test_the_id_of_a_known_object_never_changes() -> None:
    found = import_id(bucket="input", key="sample.csv", version_id="v1", sequencer="0055")
    assert found == "sample-csv-8b9204d4c4685e6d2271"


@pytest.mark.parametrize("version_id", [None, "", "null"])
def test_without_version_id_the_sequencer_names_the_version(version_id: str | None) -> None:
    found = import_id(bucket="b", key="a.csv", version_id=version_id, sequencer="0055")
    assert found == f"a-csv-{digest('b', 'a.csv', 'sequencer:0055')}"


@pytest.mark.parametrize(
    ("key", "slug"),
    [
        ("a.csv", "a-csv"),
        ("deep/er/a.csv", "a-csv"),
        ("Preise + Mengen (2026).CSV", "preise-mengen-2026-csv"),
        ("März.csv", "m-rz-csv"),
        ("--a--.csv", "a-csv"),
        ("📦", "object"),
        ("日本語", "object"),
        ("folder/", "object"),
        ("x" * 100 + ".csv", "x" * 40),
        ("x" * 39 + " y.csv", "x" * 39),
        ("a_b.csv", "a-b-csv"),
    ],
)
def test_the_slug_is_what_a_person_recognises(key: str, slug: str) -> None:
    found = import_id(bucket="b", key=key, version_id="v", sequencer="")
    assert found == f"{slug}-{digest('b', key, 'v')}"
    assert re.fullmatch("[a-z0-9-]{22,61}", found)


def test_every_share_of_the_identity_counts() -> None:
    ids = {
        import_id(bucket=bucket, key=key, version_id=version_id, sequencer=sequencer)
        for bucket in ("a", "b")
        for key in ("a.csv", "b.csv")
        for version_id in ("1", None)
        for sequencer in ("1", "2")
    }
    assert len(ids) == 2 * 2 * 3, "the sequencer counts only where there is no version id"


def test_a_new_import_is_received_and_open() -> None:
    import_ = received(an_object(), at=AT)
    assert (import_.state, import_.run, import_.parts) == (State.RECEIVED, 1, 1)
    assert import_.received_at == import_.updated_at == AT


def test_closed_states() -> None:
    assert {state for state in State if state.closed} == {State.DONE, State.FAILED, State.CANCELLED}


def test_totals_add_up_whatever_counters_a_part_has() -> None:
    assert total([a_part(counters={"a": 1, "b": 2}), a_part(counters={"b": 3}), a_part(counters={})]) == {
        "a": 1,
        "b": 5,
    }
