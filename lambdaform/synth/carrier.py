"""troposphere, which carries templates, without what it imports for reading and writing YAML.

It imports ``cfn_flip``, and with that a YAML library, for its own output, which is not used here: the import is
put off until somebody asks that module for something. A third of the time of importing troposphere is its.
"""

from __future__ import annotations

import importlib.util
import sys


def put_off(name: str) -> None:
    """Let ``import name`` give a module that is loaded when something of it is used, if it is not loaded yet."""
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


put_off("cfn_flip")

import troposphere  # noqa: E402 - after its import was lightened

AWSObject = troposphere.AWSObject
Template = troposphere.Template
