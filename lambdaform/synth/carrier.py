"""troposphere, which carries templates, without what it imports for reading and writing YAML.

It imports ``cfn_flip``, and with that a YAML library, for its own output, which is not used here: the import is
put off until somebody asks that module for something. A third of the time of importing troposphere is its.
"""

from __future__ import annotations

import importlib
import sys
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

import troposphere  # noqa: E402 - after its import was lightened

AWSObject = troposphere.AWSObject
Template = troposphere.Template
