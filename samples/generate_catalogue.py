"""Write `catalogue.csv`: 10,000 products with everything in them that breaks a naive CSV import.

`python samples/generate_catalogue.py [path]` writes the file and prints the counts that an import of it must
report. The same seed gives the same bytes on every Python: only `Random.random()` is used, the one method
whose sequence the standard library promises to keep.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

SEED = 20261123
RECORDS = 10_000
HEADER = (
    "ProductId",
    "ProductName",
    "ProductDescription",
    "Category",
    "Price",
    "Currency",
    "Stock",
    "Tags",
    "Notes",
)

CATEGORIES = {
    "AUD": ("Audio", ("Headphones", "Speaker", "Turntable", "Microphone", "Amplifier")),
    "KIT": ("Kitchen", ("Crème brûlée torch", "Kettle", "Spätzle press", "Jalapeño corer", "Knife")),
    "GAR": ("Garden & Outdoor", ("Hose", "Łódź bench", "Parasol", "Ångström thermometer", "Wheelbarrow")),
    "NET": ("Internet", ("Router", "Fiber Internet", "Copper Internet", "Access point", "Patch cable")),
    "TEL": ("Phone", ("Digital Voice", "Traditional Voice Phone", "Handset", "Headset", "Conference phone")),
    "TVS": ("Television", ("Streaming TV Channel", "Free To Air", "Soundbar", "Wall mount", "Remote")),
}
ADJECTIVES = ("Compact", "Señorita", "Größte", "Naïve", "Deluxe", "Ultra", "Vintage", "İzmir", "Pro", "Zoë")
PHRASES = (
    "Quiet, light and made to last",
    'The 19" rack version, black',
    'Reviewers call it "the one to buy"',
    "Two years of warranty; spare parts for ten",
    "C:\\drivers\\setup.exe is on the disc",
    "Für drinnen und draußen",
    "Conçu à Besançon, assemblé à Kraków",
    "مصنوع يدويًا من خشب الزيتون",
    "עובד גם בלי חשמל, אפילו בשבת",
    "静かで軽く、長持ちします",
    "Loved by families 👨‍👩‍👧‍👦 and 🐈 alike",
    "Now with 5G 📶, 100% recyclable ♻️",
    "Weight: 1,250 g; size: 30 x 20 x 10 cm",
    "Works with 110 V, 230 V",
)
TAGS = ("new", "sale", "b2b", "éco", "premium", "refurbished", "🔥hot", "gift")
ODD_CELLS = ("NULL", "null", "N/A", "007", "1e5", "-0", "=1+1", "  spaces  ", "\ttab", '"', '""', ",")
# Line ends that are none in CSV, whatever str.splitlines says: vertical tab, next line, line separator.
FALSE_LINE_ENDS = ("\x0b", "\x85", "\u2028")

Row = list[str]
T = TypeVar("T")


@dataclass
class Promise:
    """What an import of the catalogue must report."""

    rows_read: int = 0
    rows_written: int = 0
    rows_superseded: int = 0
    rows_rejected: int = 0
    rejects_by_code: dict[str, int] = field(default_factory=dict)


class Products:
    """Makes plausible product rows from a seeded source of chance."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._serial = 0

    def chance(self, probability: float) -> bool:
        """Say yes with this probability (0 to 1)."""
        return self._rng.random() < probability

    def below(self, limit: int) -> int:
        """Give a whole number from 0 to `limit` - 1."""
        return int(self._rng.random() * limit)

    def pick(self, choices: Sequence[T]) -> T:
        """Give one of the choices."""
        return choices[self.below(len(choices))]

    def new_key(self) -> str:
        """Give a product id that was not given before."""
        self._serial += 1
        return f"{self.pick(tuple(CATEGORIES))}-{self._serial:05d}"

    def row(self, key: str) -> Row:
        """Make a row with this key; any other cell may be empty."""
        category, nouns = CATEGORIES.get(key[:3], CATEGORIES["AUD"])
        return [
            key,
            f"{self.pick(ADJECTIVES)} {self.pick(nouns)}",
            "" if self.chance(0.05) else self._text(),
            category,
            f"{self.below(200_000) / 100:.2f}",
            self.pick(("EUR", "USD", "GBP", "JPY", "")),
            "" if self.chance(0.1) else str(self.below(5_000)),
            self.pick((",", ";", ", ")).join(self.pick(TAGS) for _ in range(self.below(4))),
            self._notes(),
        ]

    def _text(self) -> str:
        return ". ".join(self.pick(PHRASES) for _ in range(1 + self.below(3)))

    def _notes(self) -> str:
        dice = self._rng.random()
        if dice < 0.60:
            notes = ""
        elif dice < 0.80:
            notes = self._text()
        elif dice < 0.90:
            notes = "\n".join(f"- {self.pick(PHRASES)}" for _ in range(2 + self.below(3)))
        elif dice < 0.93:
            notes = f"First line\r\nsecond line, {self.pick(TAGS)}\r\n"
        elif dice < 0.95:
            notes = f"Line{self.pick(FALSE_LINE_ENDS)}of another kind"
        elif dice < 0.99:
            notes = self.pick(ODD_CELLS)
        else:
            notes = "\n".join(self._text() for _ in range(20 + self.below(80)))
        return notes


