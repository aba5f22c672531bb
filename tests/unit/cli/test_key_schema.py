import pytest

from cli.key_schema import KeyColumn, template_parameters


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Sku", KeyColumn("Sku", "S")),
        ("Id:N", KeyColumn("Id", "N")),
        ("Hash:B", KeyColumn("Hash", "B")),
        ("ns:Id", KeyColumn("ns:Id", "S")),
        ("ns:Id:N", KeyColumn("ns:Id", "N")),
        ("Order Id:S", KeyColumn("Order Id", "S")),
        (":N", KeyColumn(":N", "S")),
        ("Id:n", KeyColumn("Id:n", "S")),
    ],
)
def test_name_and_type(text: str, column: KeyColumn) -> None:
    assert KeyColumn.parse(text) == column


@pytest.mark.parametrize("text", ["", "x" * 256])
def test_a_name_that_dynamodb_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="255"):
        KeyColumn.parse(text)


def test_keys_that_are_not_named_keep_the_templates_defaults() -> None:
    assert template_parameters(None, None) == {}
    assert template_parameters(KeyColumn("Id", "N"), None) == {
        "PartitionKeyName": "Id",
        "PartitionKeyType": "N",
    }
    assert template_parameters(None, KeyColumn("At")) == {"SortKeyName": "At", "SortKeyType": "S"}
