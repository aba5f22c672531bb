"""Lambda functions run under the project's Python, where their libraries are; runs in the emulator."""

from ministack.core import lambda_runtime


def install(*, python: str) -> None:
    """Start the workers of `python3.*` functions with the interpreter `python`.

    The emulator would take its own, whose environment has other versions of boto3 and no Powertools.
    """
    emulators_own = lambda_runtime._detect_runtime_binary

    def detect(runtime: str) -> tuple[str, str]:
        binary, worker = emulators_own(runtime)
        return (python if runtime.startswith("python") else binary), worker

    lambda_runtime._detect_runtime_binary = detect
