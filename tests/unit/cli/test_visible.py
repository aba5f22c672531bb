import pytest

from cli.visible import byte_count, decodable, duration, shortened, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain é 😀", "plain é 😀"),
        ("a\tb\r\nc", r"a\tb\r\nc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x7f", r"\x00\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
    ],
    ids=["plain", "blanks", "escape", "C1", "NUL and DEL", "right to left", "undecodable"],
)
def test_nothing_reaches_the_terminal_but_what_can_be_seen(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_bytes_that_cannot_be_decoded_become_replacement_characters() -> None:
    assert decodable("a\udcffb\ud800") == "a\ufffdb\ufffd"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert shortened("a" * 10, 10) == "a" * 10
    assert shortened("a" * 1011, 10) == "a" * 10 + "… (1,011 characters)"


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (3 << 29, "1.5 GiB"),
        (5 << 41, "10.0 TiB"),
    ],
)
def test_sizes_as_a_person_says_them(size: int, said: str) -> None:
    assert byte_count(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0.0 s"), (59.9, "59.9 s"), (90, "1.5 min"), (720, "12 min"), (5400, "1.5 h")]
)
def test_times_as_a_person_says_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
