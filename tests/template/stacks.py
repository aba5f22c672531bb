"""The two templates as plain values: parsed, with SAM's additions, and with their conditions decided."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
ROOT_TEMPLATE = PROJECT / "template.yaml"
BATCH_TEMPLATE = PROJECT / "batch-template.yaml"
PIPELINE_TEMPLATE = PROJECT / "pipeline-template.yaml"

Template = dict[str, Any]
NO_VALUE = {"Ref": "AWS::NoValue"}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, such as `!Ref`, turned into the long ones."""


def _long_form(loader: _Loader, suffix: str, node: yaml.Node) -> Template:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = str(loader.construct_scalar(node))
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)


def parse(path: Path) -> Template:
    """Read a template; functions stand in their long forms. What is given is the caller's own to change."""
    return deepcopy(_parsed(path))


@cache
def _parsed(path: Path) -> Template:
    parsed: Template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return parsed


def expand(template: Template) -> Template:
    """Do what SAM's transform does to this application: globals go into functions, events become resources.

    `test_dependencies` compares the outcome with the transform's own.
    """
    expanded = deepcopy(template)
    for name in of_type(template, "AWS::Serverless::Function"):
        function = expanded["Resources"][name]
        _share(function, template["Globals"]["Function"])
        config = {"FunctionName": {"Ref": name}, **function["Properties"].pop("EventInvokeConfig")}
        made = {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Metadata": function["Metadata"],
            "Properties": config,
        }
        expanded["Resources"][f"{name}EventInvokeConfig"] = made
        for event_name, event in function["Properties"].pop("Events").items():
            expanded["Resources"] |= _event_resources(name, event_name, event)
            if event["Type"] == "S3":
                _notify(expanded["Resources"][event["Properties"]["Bucket"]["Ref"]], name, event_name, event)
    return expanded


def _share(function: Template, shared: Template) -> None:
    own = function["Properties"]
    variables = shared["Environment"]["Variables"] | own["Environment"]["Variables"]
    function["Properties"] = shared | own | {"Environment": {"Variables": variables}}


def _event_resources(function: str, name: str, event: Template) -> dict[str, Template]:
    source = {} if event["Type"] == "S3" else {"SourceArn": {"Fn::GetAtt": [f"{function}{name}", "Arn"]}}
    permission = {"FunctionName": {"Ref": function}, **source}
    made = {f"{function}{name}Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission}}
    if source:
        rule = event["Properties"] | {"Targets": [{"Arn": {"Fn::GetAtt": [function, "Arn"]}}]}
        made[f"{function}{name}"] = {"Type": "AWS::Events::Rule", "Properties": rule}
    return made


def _notify(bucket: Template, function: str, name: str, event: Template) -> None:
    bucket["DependsOn"] = [f"{function}{name}Permission"]
    notification = {"Function": {"Fn::GetAtt": [function, "Arn"]}, "Event": event["Properties"]["Events"]}
    bucket["Properties"]["NotificationConfiguration"] = {"LambdaConfigurations": [notification]}


def of_type(template: Template, resource_type: str) -> dict[str, Template]:
    """The resources of one type, by their logical ids."""
    return {name: r for name, r in template["Resources"].items() if r["Type"] == resource_type}


def references(node: Any) -> Iterator[str]:
    """Every name that a node refers to by Ref, GetAtt, Sub or DependsOn."""
    if isinstance(node, list):
        for element in node:
            yield from references(element)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _REFERENCES.get(key, references)(value)


def _names_in_sub(argument: Any) -> Iterator[str]:
    text, own = (argument, {}) if isinstance(argument, str) else argument
    yield from (name for name in re.findall(r"\$\{([\w:]+)[\w.]*\}", text) if name not in own)
    yield from references(list(own.values()))


_REFERENCES: dict[str, Any] = {
    "Ref": lambda name: [name],
    "Fn::GetAtt": lambda path: [path[0]],
    "DependsOn": lambda names: [names] if isinstance(names, str) else names,
    "Fn::Sub": _names_in_sub,
}


def decide(node: Any, template: Template, parameters: Mapping[str, str]) -> Any:
    """Resolve parameters, conditions and rule functions in a node; removes what is AWS::NoValue."""
    if isinstance(node, list):
        elements = [decide(element, template, parameters) for element in node]
        return [element for element in elements if element != NO_VALUE]
    if not isinstance(node, Mapping):
        return node
    if len(node) == 1 and (function := next(iter(node))) in _FUNCTIONS:
        return _apply(function, node[function], template, parameters)
    members = {key: decide(value, template, parameters) for key, value in node.items()}
    return {key: value for key, value in members.items() if value != NO_VALUE}


def _apply(function: str, argument: Any, template: Template, parameters: Mapping[str, str]) -> Any:
    if function == "Ref":
        return parameters.get(argument, {"Ref": argument})
    if function == "Condition":
        return decide(template["Conditions"][argument], template, parameters)
    if function == "Fn::If":
        condition, then, otherwise = argument
        chosen = then if _apply("Condition", condition, template, parameters) else otherwise
        return decide(chosen, template, parameters)
    return _FUNCTIONS[function](decide(argument, template, parameters))


_FUNCTIONS: dict[str, Any] = {
    "Ref": None,
    "Condition": None,
    "Fn::If": None,
    "Fn::Equals": lambda values: values[0] == values[1],
    "Fn::Not": lambda values: not values[0],
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Contains": lambda values: values[1] in values[0],
    "Fn::Select": lambda values: _selected(*values),
}


def _selected(index: Any, list_: Any) -> Any:
    """An element of a list, which as a parameter is a text; what depends on the region stays as it is."""
    if isinstance(list_, Mapping):
        return {"Fn::Select": [index, list_]}
    return (list_.split(",") if isinstance(list_, str) else list_)[int(index)]


def deployed(template: Template, **changed: str) -> dict[str, Template]:
    """The resources of a deployment that sets only `changed`, with conditions decided and parameters put in."""
    parameters = defaults(template, **changed)
    return {
        name: decide(resource, template, parameters)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or decide({"Condition": resource["Condition"]}, template, parameters)
    }


def defaults(template: Template, **changed: str) -> dict[str, str]:
    """The parameters of a deployment that sets only `changed`."""
    stated = {name: str(p["Default"]) for name, p in template["Parameters"].items() if "Default" in p}
    return {"ImageUri": "registry.example/csv-import:1"} | stated | changed


def failed_rules(template: Template, parameters: Mapping[str, str]) -> set[str]:
    """The names of the rules that refuse a deployment with these parameters."""
    return {
        name
        for name, rule in template["Rules"].items()
        if decide(rule.get("RuleCondition", True), template, parameters)
        and not all(decide(a["Assert"], template, parameters) for a in rule["Assertions"])
    }
