"""The table in memory answers as moto's does, to requests of the kinds that the ledger makes."""

import re
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.dynamodb_in_memory import InMemoryDynamoDB
from tests.functional.functions.world import create_tables, session

keys = st.builds(
    lambda pk, sk: {"pk": {"S": pk}, "sk": {"S": sk}},
    st.sampled_from("ab"),
    st.sampled_from(["run#1", "run#2", "x"]),
)
values = st.sampled_from([{"S": "a"}, {"S": "b"}, {"N": "1"}, {"N": "2.5"}])
maps = st.sampled_from([{"M": {"in": {"N": "3"}}}, {"M": {"in": {"S": "a"}, "out": {"N": "1"}}}])
CONDITIONS = (
    "attribute_not_exists(pk)",
    "#state = :v1 AND #run = :v2",
    "attribute_not_exists(#state) OR #state = :v1",
    "#run = :v1 AND (attribute_not_exists(spec) OR spec.#in <> :v2)",
    "(attribute_not_exists(#state) OR #state <> :v1) AND (attribute_not_exists(lease) OR lease = :v2 OR lease < :v3)",
    "#state = :v1 AND #run = :v2 AND attribute_not_exists(lease)",
)
UPDATES = (
    "SET #state = :v1",
    "SET #state = :v1, #run = if_not_exists(#run, :v2) REMOVE spec, lease",
    "SET lease = :v1 REMOVE #state",
    "REMOVE #run, spec",
)


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    request = {"Key": draw(keys), "UpdateExpression": draw(st.sampled_from(UPDATES))}
    condition = draw(st.none() | st.sampled_from(CONDITIONS))
    if condition is not None:
        request["ConditionExpression"] = condition
    text = f"{request['UpdateExpression']} {condition}"
    names = {f"#{name}": name for name in set(re.findall(r"#(\w+)", text))}
    given_values = {name: draw(values) for name in sorted(set(re.findall(r":\w+", text)))}
    return (
        request
        | ({"ExpressionAttributeNames": names} if names else {})
        | ({"ExpressionAttributeValues": given_values} if given_values else {})
    )


puts = st.builds(
    lambda key, attributes, guarded: (
        {"Item": key | attributes} | ({"ConditionExpression": "attribute_not_exists(pk)"} if guarded else {})
    ),
    keys,
    st.fixed_dictionaries({}, optional={"state": values, "run": values, "lease": values, "spec": maps}),
    st.booleans(),
)
actions = st.lists(
    st.tuples(st.just("put_item"), puts)
    | st.tuples(st.just("update_item"), updates())
    | st.tuples(st.just("transact_write_items"), st.tuples(puts, updates())),
    max_size=12,
)


def outcome(client: Any, name: str, request: Any) -> object:
    try:
        if name == "transact_write_items":
            put, update = ({"TableName": "ledger", **each} for each in request)
            client.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
            return "written"
        more = {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        answer = getattr(client, name)(
            TableName="ledger", **request, **(more if name == "update_item" else {})
        )
        return answer.get("Attributes")
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        return error.response["Error"]["Code"], reasons, error.response.get("Item") or None


def contents(client: Any) -> dict[str, list[Any]]:
    paginator, found = client.get_paginator("query"), {}
    for pk in "ab":
        request = {
            "TableName": "ledger",
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":sk": {"S": "run#"}},
        }
        projected = {
            "ProjectionExpression": "sk, #spec.#in, #run",
            "ExpressionAttributeNames": {"#spec": "spec", "#in": "in", "#run": "run"},
        }
        found[pk] = [
            item
            for more in ({}, projected)
            for page in paginator.paginate(**request, **more)
            for item in page["Items"]
        ]
        for sk in ("run#1", "x"):
            key = {"pk": {"S": pk}, "sk": {"S": sk}}
            found[pk].append(client.get_item(TableName="ledger", Key=key).get("Item"))
    return found


def same_key_twice(name: str, request: Any) -> bool:
    return (
        name == "transact_write_items"
        and {n: request[0]["Item"][n] for n in ("pk", "sk")} == request[1]["Key"]
    )


def compares_kinds(request: Any) -> bool:
    """DynamoDB has an opinion of its own on what is no number of a condition with `<`."""
    return "< :v3" in str(request)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
)
@given(actions)
def test_it_answers_as_moto_does(wanted: list[tuple[str, Any]]) -> None:
    with mock_aws():
        moto: Any = session().client("dynamodb")
        create_tables(moto)
        ours = InMemoryDynamoDB()
        for name, request in wanted:
            if same_key_twice(name, request) or (compares_kinds(request) and not numbers(request)):
                continue
            assert outcome(ours, name, request) == outcome(moto, name, request), (name, request)
        assert contents(ours) == contents(moto)


def numbers(request: Any) -> bool:
    return "'S'" not in str(request.get("ExpressionAttributeValues")) if isinstance(request, dict) else False
