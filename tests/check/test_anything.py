"""Whatever a template says, it is read and checked: findings, and never a traceback out of a rule."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdaform.check.cases import CASES
from lambdaform.check.findings import check
from lambdaform.errors import DefinitionError
from lambdaform.load.template import load_template
from lambdaform.load.yaml_reader import read_template

#: The smallest right templates of the rules; those that are large are about nothing but size.
TEMPLATES: list[dict[str, Any]] = [
    dict(read_template(case.right, "template.yaml").data)
    for case in CASES
    if not case.is_app and len(case.right) < 5_000
]
#: What may stand somewhere and mostly should not.
ODD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        10**20,
        "",
        "x",
        "*",
        "${A}",
        "a" * 3_000,
        [],
        {},
        [None],
        [[]],
        {"a": {"b": [1]}},
    ),
    "arn:aws:sqs:eu-west-1:123456789012:queue",
    {"Ref": "Fn"},
    {"Fn::GetAtt": ["Fn", "Arn"]},
    {"Fn::GetAtt": ["Fn", {"Ref": "Fn"}]},
    {"Fn::If": ["InProd", {"a": 1}, {"Ref": "AWS::NoValue"}]},
    {"Fn::If": [1.5, 1, 2]},
    {"Fn::Sub": "${Fn}"},
    {"Fn::Join": ["", ["a", {"Ref": "Fn"}]]},
    {"Fn::Transform": {"Name": "Anything"}},
]
GLOBALS = {
    "Function": {
        "VpcConfig": {"SubnetIds": ["subnet-1"]},
        "Environment": {"Variables": {"STAGE": "dev"}},
        "Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:tools:1"],
        "DeploymentPreference": {"Type": "AllAtOnce", "Hooks": {"PreTraffic": "hook"}},
        "DeadLetterQueue": {"Type": "SQS", "TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
        "EventInvokeConfig": {"MaximumRetryAttempts": 1},
        "ReservedConcurrentExecutions": 0,
    }
}


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Each place within data: the mapping or list, and the key or index."""
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in list(keys):
        yield data, key
        yield from places(data[key])


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.data())
def test_a_template_with_anything_anywhere_is_checked(data: st.DataObject) -> None:
    template = copy.deepcopy(data.draw(st.sampled_from(TEMPLATES)))
    if data.draw(st.booleans()):
        template["Globals"] = copy.deepcopy(GLOBALS)
    for _ in range(data.draw(st.integers(1, 3))):
        found = [*places(template)]
        if not found:
            break
        holder, key = data.draw(st.sampled_from(found))
        if data.draw(st.integers(0, 4)):
            holder[key] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
        else:
            del holder[key]
    assert_checked(template)


@pytest.mark.parametrize("odd", ODD, ids=lambda each: json.dumps(each)[:40])
def test_a_template_with_odd_values_is_checked(odd: Any) -> None:
    """Each value once in each place of a few templates, without chance."""
    for template in TEMPLATES[:12]:
        for number in range(len([*places(template)])):
            changed = copy.deepcopy(template)
            holder, key = [*places(changed)][number]
            holder[key] = odd
            assert_checked(changed)


def assert_checked(template: dict[str, Any]) -> None:
    try:
        stack = load_template(read_template(json.dumps(template), "template.json"))
    except DefinitionError:
        return  # it is no template at all
    assert isinstance(check(stack), list)
