"""The operations on reserved concurrency: how much of the account's a function has for itself, and at most.

Source: Lambda API Reference, PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency; recorded
answers.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from lambdaform.local.control.records import LATEST, FunctionRecord
from lambdaform.local.control.reservations import check_reserved
from lambdaform.local.control.state import State
from lambdaform.local.errors import not_found


class ReservedConcurrency:
    """PutFunctionConcurrency, GetFunctionConcurrency and DeleteFunctionConcurrency."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put_function_concurrency(
        self, *, function_name: str, reserved_concurrent_executions: int
    ) -> dict[str, Any]:
        """Reserve concurrency; none at all stops the function."""
        state = self._state
        function = self._function(function_name)
        check_reserved(state, function, reserved_concurrent_executions)
        state.functions[function.name] = evolve(function, reserved_concurrency=reserved_concurrent_executions)
        state.changed(function.name)
        return {"ReservedConcurrentExecutions": reserved_concurrent_executions}

    def get_function_concurrency(self, *, function_name: str) -> dict[str, Any]:
        """What a function reserves; nothing where it reserves nothing."""
        name = self._state.unqualified(function_name)
        function = self._state.functions.get(name)
        if function is None:
            raise not_found(self._state.function_arn(name))
        return {"ReservedConcurrentExecutions": function.reserved_concurrency}

    def delete_function_concurrency(self, *, function_name: str) -> None:
        """Give the reservation back."""
        function = self._function(function_name)
        self._state.functions[function.name] = evolve(function, reserved_concurrency=None)
        self._state.changed(function.name)

    def _function(self, text: str) -> FunctionRecord:
        name = self._state.unqualified(text)
        function = self._state.functions.get(name)
        if function is None:
            raise not_found(self._state.function_arn(name, LATEST))
        return function
