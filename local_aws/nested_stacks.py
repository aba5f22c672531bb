"""Updates of nested stacks as CloudFormation does them; runs in the emulator.

A nested update there forgets the attributes of every resource that it leaves as it is, so that nothing can refer to
them any more. Its updates of root stacks do not.
"""

from typing import Any

from ministack.services.cloudformation import provisioners

Made = tuple[str, dict[str, Any]]


def install() -> None:
    """Let the attributes of a resource last as long as the resource."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    provision, update = provisioners._provision_resource, provisioners._update_resource

    def remembered(resource_type: str, made: Made) -> Made:
        physical_id, attributes = made
        merged = known.setdefault((resource_type, physical_id), {})
        merged.update(attributes or {})
        return physical_id, dict(merged)

    def provision_and_remember(resource_type: str, *arguments: Any, **more: Any) -> Made:
        return remembered(resource_type, provision(resource_type, *arguments, **more))

    def update_and_remember(resource_type: str, *arguments: Any, **more: Any) -> Made:
        return remembered(resource_type, update(resource_type, *arguments, **more))

    provisioners._provision_resource = provision_and_remember
    provisioners._update_resource = update_and_remember
