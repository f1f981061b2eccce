"""Lambda's runtimes: their identifiers, and until when each is supported.

Source: AWS Lambda Developer Guide, lambda-runtimes; the dates are in ``schemas/quotas/current.json``.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal

from attrs import frozen

from lambdaform.facts.schemas import dated_table


class Runtime(StrEnum):
    """Every runtime identifier that Lambda knows or has known."""

    DOTNET6 = "dotnet6"
    DOTNET8 = "dotnet8"
    DOTNET10 = "dotnet10"
    DOTNETCORE_1_0 = "dotnetcore1.0"
    DOTNETCORE_2_0 = "dotnetcore2.0"
    DOTNETCORE_2_1 = "dotnetcore2.1"
    DOTNETCORE_3_1 = "dotnetcore3.1"
    GO1_X = "go1.x"
    JAVA8 = "java8"
    JAVA8_AL2 = "java8.al2"
    JAVA8_AL2023 = "java8.al2023"
    JAVA11 = "java11"
    JAVA11_AL2023 = "java11.al2023"
    JAVA17 = "java17"
    JAVA17_AL2023 = "java17.al2023"
    JAVA21 = "java21"
    JAVA25 = "java25"
    NODEJS = "nodejs"
    NODEJS_4_3 = "nodejs4.3"
    NODEJS_4_3_EDGE = "nodejs4.3-edge"
    NODEJS_6_10 = "nodejs6.10"
    NODEJS_8_10 = "nodejs8.10"
    NODEJS_10_X = "nodejs10.x"
    NODEJS_12_X = "nodejs12.x"
    NODEJS_14_X = "nodejs14.x"
    NODEJS_16_X = "nodejs16.x"
    NODEJS_18_X = "nodejs18.x"
    NODEJS_20_X = "nodejs20.x"
    NODEJS_22_X = "nodejs22.x"
    NODEJS_24_X = "nodejs24.x"
    NODEJS_26_X = "nodejs26.x"
    PROVIDED = "provided"
    PROVIDED_AL2 = "provided.al2"
    PROVIDED_AL2023 = "provided.al2023"
    PYTHON_2_7 = "python2.7"
    PYTHON_3_6 = "python3.6"
    PYTHON_3_7 = "python3.7"
    PYTHON_3_8 = "python3.8"
    PYTHON_3_9 = "python3.9"
    PYTHON_3_10 = "python3.10"
    PYTHON_3_11 = "python3.11"
    PYTHON_3_12 = "python3.12"
    PYTHON_3_13 = "python3.13"
    PYTHON_3_14 = "python3.14"
    PYTHON_3_15 = "python3.15"
    RUBY_2_5 = "ruby2.5"
    RUBY_2_7 = "ruby2.7"
    RUBY_3_2 = "ruby3.2"
    RUBY_3_3 = "ruby3.3"
    RUBY_3_4 = "ruby3.4"
    RUBY_4_0 = "ruby4.0"


#: The same as text, so that type checkers and editors know what may be written.
RuntimeName = Literal[
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "java8.al2",
    "java8.al2023",
    "java11",
    "java11.al2023",
    "java17",
    "java17.al2023",
    "java21",
    "java25",
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "nodejs26.x",
    "provided",
    "provided.al2",
    "provided.al2023",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
]


class Phase(StrEnum):
    """What AWS does on a given day with functions on a runtime. Each phase includes those before it."""

    PREVIEW = "preview"
    SUPPORTED = "supported"
    #: No more patches, no technical support; the console refuses it, the API does not.
    DEPRECATED = "deprecated"
    CREATE_BLOCKED = "create blocked"
    UPDATE_BLOCKED = "update blocked"


@frozen
class RuntimeFacts:
    """A runtime's operating system (``AL2023``), and its dates; None where AWS has announced none."""

    runtime: Runtime
    os: str | None = None
    deprecated: date | None = None
    create_blocked: date | None = None
    update_blocked: date | None = None
    preview: bool = False

    def phase(self, on: date) -> Phase:
        """What AWS does with functions on this runtime on a day."""
        if self.update_blocked is not None and self.update_blocked <= on:
            return Phase.UPDATE_BLOCKED
        if self.create_blocked is not None and self.create_blocked <= on:
            return Phase.CREATE_BLOCKED
        if self.deprecated is not None and self.deprecated <= on:
            return Phase.DEPRECATED
        return Phase.PREVIEW if self.preview else Phase.SUPPORTED

    @property
    def family(self) -> str:
        """The language, or ``provided``: ``python`` of ``python3.13``."""
        return family(self.runtime)

    @property
    def successor(self) -> Runtime | None:
        """The newest runtime of the family that is no preview; None where that is this one."""
        newest = latest(self.family)
        return None if newest is self.runtime else newest


def family(runtime: Runtime) -> str:
    """The language of a runtime, or ``provided``; Go's is ``provided``, on which Go has run since 2024."""
    found = re.match(r"[a-z]+", runtime.value)
    name = found[0] if found else runtime.value
    return {"dotnetcore": "dotnet", "go": "provided"}.get(name, name)


def runtimes(profile: str = "current") -> tuple[Runtime, ...]:
    """The runtimes that a profile's table names; in ``current`` also those that AWS has dropped since.

    Raises `UsageError` where there is no such profile.
    """
    return tuple(Runtime(identifier) for identifier in _table(profile))


@cache
def runtime_facts(runtime: Runtime) -> RuntimeFacts:
    """The operating system and dates of a runtime, as announced when the current table was made."""
    entry = _table("current")[runtime.value]

    def day(name: str) -> date | None:
        text = entry[name]
        return date.fromisoformat(text) if text else None

    return RuntimeFacts(
        runtime,
        os=entry["os"],
        deprecated=day("deprecated"),
        create_blocked=day("block_create"),
        update_blocked=day("block_update"),
        preview=entry.get("preview", False),
    )


@cache
def latest(name: str) -> Runtime | None:
    """The newest runtime of a family (``python``, ``nodejs``, …) that is no preview, or None."""
    versions = [
        runtime for runtime in Runtime if family(runtime) == name and not runtime_facts(runtime).preview
    ]
    return max(versions, key=_version, default=None)


def _version(runtime: Runtime) -> tuple[bool, tuple[int, ...]]:
    # .NET Core came before the .NET whose numbers go on from it; go1.x is of another kind than provided.al2.
    numbers = tuple(int(number) for number in re.findall(r"\d+", runtime.value))
    return "core" not in runtime.value and runtime is not Runtime.GO1_X, numbers


def _table(profile: str) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = dated_table(profile)["runtimes"]["value"]
    return table
