"""The table of what came when: each entry can be found in a template, and says where its date is from."""

from __future__ import annotations

from datetime import date

import pytest

from lambdaform.facts.features import Feature, features, newer_than, runtime_since
from lambdaform.facts.runtimes import Runtime, runtimes
from lambdaform.facts.schemas import read_schema
from lambdaform.load.types import event_type, resource_type
from lambdaform.model.shape import Shape, properties_of

FEATURES = [
    pytest.param(each, id=f"{'.'.join(each.path) or sorted(each.on)[0]}-{each.since}") for each in features()
]


def shape_of(kind: str) -> type[Shape] | None:
    return resource_type(kind) if kind.startswith("AWS::") else event_type(kind)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_shows_in_something_that_a_template_can_have(feature: Feature) -> None:
    kinds = {kind: shape_of(kind) for kind in feature.on}
    assert None not in kinds.values(), kinds
    names = {slot.aws_name for cls in kinds.values() if cls for slot in properties_of(cls)}
    assert not feature.path or feature.path[0] in names


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_has_a_day_and_a_source(feature: Feature) -> None:
    assert date(2014, 11, 13) < feature.since <= date.today()
    assert feature.at_the_latest or feature.source.startswith("AWS")


def test_nothing_is_newer_than_the_last_feature() -> None:
    assert newer_than(max(each.since for each in features())) == ()


def test_no_runtime_of_2019_came_later() -> None:
    assert [each for each in runtimes("2019-04-01") if runtime_since(each.value)] == []


def test_runtimes_with_a_day_are_runtimes() -> None:
    assert all(Runtime(name) for name in read_schema("features.json")["runtimes"]["value"])
