"""What a Step Functions state hands to a function through the optimised integration, with a task token.

Without ``.waitForTaskToken`` the function gets what the state's ``Payload`` says, and nothing else.

Source: Step Functions Developer Guide, connect-lambda, connect-to-resource.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Event(Payload):
    """The input of the state and the token with which its task is reported; the names are the usual ones."""

    FORM: ClassVar[str] = "pascal"

    input: Any
    task_token: str


def sample(payload: Any = None, *, task_token: str = "AQCEAAAAKgAAAAMAAAAAAAAAAEXAMPLE") -> Event:
    """A task to do, as ``{"Input.$": "$", "TaskToken.$": "$$.Task.Token"}`` hands it over."""
    return Event(input={"orderId": "1"} if payload is None else payload, task_token=task_token)
