"""Whatever comes to a function URL gets an answer, and functions get an event of it that is JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.function_url.test_served import Street, closed
from tests.local.lab import laboratory
from tests.local.wire import exchange

TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0"), max_size=12
)
TOKEN = st.text(alphabet="abcXYZ-_.!#$&'*+^`|~09", min_size=1, max_size=8)
NAMES = TOKEN | st.sampled_from(
    ["Cookie", "Content-Type", "Authorization", "X-Forwarded-For", "X-Amzn-Trace-Id", "X-Amz-Date", "Origin"]
)
#: Names that would change the connection itself, or the address.
APART = {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade"}


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, str, str]]:
    with laboratory(tmp_path_factory.mktemp("any"), sandboxed=False) as lab:
        street = Street(lab, [])
        cors = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowCredentials": True}
        code = "def handler(event, context):\n    return 'seen'\n"
        yield street, street.url(code, Cors=cors), street.url(code, auth_type="AWS_IAM")
        lab.run(closed(street.endpoint))


@settings(max_examples=80, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ODD"]),
    path=st.lists(TEXT, max_size=3).map("/".join),
    query=TEXT | st.none(),
    headers=st.lists(st.tuples(NAMES, TEXT), max_size=5),
    body=st.binary(max_size=40),
    signed=st.booleans(),
    by_path=st.booleans(),
)
def test_any_request_is_answered(
    urls: tuple[Street, str, str],
    method: str,
    path: str,
    query: str | None,
    headers: list[tuple[str, str]],
    body: bytes,
    signed: bool,
    by_path: bool,
) -> None:
    street, open_url, iam_url = urls
    url = iam_url if signed else open_url
    target = f"/{path}" if query is None else f"/{path}?{query}"
    host = f"127.0.0.1:{street.port}" if by_path else street.host(url)
    if by_path:
        target = f"/_lambdaform/url/{url}{target}"
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in APART]
    got = street.lab.run(exchange(street.port, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body))
    head, _, answer = got.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    if signed:
        assert status == (403 if status != 200 else 200)
        assert (status == 200) <= (method == "OPTIONS")
    else:
        assert (status, answer) in ((200, b"seen"), (200, b""))
        assert (answer == b"") <= (method == "OPTIONS")
