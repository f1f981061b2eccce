"""The Amazon Cognito identity of a caller, who has credentials of an identity pool as mobile apps do.

Source: AWS Lambda Developer Guide, python-context and nodejs-context (``identity``);
aws-lambda-runtime-interface-emulator, rapi/rendering (the header's JSON).
"""

from __future__ import annotations

import json

from attrs import frozen


@frozen(kw_only=True)
class CognitoIdentity:
    """Who calls, and the identity pool that knows it, as ``us-east-1:`` and a UUID each."""

    identity_id: str
    identity_pool_id: str

    def header(self) -> str:
        """What the runtime is told, in ASCII and on one line."""
        told = {"cognitoIdentityId": self.identity_id, "cognitoIdentityPoolId": self.identity_pool_id}
        return json.dumps(told, separators=(",", ":"))
