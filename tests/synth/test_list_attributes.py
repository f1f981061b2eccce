"""The attributes that are lists are those that AWS's schemas have as lists of text."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.synth.list_attributes import LIST_ATTRIBUTES

manager = pytest.importorskip(
    "cfnlint.schema.manager", reason="cfn-lint, which has the schemas, is not installed"
)


@pytest.mark.parametrize("aws_type", sorted(LIST_ATTRIBUTES))
def test_aws_has_them_as_lists_of_text(aws_type: str) -> None:
    schema = manager.ProviderSchemaManager().get_resource_schema("us-east-1", aws_type).schema
    assert lists_of_text(schema) == LIST_ATTRIBUTES[aws_type]


def lists_of_text(schema: dict[str, Any]) -> set[str]:
    """The read-only properties that are lists of text."""
    found = set()
    for pointer in schema.get("readOnlyProperties", []):
        path = pointer.split("/")[2:]
        node: dict[str, Any] = schema
        for name in path:
            node = resolved(resolved(node, schema).get("properties", {}).get(name, {}), schema)
        if node.get("type") == "array" and resolved(node.get("items", {}), schema).get("type") == "string":
            found.add(".".join(path))
    return found


def resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        definition: dict[str, Any] = schema["definitions"][node["$ref"].rpartition("/")[2]]
        return definition
    return node
