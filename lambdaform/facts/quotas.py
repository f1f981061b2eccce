"""Lambda's quotas and prices, by dated profile: ``current``, and ``2019-04-01`` as the deck has them.

The tables are ``schemas/quotas/<profile>.json``, each value with its unit and its source; here is typed
access to those that the model, the rules and the local service go by. What the 2019 table does not name is
taken from today's: a quota that the deck passes over was still one, and today's value is the best one known.

Source: each value's own, in the tables; ``schemas/README.md`` says how to read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from attrs import field, fields, frozen

from lambdaform.facts.schemas import dated_table


def _from(
    *path: str,
    converter: Any = None,
    hash: bool | None = None,  # noqa: A002 - as in attrs
    bygone: bool = False,
) -> Any:
    """A field whose value is that of the table's entry ``path[0]``, or a member of it.

    A ``bygone`` one is None in the profiles that do not have the entry, for it is no more.
    """
    return field(converter=converter, hash=hash, metadata={"path": path, "bygone": bygone})


def _in_order(values: Sequence[Any]) -> tuple[Any, ...]:
    # Not `tuple` itself: attrs asks a converter for its signature, and of a builtin one that has to be parsed.
    return tuple(values)


@frozen
class PriceTier:
    """A price per GB-second that holds up to so many GB-seconds in a month; None for without end."""

    up_to_gb_s: int | None
    usd: float


def _tiers(
    table: Mapping[str, Sequence[dict[str, Any] | PriceTier]],
) -> Mapping[str, tuple[PriceTier, ...]]:
    """From the table's entries; tiers that are made already stay, so that `evolve` works."""
    return MappingProxyType(
        {
            architecture: tuple(tier if isinstance(tier, PriceTier) else PriceTier(**tier) for tier in tiers)
            for architecture, tiers in table.items()
        }
    )


def _span(value: dict[str, int] | tuple[int, int] | None) -> tuple[int, int] | None:
    return (value["min"], value["max"]) if isinstance(value, dict) else value


