"""What traffic means for a function: concurrency, throttling, network interfaces, and the month's price.

::

    estimate = checkout.estimate(requests_per_second=200, duration_ms=150)
    estimate.concurrency, estimate.price.total

Plain arithmetic on the model and the dated tables (`facts.quotas`), today's or those of 2019; steady traffic at its
peak is assumed. Prices are those of us-east-1, in USD, before tax; what a function's code calls is not in them.

Source: AWS Lambda Developer Guide, lambda-concurrency, scaling-behavior, services-sqs-scaling, configuration-vpc;
AWS Price List, AWSLambda; deck sections B8 (interfaces), B10 (concurrency) and B13 (prices).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import field, frozen

from lambdaform.errors import UsageError, shown
from lambdaform.facts.quotas import Quotas, quotas
from lambdaform.facts.schemas import PROFILES
from lambdaform.model.arguments import checked
from lambdaform.model.capacity import Settings, settings_of
from lambdaform.model.function import FunctionSettings
from lambdaform.model.globals import setting_of
from lambdaform.model.price import SECONDS_PER_MONTH, Price, price_of
from lambdaform.model.stack import Stack
from lambdaform.model.traffic import Traffic, refuse
from lambdaform.suggest import did_you_mean

#: The GB of memory that one interface carried (deck, B8).
_GB_PER_INTERFACE = 3


@frozen(kw_only=True)
class Estimate:
    """What a function's traffic comes to. Rates are by the second; a month has 730 hours."""

    function: str
    profile: str
    as_of: str
    kind: Literal["requests", "queue", "stream"]
    memory_mb: int
    architecture: str
    invocations_per_second: float
    #: Environments that the traffic keeps busy; ``limit`` is what the function may have.
    concurrency: int
    limit: int
    #: What the limit is: ``account``, ``reserved concurrency``, ``maximum concurrency``, ``pollers`` or ``shards``.
    limited_by: str
    #: Invocations a second that find no environment: throttled, or left waiting in the queue or stream.
    excess_per_second: float
    #: Seconds from nothing until as many environments as are needed may be there.
    scale_up_s: float
    #: Interfaces in the VPC; None where its subnets are known at deployment only.
    network_interfaces: int | None
    #: How long an event waited for an interface that had to be made; None where none has to.
    network_interface_wait_s: tuple[int, int] | None
    billed_ms: float
    requests: float
    gb_s: float
    #: The part of the GB-seconds that provisioned environments serve, at a price of their own.
    provisioned_gb_s: float
    price: Price
    #: What the storage above 512 MB comes to, in GB-seconds.
    ephemeral_gb_s: float = field(repr=False)
    #: Subnets, each with the function's security groups; what interfaces are shared by.
    interface_keys: frozenset[Any] = field(repr=False, eq=False)

    def __str__(self) -> str:
        rate = f"{self.invocations_per_second:,.6g}/s"
        lines = [
            f"{self.function}: {rate} at {self.memory_mb:,} MB, {self.architecture}"
            f" (limits and prices of {self.as_of})",
            _row("concurrency", f"{self.concurrency:,} of {self.limit:,} ({self.limited_by})"),
            _row("reached after", f"{self.scale_up_s:,.0f} s" if self.scale_up_s else "at once"),
            _row(
                _EXCESS[self.kind], f"{self.excess_per_second:,.6g}/s" if self.excess_per_second else "none"
            ),
        ]
        if self.network_interfaces is None:
            lines.append(_row("interfaces", "known at deployment"))
        elif self.network_interfaces:
            wait = self.network_interface_wait_s
            first = f", {wait[0]} to {wait[1]} s for each new one" if wait else ""
            lines.append(_row("interfaces", f"{self.network_interfaces:,}{first}"))
        lines += [
            _row("billed", f"{self.billed_ms:,.6g} ms each"),
            *_price_rows(self.price, self.requests, self.gb_s),
        ]
        return "\n".join(lines)


_EXCESS = {"requests": "throttled", "queue": "left in the queue", "stream": "left in the stream"}


def _row(name: str, value: str) -> str:
    return f"  {name:<19} {value}"


