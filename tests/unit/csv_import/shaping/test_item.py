from csv_import.shaping.item import DIGEST_BYTES, key_digest


def test_digests_have_their_length_and_tell_keys_apart() -> None:
    keys = [(), ("",), ("", ""), ("a",), ("a", ""), ("", "a"), ("a", "bc"), ("ab", "c"), ("abc",), ("a\0bc",)]
    digests = {key_digest(key) for key in keys}
    assert len(digests) == len(keys)
    assert {len(digest) for digest in digests} == {DIGEST_BYTES}


def test_a_digest_is_the_same_in_every_process() -> None:
    """A key's lane and part follow from it, on whichever machine."""
    assert key_digest(["P00001"]).hex() == "89cf7c9242979a73dd5b00677a2bc6eb"
