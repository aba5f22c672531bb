import io
from dataclasses import replace

from rich.console import Console

from cli.display import LiveDisplay, PlainDisplay, rows
from cli.watching import Progress


def loading(read: int, rejected: int = 0) -> Progress:
    return Progress(state="LOADING", rows_read=read, rows_written=read - rejected, rows_rejected=rejected)


def test_plain_lines_are_few_and_unadorned() -> None:
    text, now = io.StringIO(), iter([0.0, 0.0, 1.0, 6.0, 6.0, 7.0])
    with PlainDisplay(Console(file=text, width=20), clock=lambda: next(now)) as display:
        display.phase("Importing [bold]a-very-long-import-id ...")
        display.loading(loading(1000))
        display.loading(loading(2000, rejected=3))
        display.loading(loading(3000))
    assert text.getvalue().splitlines() == [
        "Importing [bold]a-very-long-import-id ...",
        "2,000 rows read, 1,997 written, 3 rejected",
    ]


def test_nothing_is_said_of_no_rows() -> None:
    assert rows(loading(0)) == ""


def test_parts_are_told_of_where_there_are_several() -> None:
    progress = replace(loading(2000), parts=8, parts_done=3)
    assert rows(progress) == "2,000 rows read, 2,000 written; 3 of 8 parts done"


def test_a_plan_is_told_from_loading() -> None:
    assert (
        rows(replace(loading(2000), state="PLANNING")) == "2,000 rows looked at, to cut the file into parts"
    )


def test_the_live_line_leaves_nothing_behind() -> None:
    text = io.StringIO()
    with LiveDisplay(Console(file=text, force_terminal=True, width=100), size=100) as display:
        display.phase("Importing a-1 ...")
        display.loading(loading(5))
    assert "\x1b[?25h" in text.getvalue()  # the cursor is shown again