def _price_rows(price: Price, requests: float, gb_s: float) -> Iterator[str]:
    yield f"  {'a month':<19} {'':>32} {price.total:>12,.2f} USD"
    yield f"    {'requests':<17} {requests:>32,.0f} {price.requests:>12,.2f}"
    yield f"    {'GB-seconds':<17} {gb_s:>32,.0f} {price.compute:>12,.2f}"
    if price.ephemeral_storage:
        yield f"    {'storage':<17} {'':>32} {price.ephemeral_storage:>12,.2f}"
    if price.provisioned_concurrency:
        yield f"    {'provisioned':<17} {'':>32} {price.provisioned_concurrency:>12,.2f}"


@frozen(kw_only=True)
class StackEstimate:
    """What a stack's traffic comes to, with the account's concurrency shared by its functions."""

    stack: str
    functions: tuple[Estimate, ...]
    account_concurrency: int
    #: What is reserved for functions of the stack, with traffic or without.
    reserved: int
    #: What the functions without a reservation need, and have, together.
    unreserved: int
    unreserved_limit: int
    #: Invocations a second that are throttled, of all functions; queues and streams keep theirs.
    throttled_per_second: float
    network_interfaces: int | None
    price: Price

    def __str__(self) -> str:
        width = max([len("function"), *(len(each.function) for each in self.functions)])
        head = (
            f"{'function':<{width}} {'per second':>12} {'concurrency':>14} {'excess':>10} {'USD a month':>14}"
        )
        rows = [
            f"{each.function:<{width}} {each.invocations_per_second:>12,.6g}"
            f" {f'{each.concurrency:,} of {each.limit:,}':>14} {each.excess_per_second:>10,.4g}"
            f" {each.price.total:>14,.2f}"
            for each in self.functions
        ]
        lines = [head, *rows, f"{'':<{width}} {'':>12} {'':>14} {'':>10} {self.price.total:>14,.2f}"]
        lines.append(
            f"Unreserved concurrency: {self.unreserved:,} of {self.unreserved_limit:,}; reserved {self.reserved:,}"
            f" of the account's {self.account_concurrency:,}."
        )
        if self.network_interfaces:
            lines.append(f"Network interfaces: {self.network_interfaces:,}.")
        return "\n".join(lines)


def estimate_function(
    function: FunctionSettings,
    traffic: Traffic,
    *,
    stack: Stack | None = None,
    profile: str | None = None,
    account_concurrency: int | None = None,
    free_tier: bool = False,
) -> Estimate:
    """What the traffic comes to for one function; with its ``stack``, by the stack's globals, mappings and profile.

    ``account_concurrency`` is the account's limit where it is another than the default. Raises `DefinitionError`
    where a setting that matters is known at deployment only, or the traffic cannot be.
    """
    own = stack.profile if stack is not None else "current"
    limits = _limits(own if profile is None else profile)
    account = _account(account_concurrency, limits)
    return _estimate(settings_of(function, stack, limits), traffic, limits, account, free_tier=free_tier)


def _limits(profile: object) -> Quotas:
    if not isinstance(profile, str) or profile not in PROFILES:
        raise refuse(f"profile is {shown(profile)}.", f"There are {', '.join(PROFILES)}.")
    return quotas(profile)


def _account(given: int | None, limits: Quotas) -> int:
    if given is None:
        return limits.account_concurrency
    number: object = given
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 10**9:
        raise refuse(
            f"account_concurrency is {shown(given)}.", "It must be a whole number, 1 to 1,000,000,000."
        )
    return given


