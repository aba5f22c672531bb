from csv_import.shaping.item import DIGEST_BYTES, digest_of, key_text, key_texts

PAIRS = [
    ("", ""),
    ("a", ""),
    ("", "a"),
    ("a", "bc"),
    ("ab", "c"),
    ('a","b', "c"),
    ("a", 'b","c'),
    ("a\\", "b"),
]


def test_texts_tell_keys_apart() -> None:
    assert len({key_text(key) for key in PAIRS}) == len(PAIRS)
    assert key_text(["P1"]) == b"P1"
    assert key_text(["Käse", "2026"]) == 'Käse","2026'.encode()


def test_texts_of_columns_are_those_of_single_keys() -> None:
    columns = [[key_text([value]) for value in column] for column in zip(*PAIRS, strict=True)]
    assert key_texts(columns) == [key_text(key) for key in PAIRS]
    assert key_texts(columns[:1]) == columns[0]


def test_a_digest_is_the_same_in_every_process() -> None:
    """What a checkpoint keeps is counted by another process."""
    assert digest_of(key_text(["P00001"])).hex() == "86756984a52128a637375943ec2d5246"
    assert len(digest_of(b"")) == DIGEST_BYTES
