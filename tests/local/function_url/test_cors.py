"""CORS of function URLs: what browsers are told of what pages may do."""

from __future__ import annotations

from typing import Any

import pytest

from lambdaform.local.http import Head, Request
from lambdaform.local.sources.function_url.cors import is_preflight, preflight_headers, response_headers

PAGE = "https://app.example.test"


def request(method: str = "GET", origin: str | None = PAGE, **headers: str) -> Request:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if origin is not None:
        sent["origin"] = origin
    return Request(Head(method, "/", "", sent))


def preflight(cors: dict[str, Any], **headers: str) -> dict[str, str]:
    asked = {"access_control_request_method": "PUT", **headers}
    return dict(preflight_headers(cors, request("OPTIONS", **asked)))


def test_a_preflight_is_what_browsers_send_before() -> None:
    assert is_preflight(request("OPTIONS", access_control_request_method="PUT"))
    assert not is_preflight(request("OPTIONS"))
    assert not is_preflight(request("OPTIONS", None, access_control_request_method="PUT"))
    assert not is_preflight(request("GET", access_control_request_method="PUT"))


def test_a_page_that_may_is_told_all_of_the_configuration() -> None:
    cors = {
        "AllowOrigins": [PAGE, "https://other.example"],
        "AllowMethods": ["GET", "PUT"],
        "AllowHeaders": ["x-one", "x-two"],
        "ExposeHeaders": ["x-three"],
        "AllowCredentials": True,
        "MaxAge": 300,
    }
    assert preflight(cors, access_control_request_headers="x-one") == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "x-one,x-two",
        "Access-Control-Max-Age": "300",
    }
    assert dict(response_headers(cors, request())) == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "x-three",
    }


def test_a_page_that_may_not_is_told_nothing() -> None:
    cors = {"AllowOrigins": ["https://other.example"], "AllowMethods": ["*"], "MaxAge": 5}
    assert preflight(cors) == {"Vary": "Origin"}
    assert dict(response_headers(cors, request())) == {"Vary": "Origin"}


def test_all_pages_may_with_a_wildcard() -> None:
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]}
    assert preflight(cors, access_control_request_headers="x-any") == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "*",
        "Access-Control-Allow-Headers": "*",
    }


def test_a_wildcard_with_credentials_is_told_as_what_was_asked_for() -> None:
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"], "AllowCredentials": True}
    assert preflight(cors, access_control_request_headers="x-any") == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Allow-Headers": "x-any",
    }


def test_a_browser_that_asks_for_this_machine_is_told() -> None:
    told = preflight({"AllowOrigins": ["*"]}, access_control_request_private_network="true")
    assert told["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize("cors", [None, {}])
def test_without_a_configuration_nothing_is_added(cors: dict[str, Any] | None) -> None:
    assert response_headers(cors, request()) == []


def test_without_a_page_nothing_is_added() -> None:
    assert response_headers({"AllowOrigins": ["*"]}, request(origin=None)) == []
