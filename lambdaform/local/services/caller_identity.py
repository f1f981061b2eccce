"""Who calls, as STS tells: the account's own users and its functions' sessions, which moto does not know.

Source: AWS STS API Reference, GetCallerIdentity.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qs

from lambdaform.local.access.keys import Identity, Lookup
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.http import Request

_KEY = re.compile(r"Credential=([^/,]+)/")
_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"


def caller_identity(request: Request, lookup: Lookup) -> HttpAnswer | None:
    """The answer to GetCallerIdentity; None for another call, or for somebody who is not known here."""
    if parse_qs(request.body.decode("latin-1")).get("Action") != ["GetCallerIdentity"]:
        return None
    key = _KEY.search(request.headers.get("authorization", ""))
    found = lookup(key[1], request.headers.get("x-amz-security-token", "")) if key is not None else None
    return _told(found) if found is not None else None


def _told(identity: Identity) -> HttpAnswer:
    members = {"Arn": identity.arn, "UserId": identity.user_id, "Account": identity.account}
    result = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in members.items())
    text = (
        f'<GetCallerIdentityResponse xmlns="{_XMLNS}"><GetCallerIdentityResult>{result}'
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    return HttpAnswer(200, text.encode(), {"Content-Type": "text/xml"})
