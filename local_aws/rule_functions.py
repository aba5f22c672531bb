"""The short forms of the functions of a template's Rules, which the emulator's YAML reader lacks."""

from ministack.services.cloudformation import engine

_NAMES = ("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll")


def install() -> None:
    """Read `!Contains` as `Fn::Contains`, and so on; the emulator evaluates the long forms."""
    for name in _NAMES:
        engine.CfnLoader.add_constructor(f"!{name}", engine._construct_cfn_tag(f"Fn::{name}"))
