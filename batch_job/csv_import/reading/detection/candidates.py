"""Which delimiters, quotes and escapes a text might be written with, by what occurs in it and how regularly."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

USUAL = (",", ";", "\t", "|")
"""Delimiters that people and programs choose; each is tried wherever it occurs."""

_QUOTED = re.compile(r'"(?:[^"\r\n]|"")*"')
# What separates values but seldom columns: dates, numbers, paths, words.
_INSIDE_VALUES = "-/._=&@+*%$#()[]{}<>'`!?\\"
# What no file has between its cells, such as bytes that could not be decoded.
_MEANINGLESS = re.compile('["_\0\ufeff\ufffd\ud800-\udfff]')
_MAX_UNUSUAL = 4
_TWICE = set("|:;^~#@$%+*!&/<>=")
_MAX_LINES = 200
_MIN_WHOLE = 3
"""With so many lines of paired quotes, lines that may begin or end within a cell are left out: there, what stands
between quotes separates."""
_MOSTLY, _OFTEN = 0.9, 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delimiter and what speaks against it beforehand, in bits: once, and for each time it separates cells."""

    delimiter: str
    prior: float
    each: float = 0.0


def candidate_delimiters(lines: list[str]) -> list[Candidate]:
    """Delimiters worth a try, and first the reading without any.

    Args:
        lines: the text's first lines that are not blank, without their ends.
    """
    whole = [line for line in lines[:_MAX_LINES] if line.count('"') % 2 == 0]
    bare = [_QUOTED.sub("Q", line) for line in (whole if len(whole) >= _MIN_WHOLE else lines[:_MAX_LINES])]
    counts = {character: [line.count(character) for line in bare] for character in _separators(bare)}
    found = [_single(character) for character in USUAL if character in counts]
    unusual = [each for each in counts if each not in USUAL and _presence(counts[each]) >= 0.5]
    unusual.sort(key=lambda each: (each in _INSIDE_VALUES, each != " ", -_regularity(counts[each]), each))
    found += [_single(character) for character in unusual[:_MAX_UNUSUAL]]
    for candidate in tuple(found):
        pair = _pair(candidate.delimiter, bare)
        if pair:
            found.append(pair)
    return found


def _separators(lines: list[str]) -> set[str]:
    """Characters other than letters, digits and quotes that stand in the lines."""
    return {each for each in set().union(*lines) if not each.isalnum() and not _MEANINGLESS.match(each)}


def _presence(counts: list[int]) -> float:
    """In which share of the lines it occurs."""
    return sum(1 for count in counts if count) / len(counts)


def _regularity(counts: list[int]) -> float:
    """In which share of the lines it occurs equally often."""
    return Counter(count for count in counts if count).most_common(1)[0][1] / len(counts)


def _single(character: str) -> Candidate:
    if character == ",":
        return Candidate(character, 0.0)
    if character in USUAL:
        return Candidate(character, 2.0)
    if character == " ":
        return Candidate(character, 8.0, 0.7)
    if character in _INSIDE_VALUES:
        return Candidate(character, 20.0, 4.0)
    if character < " ":
        return Candidate(character, 3.0)
    return Candidate(character, 6.0, 0.3)


def _pair(character: str, lines: list[str]) -> Candidate | None:
    """The two characters that stand side by side nearly wherever the one does, if there are such.

    They stand so in the first line too, which mostly is the header, if the one does.
    """
    total = sum(line.count(character) for line in lines)
    if character in _TWICE and 2 * sum(line.count(2 * character) for line in lines) >= _OFTEN * total:
        return _in_first_line(Candidate(2 * character, 6.0), lines[0])
    followers: Counter[str] = Counter()
    for line in lines:
        followers.update(part[:1] for part in line.split(character)[1:])
    total -= followers.pop("", 0)  # a line may end in a delimiter that lost its blank
    if not followers or character in _INSIDE_VALUES:
        return None
    follower, times = followers.most_common(1)[0]
    if follower == " " and character in USUAL:
        pair, enough = Candidate(character + follower, 3.0), _OFTEN
    elif follower.isalnum() or follower in "\"'\0" or follower == character or _is_broken(follower):
        return None
    else:
        pair, enough = Candidate(character + follower, 8.0), _MOSTLY
    return _in_first_line(pair, lines[0]) if times >= enough * total else None


def _is_broken(character: str) -> bool:
    """Whether it stands for a byte that cannot be decoded."""
    return "\udc80" <= character <= "\udcff"


def _in_first_line(pair: Candidate, line: str) -> Candidate | None:
    return pair if pair.delimiter[0] not in line or pair.delimiter in line else None
