"""What a deployment is to be, from PARAMETERS, STACK and the section of samconfig.toml that CONFIG_ENV names.

    settings.py stack         the stack's name
    settings.py overrides     what `sam deploy --parameter-overrides` takes before ImageUri, a line for each word
    settings.py parameters    the same of what PARAMETERS says, for behind it: the last one wins
    settings.py architecture  what Architecture is set to; nothing where nobody sets it

An option of the command line replaces the section's whole, so what the section says has to be among it.
docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG = Path("samconfig.toml")
STACK = "csv-to-dynamodb"
_NAMED = re.compile(r"[A-Za-z0-9]+=.*")
_ARCHITECTURE = re.compile(r"""(?:^|\s|ParameterKey=)Architecture(?:=|,ParameterValue=)["']?(\w+)""")


class Unclear(Exception):
    """What is set cannot be meant; the message says where and what instead."""


def section(config: Path, environment: str) -> dict[str, Any]:
    """What samconfig.toml has for `deploy` of an environment: its own parameters before those of all commands.

    Raises `Unclear` where the file has no such environment, or is no TOML.
    """
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = "[default]"
    try:
        environments = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise Unclear(f"{config} is no TOML: {why}") from why
    if not isinstance(found := environments.get(environment), dict):
        raise Unclear(
            f"{config} has no section [{environment}.deploy.parameters]: write one, or name another CONFIG_ENV"
        )
    return {
        name: value
        for command in ("global", "deploy")
        for name, value in found.get(command, {}).get("parameters", {}).items()
    }


def overrides(stated: object) -> list[str]:
    """A section's `parameter_overrides` (a string, a table, or a list of either) as words that SAM reads."""
    if isinstance(stated, Mapping):
        return [f'{name}="{_value(value)}"' for name, value in stated.items()]
    if isinstance(stated, list):
        return [word for one in stated for word in overrides(one)]
    return [one] if (one := " ".join(str(stated or "").split())) else []


def _value(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_value, value))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\\", "\\\\").replace('"', '\\"')


def parameters(text: str) -> list[str]:
    """The words of PARAMETERS, whatever stands between them; raises `Unclear` for one that is not Name=value."""
    words = text.split()
    for word in words:
        if not _NAMED.fullmatch(word):
            raise Unclear(
                f"PARAMETERS has {word!r}, which is no Name=value; a value with blanks goes into {CONFIG}"
            )
    return words


def architecture(words: list[str]) -> str:
    """What the last of these words sets Architecture to, or nothing."""
    return next(iter([found for word in words for found in _ARCHITECTURE.findall(word)][::-1]), "")


def main(asked: str, environment: Mapping[str, str], config: Path = CONFIG) -> str:
    """Answer one of the questions above."""
    found = section(config, environment.get("CONFIG_ENV") or "default")
    if asked == "stack":
        return environment.get("STACK") or str(found.get("stack_name", STACK))
    stated, given = overrides(found.get("parameter_overrides")), parameters(environment.get("PARAMETERS", ""))
    answers = {"overrides": stated, "parameters": given, "architecture": [architecture([*stated, *given])]}
    return "\n".join(answers[asked])


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1], os.environ) + "\n")
    except Unclear as why:
        sys.exit(str(why))
