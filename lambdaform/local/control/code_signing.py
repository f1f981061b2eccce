"""Code signing configurations, and which functions have one.

They are kept, and an Enforce policy refuses code: signatures are not verified here, so all code counts as unsigned.

Source: Lambda API Reference, CreateCodeSigningConfig, GetCodeSigningConfig, UpdateCodeSigningConfig,
DeleteCodeSigningConfig, ListCodeSigningConfigs, ListFunctionsByCodeSigningConfig, PutFunctionCodeSigningConfig,
GetFunctionCodeSigningConfig, DeleteFunctionCodeSigningConfig; AWS Lambda Developer Guide, configuration-codesigning;
recorded answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from lambdaform.local.clock import utc_text
from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import CodeSigningRecord, FunctionRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def check_signed(state: State, arn: str | None) -> None:
    """See that a function with a code signing configuration may have code from here. Raises `AwsError`."""
    if arn is None:
        return
    config = state.code_signing_configs.get(arn)
    if config is None:
        raise _not_there(arn)
    if config.on_untrusted == "Enforce":
        raise AwsError(
            "CodeVerificationFailedException",
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the "
            "client is not configured to accept. Check the provided signature for unsigned.",
            400,
        )


class CodeSigning:
    """CreateCodeSigningConfig, those that change, tell and delete it, and those that give it to functions."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create_code_signing_config(
        self,
        *,
        allowed_publishers: Mapping[str, Any],
        description: str | None = None,
        code_signing_policies: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Make a configuration."""
        config = CodeSigningRecord(
            arn=self._state.arn(f"code-signing-config:csc-{_random_id(self._state.new_id())}"),
            publishers=list(allowed_publishers["SigningProfileVersionArns"]),
            on_untrusted=(code_signing_policies or {}).get("UntrustedArtifactOnDeployment") or "Warn",
            description=description or "",
            last_modified=self._state.clock.now(),
            tags=dict(tags or {}),
        )
        self._state.code_signing_configs[config.arn] = config
        return {"CodeSigningConfig": _shown(config)}

    def get_code_signing_config(self, *, code_signing_config_arn: str) -> dict[str, Any]:
        """A configuration."""
        return {"CodeSigningConfig": _shown(self._found(code_signing_config_arn))}

    def update_code_signing_config(
        self,
        *,
        code_signing_config_arn: str,
        description: str | None = None,
        allowed_publishers: Mapping[str, Any] | None = None,
        code_signing_policies: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Change what is given of a configuration. Code that is deployed already stays."""
        before = self._found(code_signing_config_arn)
        publishers = (allowed_publishers or {}).get("SigningProfileVersionArns")
        config = evolve(
            before,
            description=before.description if description is None else description,
            publishers=before.publishers if publishers is None else list(publishers),
            on_untrusted=(code_signing_policies or {}).get("UntrustedArtifactOnDeployment")
            or before.on_untrusted,
        )
        if config != before:
            config = evolve(config, last_modified=self._state.clock.now())
        self._state.code_signing_configs[config.arn] = config
        return {"CodeSigningConfig": _shown(config)}

    def delete_code_signing_config(self, *, code_signing_config_arn: str) -> None:
        """Delete a configuration that no function has."""
        config = self._found(code_signing_config_arn)
        if self._functions_of(config.arn):
            raise AwsError(
                "ResourceConflictException",
                f"The Lambda code signing configuration {config.arn} is in use by a function.",
                409,
            )
        del self._state.code_signing_configs[config.arn]

    def list_code_signing_configs(
        self, *, marker: str | None = None, max_items: int | None = None
    ) -> dict[str, Any]:
        """All configurations."""
        page = paged(self._state.code_signing_configs.values(), _arn, marker, max_items)
        return {
            "CodeSigningConfigs": [_shown(each) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def list_functions_by_code_signing_config(
        self,
        *,
        code_signing_config_arn: str,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The functions that have a configuration."""
        config = self._found(code_signing_config_arn)
        page = paged(self._functions_of(config.arn), _name, marker, max_items)
        return {
            "FunctionArns": [self._state.function_arn(each.name) for each in page.items],
            "NextMarker": page.next_marker,
        }

    def put_function_code_signing_config(
        self, *, code_signing_config_arn: str, function_name: str
    ) -> dict[str, Any]:
        """Give a function a configuration: it counts from its next code on."""
        if code_signing_config_arn not in self._state.code_signing_configs:
            raise _not_there(code_signing_config_arn)
        function, _ = self._state.function(function_name)
        self._put(function, code_signing_config_arn)
        return {"CodeSigningConfigArn": code_signing_config_arn, "FunctionName": function.name}

    def get_function_code_signing_config(self, *, function_name: str) -> dict[str, Any]:
        """The configuration that a function has; nothing where it has none."""
        function, _ = self._state.function(function_name)
        if function.code_signing_config_arn is None:
            return {}
        return {"CodeSigningConfigArn": function.code_signing_config_arn, "FunctionName": function.name}

    def delete_function_code_signing_config(self, *, function_name: str) -> None:
        """Take a function's configuration away, if it has one."""
        self._put(self._state.function(function_name)[0], None)

    def _put(self, function: FunctionRecord, arn: str | None) -> None:
        self._state.functions[function.name] = evolve(function, code_signing_config_arn=arn)

    def _functions_of(self, arn: str) -> list[FunctionRecord]:
        return [each for each in self._state.functions.values() if each.code_signing_config_arn == arn]

    def _found(self, arn: str) -> CodeSigningRecord:
        config = self._state.code_signing_configs.get(arn)
        if config is None:
            message = f"The Lambda code signing configuration {arn} can not be found."
            # AWS tells no Type with this one.
            raise AwsError("ResourceNotFoundException", message, 404, kind="")
        return config


def _random_id(uuid: str) -> str:
    """The 17 characters of an id, of a UUID's chance."""
    number = int.from_bytes(hashlib.sha256(uuid.encode()).digest(), "big")
    return "".join(_DIGITS[number // 36**place % 36] for place in range(17))


def _shown(config: CodeSigningRecord) -> dict[str, Any]:
    return {
        "CodeSigningConfigId": config.arn.rpartition(":")[2],
        "CodeSigningConfigArn": config.arn,
        "Description": config.description,
        "AllowedPublishers": {"SigningProfileVersionArns": list(config.publishers)},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": config.on_untrusted},
        "LastModified": f"{utc_text(config.last_modified)[:-1]}+0000",
    }


def _not_there(arn: str) -> AwsError:
    return AwsError(
        "CodeSigningConfigNotFoundException",
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
        f"{arn}.",
        404,
    )


def _arn(config: CodeSigningRecord) -> str:
    return config.arn


def _name(function: FunctionRecord) -> str:
    return function.name
