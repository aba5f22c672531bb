"""`python -m cli`."""

import sys
from pathlib import Path

# Lambda finds the functions' modules in a flat folder on its path, and so do we.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "functions"))


def main() -> None:
    """Run the command line with this process's arguments."""
    from cli.app import app  # noqa: PLC0415 - needs the path above

    app(prog_name="csvimport")


if __name__ == "__main__":
    main()
