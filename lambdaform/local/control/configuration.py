"""A version's configuration as Lambda tells it: the FunctionConfiguration of many answers.

Source: Lambda API Reference, FunctionConfiguration; recorded answers (which members are there, and when).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lambdaform.local.control.layer import find_layer
from lambdaform.local.control.records import LATEST, VersionRecord
from lambdaform.local.control.state import State
from lambdaform.local.runtime_version import RuntimeVersion

_CREATING = "The function is being created."


def configuration(
    state: State, version: VersionRecord, qualifier: str | None = None, *, listed: bool = False
) -> dict[str, Any]:
    """The document. ``qualifier`` is what the caller named the version by; None leaves the ARN without one.

    Lists leave out how a version is.
    """
    now = state.clock.now()
    code = version.code
    document: dict[str, Any] = {
        "FunctionName": version.function_name,
        "FunctionArn": state.function_arn(version.function_name, qualifier),
        "Runtime": version.runtime,
        "Role": version.role,
        "Handler": version.handler,
        "CodeSize": code.size if code is not None else 0,
        "CodeSha256": code_sha256(version),
        "Description": version.description,
        "Timeout": version.timeout,
        "MemorySize": version.memory_size,
        "LastModified": last_modified(version.last_modified),
        "Version": version.version,
        "VpcConfig": version.vpc_config,
        "DeadLetterConfig": version.dead_letter_config,
        "Environment": {"Variables": dict(version.environment)} if version.environment is not None else None,
        "KMSKeyArn": version.kms_key_arn,
        "TracingConfig": {"Mode": version.tracing_mode},
        "RevisionId": version.revision(now),
        "Layers": [_layer(state, arn) for arn in version.layers] or None,
        "FileSystemConfigs": list(version.file_system_configs) or None,
        "PackageType": version.package_type,
        "ImageConfigResponse": {"ImageConfig": version.image_config} if version.image_config else None,
        "Architectures": list(version.architectures),
        "EphemeralStorage": {"Size": version.ephemeral_storage},
        "SnapStart": {"ApplyOn": version.snap_start, "OptimizationStatus": _optimized(version, now)},
        "LoggingConfig": dict(version.logging_config),
        "TenancyConfig": version.tenancy_config,
        **version.further,
    }
    if not listed:
        document |= _how_it_is(version, now)
        if version.runtime is not None:
            account = state.account
            runtime = RuntimeVersion.of(version.runtime, account.partition, account.region)
            document["RuntimeVersionConfig"] = {"RuntimeVersionArn": runtime.arn}
    return {name: value for name, value in document.items() if value is not None}


def _layer(state: State, arn: str) -> dict[str, Any]:
    layer = find_layer(state, arn)
    return {"Arn": arn, "CodeSize": layer.code.size if layer is not None else 0}


def code_sha256(version: VersionRecord) -> str | None:
    """The hash of a version's code; of an image the digest that its address names, if it names one."""
    if version.code is not None:
        return version.code.sha256
    digest = (version.image_uri or "").partition("@sha256:")[2]
    return digest or None


def last_modified(moment: float) -> str:
    """A moment as functions have it: ``2026-11-26T09:30:00.000+0000``."""
    milliseconds = round(moment * 1000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{text}.{milliseconds % 1000:03d}+0000"


def _how_it_is(version: VersionRecord, now: float) -> Mapping[str, str]:
    status = version.update_status(now)
    told = {"State": version.state(now)}
    if told["State"] == "Pending":
        told |= {"StateReason": _CREATING, "StateReasonCode": "Creating"}
    elif version.failure is not None:
        told |= {"StateReason": version.failure, "StateReasonCode": "InvalidImage"}
    if status is not None:
        told["LastUpdateStatus"] = status
    if status == "InProgress":
        # Word for word; the reason speaks of creation in updates, too.
        told |= {"LastUpdateStatusReason": _CREATING, "LastUpdateStatusReasonCode": "Creating"}
    return told


def _optimized(version: VersionRecord, now: float) -> str:
    """Whether a version starts from a snapshot."""
    is_snapped = version.snap_start == "PublishedVersions" and version.version != LATEST
    return "On" if is_snapped and version.state(now) == "Active" else "Off"
