"""Stacks of any kind, made by hypothesis from the fields' own types."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from lambdaform import (
    Aws,
    CodeDeployLambdaAliasUpdate,
    Condition,
    RawResource,
    Stack,
    get_att,
    if_,
    join,
    ref,
    sub,
)
from lambdaform.load.types import event_types, resource_types
from lambdaform.model.event import FunctionEvent, StateMachineEvent
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, UpdatePolicy
from lambdaform.model.shape import (
    AnyFit,
    ChoiceFit,
    ClassFit,
    ConstrainedFit,
    Fit,
    ListFit,
    MappingFit,
    Shape,
    UnionFit,
    slots_of,
)
from lambdaform.model.stack import Output, Parameter
from tests.model.samples import sample

#: Keys that mean something where they stand alone, or name a class.
SPECIAL = ("Ref", "Condition", "class", "$resource")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
NAMES = TEXT.filter(lambda text: text not in SPECIAL and not text.startswith("Fn::") and text != "<<")
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False, width=32)
PLAIN = st.recursive(
    TEXT | NUMBERS | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
REFERENCES: st.SearchStrategy[Any] = st.sampled_from(
    [
        ref("Orders"),
        ref("Worker.Version"),
        get_att("Orders", "Arn"),
        Aws.REGION,
        sub("arn:${AWS::Partition}:${Name}", Name=ref("Orders")),
        sub("${Orders.Arn}/*"),
        join("-", ["a", ref("Orders")]),
        if_("InProduction", "a", Aws.NO_VALUE),
        if_(Condition("InProduction", None), [1, 2], ref("Orders")),
    ]
)
RESOURCES: list[type[Resource]] = [*resource_types().values(), RawResource]
_DEPTH = 3


def fitting(fit: Fit, depth: int = _DEPTH) -> st.SearchStrategy[Any]:
    """Values that fit; no reference where only plain values of one kind do."""
    if isinstance(fit, UnionFit):
        empty = [st.none()] if fit.optional else []
        return st.one_of([*empty, *(fitting(each, depth) for each in fit.members)])
    if isinstance(fit, ConstrainedFit):
        return st.just(sample(fit)) if _is_small(fit) else fitting(fit.base, depth).filter(_fits(fit))
    if isinstance(fit, ListFit):
        return st.lists(fitting(fit.item, depth), max_size=2)
    if isinstance(fit, MappingFit):
        return st.dictionaries(
            NAMES if _is_text(fit.key) else fitting(fit.key), fitting(fit.value, depth), max_size=2
        )
    if isinstance(fit, ChoiceFit):
        return st.sampled_from(list(fit.choices.values()))
    if isinstance(fit, AnyFit):
        return PLAIN | REFERENCES
    assert isinstance(fit, ClassFit)
    if issubclass(fit.cls, Ref):
        return REFERENCES
    if issubclass(fit.cls, Shape):
        return objects(fit.cls, depth - 1)
    scalars: dict[type, st.SearchStrategy[Any]] = {
        str: TEXT, bool: st.booleans(), int: st.integers(0, 10**6), float: NUMBERS,
    }  # fmt: skip
    return scalars[fit.cls]


def _is_text(fit: Fit) -> bool:
    return isinstance(fit, ClassFit) and fit.cls is str


def _is_small(fit: ConstrainedFit) -> bool:
    return not isinstance(fit.base, ListFit | MappingFit)


def _fits(fit: Fit) -> Any:
    def fits(value: Any) -> bool:
        try:
            fit.fit(value)
        except Exception:  # noqa: BLE001 - whatever the check says
            return False
        return True

    return fits


def objects(cls: type[Shape], depth: int = _DEPTH, **given: Any) -> st.SearchStrategy[Any]:
    """Objects of a class, or of those that derive from it, with what they need and up to three other fields."""
    if cls in (FunctionEvent, StateMachineEvent):
        kinds = [each for each in event_types().values() if issubclass(each, cls)]
        only = "STATE_MACHINE_ONLY" if cls is FunctionEvent else "FUNCTION_ONLY"
        return st.sampled_from(kinds).flatmap(
            lambda kind: objects(kind, depth, **dict.fromkeys(getattr(kind, only)))
        )
    return _objects(CodeDeployLambdaAliasUpdate if cls is UpdatePolicy else cls, depth, given)


@st.composite
def _objects(draw: st.DrawFn, cls: type[Shape], depth: int, given: dict[str, Any]) -> Any:
    slots = {slot.name: slot for slot in slots_of(cls) if slot.name not in given}
    others = [name for name, slot in slots.items() if not slot.required and name != "attributes"]
    some = st.lists(st.sampled_from(others), max_size=3, unique=True) if others and depth > 0 else st.just([])
    chosen = [name for name, slot in slots.items() if slot.required] + draw(some)
    values = {name: draw(fitting(slots[name].fit, depth)) for name in chosen}
    raw = draw(st.dictionaries(NAMES, PLAIN | REFERENCES, max_size=1)) if depth > 0 else {}
    return cls(**given, **values, raw=raw)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Stacks of a few resources, with the sections around them."""
    stack = Stack(
        "sample",
        description=draw(TEXT | st.none()),
        tags=draw(st.dictionaries(NAMES.filter(bool), TEXT, max_size=2)),
    )
    for index, cls in enumerate(draw(st.lists(st.sampled_from(RESOURCES), max_size=3))):
        stack.add(draw(objects(cls, logical_id=f"Sample{index}")))
    stack.parameters["Stage"] = draw(objects(Parameter, logical_id="Stage", type="String"))
    stack.outputs["Result"] = draw(objects(Output, logical_id="Result"))
    stack.conditions["InProduction"] = Condition("InProduction", draw(REFERENCES))
    stack.metadata.update(draw(st.dictionaries(NAMES, PLAIN, max_size=2)))
    return stack