def _estimate(
    settings: Settings, traffic: Traffic, limits: Quotas, available: int, *, free_tier: bool
) -> Estimate:
    """``available`` is the concurrency that a function without a reservation may use."""
    seconds = traffic.duration_ms / 1000
    if seconds > settings.timeout_s:
        raise refuse(
            f"duration_ms is {traffic.duration_ms:g}, and {settings.name!r} may run for {settings.timeout_s} s.",
            "An invocation ends at its timeout: raise the timeout, or give what it takes.",
        )
    limit, limited_by = available, "account"
    if settings.reserved is not None:
        limit, limited_by = settings.reserved, "reserved concurrency"
    match traffic.kind:
        case "requests":
            rate = traffic.requests_per_second or 0.0
            # However short requests are, an environment takes so many a second.
            needed = max(rate * seconds, rate / limits.requests_per_concurrency)
        case "queue":
            rate = (traffic.messages_per_second or 0.0) / (traffic.batch_size or settings.batch_size["queue"])
            needed = rate * seconds
            for most, name in (
                (settings.maximum_concurrency, "maximum concurrency"),
                (limits.sqs_concurrency_max, "pollers"),
            ):
                if most is not None and most < limit:
                    limit, limited_by = most, name
        case "stream":
            batches = (traffic.shards or 0) * settings.parallelization_factor
            if batches < limit:
                limit, limited_by = batches, "shards"
            if traffic.records_per_second is None:
                rate = batches / seconds
            else:
                rate = traffic.records_per_second / (traffic.batch_size or settings.batch_size["stream"])
            needed = rate * seconds
    busy = _up(needed)
    concurrency = limit if traffic.kind == "stream" and limited_by == "shards" else busy
    excess = max(0.0, rate * (1 - limit / needed)) if needed > limit else 0.0
    served = rate - excess
    billed_ms = _billed(traffic, limits)
    requests = served * SECONDS_PER_MONTH
    memory_gb = settings.memory_mb / 1024
    gb_s = requests * billed_ms / 1000 * memory_gb
    share = min(1.0, settings.provisioned / min(needed, limit)) if needed and limit else 0.0
    ephemeral_gb = max(0, settings.ephemeral_mb - limits.ephemeral_storage_min) / 1024
    ephemeral_gb_s = requests * billed_ms / 1000 * ephemeral_gb
    keys = settings.interface_keys
    return Estimate(
        function=settings.name,
        profile=limits.profile,
        as_of=limits.as_of.isoformat(),
        kind=traffic.kind,
        memory_mb=settings.memory_mb,
        architecture=settings.architecture,
        invocations_per_second=rate,
        concurrency=concurrency,
        limit=limit,
        limited_by=limited_by,
        excess_per_second=excess,
        scale_up_s=_scale_up(traffic, min(concurrency, limit) - settings.provisioned, limits),
        network_interfaces=_interfaces(keys, min(concurrency, limit), memory_gb, limits),
        network_interface_wait_s=limits.network_interface_wait_s if keys is None or keys else None,
        billed_ms=billed_ms,
        requests=requests,
        gb_s=gb_s,
        provisioned_gb_s=gb_s * share,
        price=price_of(
            limits,
            requests=requests,
            gb_s={settings.architecture: gb_s * (1 - share)},
            provisioned=[(settings.architecture, settings.provisioned * memory_gb, gb_s * share)],
            ephemeral_gb_s=ephemeral_gb_s,
            free_tier=free_tier,
        ),
        ephemeral_gb_s=ephemeral_gb_s,
        interface_keys=keys or frozenset(),
    )


def _up(number: float) -> int:
    """Rounded up, where 5000 times 0.2 is 1000 and not a little more."""
    return math.ceil(round(number, 9))


def _billed(traffic: Traffic, limits: Quotas) -> float:
    """The billed milliseconds of an invocation: each rounded up, with the share of initialisations that are billed."""
    step = limits.billing_granularity_ms
    warm = _up(traffic.duration_ms / step) * step
    if not limits.init_is_billed or not traffic.cold_starts:
        return warm
    cold = _up((traffic.duration_ms + traffic.init_ms) / step) * step
    return warm * (1 - traffic.cold_starts) + cold * traffic.cold_starts


def _scale_up(traffic: Traffic, environments: int, limits: Quotas) -> float:
    """The seconds until so many environments may be there, by Lambda's scaling rate and its pollers'."""
    if traffic.kind == "stream":
        return 0.0
    periods = _up(max(0, environments - limits.scaling_burst) / limits.scaling_environments)
    seconds = float(periods * limits.scaling_period_s)
    if traffic.kind == "queue":
        more = max(0, environments - limits.sqs_concurrency_initial)
        seconds = max(seconds, 60.0 * _up(more / limits.sqs_concurrency_per_minute))
    return seconds


