"""A month's price of functions, by the dated tables: requests, GB-seconds in tiers, storage, provisioned concurrency.

Source: AWS Price List, AWSLambda (us-east-1); deck section B13.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from lambdaform.facts.quotas import PriceTier, Quotas
from lambdaform.model.traffic import refuse

#: The hours of a month on AWS's own bills and in its calculator (AWS Pricing Calculator, assumptions).
HOURS_PER_MONTH = 730
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600


@frozen(kw_only=True)
class Price:
    """A month's price in USD, by what is paid for."""

    requests: float = 0.0
    compute: float = 0.0
    ephemeral_storage: float = 0.0
    provisioned_concurrency: float = 0.0

    @property
    def total(self) -> float:
        """All together."""
        return self.requests + self.compute + self.ephemeral_storage + self.provisioned_concurrency


def price_of(
    limits: Quotas,
    *,
    requests: float,
    gb_s: Mapping[str, float],
    provisioned: Sequence[tuple[str, float, float]],
    ephemeral_gb_s: float,
    free_tier: bool,
) -> Price:
    """A month's price. ``provisioned``: architecture, GB that are kept, GB-seconds that ran in them.

    Raises `TrafficError` for an architecture that the profile has no price for.
    """
    free_gb_s = float(limits.free_gb_s) if free_tier else 0.0
    compute = 0.0
    for architecture, amount in gb_s.items():
        tiers = limits.price_gb_s_usd.get(architecture)
        if tiers is None:
            raise refuse(
                f"There is no price for {architecture} as of {limits.as_of}.", "It came later; take x86_64."
            )
        compute += _tiered(max(0.0, amount - free_gb_s), tiers)
        free_gb_s = max(0.0, free_gb_s - amount)
    return Price(
        requests=max(0.0, requests - (limits.free_requests if free_tier else 0)) * limits.price_request_usd,
        compute=compute,
        ephemeral_storage=ephemeral_gb_s * limits.price_ephemeral_gb_s_usd,
        provisioned_concurrency=sum(
            kept_gb * SECONDS_PER_MONTH * limits.price_provisioned_usd[architecture]["provisioned_gb_s"]
            + ran_gb_s * limits.price_provisioned_usd[architecture]["duration_gb_s"]
            for architecture, kept_gb, ran_gb_s in provisioned
            if kept_gb
        ),
    )


def _tiered(gb_s: float, tiers: Sequence[PriceTier]) -> float:
    """The price of a month's GB-seconds, each at the price of the tier in which it lies."""
    total, below = 0.0, 0.0
    for tier in tiers:
        end = math.inf if tier.up_to_gb_s is None else tier.up_to_gb_s
        total += max(0.0, min(gb_s, end) - below) * tier.usd
        below = end
    return total
