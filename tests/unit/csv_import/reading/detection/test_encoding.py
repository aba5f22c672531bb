import pytest

from csv_import.errors import BadConfiguration, BadData
from csv_import.reading.detection.encoding import decode, encoded_size, find_encoding, mark_of

TEXT = "Größe;Preis\n12;9,50\n"


@pytest.mark.parametrize(
    ("front", "encoding"),
    [
        pytest.param(b"", "utf-8", id="nothing"),
        pytest.param(b"a,b\n1,2\n", "utf-8", id="ASCII"),
        pytest.param(TEXT.encode(), "utf-8", id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfa,b\n", "utf-8", id="UTF-8 with a mark"),
        pytest.param("a,é".encode()[:-1], "utf-8", id="UTF-8, cut within a character"),
        pytest.param("a,é,ü,ö\n".encode() + b"b,\xfc\n", "utf-8", id="UTF-8 with a broken byte"),
        pytest.param(TEXT.encode("cp1252"), "cp1252", id="Windows-1252"),
        pytest.param("a;5 €\n".encode("cp1252"), "cp1252", id="Windows-1252's own euro sign"),
        pytest.param(b"a;\xe4\x81\n", "latin-1", id="a byte that 1252 does not define"),
        pytest.param(TEXT.encode("utf-16"), "utf-16-le", id="UTF-16 with a mark"),
        pytest.param(b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be", id="UTF-16 BE with a mark"),
        pytest.param(TEXT.encode("utf-16-le"), "utf-16-le", id="UTF-16 LE without a mark"),
        pytest.param(TEXT.encode("utf-16-be"), "utf-16-be", id="UTF-16 BE without a mark"),
        pytest.param(("Имя;Цена\n" + "Анна;12\n" * 9).encode("utf-16-le"), "utf-16-le", id="Cyrillic UTF-16"),
        pytest.param(b"a,b\0\nc,d and more\n" * 9, "utf-8", id="a few NUL bytes"),
        pytest.param(b"GIF8 is a name,1\n", "utf-8", id="text that begins as an image does"),
    ],
)
def test_encodings(front: bytes, encoding: str) -> None:
    assert find_encoding(front, None).value == encoding


@pytest.mark.parametrize(
    ("given", "encoding"),
    [
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("ascii", "utf-8"),
        ("Windows-1252", "cp1252"),
        ("latin-1", "iso8859-1"),
        ("cp1251", "cp1251"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16", "utf-16-le"),
    ],
)
def test_a_given_encoding_wins(given: str, encoding: str) -> None:
    found = find_encoding(TEXT.encode(), given)
    assert (found.value, found.confidence) == (encoding, 1.0)


def test_utf_16_that_is_given_has_the_byte_order_of_its_mark() -> None:
    assert find_encoding(b"\xfe\xff\0a", "utf-16").value == "utf-16-be"


@pytest.mark.parametrize("given", ["klingon", "cp037", "shift_jis", "gbk", "utf-32", "utf-7", "hex", "rot13"])
def test_what_cannot_be_read_is_bad_configuration(given: str) -> None:
    with pytest.raises(BadConfiguration, match="give utf-8") as caught:
        find_encoding(b"a,b\n", given)
    assert caught.value.code == "unsupported_encoding"


@pytest.mark.parametrize(
    ("front", "looks_like"),
    [
        pytest.param(b"PK\x03\x04\x14\0\x06\0", "Excel workbook", id="a workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel", id="an old workbook"),
        pytest.param(b"%PDF-1.7\n", "PDF", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG", id="an image"),
        pytest.param(b"PAR1\x15\x04\0", "Parquet", id="Parquet"),
        pytest.param(b"\x1f\x8b\x08\0", "gzip, twice", id="gzip in gzip"),
        pytest.param("a,b\n".encode("utf-32"), "UTF-32", id="UTF-32"),
        pytest.param(bytes(range(256)) * 40, "control characters", id="any bytes"),
    ],
)
def test_what_is_no_text_is_named_with_the_remedy(front: bytes, looks_like: str) -> None:
    with pytest.raises(BadData, match=looks_like) as caught:
        find_encoding(front, None)
    assert caught.value.code == "not_text"
    assert "drop" in caught.value.message


def test_a_control_character_between_cells_is_text() -> None:
    assert find_encoding(b"1\x012\x013\n4\x015\x016\n" * 9, None).value == "utf-8"


def test_the_mark_is_no_text() -> None:
    assert decode(b"\xef\xbb\xbfa", "utf-8") == "a"
    assert decode("a".encode("utf-16"), "utf-16-le") == "a"
    assert mark_of("cp1252", b"\xef\xbb\xbfa") == b""
    assert decode(b"\xef\xbb\xbfa", "utf-8", at_start=False) == "\ufeffa"


def test_sizes_are_those_of_the_file() -> None:
    broken = b"a\xff\xc3\xa9"
    assert encoded_size(decode(broken, "utf-8"), "utf-8") == len(broken)
    assert encoded_size("é\n", "utf-16-be") == 4
    assert encoded_size("é\n", "cp1252") == 2


def test_evidence_never_shows_what_stands_in_the_file() -> None:
    assert "Geheim" not in find_encoding("Geheim;ü\n".encode("cp1252"), None).evidence
