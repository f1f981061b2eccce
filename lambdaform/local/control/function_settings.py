"""The operations on settings of a function that stand by themselves: runtime updates, recursion, scaling.

They are kept and told. Here a runtime has one version, and what would scale on an account's own instances runs
like all else.

Source: Lambda API Reference, PutRuntimeManagementConfig, PutFunctionRecursionConfig, PutFunctionScalingConfig and
those that get; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from lambdaform.local.control.records import LATEST, RuntimeManagementRecord, ScalingRecord
from lambdaform.local.control.state import State
from lambdaform.local.errors import invalid_parameter, not_found


class FunctionSettings:
    """Runtime management, recursion and scaling configurations."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put_runtime_management_config(
        self,
        *,
        function_name: str,
        update_runtime_on: str,
        qualifier: str | None = None,
        runtime_version_arn: str | None = None,
    ) -> dict[str, Any]:
        """Say when a version gets a new version of its runtime."""
        if update_runtime_on == "Manual" and runtime_version_arn is None:
            raise invalid_parameter("RuntimeVersionArn must be provided when UpdateRuntimeOn is Manual.")
        if update_runtime_on != "Manual" and runtime_version_arn is not None:
            raise invalid_parameter("RuntimeVersionArn is only allowed when UpdateRuntimeOn is Manual.")
        name, version = self._version(function_name, qualifier)
        record = RuntimeManagementRecord(
            update_runtime_on=update_runtime_on, runtime_version_arn=runtime_version_arn
        )
        self._state.runtime_management[name, version] = record
        return self._runtime_management(name, version, record)

    def get_runtime_management_config(
        self, *, function_name: str, qualifier: str | None = None
    ) -> dict[str, Any]:
        """When a version gets a new version of its runtime."""
        name, version = self._version(function_name, qualifier)
        record = self._state.runtime_management.of(name).get(version)
        return self._runtime_management(
            name, version, record or RuntimeManagementRecord(update_runtime_on="Auto")
        )

    def put_function_recursion_config(self, *, function_name: str, recursive_loop: str) -> dict[str, Any]:
        """Say what becomes of a function that calls itself in a loop."""
        function, _ = self._state.function(function_name)
        self._state.functions[function.name] = evolve(function, recursive_loop=recursive_loop)
        self._state.changed(function.name)
        return {"RecursiveLoop": recursive_loop}

    def get_function_recursion_config(self, *, function_name: str) -> dict[str, Any]:
        """What becomes of a function that calls itself in a loop."""
        function, _ = self._state.function(function_name)
        return {"RecursiveLoop": function.recursive_loop}

    def put_function_scaling_config(
        self,
        *,
        function_name: str,
        qualifier: str,
        function_scaling_config: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Say how many environments a version may have on instances of the account's own."""
        name, version = self._version(function_name, qualifier)
        given = function_scaling_config or {}
        least, most = given.get("MinExecutionEnvironments"), given.get("MaxExecutionEnvironments")
        if least is not None and most is not None and least > most:
            raise invalid_parameter(
                "MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments."
            )
        self._state.scaling_configs[name, version] = ScalingRecord(minimum=least, maximum=most)
        return {"FunctionState": "Active"}

    def get_function_scaling_config(self, *, function_name: str, qualifier: str) -> dict[str, Any]:
        """How many environments a version may have on instances of the account's own."""
        name, version = self._version(function_name, qualifier)
        record = self._state.scaling_configs.of(name).get(version, ScalingRecord())
        numbers = {
            "MinExecutionEnvironments": record.minimum,
            "MaxExecutionEnvironments": record.maximum,
        }
        told = {member: number for member, number in numbers.items() if number is not None} or None
        return {
            "FunctionArn": self._state.function_arn(name, version),
            "AppliedFunctionScalingConfig": told,
            "RequestedFunctionScalingConfig": told,
        }

    def _version(self, function_name: str, qualifier: str | None) -> tuple[str, str]:
        """A function's name and one of its versions; aliases are none."""
        named = self._state.name(function_name, qualifier)
        version = named.qualifier or LATEST
        if version not in self._state.versions.of(named.name):
            raise not_found(self._state.function_arn(named.name, named.qualifier))
        return named.name, version

    def _runtime_management(self, name: str, version: str, record: RuntimeManagementRecord) -> dict[str, Any]:
        return {
            "UpdateRuntimeOn": record.update_runtime_on,
            "FunctionArn": self._state.function_arn(name, version),
            "RuntimeVersionArn": record.runtime_version_arn,
        }
