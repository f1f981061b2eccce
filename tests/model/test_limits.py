"""The limits of another time, over every class of the model: what was made by today's limits keeps today's."""

from __future__ import annotations

import pytest

import lambdaform
from lambdaform import Function, Runtime
from lambdaform.facts.quotas import quotas
from lambdaform.model.limits import over_limits
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape
from tests.model.samples import full

ABSTRACT = {"Resource", "FunctionSettings", "RawResource", "TroposphereResource"}
CLASSES = [
    value
    for name in lambdaform.__all__
    if isinstance(value := getattr(lambdaform, name), type)
    and issubclass(value, Resource)
    and name not in ABSTRACT
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_what_could_be_made_keeps_todays_limits(cls: type[Resource]) -> None:
    assert list(over_limits(full(cls, "Sample"), quotas())) == []


def function(**properties: int) -> Function:
    return Function("Fn", runtime=Runtime.PYTHON_3_7, handler="app.handler", code_uri="src", **properties)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("memory", "told"), [(128, 0), (192, 0), (3008, 0), (129, 1), (3009, 1), (3072, 1), (10_240, 1)]
)
def test_memory_lay_on_a_grid(memory: int, told: int) -> None:
    assert len(list(over_limits(function(memory_size=memory), quotas("2019-04-01")))) == told


def test_an_excess_is_of_the_object_that_has_it() -> None:
    [excess] = over_limits(function(ephemeral_storage=600), quotas("2019-04-01"))
    shape: Shape = excess.shape
    assert (type(shape).__name__, excess.field, excess.what) == ("EphemeralStorage", "size", "is 600")


def test_properties_may_be_left_aside() -> None:
    fn = function(memory_size=129, ephemeral_storage=600)
    assert list(over_limits(fn, quotas("2019-04-01"), without={"MemorySize", "EphemeralStorage"})) == []
