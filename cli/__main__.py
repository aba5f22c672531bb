"""`python -m cli`."""

import sys
from pathlib import Path

# Lambda finds the functions' modules in a flat folder on its path, the container its package; and so do we.
_PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_PROJECT / "functions"), str(_PROJECT / "batch_job")]


def main() -> None:
    """Run the command line with this process's arguments."""
    try:
        from cli.app import app  # noqa: PLC0415 - needs the path above

        app(prog_name="csvimport")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
