"""Signature Version 4: whether a request was signed by who has the secret of its access key.

The signature is computed anew from the request and compared. It may stand in the Authorization header or in the query.

Source: AWS IAM User Guide, reference_sigv-create-signed-request and reference_sigv-authentication-methods; errors as
AWS words them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from attrs import frozen

from lambdaform.local.access.keys import AccessKeys, Identity
from lambdaform.local.errors import AwsError
from lambdaform.local.http import Request

ALGORITHM = "AWS4-HMAC-SHA256"
#: How far a request's time may be from ours, in seconds.
SKEW_S = 300
_MOST_EXPIRES_S = 604_800
_UNSIGNED = "UNSIGNED-PAYLOAD"
_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@frozen(kw_only=True)
class _Signature:
    """What a request says of its signature. ``scope`` is ``20261126/us-east-1/lambda/aws4_request``."""

    access_key: str
    scope: str
    signed_headers: Sequence[str]
    signature: str
    moment: str
    token: str
    expires: int | None = None


def is_signed(request: Request) -> bool:
    """Whether a request claims to be signed."""
    return (
        request.headers.get("authorization", "").startswith(ALGORITHM) or "X-Amz-Signature=" in request.query
    )


def verify(request: Request, keys: AccessKeys, *, region: str, service: str, now: float) -> Identity:
    """Who signed a request. Raises `AwsError` (403) where nobody that is known did."""
    given = _in_header(request) if "authorization" in request.headers else _in_query(request)
    identity = keys.find(given.access_key, given.token)
    if identity is None:
        raise _refused(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    _check_scope(given, region, service)
    _check_time(given, now)
    if "host" not in given.signed_headers:
        raise _mismatch()
    text = "\n".join(
        [
            ALGORITHM,
            given.moment,
            given.scope,
            hashlib.sha256(_canonical(request, given).encode()).hexdigest(),
        ]
    )
    made = hmac.new(_key(identity.secret, given.scope), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(made.encode(), given.signature.encode()):
        raise _mismatch()
    return identity


def _in_header(request: Request) -> _Signature:
    headers = request.headers
    found = dict(_FIELD.findall(headers["authorization"]))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in found:
            raise _refused(
                "IncompleteSignatureException", f"Authorization header requires '{name}' parameter."
            )
    moment = headers.get("x-amz-date", "")
    if not moment:
        raise _refused(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    access_key, scope = _credential(found["Credential"])
    return _Signature(
        access_key=access_key,
        scope=scope,
        signed_headers=found["SignedHeaders"].split(";"),
        signature=found["Signature"],
        moment=moment,
        token=headers.get("x-amz-security-token", ""),
    )


def _in_query(request: Request) -> _Signature:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
    for name in names:
        if not query.get(name):
            raise _refused(
                "IncompleteSignatureException", f"AWS query-string parameters must include '{name}'."
            )
    access_key, scope = _credential(query["X-Amz-Credential"])
    expires = query["X-Amz-Expires"]
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires[:9]) <= _MOST_EXPIRES_S:
        raise _refused("IncompleteSignatureException", "X-Amz-Expires must be 1 to 604800 seconds.")
    return _Signature(
        access_key=access_key,
        scope=scope,
        signed_headers=query["X-Amz-SignedHeaders"].split(";"),
        signature=query["X-Amz-Signature"],
        moment=query["X-Amz-Date"],
        token=query.get("X-Amz-Security-Token", ""),
        expires=int(expires),
    )


def _credential(text: str) -> tuple[str, str]:
    access_key, _, scope = text.partition("/")
    if scope.count("/") != 3:
        raise _refused(
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
        )
    return access_key, scope


def _check_scope(given: _Signature, region: str, service: str) -> None:
    date, its_region, its_service, term = given.scope.split("/")
    wrong = []
    if its_region != region:
        wrong.append("Credential should be scoped to a valid region.")
    if its_service != service:
        wrong.append(f"Credential should be scoped to correct service: '{service}'.")
    if term != "aws4_request":
        wrong.append("Credential should be scoped with a valid terminator: 'aws4_request'.")
    if date != given.moment[:8]:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP."
        )
    if wrong:
        raise _refused("InvalidSignatureException", " ".join(wrong))


def _check_time(given: _Signature, now: float) -> None:
    try:
        moment = datetime.strptime(given.moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _refused(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format', such as 20261126T093000Z.",
        ) from None
    lasts = given.expires if given.expires is not None else SKEW_S
    if moment + lasts < now:
        raise _refused(
            "InvalidSignatureException",
            f"Signature expired: {given.moment} is now earlier than {_stamp(now - lasts)} ({_stamp(now)} - "
            f"{lasts // 60} min.)",
        )
    if moment - SKEW_S > now:
        raise _refused(
            "InvalidSignatureException",
            f"Signature not yet current: {given.moment} is still later than {_stamp(now + SKEW_S)} ({_stamp(now)} + "
            f"{SKEW_S // 60} min.)",
        )


def _canonical(request: Request, given: _Signature) -> str:
    """The request in the one form in which it is signed."""
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in given.signed_headers
    )
    return "\n".join(
        [
            request.method,
            quote(_normal_path(request.path), safe="/~"),
            _canonical_query(request.query),
            headers,
            ";".join(given.signed_headers),
            _content_hash(request, given),
        ]
    )


def _content_hash(request: Request, given: _Signature) -> str:
    """What stands for the body. One that the client names has to be the body's."""
    actual = hashlib.sha256(request.body).hexdigest()
    named = request.headers.get("x-amz-content-sha256")
    if named is None:
        return actual
    if named != actual and not (named == _UNSIGNED and given.expires is not None):
        raise _refused(
            "InvalidSignatureException",
            "The value of the x-amz-content-sha256 header does not match the calculated value.",
        )
    return named


def _normal_path(path: str) -> str:
    """The path as it was sent, without ``.``, ``..`` and empty segments."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    end = "/" if segments and path.endswith("/") else ""
    return f"/{'/'.join(segments)}{end}"


def _canonical_query(query: str) -> str:
    pairs = [
        (quote(_unquoted(name), safe="-_.~"), quote(_unquoted(value), safe="-_.~"))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _unquoted(text: str) -> bytes:
    return unquote_to_bytes(text.encode("latin-1"))


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


def _refused(code: str, message: str) -> AwsError:
    return AwsError(code, message, 403)


def _mismatch() -> AwsError:
    return _refused(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
    )
