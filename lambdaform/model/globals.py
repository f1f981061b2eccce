"""SAM's ``Globals``: what all resources of a kind in a stack have unless they say otherwise.

Source: SAM Developer Guide, "Globals section of the AWS SAM template".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import attrs

from lambdaform.errors import DefinitionError
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, Shape, properties_of, report, slots_of, without_required_fields
from lambdaform.origin import here

if TYPE_CHECKING:
    from lambdaform.model.stack import Stack

P = ParamSpec("P")
R = TypeVar("R", bound=Resource)

#: The logical id of the object that stands for a section of the globals; it is written nowhere.
LOGICAL_ID = "Globals"
_SAM = "AWS::Serverless::"


def section_of(kind: type[Resource]) -> str:
    """The name of a class's section, such as ``Function`` or ``LayerVersion``."""
    return kind.TYPE.removeprefix(_SAM)


def make_globals(kind: Callable[Concatenate[str, P], R], *args: P.args, **properties: P.kwargs) -> R:
    """An object of the class that holds what its section says.

    Raises `DefinitionError` where SAM has no globals for the class, or not for one of the properties.
    """
    cls: object = kind
    if not (isinstance(cls, type) and issubclass(cls, Resource) and cls.GLOBALS):
        origin = here()
        raise DefinitionError(
            f"SAM has no globals for {getattr(cls, '__name__', cls)}.",
            right="It has some for Function, Api, HttpApi, WebSocketApi, Layer, SimpleTable, StateMachine, "
            "CapacityProvider, MicrovmImage and NetworkConnector.",
            where=origin.locate() if origin else None,
            rule="LF106",
        )
    with without_required_fields():
        made: R = kind(LOGICAL_ID, *args, **properties)
    problems = list(refused_globals(made))
    if problems:
        report(*problems)
    return made


def refused_globals(shared: Resource) -> Iterator[Problem]:
    """Each property that SAM has on the resource only."""
    if not shared.GLOBALS:
        return
    section = section_of(type(shared))
    if shared.suppress:
        yield shared.problem(
            "LF106",
            f"Globals of {section}: a suppression has no place there.",
            f"Give suppress to each {section}, or ignore the rule in pyproject.toml.",
            "suppress",
        )
    for slot in properties_of(type(shared)):
        if slot.name not in shared.GLOBALS and getattr(shared, slot.name) is not None:
            yield shared.problem(
                "LF106",
                f"Globals of {section}: SAM takes no {slot.aws_name} there.",
                f"Give {slot.name} to each {section} that needs it.",
                slot.name,
            )


def shared_with(stack: Stack, resource: Resource, name: str) -> Any:
    """What the stack's globals give to a resource's setting, by the name of its field; None where they give nothing."""
    shared = stack.globals.get(resource.aws_type.removeprefix(_SAM)) if stack.globals else None
    if shared is None or not resource.aws_type.startswith(_SAM) or resource is shared:
        return None
    given = getattr(shared, name, None)
    ignored = resource.ignore_globals or ()
    if given is None or not ignored:
        return given
    return None if ignored == "*" or any(word in ignored for word in resource.names_of(name)) else given


def setting_of(stack: Stack, resource: Resource, name: str) -> Any:
    """A resource's setting as SAM sees it: its own, and with it what the stack's globals give.

    Objects and mappings of both are one, in which the resource's own values win; lists follow each other.
    """
    own, given = getattr(resource, name, None), shared_with(stack, resource, name)
    if given is None:
        return own
    return given if own is None else own if name in _REPLACED else _joined(given, own)


#: What a resource says instead of the globals, where other lists follow each other.
_REPLACED = ("architectures",)


def _joined(given: Any, own: Any) -> Any:
    if isinstance(own, Shape) and type(given) is type(own):
        names = [each.name for each in slots_of(type(own)) if getattr(given, each.name) is not None]
        both = {name: _joined(getattr(given, name), getattr(own, name)) for name in names}
        return attrs.evolve(own, raw={**given.raw, **own.raw}, **both)
    if own is None:
        return given
    if isinstance(own, Mapping) and isinstance(given, Mapping):
        return {**given, **{key: _joined(given.get(key), value) for key, value in own.items()}}
    if isinstance(own, tuple) and isinstance(given, tuple):
        return given + own
    return own
