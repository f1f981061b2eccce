"""The metadata endpoint of an environment, by which a function finds out in which Availability Zone it runs.

All environments of a Region are in the same zone here, which never changes, for a function with a snapshot neither.

Source: AWS Lambda Developer Guide, configuration-metadata-endpoint; EC2, DescribeAvailabilityZones (the form of ids).
"""

from __future__ import annotations

import hmac
import json
import re
import uuid

from lambdaform.local.api_answers import not_found
from lambdaform.local.http import Connection, Request

PATH = "/2026-01-15/metadata/execution-environment"
_DIRECTIONS = re.compile("north|south|east|west|central")
_CACHED = "private, max-age=43200, immutable"


class Metadata:
    """Answers who has ``token``."""

    def __init__(self, region: str) -> None:
        self.token = uuid.uuid4().hex
        self._body = json.dumps({"AvailabilityZoneID": availability_zone_id(region)}).encode()

    def request(self, connection: Connection, request: Request) -> None:
        """One request of a function or an extension. The bodies of refusals are not documented."""
        if request.path != PATH:
            not_found(connection)
        elif request.method != "GET":
            connection.reply(405, b"", {"Allow": "GET"})
        elif not hmac.compare_digest(
            request.headers.get("authorization", "").encode(), f"Bearer {self.token}".encode()
        ):
            connection.reply(401, b"", {})
        else:
            headers = {"Content-Type": "application/json", "Cache-Control": _CACHED}
            connection.reply(200, self._body, headers)


def availability_zone_id(region: str) -> str:
    """The id of a Region's first zone: use1-az1 in us-east-1."""
    area, *places, number = region.split("-")
    directions = _DIRECTIONS.sub(lambda found: found[0][0], "".join(places).replace("gov", "g"))
    return f"{area}{directions}{number}-az1"