def _interfaces(
    keys: frozenset[Any] | None, concurrency: int, memory_gb: float, limits: Quotas
) -> int | None:
    if keys is not None and not keys:
        return 0
    if limits.network_interface_formula is not None:
        return _up(concurrency * memory_gb / _GB_PER_INTERFACE)
    return None if keys is None else len(keys)


def _shares(available: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """Each one's part of what there is, in whole environments; what division leaves goes to those it took most from."""
    whole = sum(wanted.values())
    exact = {name: available * each / whole for name, each in wanted.items()}
    parts = {name: int(each) for name, each in exact.items()}
    by_loss = sorted(exact, key=lambda name: parts[name] - exact[name])
    for name in by_loss[: available - sum(parts.values())]:
        parts[name] += 1
    return parts


@checked
def estimate(
    stack: Stack,
    traffic: Mapping[str, Traffic],
    *,
    profile: str | None = None,
    account_concurrency: int | None = None,
    free_tier: bool = False,
) -> StackEstimate:
    """What the traffic of a stack's functions, by logical id, comes to together.

    Reserved concurrency is taken from the account's, whether its function has traffic or not; the others share
    the rest, each by its part where it is too little. Prices go through the tiers, and the free tier, once for
    all. Raises `UsageError` for a name that is no function of the stack.
    """
    limits = _limits(stack.profile if profile is None else profile)
    account = _account(account_concurrency, limits)
    functions = {name: each for name, each in stack.resources.items() if isinstance(each, FunctionSettings)}
    for name in traffic:
        if name not in functions:
            raise UsageError(
                f"Stack {stack.name!r} has no function {name!r}.", right=did_you_mean(name, functions)
            )
    settings = {name: settings_of(functions[name], stack, limits) for name in traffic}
    reservations = [setting_of(stack, each, "reserved_concurrent_executions") for each in functions.values()]
    reserved = sum(each for each in reservations if isinstance(each, int))
    available = max(0, account - reserved)
    alone = [
        _estimate(settings[name], each, limits, available, free_tier=False) for name, each in traffic.items()
    ]
    sharing = [each for each in alone if settings[each.function].reserved is None]
    wanted = sum(min(each.concurrency, each.limit) for each in sharing)
    estimates = alone
    if wanted > available:
        parts = _shares(available, {each.function: min(each.concurrency, each.limit) for each in sharing})
        estimates = [
            each
            if settings[each.function].reserved is not None
            else _estimate(
                settings[each.function],
                traffic[each.function],
                limits,
                parts[each.function],
                free_tier=False,
            )
            for each in alone
        ]
    gb_s: dict[str, float] = {}
    for each in estimates:
        gb_s[each.architecture] = gb_s.get(each.architecture, 0.0) + each.gb_s - each.provisioned_gb_s
    unknown = any(each.network_interfaces is None for each in estimates)
    if limits.network_interface_formula is not None:
        interfaces = sum(each.network_interfaces or 0 for each in estimates)
    else:
        interfaces = len(frozenset().union(*(each.interface_keys for each in estimates)))
    return StackEstimate(
        stack=stack.name,
        functions=tuple(estimates),
        account_concurrency=account,
        reserved=reserved,
        unreserved=sum(each.concurrency for each in sharing),
        unreserved_limit=available,
        throttled_per_second=sum(each.excess_per_second for each in estimates if each.kind == "requests"),
        network_interfaces=None if unknown else interfaces,
        price=price_of(
            limits,
            requests=sum(each.requests for each in estimates),
            gb_s=gb_s,
            provisioned=[
                (
                    each.architecture,
                    settings[each.function].provisioned * each.memory_mb / 1024,
                    each.provisioned_gb_s,
                )
                for each in estimates
            ],
            ephemeral_gb_s=sum(each.ephemeral_gb_s for each in estimates),
            free_tier=free_tier,
        ),
    )
