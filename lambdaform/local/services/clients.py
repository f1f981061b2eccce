"""boto3's clients that go by nothing of the user's: neither a profile, nor an endpoint that somebody has exported.

Source: AWS SDKs and Tools Reference Guide, feature-ss-endpoints (``ignore_configured_endpoint_urls``).
"""

from __future__ import annotations

from typing import Any

#: What nobody protects anything with.
_KEY = "test"


def own_session(region: str) -> Any:
    """A session of the account's own user, whatever the environment and the files of AWS's tools say."""
    import boto3
    from botocore.session import Session

    # Without a source of its name no profile is looked for, so that one that is not there is no mistake.
    core = Session(session_vars={"profile": (None, None, None, None)})
    return boto3.Session(_KEY, _KEY, region_name=region, botocore_session=core)


def client(session: Any, service: str, endpoint_url: str | None = None) -> Any:
    """A client of a service, at AWS's address unless another one is given."""
    from botocore.config import Config

    # Emulators know no host that has the account's number in it.
    settings: Any = {"ignore_configured_endpoint_urls": True, "account_id_endpoint_mode": "disabled"}
    return session.client(service, endpoint_url=endpoint_url, config=Config(**settings))
