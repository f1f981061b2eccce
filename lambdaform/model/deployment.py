"""How traffic moves from one version to the next: at once, in one canary step, or in a line.

Source: SAM Developer Guide, DeploymentPreference; CodeDeploy User Guide, "Deployment configurations on an
AWS Lambda compute platform"; deck section C6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.errors import DefinitionError
from lambdaform.model.arguments import checked
from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arn_of, role_arn
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Shape
from lambdaform.origin import here

#: The configurations that CodeDeploy predefines, under SAM's names for them.
PREDEFINED = (
    "Canary10Percent5Minutes",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
    "Linear10PercentEvery10Minutes",
    "AllAtOnce",
)

ALL_AT_ONCE = "AllAtOnce"


Percent = Annotated[int, Within(1, 99, "percent", source="CodeDeploy API, TimeBasedCanary")]
Minutes = Annotated[int, Within(1, 2_880, "minutes", source="CodeDeploy API, TimeBasedCanary")]


@checked
def Canary(*, percent: Percent, minutes: Minutes) -> str:  # noqa: N802 - reads as what it makes
    """The predefined configuration that moves ``percent`` of the traffic, then the rest after ``minutes``."""
    return _predefined(f"Canary{percent}Percent{minutes}Minute{'s' if minutes != 1 else ''}", "Canary")


@checked
def Linear(*, percent: Percent, minutes: Minutes) -> str:  # noqa: N802 - reads as what it makes
    """The predefined configuration that moves ``percent`` more of the traffic every ``minutes``."""
    return _predefined(f"Linear{percent}PercentEvery{minutes}Minute{'s' if minutes != 1 else ''}", "Linear")


def _predefined(name: str, kind: str) -> str:
    if name in PREDEFINED:
        return name
    known = ", ".join(each for each in PREDEFINED if each.startswith(kind))
    origin = here()
    raise DefinitionError(
        f"CodeDeploy has no predefined configuration {name}.",
        right=f"It has {known}; for another split, name a deployment configuration of your own.",
        where=origin.locate() if origin else None,
        rule="LF103",
    )


def _function_ref(function: Resource | str | Ref[str] | None) -> str | Ref[str] | None:
    return function.ref if isinstance(function, Resource) else function


@frozen(kw_only=True)
class Hooks(Shape):
    """Functions that CodeDeploy calls before and after the shift; each decides whether it goes on."""

    pre_traffic: str | Ref[str] | None = field(default=None, converter=_function_ref)
    post_traffic: str | Ref[str] | None = field(default=None, converter=_function_ref)


def _alarm_refs(
    alarms: Sequence[Resource | str | Ref[str]] | Mapping[str, Any] | Ref[Any] | None,
) -> Sequence[str | Ref[str]] | Mapping[str, Any] | Ref[Any] | None:
    if isinstance(alarms, list | tuple):
        return tuple(each.ref if isinstance(each, Resource) else each for each in alarms)
    return alarms  # type: ignore[return-value]  # what is neither is refused by the field


@frozen(kw_only=True)
class TriggerConfig(Shape):
    """A topic that hears of a deployment's events."""

    trigger_name: str | Ref[str] | None = None
    trigger_events: (
        Sequence[
            Literal[
                "DeploymentFailure",
                "DeploymentReady",
                "DeploymentRollback",
                "DeploymentStart",
                "DeploymentStop",
                "DeploymentSuccess",
                "InstanceFailure",
                "InstanceReady",
                "InstanceStart",
                "InstanceSuccess",
            ]
            | Ref[str]
        ]
        | Ref[Any]
        | None
    ) = None
    trigger_target_arn: str | Ref[str] | None = field(default=None, converter=optional(arn_of))


@frozen
class DeploymentPreference(Shape):
    """How the function's alias moves to a new version: ``DeploymentPreference(Canary(percent=10, minutes=5))``.

    It goes back by itself when one of the ``alarms`` fires or a hook fails.
    """

    WRITTEN_AS: ClassVar[str | None] = "deployment_preference"

    type: str | Ref[str] | None = None
    enabled: bool | Ref[bool] | None = field(default=None, kw_only=True)
    alarms: (
        Annotated[Sequence[str | Ref[str]], Count(high=10, unit="alarms", source="CodeDeploy quotas")]
        | Mapping[str, Any]
        | Ref[Any]
        | None
    ) = field(default=None, kw_only=True, converter=_alarm_refs)
    hooks: Hooks | Ref[Any] | None = field(default=None, kw_only=True)
    role: str | Ref[str] | None = field(default=None, kw_only=True, converter=optional(role_arn))
    passthrough_condition: bool | Ref[bool] | None = field(default=None, kw_only=True)
    trigger_configurations: Sequence[TriggerConfig | Ref[Any]] | Ref[Any] | None = field(
        default=None, kw_only=True
    )
