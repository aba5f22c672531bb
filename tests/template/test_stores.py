"""Buckets are versioned, encrypted, private and TLS only; tables have the keys that code and contracts expect."""

import pytest

from ledger_items import EXPIRES
from tests.template.stacks import Template, decide, defaults, deployed, of_type

BUCKETS = ("InputBucket", "ArtifactsBucket")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
KEYS = [
    ("ProductId", ""),
    ("ProductId", "Line"),
    ("ProductId", "CreatedTime"),
    ("CreatedTime", ""),
    ("CreatedTime", "Line"),
]


def _keys(table_or_index: Template) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in table_or_index["KeySchema"]]


def test_there_are_two_buckets_and_neither_has_a_name_of_its_own(root: Template) -> None:
    buckets = of_type(root, "AWS::S3::Bucket")
    assert buckets.keys() == set(BUCKETS)
    assert not [name for name, bucket in buckets.items() if "BucketName" in bucket["Properties"]]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_versioned_encrypted_and_private(root: Template, name: str) -> None:
    bucket = deployed(root)[name]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_can_have_your_key_and_an_access_log(root: Template, name: str) -> None:
    bucket = deployed(root, KmsKeyArn=KEY, AccessLogBucketName="logs")[name]["Properties"]
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
        "BucketKeyEnabled": True,
    }
    assert bucket["LoggingConfiguration"]["DestinationBucketName"] == "logs"
    assert "LoggingConfiguration" not in deployed(root)[name]["Properties"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_refuses_whoever_comes_without_tls(root: Template, name: str) -> None:
    [policy] = [
        p["Properties"]
        for p in of_type(root, "AWS::S3::BucketPolicy").values()
        if p["Properties"]["Bucket"] == {"Ref": name}
    ]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Action"] == "s3:*"
    assert statement["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_drops_uploads_that_were_never_completed(root: Template, name: str) -> None:
    rules = root["Resources"][name]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [r for r in rules if r["Status"] == "Enabled" and "AbortIncompleteMultipartUpload" in r]


def test_reports_expire_when_the_parameter_says_and_input_never(root: Template) -> None:
    rules = {n: root["Resources"][n]["Properties"]["LifecycleConfiguration"]["Rules"] for n in BUCKETS}
    assert [r["ExpirationInDays"] for r in rules["ArtifactsBucket"] if "ExpirationInDays" in r] == [
        {"Ref": "ReportRetentionDays"}
    ]
    assert not [r for r in rules["InputBucket"] if "ExpirationInDays" in r or "ExpirationDate" in r]


def test_what_was_replaced_is_kept_for_longer_than_an_import_can_need_it(root: Template) -> None:
    rules = {n: root["Resources"][n]["Properties"]["LifecycleConfiguration"]["Rules"] for n in BUCKETS}
    [days] = [
        r["NoncurrentVersionExpiration"] for r in rules["InputBucket"] if "NoncurrentVersionExpiration" in r
    ]
    assert days == {"NoncurrentDays": {"Ref": "InputVersionDays"}}
    # A day in the queue at most, then each attempt with its longest time; and a fortnight to look at it.
    parameters = root["Parameters"]
    import_days = (
        1 + parameters["JobAttempts"]["Default"] * parameters["JobTimeoutSeconds"]["Default"] / 86_400
    )
    for name in ("InputVersionDays", "ReportRetentionDays"):
        assert parameters[name]["MinValue"] >= import_days + 14, name


def test_what_holds_data_outlives_the_stack(root: Template) -> None:
    for name in (*BUCKETS, "ItemsTable", "LedgerTable"):
        resource = root["Resources"][name]
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
        assert resource["UpdateReplacePolicy"] == "Retain", name
    assert root["Resources"]["IdempotencyTable"]["DeletionPolicy"] == "Delete"


def test_every_table_is_on_demand_and_encrypted(root: Template) -> None:
    for name, table in of_type(root, "AWS::DynamoDB::Table").items():
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST", name
        assert decide(table["Properties"]["SSESpecification"], root, defaults(root)) == {
            "SSEEnabled": True,
            "SSEType": "KMS",
        }, name
        assert decide(table["Properties"]["SSESpecification"], root, defaults(root, KmsKeyArn=KEY)) == {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": KEY,
        }, name


@pytest.mark.parametrize(("chosen", "protected"), [("true", True), ("false", False)])
def test_tables_that_hold_data_can_be_protected(root: Template, chosen: str, protected: bool) -> None:
    resources = deployed(root, DeletionProtection=chosen)
    for name in ("ItemsTable", "LedgerTable"):
        assert resources[name]["Properties"]["DeletionProtectionEnabled"] is protected, (
            "no text: it would be true"
        )


def test_a_table_that_exists_takes_the_place_of_the_one_that_would_be_made(root: Template) -> None:
    resources = deployed(root, ExistingTableName="mine")
    assert "ItemsTable" not in resources
    assert resources["BatchStack"]["Properties"]["Parameters"]["TableName"] == "mine"
    outputs = decide(
        root["Outputs"]["ItemsTableName"]["Value"], root, defaults(root, ExistingTableName="mine")
    )
    assert outputs == "mine"


def test_rows_and_ledger_can_be_set_back_in_time(root: Template) -> None:
    for name in ("ItemsTable", "LedgerTable"):
        recovery = root["Resources"][name]["Properties"]["PointInTimeRecoverySpecification"]
        assert recovery == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(
    ("partition_key", "sort_key", "index"),
    [(partition_key, sort_key, index) for partition_key, sort_key in KEYS for index in ("false", "true")],
)
def test_the_items_table_defines_each_key_attribute_once(
    root: Template, partition_key: str, sort_key: str, index: str
) -> None:
    chosen = defaults(root, PartitionKeyName=partition_key, SortKeyName=sort_key, CreatedTimeIndex=index)
    table = decide(root["Resources"]["ItemsTable"]["Properties"], root, chosen)

    indexes = table.get("GlobalSecondaryIndexes", [])
    assert bool(indexes) == (index == "true")
    schemas = [table["KeySchema"], *(i["KeySchema"] for i in indexes)]
    used = {key["AttributeName"] for schema in schemas for key in schema}
    defined = [a["AttributeName"] for a in table["AttributeDefinitions"]]
    assert sorted(defined) == sorted(used)
    assert _keys(table) == [(partition_key, "HASH"), *([(sort_key, "RANGE")] if sort_key else [])]


def test_by_default_the_items_table_is_the_samples_table(root: Template) -> None:
    table = decide(root["Resources"]["ItemsTable"]["Properties"], root, defaults(root))
    assert table["KeySchema"] == [{"AttributeName": "ProductId", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "ProductId", "AttributeType": "S"}]
    assert "GlobalSecondaryIndexes" not in table


def test_the_samples_index_can_be_had(root: Template) -> None:
    table = decide(
        root["Resources"]["ItemsTable"]["Properties"], root, defaults(root, CreatedTimeIndex="true")
    )
    [index] = table["GlobalSecondaryIndexes"]
    assert index["KeySchema"] == [{"AttributeName": "CreatedTime", "KeyType": "HASH"}]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert {"AttributeName": "CreatedTime", "AttributeType": "S"} in table["AttributeDefinitions"]


def test_the_ledger_has_the_keys_of_the_contract(root: Template, contracts: str) -> None:
    assert (
        "Partition key `pk` (S), sort key `sk` (S); sparse index `open-imports` on `open` (S) and `updated_at` (S)"
        in contracts
    )
    table = root["Resources"]["LedgerTable"]["Properties"]
    assert _keys(table) == [("pk", "HASH"), ("sk", "RANGE")]
    [index] = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "open-imports"
    assert _keys(index) == [("open", "HASH"), ("updated_at", "RANGE")]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert {a["AttributeType"] for a in table["AttributeDefinitions"]} == {"S"}


def test_the_idempotency_table_is_what_powertools_expects(root: Template) -> None:
    # docs.aws.amazon.com/powertools/python/latest/utilities/idempotency: key `id`, time to live `expiration`
    table = root["Resources"]["IdempotencyTable"]["Properties"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}


def test_closed_imports_vanish_from_the_ledger_by_the_attribute_that_closing_writes(
    root: Template, contracts: str
) -> None:
    lives = root["Resources"]["LedgerTable"]["Properties"]["TimeToLiveSpecification"]
    assert lives == {"AttributeName": EXPIRES, "Enabled": True}
    assert f"| `{EXPIRES}` | functions, on closing |" in contracts
