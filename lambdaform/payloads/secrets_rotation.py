"""One of the four steps in which Secrets Manager has a function rotate a secret.

Source: Secrets Manager User Guide, rotate-secrets_lambda-functions.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Event(Payload):
    """The step: createSecret, setSecret, testSecret or finishSecret."""

    FORM: ClassVar[str] = "pascal"

    step: str
    secret_id: str
    client_request_token: str
    rotation_token: str | None = None


def sample(
    step: str = "createSecret",
    *,
    secret: str = "MySecret-a1b2c3",
    region: str = "us-west-2",
    account: str = "123456789012",
) -> Event:
    """One step."""
    return Event(
        step=step,
        secret_id=f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}",
        client_request_token="a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
    )