# There is one of each profile; without methods that compare them, the class is made in half the time.
@frozen(kw_only=True, eq=False, slots=False)
class Quotas:
    """The quotas of one profile. Sizes end in their unit, or are MB; times end in it, or are seconds."""

    profile: str
    as_of: date

    memory_size_min: int = _from("memory", "min")
    memory_size_max: int = _from("memory", "max")
    memory_size_step: int = _from("memory", "step")
    memory_size_default: int = _from("memory", "default")
    #: The memory at which a function has one vCPU.
    memory_per_vcpu: int = _from("memory_per_vcpu")
    timeout_min: int = _from("timeout", "min")
    timeout_max: int = _from("timeout", "max")
    timeout_default: int = _from("timeout", "default")
    ephemeral_storage_min: int = _from("ephemeral_storage", "min")
    ephemeral_storage_max: int = _from("ephemeral_storage", "max")
    ephemeral_storage_default: int = _from("ephemeral_storage", "default")

    #: All names and values together, as JSON text.
    environment_bytes: int = _from("environment_size")
    layers_per_function: int = _from("layers_per_function")
    subnets_max: int = _from("vpc_config", "subnets_max")
    security_groups_max: int = _from("vpc_config", "security_groups_max")
    function_name_max: int = _from("function_name_length")
    tags_max: int = _from("tags_per_resource")
    resource_policy_bytes: int = _from("resource_policy_size")
    zip_bytes: int = _from("zip_size")
    #: The function and all its layers together.
    unzipped_bytes: int = _from("unzipped_size")
    #: All versions of functions and layers in a region together.
    code_storage_gb: int = _from("code_storage")

    payload_sync_bytes: int = _from("payload_sync")
    #: What AWS's error on too large a response names: a little more than the quota.
    payload_sync_bytes_in_errors: int = _from("payload_sync_named_in_errors")
    #: Of a response that is streamed.
    payload_streamed_bytes: int = _from("payload_streamed", "max")
    payload_async_bytes: int = _from("payload_async")
    client_context_bytes: int = _from("client_context")
    log_tail_bytes: int = _from("log_tail")

    account_concurrency: int = _from("account_concurrency")
    unreserved_minimum: int = _from("unreserved_minimum")
    #: Environments that may start at once, and then how many in each ``scaling_period_s``.
    scaling_burst: int = _from("scaling", "burst")
    #: The same by region, and for ``others``.
    scaling_burst_by_region: Mapping[str, int] = _from("scaling", "burst_by_region", hash=False)
    scaling_environments: int = _from("scaling", "environments")
    scaling_period_s: int = _from("scaling", "per_seconds")
    #: What is counted together: ``function``, or ``account and region``.
    scaling_scope: str = _from("scaling", "scope")
    #: Requests a second that callers may send for each unit of concurrency that they may use.
    requests_per_concurrency: int = _from("requests_per_concurrency")

    init_seconds: int = _from("init_phase", "on_demand")
    #: For an initialisation ahead of events, where the function's timeout is not more.
    init_seconds_ahead: int = _from("init_phase", "otherwise_at_least")
    snapstart_restore_seconds: int = _from("snapstart_restore")
    shutdown_ms_internal_extensions: int = _from("shutdown_phase", "internal_only")
    shutdown_ms_external_extensions: int = _from("shutdown_phase", "external")
    extensions_max: int = _from("extensions_per_function")
    file_descriptors: int = _from("file_descriptors")
    processes: int = _from("processes")

    #: Further attempts after a function error, and the pause before each.
    async_retries: int = _from("async_retries", "default")
    async_retry_delays_s: tuple[int, ...] = _from("async_retry_delays", converter=_in_order)
    async_event_age_s: int = _from("async_event_age", "default")
    async_event_age_min_s: int = _from("async_event_age", "min")
    #: The pauses between attempts of a throttled event: the first, and what they grow to.
    async_throttle_delay_first_s: int = _from("async_throttle_retry", "first_delay")
    async_throttle_delay_max_s: int = _from("async_throttle_retry", "max_delay")
    dead_letter_error_bytes: int = _from("dead_letter_error_message")
    #: The message attributes' names: request id, error code, error message.
    dead_letter_attributes: tuple[str, ...] = _from("dead_letter_attributes", converter=_in_order)

    #: Concurrent invocations of one queue: at first, and how many more each minute.
    sqs_concurrency_initial: int = _from("sqs_scaling", "initial_concurrent")
    sqs_concurrency_per_minute: int = _from("sqs_scaling", "added_per_minute")
    #: None where the concurrency limit is the only one.
    sqs_concurrency_max: int | None = _from("sqs_scaling", "max")
    sqs_batch_default: int = _from("sqs_batch", "default")
    stream_batch_default: int = _from("stream_batch", "default")

    #: The formula for a function's interfaces in a VPC, of the time when they grew with its concurrency.
    network_interface_formula: str | None = _from("network_interface_demand", bygone=True)
    #: How long a first event waits for an interface: from and to.
    network_interface_wait_s: tuple[int, int] | None = _from(
        "network_interface_creation", converter=_span, bygone=True
    )

    billing_granularity_ms: int = _from("billing_granularity")
    #: Whether the initialisation of a managed runtime is part of the billed duration.
    init_is_billed: bool = _from("init_is_billed")
    price_request_usd: float = _from("price_request")
    #: By architecture; tiers from the first GB-second of a month up.
    price_gb_s_usd: Mapping[str, tuple[PriceTier, ...]] = _from("price_gb_s", converter=_tiers, hash=False)
    #: Per GB-second of ephemeral storage above 512 MB.
    price_ephemeral_gb_s_usd: float = _from("price_ephemeral_gb_s")
    #: Per GB-second, by architecture: of provisioned environments that are kept, and of what runs in them.
    price_provisioned_usd: Mapping[str, Mapping[str, float]] = _from(
        "price_provisioned_concurrency", hash=False
    )
    free_requests: int = _from("free_tier", "requests")
    free_gb_s: int = _from("free_tier", "gb_s")

    def scaling_burst_in(self, region: str) -> int:
        """How many environments may start at once in a region."""
        by_region = self.scaling_burst_by_region
        return by_region.get(region, by_region["others"])


@cache
def quotas(profile: str = "current") -> Quotas:
    """The quotas of a profile: ``current`` or ``2019-04-01``.

    Raises `UsageError`, with the profiles there are, where there is no such one.
    """
    own = dated_table(profile)
    entries = {**dated_table("current")["quotas"], **own["quotas"]}
    values: dict[str, Any] = {}
    for each in fields(Quotas):
        if "path" in each.metadata:
            name, *members = each.metadata["path"]
            if name not in entries and each.metadata["bygone"]:
                values[each.name] = None
                continue
            value = entries[name]["value"]
            for member in members:
                value = value[member]
            values[each.name] = value
    return Quotas(profile=profile, as_of=date.fromisoformat(own["as_of"]), **values)
