from csv_import.writing.batch import Batch
from tests.unit.csv_import.writing.fakes import item


def test_the_later_row_of_a_key_replaces_the_earlier() -> None:
    batch = Batch(segment=0)
    assert not batch.put(item("a", b"first"))
    assert not batch.put(item("b", b"x"))
    assert batch.put(item("a", b"second one"))
    assert list(batch.items.values()) == [b"second one", b"x"]


def test_the_size_is_that_of_what_would_be_sent() -> None:
    batch = Batch(segment=0)
    for key, body in [("a", b"12345"), ("b", b"1"), ("a", b"12"), ("a", b"1234567"), ("b", b"")]:
        batch.put(item(key, body))
        assert batch.size == sum(map(len, batch.items.values()))


def test_an_empty_body_is_replaced_too() -> None:
    batch = Batch(segment=0)
    batch.put(item("a", b""))
    assert batch.put(item("a", b"x"))
