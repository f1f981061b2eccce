"""The account's own settings: its limits, and what of them is used.

Source: Lambda API Reference, GetAccountSettings; AWS Lambda Developer Guide, gettingstarted-limits.
"""

from __future__ import annotations

from typing import Any

from lambdaform.local.control.reservations import unreserved
from lambdaform.local.control.state import State


class AccountSettings:
    """GetAccountSettings."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get_account_settings(self) -> dict[str, Any]:
        """The limits of the account, and how much of them its functions take."""
        state, quotas = self._state, self._state.quotas
        return {
            "AccountLimit": {
                "TotalCodeSize": quotas.code_storage_gb << 30,
                "CodeSizeUnzipped": quotas.unzipped_bytes,
                "CodeSizeZipped": quotas.zip_bytes,
                "ConcurrentExecutions": quotas.account_concurrency,
                "UnreservedConcurrentExecutions": unreserved(state),
            },
            "AccountUsage": {
                "TotalCodeSize": state.versions.weight + state.layers.weight,
                "FunctionCount": len(state.functions),
            },
        }
