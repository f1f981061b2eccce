"""Provisioned concurrency: environments that are kept initialised for one alias or version of a function.

Nothing of an allocation is used before all of it is there. What it is short of runs on demand.

Source: AWS Lambda Developer Guide, provisioned-concurrency and lambda-concurrency; Lambda API Reference,
GetProvisionedConcurrencyConfig (the states).
"""

from __future__ import annotations

from enum import Enum

from attrs import define

from lambdaform.local.control.function import FunctionConfiguration


class AllocationStatus(Enum):
    """How far an allocation is, as the Lambda API names it."""

    IN_PROGRESS = "IN_PROGRESS"
    READY = "READY"
    FAILED = "FAILED"


@define(kw_only=True, eq=False)
class Allocation:
    """``requested`` environments for one qualifier. ``kept`` is how many of them this machine holds.

    ``in_flight`` counts the invocations that run on it; ``reason`` says why it failed, where it has.
    """

    qualifier: str
    configuration: FunctionConfiguration
    requested: int
    kept: int = 0
    status: AllocationStatus = AllocationStatus.IN_PROGRESS
    reason: str | None = None
    in_flight: int = 0

    @property
    def name(self) -> str:
        """What a person calls it: ``Checkout:live``."""
        return f"{self.configuration.function_name}:{self.qualifier}"

    @property
    def allocated(self) -> int:
        """How many invocations at once it has environments for."""
        return self.requested if self.status is AllocationStatus.READY else 0

    def is_same(self, other: Allocation) -> bool:
        """Whether another asks for the very same environments."""
        return (self.qualifier, self.requested, self.configuration) == (
            other.qualifier,
            other.requested,
            other.configuration,
        )
