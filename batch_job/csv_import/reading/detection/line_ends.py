"""What ends the lines of a text."""

from __future__ import annotations

from csv_import.reading.dialect import Finding


def find_record_end(text: str) -> Finding:
    """`lf`, `crlf`, `cr` or `mixed`, as the text has them, inside quotes and outside."""
    crlf = text.count("\r\n")
    lf = text.count("\n") - crlf
    cr = text.count("\r") - crlf - text.endswith("\r")  # a CR at the end may be half of a CRLF
    found = {name: count for name, count in (("crlf", crlf), ("lf", lf), ("cr", cr)) if count}
    evidence = ", ".join(f"{count} {name.upper()}" for name, count in found.items()) or "no line end"
    if len(found) > 1:
        return Finding("mixed", 0.9, evidence)
    value = next(iter(found), "cr" if text.endswith("\r") else "lf")
    return Finding(value, 1.0 if found else 0.2, evidence)
