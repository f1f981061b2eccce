"""Statements that resources of a stack add to policies: their ids, and whether they are still there.

Source: AWS CloudFormation User Guide, AWS::Lambda::Permission (each gets a statement id of its own).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lambdaform.local.errors import AwsError
from lambdaform.local.provisioning.resource import Desired


def statement_id(desired: Desired) -> str:
    """The id of a resource's statement: other properties make another one, beside which the first can still be."""
    written = json.dumps(desired.properties, sort_keys=True)
    digest = hashlib.sha256(written.encode()).hexdigest()[:12]
    return f"{desired.stack.name}-{desired.logical_id}-{digest}"[-100:].lstrip("-")


def found_statement(policy: Mapping[str, Any], statement: str) -> object:
    """The statement with an id, in what Get…Policy gives. Raises `AwsError` where it is not there."""
    for each in json.loads(policy["Policy"])["Statement"]:
        if each.get("Sid") == statement:
            return each
    raise AwsError(
        "ResourceNotFoundException", f"Statement {statement} is not found in resource policy.", 404
    )
