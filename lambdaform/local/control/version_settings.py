"""The settings of a function's version: what callers may give, in AWS's members, and what Lambda takes of it.

The service's model has checked each member by itself (`lambdaform.local.endpoint`); here is what goes by the account's
limits, or by several members together.

Source: Lambda API Reference, CreateFunction and UpdateFunctionConfiguration; AWS Lambda Developer Guide,
gettingstarted-limits, configuration-envvars, lambda-runtimes, snapstart and monitoring-cloudwatchlogs-logformat;
recorded answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import evolve

from lambdaform.facts.quotas import Quotas
from lambdaform.facts.reserved import reserved_names
from lambdaform.facts.runtimes import Phase, Runtime, runtime_facts, runtimes
from lambdaform.local.control.records import VersionRecord
from lambdaform.local.errors import AwsError, invalid_parameter

#: The runtimes that today's error names, in its order (recorded in 2026).
_NAMED = (
    *("nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x"),
    *("java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8"),
    *("python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x"),
    *("provided.al2", "java8.al2"),
)
_CANNOT_SNAP = ("nodejs", "ruby", "provided", "go", "java8", "python2", "dotnetcore")
_CANNOT_SNAP_EXACTLY = (
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "dotnet6",
)
_LOG_LEVELS = ("ApplicationLogLevel", "SystemLogLevel")


def with_settings(before: VersionRecord, given: Mapping[str, Any], limits: Quotas) -> VersionRecord:
    """A version with what is given of settings, by their names in snake case; what is None stays as it is.

    Raises `AwsError` for what Lambda does not take, and `TypeError` for what is no setting.
    """
    after = before
    for name, value in given.items():
        if name not in _TAKEN:
            raise TypeError(f"{name} is no setting of a function")
        if value is not None:
            after = _TAKEN[name](after, value, limits)
    if after.package_type == "Image":
        if after.runtime is not None or after.handler is not None or after.layers:
            raise invalid_parameter(
                "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
            )
    elif not after.runtime or not after.handler:
        raise invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    _check_snap_start(after)
    return after


def default_logging(function_name: str) -> Mapping[str, str]:
    """The logging configuration of a function that was given none."""
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function_name}"}


def check_new_runtime(runtime: str, limits: Quotas) -> None:
    """See that functions may still be made with a runtime. Raises `AwsError`."""
    _check_runtime(runtime, limits, (Phase.CREATE_BLOCKED, Phase.UPDATE_BLOCKED))


@cache
def _runtimes(profile: str) -> frozenset[str]:
    return frozenset(each.value for each in runtimes(profile))


def _check_runtime(runtime: str, limits: Quotas, blocked: Sequence[Phase]) -> None:
    known = _runtimes(limits.profile)
    if runtime not in known:
        named = _NAMED if limits.profile == "current" else sorted(known)
        raise invalid_parameter(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(named)}] or be a valid ARN"
        )
    if runtime_facts(Runtime(runtime)).phase(limits.as_of) in blocked:
        raise invalid_parameter(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )


def _runtime(version: VersionRecord, value: str, limits: Quotas) -> VersionRecord:
    if value != version.runtime:
        _check_runtime(value, limits, (Phase.UPDATE_BLOCKED,))
    return evolve(version, runtime=value)


def _timeout(version: VersionRecord, value: int, limits: Quotas) -> VersionRecord:
    _check_most("timeout", value, limits.timeout_max)
    return evolve(version, timeout=value)


def _memory_size(version: VersionRecord, value: int, limits: Quotas) -> VersionRecord:
    _check_most("memorySize", value, limits.memory_size_max)
    if value % limits.memory_size_step:
        raise _unsatisfied("memorySize", value, f"be a multiple of {limits.memory_size_step}")
    return evolve(version, memory_size=value)


def _ephemeral_storage(version: VersionRecord, value: Mapping[str, Any], limits: Quotas) -> VersionRecord:
    _check_most("ephemeralStorage.size", value["Size"], limits.ephemeral_storage_max)
    return evolve(version, ephemeral_storage=value["Size"])


def _environment(version: VersionRecord, value: Mapping[str, Any], limits: Quotas) -> VersionRecord:
    variables = value.get("Variables") or {}
    reserved = reserved_names(limits.profile)
    taken = [name for name in variables if name in reserved]
    if taken:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(taken)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > limits.environment_bytes:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the {limits.environment_bytes >> 10}KB limit. String measured: {measured}"
        )
    return evolve(version, environment=dict(variables))


def _vpc_config(version: VersionRecord, value: Mapping[str, Any], _limits: Quotas) -> VersionRecord:
    subnets, groups = list(value.get("SubnetIds") or ()), list(value.get("SecurityGroupIds") or ())
    if bool(subnets) != bool(groups):
        raise invalid_parameter("SubnetIds and SecurityIds must coexist or be both empty list.")
    if not subnets and version.vpc_config is None:
        return version
    config = {
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "VpcId": value.get("VpcId", ""),
        "Ipv6AllowedForDualStack": bool(value.get("Ipv6AllowedForDualStack")),
    }
    return evolve(version, vpc_config=config)


def _dead_letter_config(version: VersionRecord, value: Mapping[str, Any], _limits: Quotas) -> VersionRecord:
    return evolve(version, dead_letter_config=dict(value) if value.get("TargetArn") else None)


def _tracing_config(version: VersionRecord, value: Mapping[str, Any], _limits: Quotas) -> VersionRecord:
    return evolve(version, tracing_mode=value.get("Mode") or version.tracing_mode)


def _layers(version: VersionRecord, value: Sequence[str], limits: Quotas) -> VersionRecord:
    most = limits.layers_per_function
    if len(value) > most:
        raise invalid_parameter(f"Cannot reference more than {most} layers.")
    first: dict[str, str] = {}
    for arn in value:
        layer = arn.rpartition(":")[0]
        if layer in first:
            raise invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{first[layer]} and {arn} are versions of the same layer."
            )
        first[layer] = arn
    return evolve(version, layers=tuple(value))


def _logging_config(version: VersionRecord, value: Mapping[str, Any], _limits: Quotas) -> VersionRecord:
    """What is given joins what there is; levels go with the JSON format only."""
    together = {**version.logging_config, **{name: each for name, each in value.items() if each}}
    if together["LogFormat"] == "JSON":
        together = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **together}
    elif any(value.get(level) for level in _LOG_LEVELS):
        raise invalid_parameter(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the '
            'LogFormat to "JSON" and try again.'
        )
    else:
        together = {name: each for name, each in together.items() if name not in _LOG_LEVELS}
    return evolve(version, logging_config=together)


def _snap_start(version: VersionRecord, value: Mapping[str, Any], _limits: Quotas) -> VersionRecord:
    return evolve(version, snap_start=value.get("ApplyOn") or "None")


def _check_snap_start(version: VersionRecord) -> None:
    runtime = version.runtime or ""
    if version.snap_start == "PublishedVersions" and (
        runtime.startswith(_CANNOT_SNAP) or runtime in _CANNOT_SNAP_EXACTLY
    ):
        raise invalid_parameter(f"{runtime} is not supported for SnapStart enabled functions.")


def _check_most(member: str, value: int, most: int) -> None:
    if value > most:
        raise _unsatisfied(member, value, f"have value less than or equal to {most}")


def _unsatisfied(member: str, value: object, wanted: str) -> AwsError:
    message = f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {wanted}"
    return AwsError("ValidationException", message, 400)


_Take = Callable[[VersionRecord, Any, Quotas], VersionRecord]


def _plain(field: str, empty: Any = "") -> _Take:
    """A setting that is kept as it is given; an empty one as ``empty``."""

    def take(version: VersionRecord, value: Any, _limits: Quotas) -> VersionRecord:
        return evolve(version, **{field: value or empty})

    return take


def _further(name: str) -> _Take:
    """A setting that is kept and told again, and changes nothing here."""

    def take(version: VersionRecord, value: Any, _limits: Quotas) -> VersionRecord:
        return evolve(version, further={**version.further, name: value})

    return take


_TAKEN: Mapping[str, _Take] = {
    "runtime": _runtime,
    "role": _plain("role"),
    "handler": _plain("handler", None),
    "description": _plain("description"),
    "timeout": _timeout,
    "memory_size": _memory_size,
    "vpc_config": _vpc_config,
    "dead_letter_config": _dead_letter_config,
    "environment": _environment,
    "kms_key_arn": _plain("kms_key_arn", None),
    "tracing_config": _tracing_config,
    "layers": _layers,
    "file_system_configs": _plain("file_system_configs", ()),
    "image_config": _plain("image_config", None),
    "ephemeral_storage": _ephemeral_storage,
    "snap_start": _snap_start,
    "logging_config": _logging_config,
    "capacity_provider_config": _further("CapacityProviderConfig"),
    "durable_config": _further("DurableConfig"),
    "runtime_config": _further("RuntimeConfig"),
    "accelerator_config": _further("AcceleratorConfig"),
}
