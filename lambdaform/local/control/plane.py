"""The control plane: every operation of the Lambda API that is no invocation, by its name.

An operation is a method of one of the areas, named as botocore names it in Python (``create_alias``). It takes the
members of the operation's input by name, in snake case and checked against the service's model already, and gives
back the members of its output as AWS names them; what is None is left out. It raises `AwsError` as Lambda would.
All that one call changes is kept together, or not at all.

::

    plane = ControlPlane(state)
    await plane.call("CreateAlias", {"FunctionName": "checkout", "Name": "live", "FunctionVersion": "1"})

Source: Lambda API Reference, "Actions".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from lambdaform.local.control.account import AccountSettings
from lambdaform.local.control.alias_operations import Aliases
from lambdaform.local.control.code_signing import CodeSigning
from lambdaform.local.control.event_invoke_configs import EventInvokeConfigs
from lambdaform.local.control.event_source_mappings import EventSourceMappings
from lambdaform.local.control.function_operations import FunctionOperations
from lambdaform.local.control.function_settings import FunctionSettings
from lambdaform.local.control.layers import Layers
from lambdaform.local.control.provisioned_concurrency import ProvisionedConcurrency
from lambdaform.local.control.reserved_concurrency import ReservedConcurrency
from lambdaform.local.control.resource_policies import ResourcePolicies
from lambdaform.local.control.state import State
from lambdaform.local.control.tags import Tags
from lambdaform.local.control.url_configs import UrlConfigs
from lambdaform.local.control.version_operations import VersionOperations

Handler = Callable[..., Any]
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ControlPlane:
    """The operations over one account's state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.account = AccountSettings(state)
        self.policies = ResourcePolicies(state)
        self.layers = Layers(state)
        self.functions = FunctionOperations(state)
        self.event_source_mappings = EventSourceMappings(state)
        self._areas: tuple[object, ...] = (
            self.account,
            self.policies,
            Aliases(state),
            ReservedConcurrency(state),
            ProvisionedConcurrency(state),
            EventInvokeConfigs(state),
            UrlConfigs(state),
            FunctionSettings(state),
            self.event_source_mappings,
            Tags(state),
            self.functions,
            VersionOperations(state),
            self.layers,
            CodeSigning(state),
        )
        self._handlers: dict[str, Handler | None] = {}

    def handler(self, operation: str) -> Handler | None:
        """The method that is an operation; None for one that is not here."""
        if operation not in self._handlers:
            name = _CAPITAL.sub("_", operation).lower()
            found = (getattr(area, name, None) for area in self._areas)
            self._handlers[operation] = next((each for each in found if each is not None), None)
        return self._handlers[operation]

    def perform(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation that waits for nothing, with members by their names in Python. Raises `AwsError`.

        What has changed is told with the transaction that the caller has begun.
        """
        handler = self.handler(operation)
        if handler is None:
            raise KeyError(operation)
        with self.state.store.transaction():
            return _without_none(handler(**members) or {})

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation. Raises `AwsError`, and `KeyError` for one that is not here."""
        from botocore import xform_name

        handler = self.handler(operation)
        if handler is None:
            raise KeyError(operation)
        given = {xform_name(name): value for name, value in members.items()}
        if inspect.iscoroutinefunction(handler):
            # It does what takes time first, and then changes all in a transaction of its own.
            result = await handler(**given)
        else:
            with self.state.store.transaction():
                result = handler(**given)
        self.state.tell()
        return _without_none(result or {})


def _without_none(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
