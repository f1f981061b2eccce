"""The settings of a function on which its capacity and price depend, with the stack's globals and mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import Quotas
from lambdaform.model.globals import setting_of
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape

if TYPE_CHECKING:
    from lambdaform.model.function import FunctionSettings
    from lambdaform.model.stack import Stack


@frozen(kw_only=True)
class Settings:
    """What an estimate asks of a function, globals included."""

    name: str
    memory_mb: int
    timeout_s: int
    architecture: str
    ephemeral_mb: int
    reserved: int | None
    provisioned: int
    #: The subnets, each with the security groups; None where they are known at deployment only.
    interface_keys: frozenset[Any] | None
    batch_size: Mapping[str, int]
    parallelization_factor: int
    maximum_concurrency: int | None


def settings_of(function: FunctionSettings, stack: Stack | None, limits: Quotas) -> Settings:
    """A function's settings; Lambda's defaults where nothing says otherwise.

    Raises `DefinitionError` where one is known at deployment only.
    """

    def given(name: str) -> Any:
        return getattr(function, name, None) if stack is None else setting_of(stack, function, name)

    def setting(name: str, inner: str | None = None, *, default: Any = None) -> Any:
        value = given(name)
        if inner is not None and isinstance(value, Shape):
            value = getattr(value, inner)
        if isinstance(value, Ref):
            raise DefinitionError(
                f"{function.logical_id!r}: {name} is known at deployment only.",
                right="Give it as a value for an estimate.",
                where=function.problem("", "", "", name).location,
            )
        return default if value is None else value

    pollers = list(_pollers(function, stack))
    factors = [getattr(each, "parallelization_factor", None) for each in pollers]
    most = [getattr(getattr(each, "scaling_config", None), "maximum_concurrency", None) for each in pollers]
    queue = [each for each in pollers if _polls(each) == "queue"]
    stream = [each for each in pollers if _polls(each) == "stream"]
    return Settings(
        name=function.logical_id,
        memory_mb=setting("memory_size", default=limits.memory_size_default),
        timeout_s=setting("timeout", default=limits.timeout_default),
        architecture=str(next(iter(setting("architectures", default=())), "x86_64")),
        ephemeral_mb=setting("ephemeral_storage", "size", default=limits.ephemeral_storage_default),
        reserved=setting("reserved_concurrent_executions"),
        provisioned=setting("provisioned_concurrency_config", "provisioned_concurrent_executions", default=0),
        interface_keys=_interface_keys(given("vpc_config")),
        batch_size={
            "queue": _one([each.batch_size for each in queue], limits.sqs_batch_default),
            "stream": _one([each.batch_size for each in stream], limits.stream_batch_default),
        },
        parallelization_factor=_one(factors, 1),
        maximum_concurrency=_one(most, None),
    )


def _one(values: Sequence[Any], default: Any) -> Any:
    """The first value that is known."""
    return next((each for each in values if isinstance(each, int)), default)


def _pollers(function: FunctionSettings, stack: Stack | None) -> Iterator[Any]:
    """The events and mappings by which Lambda polls for a function."""
    events = getattr(function, "events", None)
    if isinstance(events, Mapping):
        yield from (each for each in events.values() if _polls(each))
    for resource in stack.resources.values() if stack is not None else ():
        if resource.aws_type == "AWS::Lambda::EventSourceMapping":
            named = getattr(resource, "function_name", None)
            if named in (function.ref, function.arn, getattr(function, "function_name", None) or object()):
                yield resource


def _polls(poller: Any) -> Literal["queue", "stream"] | None:
    if getattr(poller, "event_type", None) == "SQS":
        return "queue"
    if getattr(poller, "event_type", None) in ("Kinesis", "DynamoDB"):
        return "stream"
    if getattr(poller, "aws_type", None) == "AWS::Lambda::EventSourceMapping":
        return "stream" if poller.starting_position is not None else "queue"
    return None


def _interface_keys(vpc: Any) -> frozenset[Any] | None:
    """The subnets that a function is in, each with its security groups; None where only a deployment knows them."""
    if vpc is None:
        return frozenset()
    subnets = getattr(vpc, "subnet_ids", None)
    groups = getattr(vpc, "security_group_ids", None)
    if isinstance(vpc, Ref) or isinstance(subnets, Ref):
        return None
    together = groups if isinstance(groups, Ref) else frozenset(map(repr, groups or ()))
    return frozenset((repr(each), repr(together)) for each in subnets or ())
