import pytest

from csv_import.reading.detection import detect
from csv_import.reading.dialect import Dialect, Given


def found(content: bytes, *key_names: str) -> Dialect:
    return detect(content, complete=True, tail=None, given=Given(), key_names=key_names).dialect


NAMES_LIKE_DATA = b"2024,2025\n1,2\n3,4\n5,6\n"


def test_a_record_that_names_the_key_is_the_header_whatever_it_looks_like() -> None:
    assert found(NAMES_LIKE_DATA).header_records == 0
    assert found(NAMES_LIKE_DATA, "2024").header_records == 1
    assert found(NAMES_LIKE_DATA, "2024", "2026").header_records == 0


@pytest.mark.parametrize("padding", ["", " "])
def test_what_stands_before_it_is_preamble(padding: str) -> None:
    content = f"Prices\nof May\n{padding}Id{padding},Name\n1,x\n2,y\n".encode()
    dialect = found(content, "Id")
    assert (dialect.skipped_lines, dialect.header_records) == (2, 1)


def test_among_rows_a_keys_name_is_a_cell() -> None:
    content = b"Table,Column\nOrders,OrderId\nProducts,ProductId\nProducts,Name\n"
    dialect = found(content, "ProductId")
    assert (dialect.skipped_lines, dialect.header_records) == (0, 1)


def test_header_records_are_joined_only_as_far_as_the_key_keeps_its_name() -> None:
    content = b"Id,Price,Weight\ncode,USD,kg\n" + b"".join(b"A-%d,%d.5,%d\n" % (n, n, n) for n in range(20))
    assert found(content, "Id").header_records == 1
    joined = found(content)
    assert found(content, "Price USD").header_records == joined.header_records


def test_a_header_that_is_given_stays_so() -> None:
    dialect = detect(
        NAMES_LIKE_DATA, complete=True, tail=None, given=Given(header_records=0), key_names=["2024"]
    ).dialect
    assert dialect.header_records == 0
