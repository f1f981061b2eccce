"""SAM's ``Globals``: what all resources of a kind in a stack have unless they say otherwise.

Source: SAM Developer Guide, "Globals section of the AWS SAM template".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeVar

from lambdaform.errors import DefinitionError
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, properties_of, report, without_required_fields
from lambdaform.origin import here

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
