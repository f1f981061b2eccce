"""Lambda's quotas, by dated profile: ``current``, and ``2019-04-01`` as the deck has them.

The tables are ``schemas/quotas/<profile>.json``, each value with its source. What the 2019 table does not
say is taken from today's, since an unnamed quota still held.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from attrs import frozen

from lambdaform.errors import UsageError

PROFILES = ("current", "2019-04-01")


@frozen(kw_only=True)
class Quotas:
    """The quotas that the model, the rules and the local service go by. Units are in the names, or MB and s.

    Source: each value's own, in ``schemas/quotas``.
    """

    profile: str
    memory_size_min: int
    memory_size_max: int
    memory_size_step: int
    timeout_max: int
    timeout_default: int
    ephemeral_storage_min: int
    ephemeral_storage_max: int
    environment_bytes: int
    layers_per_function: int
    subnets_max: int
    security_groups_max: int
    function_name_max: int
    tags_max: int
    resource_policy_bytes: int
    payload_sync_bytes: int
    payload_async_bytes: int
    zip_bytes: int
    unzipped_bytes: int
    log_tail_bytes: int
    account_concurrency: int
    unreserved_minimum: int
    init_seconds: int
    file_descriptors: int
    processes: int
    async_retries: int
    async_retry_delays_s: tuple[int, ...]
    async_event_age_s: int
    dead_letter_error_bytes: int
    dead_letter_attributes: tuple[str, ...]
    billing_granularity_ms: int
    #: Whether the initialisation of a managed runtime is part of the billed duration.
    init_is_billed: bool


@cache
def quotas(profile: str = "current") -> Quotas:
    """The quotas of a profile. Raises `UsageError` where there is no such profile."""
    if profile not in PROFILES:
        raise UsageError(f"There is no quota profile {profile!r}.", right=f"There are {', '.join(PROFILES)}.")
    value = _Table(profile).value
    memory, timeout, ephemeral = value("memory_mb"), value("timeout_s"), value("tmp_mb")
    sizes = ephemeral if isinstance(ephemeral, dict) else {"min": ephemeral, "max": ephemeral}
    vpc, retries = value("vpc_config"), value("async_retries")
    delays = retries if isinstance(retries, dict) else _Table("current").value("async_retries")
    sync = value("payload_sync_bytes")
    return Quotas(
        profile=profile,
        memory_size_min=memory["min"],
        memory_size_max=memory["max"],
        memory_size_step=memory["step"],
        timeout_max=timeout["max"],
        timeout_default=timeout.get("default", 3),
        ephemeral_storage_min=sizes["min"],
        ephemeral_storage_max=sizes["max"],
        environment_bytes=value("env_vars_total_bytes"),
        layers_per_function=value("layers_per_function"),
        subnets_max=vpc["subnets_max"],
        security_groups_max=vpc["security_groups_max"],
        function_name_max=value("function_name_chars"),
        tags_max=value("tags_per_function"),
        resource_policy_bytes=value("resource_policy_bytes"),
        payload_sync_bytes=sync["response"] if isinstance(sync, dict) else sync,
        payload_async_bytes=value("payload_async_bytes"),
        zip_bytes=value("zip_direct_upload_bytes"),
        unzipped_bytes=value("unzipped_bytes_incl_layers"),
        log_tail_bytes=value("log_result_tail_bytes"),
        account_concurrency=value("account_concurrency"),
        unreserved_minimum=value("unreserved_minimum"),
        init_seconds=value("init_phase_s")["on_demand"],
        file_descriptors=_default(value("file_descriptors")),
        processes=_default(value("processes_threads")),
        async_retries=delays["max"] if isinstance(retries, dict) else retries,
        async_retry_delays_s=tuple(delays["delays_s"]),
        async_event_age_s=value("async_event_age_s")["max"],
        dead_letter_error_bytes=value("dlq_error_message_bytes"),
        dead_letter_attributes=tuple(value("dlq_attributes")),
        billing_granularity_ms=value("billing_granularity_ms"),
        init_is_billed=profile == "current",
    )


def _default(value: Any) -> int:
    number: int = value["default"] if isinstance(value, dict) else value
    return number


class _Table:
    """One profile's table, completed by today's."""

    def __init__(self, profile: str) -> None:
        self._own = _read(profile)
        self._today = _read("current")

    def value(self, name: str) -> Any:
        """The value of a quota."""
        return (self._own.get(name) or self._today[name])["value"]


@cache
def _read(profile: str) -> dict[str, Any]:
    from lambdaform.facts.schemas import read_schema

    table: dict[str, Any] = read_schema(f"quotas/{profile}.json")["quotas"]
    return table