def too_many_cells(products: Products, row: Row) -> Row:
    """Write the price with a comma and no quotes, or leave a comma too many at the end."""
    return [*row[:4], "1", "299.00", *row[5:]] if products.chance(0.5) else [*row, ""]


def too_few_cells(products: Products, row: Row) -> Row:
    """Cut the row off, as an export that broke does."""
    return row[: 1 + products.below(len(row) - 1)]


def empty_key(_products: Products, row: Row) -> Row:
    """Leave the key cell empty."""
    return ["", *row[1:]]


def key_too_long(products: Products, row: Row) -> Row:
    """Make the key one byte too long, or too long in bytes though not in characters."""
    return [products.pick(("K" * 2049, "é" * 1025, "鍵" * 683)), *row[1:]]


def item_too_large(_products: Products, row: Row) -> Row:
    """Paste a whole manual into two cells: 420,000 bytes in 140,000 characters."""
    manual = "取扱説明書" * 14_000
    return [*row[:2], manual, *row[3:8], manual]


Spoil = Callable[[Products, Row], Row]

# Record number → what is wrong with it, and whether its key is one that an accepted row has already.
REJECTS: dict[int, tuple[Spoil, bool]] = {
    17: (too_many_cells, False),
    18: (too_few_cells, False),
    404: (empty_key, False),
    405: (empty_key, False),
    1_000: (too_many_cells, True),
    2_048: (key_too_long, False),
    2_500: (too_few_cells, True),
    4_096: (item_too_large, True),
    5_000: (too_few_cells, False),
    5_001: (too_many_cells, False),
    6_006: (empty_key, False),
    7_300: (key_too_long, False),
    7_301: (key_too_long, False),
    8_192: (too_few_cells, True),
    9_990: (too_many_cells, True),
    9_998: (empty_key, False),
    9_999: (too_few_cells, False),
}
# Keys that look alike and are not: case, spaces, composed and decomposed é; and the longest key there may be.
ODD_KEYS = {
    300: "tel-00001",
    301: " TEL-00001",
    302: "TEL-00001 ",
    700: "CAF\u00c9-1",
    701: "CAFE\u0301-1",
    3_000: "L" * 2048,
    3_500: 'KIT "quoted", with comma',
    3_501: "NET\nline",
    3_502: "مفتاح-1",
    3_503: "🗝️-1",
}
BLANK_LINES_AFTER = {0: "\n", 250: "\n\n", 2_047: "\r\n", 6_789: "\n", RECORDS: "\n"}
NEAR = 6


def catalogue(seed: int = SEED) -> tuple[bytes, Promise]:
    """Make the file's bytes and the counts that an import of it must report."""
    products = Products(Random(seed))
    text = [",".join(HEADER), "\n", BLANK_LINES_AFTER[0]]
    accepted: list[str] = []
    rejected: Counter[str] = Counter()
    for number in range(1, RECORDS + 1):
        if number in REJECTS:
            spoil, repeats = REJECTS[number]
            row = spoil(products, products.row(accepted[-3] if repeats else products.new_key()))
            rejected[spoil.__name__] += 1
        else:
            row = products.row(_key(products, number, accepted))
            accepted.append(row[0])
        text += [_record(products, row), BLANK_LINES_AFTER.get(number, "")]
    distinct = len(set(accepted))
    return "".join(text).encode(), Promise(
        rows_read=RECORDS,
        rows_written=distinct,
        rows_superseded=len(accepted) - distinct,
        rows_rejected=rejected.total(),
        rejects_by_code=dict(sorted(rejected.items())),
    )


def _key(products: Products, number: int, accepted: list[str]) -> str:
    """Give the key of an accepted row: mostly a new one, else one met a few or thousands of rows before."""
    if number in ODD_KEYS:
        return ODD_KEYS[number]
    if number == RECORDS:
        return accepted[0]
    if accepted and products.chance(0.04):
        return products.pick(accepted[-NEAR:] if products.chance(0.5) else accepted)
    return products.new_key()


def _record(products: Products, row: Row) -> str:
    return ",".join(_cell(products, cell) for cell in row) + ("\r\n" if products.chance(0.01) else "\n")


def _cell(products: Products, cell: str) -> str:
    """Quote what must be quoted, and now and then what need not be."""
    if any(char in cell for char in ',"\r\n') or products.chance(0.05):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def main(arguments: Sequence[str]) -> None:
    """Write the file (default: beside this script) and print the promised counts as JSON."""
    path = Path(arguments[0]) if arguments else Path(__file__).with_name("catalogue.csv")
    data, promise = catalogue()
    path.write_bytes(data)
    print(json.dumps(asdict(promise), indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
