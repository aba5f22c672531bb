import pytest

from csv_import.shaping.numbers import canonical_number

NINES = "9" * 38


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("+0", "0"),
        ("00", "0"),
        ("0.000", "0"),
        (".0", "0"),
        ("0e5", "0"),
        ("-0.0E-7", "0"),
        ("7", "7"),
        ("+7", "7"),
        ("-7", "-7"),
        ("007", "7"),
        ("-007", "-7"),
        ("7.0", "7"),
        ("7.", "7"),
        ("5.", "5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("0.50", "0.5"),
        ("70", "70"),
        ("7e1", "70"),
        ("7E+1", "70"),
        ("700e-1", "70"),
        ("1e000000000001", "10"),
        (NINES, NINES),
        ("-" + NINES, "-" + NINES),
        (NINES + "000", NINES + "000"),
        ("000" + NINES + ".000", NINES),
        ("0." + NINES, "0." + NINES),
        ("1E+125", "1E+125"),
        ("1" + "0" * 125, "1E+125"),
        ("9." + "9" * 37 + "E125", "9." + "9" * 37 + "E+125"),
        ("-9." + "9" * 37 + "E+125", "-9." + "9" * 37 + "E+125"),
        ("1E-130", "1E-130"),
        ("10E-131", "1E-130"),
        ("0." + "0" * 129 + "1", "1E-130"),
    ],
)
def test_numbers_in_their_one_form(text: str, canonical: str) -> None:
    if canonical == NINES + "000":  # 41 digits, 38 of them significant
        assert canonical_number(text) == canonical_number(NINES + "e3") == NINES[0] + "." + NINES[1:] + "E+40"
    else:
        assert canonical_number(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "-",
            "+",
            ".",
            "-.",
            "e5",
            ".e5",
            "1e",
            "1e+",
            "1.2.3",
            "1,5",
            "1 ",
            " 1",
            "1\n",
            "1_000",
            "0x10",
        ),
        *("--1", "+-1", "1-", "NaN", "nan", "sNaN", "Infinity", "-inf", "1e5.5", "½", "²", "一"),
        pytest.param("\N{ARABIC-INDIC DIGIT ONE}", id="an Arabic digit, which int() would take"),
        pytest.param("\N{FULLWIDTH DIGIT ONE}", id="a full-width digit"),
        pytest.param("\N{MINUS SIGN}1", id="a typographic minus"),
        pytest.param("1" + "0" * 37 + "1", id="39 significant digits"),
        pytest.param("0." + "1" * 39, id="39 significant digits behind the point"),
        pytest.param("1E+126", id="too large"),
        pytest.param("-1E+126", id="too large, negative"),
        pytest.param("9.99E125999", id="far too large"),
        pytest.param("1" + "0" * 126, id="too large, written out"),
        pytest.param("1E-131", id="too small"),
        pytest.param("9.9E-131", id="just too small"),
        pytest.param("1e" + "9" * 400, id="an exponent that no machine holds"),
    ],
)
def test_what_dynamodb_would_refuse_or_change_is_refused(text: str) -> None:
    assert canonical_number(text) is None
