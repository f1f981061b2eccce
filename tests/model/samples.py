"""An object of any class of the model with a value in every field, made from the fields' own types."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from lambdaform.model.references import Ref, ref
from lambdaform.model.shape import (
    AnyFit,
    ChoiceFit,
    ClassFit,
    ConstrainedFit,
    Fit,
    ListFit,
    MappingFit,
    Misfit,
    Shape,
    UnionFit,
    slots_of,
)

S = TypeVar("S", bound=Shape)

#: Words of which one fits each pattern that the model knows.
WORDS = (
    "words",
    "rate(5 minutes)",
    "arn:aws:sqs:eu-west-1:123456789012:orders",
    "s3:ObjectCreated:*",
    "lambda:InvokeFunction",
    "/mnt/data",
    "Europe/Berlin",
    "Custom::Seed",
    "post",
    "INFO",
    "Retain",
    "method.request.header.Accept",
    "'*'",
    "5",
    "/",
)
#: What is no property of the type, but an attribute of every resource.
ATTRIBUTES = frozenset(
    [
        "logical_id",
        "condition",
        "depends_on",
        "creation_policy",
        "update_policy",
        "deletion_policy",
        "update_replace_policy",
        "metadata",
        "connectors",
        "ignore_globals",
        "attributes",
        "type",
    ]
)


def full(cls: type[S], *arguments: object) -> S:
    """An object with every property given."""
    known = {each.name for each in attrs.fields(cls)[: len(arguments)]} | {"logical_id"}
    values = {
        slot.name: sample(slot.fit)
        for slot in slots_of(cls)
        if slot.name not in known and (slot.is_property or slot.name not in ATTRIBUTES)
    }
    return cls(*arguments, **values)


def sample(fit: Fit) -> Any:
    """A value that fits."""
    if isinstance(fit, UnionFit):
        return sample(next(each for each in fit.members if not _is_reference(each)))
    if isinstance(fit, ConstrainedFit):
        return next(each for each in _candidates(fit.base) if _fits(fit, each))
    if isinstance(fit, ListFit):
        return [sample(fit.item)]
    if isinstance(fit, MappingFit):
        return {sample(fit.key): sample(fit.value)}
    if isinstance(fit, ChoiceFit):
        return next(iter(fit.choices.values()))
    if isinstance(fit, AnyFit):
        return "anything"
    assert isinstance(fit, ClassFit)
    if issubclass(fit.cls, Shape):
        return full(fit.cls)
    if issubclass(fit.cls, Ref):
        return ref("Other")
    return next(iter(_candidates(fit)))


def _candidates(fit: Fit) -> tuple[Any, ...]:
    if isinstance(fit, ClassFit) and not issubclass(fit.cls, Shape):
        return {str: WORDS, int: (1, 3, 60, 128, 512, 2000, 3600), float: (0.5, 5.5), bool: (True,)}[fit.cls]
    return (sample(fit),)


def _fits(fit: Fit, value: object) -> bool:
    try:
        fit.fit(value)
    except Misfit:
        return False
    return True


def _is_reference(fit: Fit) -> bool:
    return isinstance(fit, ClassFit) and issubclass(fit.cls, Ref)
