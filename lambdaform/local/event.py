"""One event on its way through an environment, and who is told how it goes.

Source: AWS Lambda Developer Guide, lambda-invocation.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define

from lambdaform.local.errors import AwsError
from lambdaform.local.outcome import Answer
from lambdaform.local.response_stream import ResponseStream


class Watcher(Protocol):
    """Who is told how an event goes."""

    def answered(self, answer: Answer) -> None:
        """The function has answered; told once."""

    def refused(self, error: AwsError) -> None:
        """The event never came to the function; told once, in the place of an answer."""

    def over(self) -> None:
        """The environment is free again."""


@define(kw_only=True, eq=False)
class Event:
    """One event.

    ``tail`` collects the last 4 KB of the event's log where somebody wants it, ``stream`` takes what the function
    streams, where its caller takes that.
    """

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    client_context: str | None = None
    cognito_identity: str | None = None
    tail: bytearray | None = None
    stream: ResponseStream | None = None
    watcher: Watcher | None = None
    #: Whether a function has called, which waits for the answer.
    is_nested: bool = False
    #: Whether it was said that the runtime is done with it.
    is_done: bool = False
    #: Whether its caller has an answer.
    is_told: bool = False

    def hand_out(self, answer: Answer | None) -> None:
        """Let the caller have the answer, if there is one and it has not been given yet."""
        if answer is not None and not self.is_told:
            self.is_told = True
            if self.stream is not None:
                self.stream.end()
            if self.watcher is not None:
                self.watcher.answered(answer)

    def refuse(self, error: AwsError) -> None:
        """The event never came to the function: let the caller have Lambda's error."""
        if not self.is_told:
            self.is_told = True
            if self.watcher is not None:
                self.watcher.refused(error)

    def over(self) -> None:
        """The environment is free again."""
        if self.watcher is not None:
            self.watcher.over()
