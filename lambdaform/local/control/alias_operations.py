"""The operations on aliases: names for versions, with shares of their invocations for further versions.

Source: Lambda API Reference, CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases; recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from lambdaform.local.control.pages import paged
from lambdaform.local.control.records import LATEST, AliasRecord
from lambdaform.local.control.reservations import check_one_allocation_each
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter, not_found


class Aliases:
    """CreateAlias, GetAlias, UpdateAlias, DeleteAlias and ListAliases."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create_alias(
        self,
        *,
        function_name: str,
        name: str,
        function_version: str,
        description: str | None = None,
        routing_config: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make an alias."""
        state = self._state
        function = state.unqualified(function_name)
        weights = _weights(routing_config)
        self._check_route(function, function_version, weights)
        if name in state.aliases.of(function):
            message = f"Alias already exists: {state.function_arn(function, name)}"
            raise AwsError("ResourceConflictException", message, 409)
        alias = AliasRecord(
            name=name,
            version=function_version,
            description=description or "",
            weights=weights,
            revision_id=state.new_id(),
        )
        state.aliases[function, name] = alias
        state.changed(function)
        return self._shown(function, alias)

    def get_alias(self, *, function_name: str, name: str) -> dict[str, Any]:
        """An alias."""
        function = self._state.unqualified(function_name)
        alias = self._state.aliases.of(function).get(name)
        if alias is None:
            raise alias_not_found(self._state.function_arn(function, name))
        return self._shown(function, alias)

    def update_alias(
        self,
        *,
        function_name: str,
        name: str,
        function_version: str | None = None,
        description: str | None = None,
        routing_config: Mapping[str, Any] | None = None,
        revision_id: str | None = None,
    ) -> dict[str, Any]:
        """Change what is given of an alias; empty weights take the further versions away."""
        state = self._state
        function = state.unqualified(function_name)
        before = state.aliases.of(function).get(name)
        if before is None:
            message = f"Alias not found: {state.function_arn(function, name)}"
            raise AwsError("ResourceNotFoundException", message, 404)
        if revision_id is not None and revision_id != before.revision_id:
            raise AwsError(
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API "
                "to retrieve the latest Revision Id",
                412,
            )
        alias = evolve(
            before,
            version=function_version or before.version,
            description=before.description if description is None else description,
            weights=before.weights if routing_config is None else _weights(routing_config),
            revision_id=state.new_id(),
        )
        self._check_route(function, alias.version, alias.weights)
        state.aliases[function, name] = alias
        if (function, name) in state.provisioned:
            check_one_allocation_each(state, function, name)
        state.changed(function)
        return self._shown(function, alias)

    def delete_alias(self, *, function_name: str, name: str) -> None:
        """Delete an alias with all that belongs to it; one that is not there is no error."""
        state = self._state
        function = state.unqualified(function_name)
        if function not in state.functions:
            raise not_found(state.function_arn(function))
        if (function, name) in state.aliases:
            state.drop_qualifier(function, name)

    def list_aliases(
        self,
        *,
        function_name: str,
        function_version: str | None = None,
        marker: str | None = None,
        max_items: int | None = None,
    ) -> dict[str, Any]:
        """The aliases of a function, or those that name one version of it."""
        state = self._state
        function = state.unqualified(function_name)
        if function not in state.functions:
            raise not_found(state.function_arn(function))
        found = [
            alias
            for alias in state.aliases.of(function).values()
            if function_version in (None, alias.version, *alias.weights)
        ]
        page = paged(sorted(found, key=_name), _name, marker, max_items)
        return {
            "Aliases": [self._shown(function, alias) for alias in page.items],
            "NextMarker": page.next_marker,
        }

    def _check_route(self, function: str, version: str, weights: Mapping[str, float]) -> None:
        """See that an alias may lead where it says."""
        if len(weights) > 1:
            raise invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
        if version in weights:
            raise invalid_parameter(
                f"Invalid function version {version}. Function version {version} is already included in routing "
                "configuration."
            )
        if weights and version == LATEST:
            message = "$LATEST is not supported for an alias pointing to more than 1 version"
            raise AwsError("InvalidParameterValueException", message, 400, kind="")
        versions = self._state.versions.of(function)
        for each in (version, *weights):
            if each not in versions:
                raise not_found(self._state.function_arn(function, each))

    def _shown(self, function: str, alias: AliasRecord) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "AliasArn": self._state.function_arn(function, alias.name),
            "Name": alias.name,
            "FunctionVersion": alias.version,
            "Description": alias.description,
            "RevisionId": alias.revision_id,
        }
        if alias.weights:
            shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
        return shown


def alias_not_found(arn: str) -> AwsError:
    """No such alias, by its ARN."""
    return AwsError("ResourceNotFoundException", f"Cannot find alias arn: {arn}", 404)


def _name(alias: AliasRecord) -> str:
    return alias.name


def _weights(routing_config: Mapping[str, Any] | None) -> dict[str, float]:
    return dict((routing_config or {}).get("AdditionalVersionWeights") or {})
