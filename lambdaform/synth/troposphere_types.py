"""What troposphere knows of resource types that have no class here, without what it imports for YAML.

It imports ``cfn_flip``, and with that a YAML library, for its own output, which is not used here: the import is
put off until somebody asks that module for something. A third of the time of importing troposphere is its.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any


class _PutOff(ModuleType):
    """Stands where a module will be, and becomes it when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def put_off(name: str) -> None:
    """Let ``import name`` give a module that is loaded when something of it is used, if it is not loaded yet."""
    sys.modules.setdefault(name, _PutOff(name))


put_off("cfn_flip")

#: troposphere's module names where they are not the service's name in lower case.
_MODULES = {"Lambda": "awslambda", "KinesisFirehose": "firehose", "KinesisAnalytics": "analytics"}


@cache
def properties_known_of(aws_type: str) -> Mapping[str, tuple[Any, ...]]:
    """troposphere's table of a type's properties: the kind of each, and whether it is required; empty where unknown."""
    service = aws_type.partition("::")[2].partition("::")[0]
    try:
        module = importlib.import_module(f"troposphere.{_MODULES.get(service, service.lower())}")
    except ImportError:
        return {}
    for candidate in vars(module).values():
        if isinstance(candidate, type) and getattr(candidate, "resource_type", None) == aws_type:
            known: Mapping[str, tuple[Any, ...]] = candidate.props  # type: ignore[attr-defined]
            return known
    return {}
