"""The credentials of an environment that starts from a snapshot: asked for, where others find them in variables.

Source: AWS Lambda Developer Guide, snapstart-security; AWS SDKs Reference Guide, feature-container-credentials;
aws-lambda-runtime-interface-emulator (path and body).
"""

from __future__ import annotations

import hmac
import json
import uuid

from lambdaform.local.api_answers import not_found
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.http import Connection, Request
from lambdaform.local.variables import CREDENTIALS_PATH, credentials

#: How long they are good for, in seconds.
_HOURS = 6 * 3600


class Credentials:
    """Hands out the execution role's credentials to who has ``token``."""

    def __init__(self, configuration: FunctionConfiguration) -> None:
        self.token = uuid.uuid4().hex
        self._variables = credentials(configuration)

    def request(self, connection: Connection, request: Request) -> None:
        """One request of an SDK."""
        given = request.headers.get("authorization", "")
        is_known = request.method == "GET" and request.path == CREDENTIALS_PATH
        if not is_known or not hmac.compare_digest(given.encode(), self.token.encode()):
            not_found(connection)
            return
        body = {
            "AccessKeyId": self._variables["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": self._variables["AWS_SECRET_ACCESS_KEY"],
            "Token": self._variables["AWS_SESSION_TOKEN"],
            "Expiration": utc_text(wall_time() + _HOURS),
        }
        connection.reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
