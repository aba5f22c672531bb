from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csv_import.reading.damage import Damage, DamagedRow
from csv_import.reading.fitting import MENDABLE, Fitted, Fitting, Mending, fit
from csv_import.rejects import Reason, RejectCode
from csv_import.settings import Mode


def damaged(*cells: str, code: RejectCode = RejectCode.STRAY_QUOTE) -> DamagedRow:
    return DamagedRow(cells, Damage(code, "why"))


def fitted(row: list[str], mode: Mode = Mode.LENIENT) -> Fitted | Reason:
    return fit(row, columns=3, delimiter=";", mode=mode)


@pytest.mark.parametrize("mode", Mode)
def test_a_row_that_fits_stays_the_same_object(mode: Mode) -> None:
    row = ["a", "b", "c"]
    found = fitted(row, mode)
    assert isinstance(found, Fitted)
    assert found.row is row
    assert found.mendings == ()


@pytest.mark.parametrize("row", [["a"], ["a", "b", "c", "d"]])
def test_strict_leaves_a_misfit_to_shaping(row: list[str]) -> None:
    assert fitted(row, Mode.STRICT) == Fitted(row)


@pytest.mark.parametrize("row", [damaged("a", "b", "c"), damaged("a")], ids=["whole", "short"])
def test_strict_refuses_damage_whatever_its_width(row: DamagedRow) -> None:
    assert fitted(row, Mode.STRICT) == Reason(RejectCode.STRAY_QUOTE, "why")


@pytest.mark.parametrize(
    ("row", "expected", "mendings"),
    [
        (["a"], ["a", "", ""], (Mending.PADDED,)),
        (["a", "b", "c", "d", ""], ["a", "b", "c;d;"], (Mending.JOINED,)),
        (damaged("a", "b", "c"), ["a", "b", "c"], (Mending.REPAIRED,)),
        (damaged("a"), ["a", "", ""], (Mending.REPAIRED, Mending.PADDED)),
        (damaged("a", "b", "c", "d"), ["a", "b", "c;d"], (Mending.REPAIRED, Mending.JOINED)),
    ],
    ids=["short", "long", "damaged", "damaged and short", "damaged and long"],
)
def test_lenient_makes_it_fit_and_says_how(
    row: list[str], expected: list[str], mendings: tuple[Mending, ...]
) -> None:
    assert fitted(row) == Fitted(expected, mendings)


@pytest.mark.parametrize("code", sorted(set(RejectCode) - MENDABLE))
def test_what_no_reading_gives_back_is_refused_even_by_lenient(code: RejectCode) -> None:
    assert fitted(damaged("a", "b", "c", code=code)) == Reason(code, "why")


@settings(deadline=None)
@given(st.lists(st.text("a;", max_size=3), min_size=1, max_size=6), st.integers(1, 4))
def test_lenient_loses_no_character_and_always_fits(row: list[str], columns: int) -> None:
    found = fit(row, columns=columns, delimiter=";", mode=Mode.LENIENT)
    assert isinstance(found, Fitted)
    assert len(found.row) == columns
    assert ";".join(found.row).rstrip(";") == ";".join(row).rstrip(";")


def test_rows_that_fit_are_not_copied() -> None:
    rows = [["a", "b"], ["c", "d"]]
    fitting = Fitting(columns=2, delimiter=",", mode=Mode.LENIENT)
    assert fitting.rows(rows) is rows
    assert not fitting.mendings


def test_each_row_stays_in_its_place_and_is_counted_once() -> None:
    damaged = DamagedRow(["x", "y"], Damage(RejectCode.STRAY_QUOTE, "a quote"))
    fitting = Fitting(columns=2, delimiter=";", mode=Mode.LENIENT)
    assert list(fitting.rows([["a"], ["b", "c"], damaged, ["d", "e", "f"]])) == [
        *(["a", ""], ["b", "c"], ["x", "y"], ["d", "e;f"])
    ]
    assert fitting.mendings == {"padded": 1, "repaired": 1, "joined": 1}


def test_in_strict_mode_a_damaged_row_of_the_right_width_is_a_reject() -> None:
    damaged = DamagedRow(["x", "y"], Damage(RejectCode.STRAY_QUOTE, "a quote"))
    rows = list(Fitting(columns=2, delimiter=";", mode=Mode.STRICT).rows([["a", "b"], damaged]))
    assert rows == [["a", "b"], Reason(RejectCode.STRAY_QUOTE, "a quote")]
