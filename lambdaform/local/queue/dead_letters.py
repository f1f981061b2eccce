"""Dead letters on this machine: a file of JSON lines, one a letter, in the form of the queue's message.

While the local service has no queues and topics of its own, a letter that goes to one is kept here: body and
attributes are those that Lambda sends. One without a target is dropped, as Lambda does, and that is said.

Source: AWS Lambda Developer Guide, invocation-async-retain-records; deck section C9.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lambdaform.facts.quotas import Quotas
from lambdaform.local.clock import utc_text, wall_time
from lambdaform.local.queue.asynchronous import DeadLetter
from lambdaform.local.state_folder import make_state_folder


class DeadLetterFile:
    """Appends letters to ``file``, which is made with the first of them."""

    def __init__(self, file: Path, quotas: Quotas, notice: Callable[[str], None]) -> None:
        self._file = file
        self._quotas = quotas
        self._notice = notice

    def put(self, letter: DeadLetter) -> None:
        """Keep the letter where it has a target; else say that its event is dropped."""
        event = letter.event
        name = event.target.function.name
        target = event.target.configuration.dead_letter_target
        attempts = f"{letter.attempts} attempt{'' if letter.attempts == 1 else 's'}"
        what = f"{name}: event {event.request_id} is given up after {attempts} ({letter.condition})"
        if target is None and letter.condition != "ServiceEnded":
            self._notice(f"{what}; it is dropped, for the function has no dead-letter queue.")
            return
        request_id, error_code, error_message = self._quotas.dead_letter_attributes
        message = letter.error_message.encode()[: self._quotas.dead_letter_error_bytes]
        line = {
            "time": utc_text(wall_time()),
            "target": target,
            "functionArn": event.target.invoked_arn,
            "condition": letter.condition,
            "body": event.payload.decode(errors="replace"),
            "messageAttributes": {
                request_id: {"Type": "String", "Value": event.request_id},
                error_code: {"Type": "Number", "Value": str(letter.error_code)},
                error_message: {"Type": "String", "Value": message.decode(errors="ignore")},
            },
        }
        make_state_folder(self._file.parent)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        kind, place = "topic" if ":sns:" in (target or "") else "queue", (target or "").rpartition(":")[2]
        elsewhere = (
            f", and not in the dead-letter {kind} {place}, to which nothing is sent here" if target else ""
        )
        self._notice(f"{what}; it is in {self._file}{elsewhere}.")
