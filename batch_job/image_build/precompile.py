"""Compiles what the job imports, for a read-only container can keep no bytecode and would compile it at every start.

The bytecode is not checked against its source, so the same sources give the same files whenever they are compiled.
"""

import compileall
import importlib
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def compile_all(folders: list[Path]) -> bool:
    """Compile every module below some folders; False where one does not compile."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    return all(compileall.compile_dir(folder, quiet=1, invalidation_mode=mode) for folder in folders)


def compile_loaded(root: Path) -> None:
    """Compile the modules below `root` that this process has loaded: of the whole standard library few are needed."""
    for module in list(sys.modules.values()):
        source = Path(getattr(module, "__file__", None) or "")
        if source.suffix == ".py" and source.is_relative_to(root):
            compileall.compile_file(source, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def main() -> None:
    """Compile the folders that are named, and of the standard library what the job's entry loads."""
    if not compile_all([Path(folder) for folder in sys.argv[1:]]):
        sys.exit("a module does not compile")
    importlib.import_module("csv_import.__main__")
    compile_loaded(Path(sys.base_prefix) / "lib")


if __name__ == "__main__":
    main()
