"""The addresses of function URLs on this machine, and which one a request is for.

Each has a host of its own, ``<url-id>.lambda-url.<region>.localhost``, which browsers and curl take for this machine.
For clients that do not there is a path on the endpoint's own host, ``/_lambdaform/url/<url-id>/``.

Source: AWS Lambda Developer Guide, urls-invocation (the form of AWS's own); RFC 6761, section 6.3 (localhost).
"""

from __future__ import annotations

import re

from attrs import frozen

from lambdaform.local.http import Head

_HOST = re.compile(r"([a-z0-9-]{1,63})\.lambda-url\.([a-z0-9-]+)\.localhost(?::[0-9]+)?", re.IGNORECASE)
_PATH = re.compile(r"/_lambdaform/url/([a-zA-Z0-9-]{1,63})(/.*)?", re.DOTALL)


@frozen
class Address:
    """A function URL that a request is for, and the path that the function is to see; ``region`` as it was named."""

    url_id: str
    region: str | None
    path: str


def address_of(head: Head) -> Address | None:
    """The function URL that a request is for, by its host or its path; None for any other request."""
    if (found := _HOST.fullmatch(head.headers.get("host", ""))) is not None:
        return Address(found[1].lower(), found[2].lower(), head.path)
    if (found := _PATH.fullmatch(head.path)) is not None:
        return Address(found[1].lower(), None, found[2] or "/")
    return None


def host_of(url_id: str, region: str) -> str:
    """The host of a function URL, without a port."""
    return f"{url_id}.lambda-url.{region}.localhost"


def path_of(url_id: str) -> str:
    """The path of a function URL on the endpoint's own host."""
    return f"/_lambdaform/url/{url_id}/"
