"""Tables of made-up cells: what stands in the columns of the files that people drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

_FIRST = (
    "Anna",
    "Björn",
    "Chloé",
    "Dmitri",
    "Elena",
    "François",
    "Grace",
    "Håkon",
    "Inés",
    "José",
    "Núria",
    "Olaf",
)
_LAST = (
    "Smith",
    "Müller",
    "O'Brien",
    "García",
    "Nguyễn",
    "Larsson",
    "Dupont",
    "Kowalski",
    "D'Angelo",
    "Tanaka",
)
_PLACES = ("Berlin", "New York", "São Paulo", "Saint-Étienne", "Rio", "Frankfurt (Main)", "Köln", "Den Haag")
_THINGS = (
    "bench",
    "torch",
    "phone",
    "rug",
    "lamp",
    "saw",
    "desk",
    "vase",
    "kettle",
    "rope",
    "mug",
    "fan",
    "clock",
)
_PROSE = (
    "It's warm, dry and light; the sole lasts for years.",
    "Great value: 3 for 2, says the shop.",
    "Don't wash above 40 degrees, don't tumble dry.",
    "Customer called at 10:30, wants a refund - see order 4711/3.",
    'The so-called "deluxe" version, 10" wide, without the cable.',
    "Sehr gut verarbeitet, passt genau; gerne wieder.",
    "Nothing to add",
    "A & B | C; D, E: all of them, really?",
    'First line,\nand a second one; with "quotes".',
)


@dataclass(frozen=True, slots=True)
class Locale:
    """How numbers and dates are written."""

    decimal: str
    thousands: str
    day: str

    def number(self, value: float, places: int = 2) -> str:
        """With decimal mark, and thousands set apart where the locale does so."""
        whole, _, rest = f"{value:,.{places}f}".partition(".")
        return whole.replace(",", self.thousands) + (self.decimal + rest if rest else "")


US = Locale(".", ",", "%m/%d/%Y")
UK = Locale(".", "", "%d/%m/%Y")
GERMAN = Locale(",", ".", "%d.%m.%Y")
FRENCH = Locale(",", "\u202f", "%d/%m/%Y")
SWISS = Locale(".", "'", "%d.%m.%y")
ISO = Locale(".", "", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column: names it may have, a unit, and its cells."""

    names: tuple[str, ...]
    unit: str
    cell: Callable[[Random, Locale, int], str]
    typed: bool = True


def _date(random: Random, locale: Locale, _: int) -> str:
    return (date(2015, 1, 1) + timedelta(days=random.randrange(4000))).strftime(locale.day)


def _moment(random: Random, locale: Locale, _: int) -> str:
    return f"{_date(random, locale, 0)} {random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"


KINDS = {
    "id": Kind(("id", "No.", "ProductId", "Kundennummer"), "", lambda r, _l, row: str(1000 + row)),
    "code": Kind(
        ("sku", "Article", "Ref"),
        "",
        lambda r, _l, _: f"{r.choice('ABCX')}{r.choice('KLMZ')}-{r.randrange(10000):04}",
        False,
    ),
    "name": Kind(("name", "Customer", "Nom"), "", lambda r, _l, _: f"{r.choice(_FIRST)} {r.choice(_LAST)}", False),
    "place": Kind(("city", "Ort", "Ville"), "", lambda r, _l, _: r.choice(_PLACES), False),
    "thing": Kind(("product", "Item", "Category"), "", lambda r, _l, _: r.choice(_THINGS), False),
    "amount": Kind(("amount", "Price", "Betrag"), "EUR", lambda r, locale, _: locale.number(r.expovariate(1 / 900))),
    "count": Kind(("quantity", "Stock", "Anzahl"), "pieces", lambda r, _l, _: str(r.randrange(60))),
    "share": Kind(("share", "Rate"), "%", lambda r, locale, _: locale.number(r.random() * 100, 1)),
    "date": Kind(("date", "Updated", "Datum"), "", _date),
    "moment": Kind(("created_at", "Zeitpunkt"), "", _moment),
    "time": Kind(("time", "Uhrzeit"), "hh:mm", lambda r, _l, _: f"{r.randrange(24):02}:{r.randrange(60):02}"),
    "mail": Kind(("email", "E-Mail"), "", lambda r, _l, _: f"{r.choice(_THINGS)}{r.randrange(99)}@example.com"),
    "url": Kind(("url", "Link"), "", lambda r, _l, _: f"https://www.example.com/{r.choice(_THINGS)}/{r.randrange(999)}.html"),
    "prose": Kind(("comment", "Bemerkung", "description"), "", lambda r, _l, _: r.choice(_PROSE), False),
    "flag": Kind(("active",), "", lambda r, _l, _: r.choice(("true", "false"))),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Names, units and cells."""

    kinds: tuple[str, ...]
    names: list[str]
    units: list[str]
    rows: list[list[str]]


def table(
    random: Random, locale: Locale, *, rows: int, kinds: tuple[str, ...] | None = None, empty: float = 0.03
) -> Table:
    """A table of `kinds`, or of three to nine at random, one of them typed; some of its cells are empty."""
    if kinds is None:
        chosen = random.sample(sorted(KINDS), random.randint(3, 9))
        if not any(KINDS[kind].typed for kind in chosen):
            chosen.append("count")
        kinds = tuple(chosen)
    names = [random.choice(KINDS[kind].names) for kind in kinds]
    cells = [
        [
            "" if number and random.random() < empty else KINDS[kind].cell(random, locale, row)
            for number, kind in enumerate(kinds)
        ]
        for row in range(rows)
    ]
    return Table(kinds, names, [KINDS[kind].unit for kind in kinds], cells)
