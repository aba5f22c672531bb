import pytest

from cli.part_options import size_in_bytes, template_parameters


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1048576", 1 << 20),
        ("12B", 12),
        ("3k", 3 << 10),
        ("64M", 64 << 20),
        ("64 MiB", 64 << 20),
        ("2GB", 2 << 30),
        ("1T", 1 << 40),
    ],
)
def test_a_size_is_bytes_or_has_a_unit(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5M", "5 iB", "1X", "1 2"])
def test_what_is_no_size_says_how_one_looks(text: str) -> None:
    with pytest.raises(ValueError, match="as in 64M"):
        size_in_bytes(text)


def test_what_is_not_given_is_left_to_the_template() -> None:
    assert template_parameters(split_threshold=None, part_bytes=None, max_parts=None) == {}
    assert template_parameters(split_threshold="1M", part_bytes="256K", max_parts=8) == {
        "SplitThresholdBytes": "1048576",
        "PartBytes": "262144",
        "MaxParts": "8",
    }
