"""Classes of the model are built by attrs when they are first used, and nothing else differs."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from lambdaform.model.definition import build, frozen


def test_importing_the_model_builds_no_class() -> None:
    code = (
        "import sys, lambdaform.model.bucket as bucket\n"
        "print(type(bucket.Bucket.__dict__['__attrs_attrs__']).__name__)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "_Unbuilt"


def test_the_first_object_builds_its_class_and_what_it_derives_from() -> None:
    @frozen
    class Base:
        one: int = 1

    @frozen(kw_only=True)
    class Derived(Base):
        two: int = 2

    made = Derived(one=3)
    assert (made.one, made.two) == (3, 2)
    assert [each.name for each in attrs.fields(Base)] == ["one"]
    assert made == Derived(one=3)


def test_asking_for_fields_builds_the_class() -> None:
    @frozen
    class Plain:
        one: int

    assert [each.name for each in attrs.fields(Plain)] == ["one"]


def test_attrs_own_decorator_may_derive_from_a_class_that_is_not_built() -> None:
    @frozen
    class Base:
        one: int = 1

    @attrs.frozen
    class Own(Base):
        two: int = 2

    assert (Own().one, Own().two) == (1, 2)


def test_objects_are_frozen() -> None:
    @frozen
    class Plain:
        one: int

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Plain(1).one = 2  # type: ignore[misc]


def test_building_twice_changes_nothing() -> None:
    @frozen
    class Plain:
        one: int

    build(Plain)
    fields = attrs.fields(Plain)
    build(Plain)
    assert attrs.fields(Plain) is fields
