"""What event sources hand to functions, and what functions answer, as typed values: for handlers and their tests.

::

    from lambdaform.payloads import sqs

    event = sqs.sample('{"order": 1}')          # as AWS sends it: event.to_json()
    body = sqs.Event.from_json(received).records[0].body

One module a source; each has ``Event`` (or one class a kind of event), its parts, and a ``sample``.
"""

from __future__ import annotations

import importlib
from types import ModuleType

_MODULES = [
    "alarm",
    "alexa",
    "api_gateway",
    "appsync",
    "authorizer",
    "catalog",
    "cloudfront",
    "code_commit",
    "code_deploy",
    "code_pipeline",
    "cognito",
    "config",
    "connect",
    "custom_resource",
    "destination",
    "documentdb",
    "dynamodb",
    "eventbridge",
    "firehose",
    "iot",
    "kafka",
    "kinesis",
    "lattice",
    "lex",
    "load_balancing",
    "logs",
    "macro",
    "mq",
    "payload",
    "polling",
    "s3",
    "s3_batch",
    "scheduler",
    "secrets_rotation",
    "ses",
    "sns",
    "sqs",
    "step_functions",
]

__all__ = list(_MODULES)


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
