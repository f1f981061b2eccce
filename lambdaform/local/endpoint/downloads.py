"""Downloads of deployment packages and layer archives, at addresses that only this service could have made.

AWS answers with a presigned address of S3, good for ten minutes. Here it is one of this endpoint's, signed by a secret
of this run.

Source: Lambda API Reference, FunctionCodeLocation ("a presigned URL"), GetFunction ("valid for 10 minutes").
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from contextvars import ContextVar
from urllib.parse import parse_qs

from lambdaform.local.control.records import StoredCode
from lambdaform.local.control.state import State
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.http import Request

#: The host under which the current request has reached the endpoint.
HOST: ContextVar[str | None] = ContextVar("host", default=None)
#: What their paths begin with.
DOWNLOADS = "/_lambdaform/code/"
_KEY = re.compile(r"[0-9a-f]{64}")
_VALID_S = 600
_REFUSAL = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class Downloads:
    """The addresses of archives, and what is behind them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._host = ""
        self._secret = secrets.token_bytes(32)

    def start(self, host: str) -> None:
        """Give addresses; ``host`` is where the endpoint is for those who do not ask it."""
        self._host = host
        self._state.code_url = self.address

    def address(self, code: StoredCode) -> str:
        """Where an archive can be had for ten minutes."""
        until = str(round(self._state.clock.now()) + _VALID_S)
        signature = self._signature(code.key, until)
        return f"http://{HOST.get() or self._host}{DOWNLOADS}{code.key}?until={until}&signature={signature}"

    async def answer(self, request: Request) -> HttpAnswer:
        """The archive behind an address, or a refusal as S3 has it."""
        key = request.path.removeprefix(DOWNLOADS)
        given = parse_qs(request.query)
        until, signature = given.get("until", [""])[0], given.get("signature", [""])[0]
        is_ours = hmac.compare_digest(signature.encode(), self._signature(key, until).encode())
        if is_ours and _KEY.fullmatch(key) and int(until) >= self._state.clock.now():
            archive = self._state.codes.archive(StoredCode(key, "", 0, 0))
            if archive.is_file():
                content = await asyncio.to_thread(archive.read_bytes)
                return HttpAnswer(200, content, {"Content-Type": "application/zip"})
        return HttpAnswer(403, _REFUSAL, {"Content-Type": "application/xml"})

    def _signature(self, key: str, until: str) -> str:
        return hmac.new(self._secret, f"{key} {until}".encode(), "sha256").hexdigest()
