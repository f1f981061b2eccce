"""What botocore makes of requests and answers: the other side of the endpoint, without a socket."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import botocore.loaders
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.http import Head, Request


@lru_cache(maxsize=1)
def model() -> ServiceModel:
    """botocore's own view of its model."""
    return ServiceModel(botocore.loaders.Loader().load_service_model("lambda", "service-2"), "lambda")


def request(operation: str, members: dict[str, Any]) -> Request:
    """The request that boto3 sends for a call."""
    serializer = create_serializer("rest-json", include_validation=False)
    made = serializer.serialize_to_request(members, model().operation_model(operation))
    path, _, query = made["url_path"].partition("?")
    given = made["query_string"]
    pairs = list(given.items()) if isinstance(given, dict) else list(given)
    query = "&".join(filter(None, [query, urlencode(pairs, doseq=True)]))
    body = made["body"]
    body = body.encode() if isinstance(body, str) else body
    headers = {name.lower(): value for name, value in made["headers"].items()}
    return Request(Head(made["method"], path, query, headers), body, len(body))


def result(operation: str, answer: HttpAnswer) -> dict[str, Any]:
    """What boto3 gives back for an answer."""
    raw = {"body": answer.body, "headers": dict(answer.headers), "status_code": answer.status}
    shape = model().operation_model(operation).output_shape
    assert shape is not None
    parsed: dict[str, Any] = create_parser("rest-json").parse(raw, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed
