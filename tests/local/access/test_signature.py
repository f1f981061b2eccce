"""Signature Version 4: what botocore signs is taken, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdaform.local.access.keys import AccessKeys, Identity
from lambdaform.local.access.signature import is_signed, verify
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Head, Request

URL = "http://id.lambda-url.us-east-1.localhost:4566"
SEGMENT = st.text(alphabet="abcXYZ019-._~%20é &=+/", max_size=6)
#: An example of AWS's documentation, with its signature (IAM User Guide, "Signature calculations").
MOMENT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def signed(
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    key: str = "test",
    secret: str = "test",
    token: str | None = None,
    service: str = "lambda",
    region: str = "us-east-1",
    at: datetime | None = None,
    in_query: bool = False,
) -> Request:
    """A request that botocore has signed, as the server gets it."""
    made = AWSRequest(method=method, url=URL + path, data=body, headers=headers or {})
    credentials = Credentials(key, secret, token)
    kind: Any = SigV4QueryAuth if in_query else SigV4Auth
    moment = (at or MOMENT).replace(tzinfo=None)
    with patch("botocore.auth.get_current_datetime", lambda **_: moment):
        kind(credentials, service, region).add_auth(made)
    parts = urlsplit(str(made.url))
    sent = {name.lower(): value for name, value in made.headers.items()}
    sent.setdefault("host", parts.netloc)
    return Request(Head(method, parts.path or "/", parts.query, sent), body, len(body))


def verified(request: Request, *, now: float | None = None, keys: AccessKeys | None = None) -> Identity:
    return verify(
        request,
        keys or AccessKeys("123456789012"),
        region="us-east-1",
        service="lambda",
        now=MOMENT.timestamp() if now is None else now,
    )


def refused(request: Request, **more: Any) -> tuple[str, str]:
    with pytest.raises(AwsError) as raised:
        verified(request, **more)
    assert raised.value.status == 403
    return raised.value.code, raised.value.message


def changed(request: Request, body: bytes | None = None, **members: Any) -> Request:
    from attrs import evolve

    size = members.pop("size", request.size)
    return Request(evolve(request.head, **members), request.body if body is None else body, size)


def test_what_botocore_signs_is_taken() -> None:
    request = signed(
        "/a/b?x=1&y=2", method="POST", body=b'{"a": 1}', headers={"content-type": "application/json"}
    )
    assert verified(request).arn == "arn:aws:iam::123456789012:user/test"


@settings(max_examples=60, deadline=None)
@given(
    path=st.lists(SEGMENT, max_size=4),
    query=st.lists(st.tuples(SEGMENT, SEGMENT), max_size=4),
    body=st.binary(max_size=20),
    in_query=st.booleans(),
)
def test_any_path_and_query_is_taken(
    path: list[str], query: list[tuple[str, str]], body: bytes, in_query: bool
) -> None:
    from urllib.parse import quote

    target = "/" + "/".join(quote(each, safe="") for each in path)
    if query:
        target += "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    verified(signed(target, method="POST", body=b"" if in_query else body, in_query=in_query))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/other"},
        {"query": "x=2"},
        {"body": b"other", "size": 5},
    ],
)
def test_a_request_that_was_changed_is_refused(change: dict[str, Any]) -> None:
    request = signed("/a?x=1", method="POST", body=b"body")
    verified(request)
    assert refused(changed(request, **change))[0] == "InvalidSignatureException"


def test_a_signed_header_that_was_changed_is_refused() -> None:
    request = signed(headers={"x-amz-meta": "a"})
    headers = {**request.headers, "x-amz-meta": "b"}
    assert refused(changed(request, headers=headers)) == (
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    )


def test_headers_with_spaces_are_signed_with_one() -> None:
    verified(signed(headers={"x-amz-meta": "a   b  "}))


def test_a_wrong_secret_is_refused() -> None:
    assert refused(signed(secret="wrong"))[0] == "InvalidSignatureException"


def test_an_access_key_that_is_not_known_is_refused() -> None:
    assert refused(signed(key="AKIANOBODY")) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    assert refused(signed(token="a token that test does not have"))[0] == "UnrecognizedClientException"


def test_an_accounts_number_is_that_account() -> None:
    identity = verified(signed(key="210987654321"))
    assert (identity.arn, identity.account) == ("arn:aws:iam::210987654321:root", "210987654321")


def test_a_session_is_told_by_its_token() -> None:
    def lookup(access_key: str, token: str) -> Identity | None:
        if (access_key, token) != ("ASIAX", "tok"):
            return None
        return Identity(
            access_key="ASIAX", secret="s", arn="arn:aws:sts::1:assumed-role/r/f", user_id="AROA:f"
        )

    keys = AccessKeys("123456789012")
    keys.lookups.append(lookup)
    for in_query in (False, True):
        request = signed(key="ASIAX", secret="s", token="tok", in_query=in_query)
        assert verified(request, keys=keys).caller.role == "arn:aws:iam::1:role/r"
    assert refused(signed(key="ASIAX", secret="s", token="no"), keys=keys)[0] == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ({"service": "execute-api"}, "Credential should be scoped to correct service: 'lambda'."),
        ({"region": "eu-west-1"}, "Credential should be scoped to a valid region."),
    ],
)
def test_another_scope_is_refused(scope: dict[str, str], sentence: str) -> None:
    assert refused(signed(**scope)) == ("InvalidSignatureException", sentence)  # type: ignore[arg-type]


def test_a_signature_lasts_five_minutes_both_ways() -> None:
    request, moment = signed(), MOMENT.timestamp()
    for late in (-299, 299):
        verified(request, now=moment + late)
    assert refused(request, now=moment + 301)[1] == (
        "Signature expired: 20261126T093000Z is now earlier than 20261126T093001Z (20261126T093501Z - 5 min.)"
    )
    assert refused(request, now=moment - 301)[1] == (
        "Signature not yet current: 20261126T093000Z is still later than 20261126T092959Z (20261126T092459Z + 5 min.)"
    )


def test_a_signature_in_the_query_lasts_as_long_as_it_says() -> None:
    request, moment = signed("/a?x=1", in_query=True), MOMENT.timestamp()
    assert is_signed(request)
    verified(request, now=moment + 3599)
    assert refused(request, now=moment + 3601)[0] == "InvalidSignatureException"


def test_a_named_hash_has_to_be_the_bodys() -> None:
    import hashlib

    digest = hashlib.sha256(b"body").hexdigest()
    request = signed(method="POST", body=b"body", headers={"x-amz-content-sha256": digest})
    verified(request)
    assert "x-amz-content-sha256" in refused(changed(request, body=b"ydob"))[1]
    unsigned = signed(method="POST", body=b"body", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    assert refused(unsigned)[0] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("authorization", "sentence"),
    [
        ("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=x", "requires 'Credential' parameter"),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x",
            "exactly 5 slash-delimited elements",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/lambda/aws4_request, Signature=x",
            "'SignedHeaders'",
        ),
    ],
)
def test_a_signature_that_is_not_whole_is_refused(authorization: str, sentence: str) -> None:
    headers = {**signed().headers, "authorization": authorization}
    code, message = refused(changed(signed(), headers=headers))
    assert code == "IncompleteSignatureException"
    assert sentence in message


def test_a_host_that_is_not_signed_is_refused() -> None:
    request = signed()
    text = request.headers["authorization"].replace(
        "SignedHeaders=host;x-amz-date", "SignedHeaders=x-amz-date"
    )
    assert refused(changed(request, headers={**request.headers, "authorization": text}))[0] == (
        "InvalidSignatureException"
    )


@given(st.text(max_size=60), st.text(alphabet="AXmz-SignatureCd=&%/; ", max_size=60))
def test_what_is_no_signature_is_refused_and_nothing_else_happens(authorization: str, query: str) -> None:
    request = changed(
        signed(), headers={"host": "x", "authorization": f"AWS4-HMAC-SHA256 {authorization}"}, query=query
    )
    refused(request)


def test_a_request_without_a_signature_does_not_claim_one() -> None:
    assert not is_signed(Request(Head("GET", "/", "", {"authorization": "Bearer x"})))
