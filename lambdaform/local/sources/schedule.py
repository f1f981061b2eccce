"""Schedules: rules with a cron or rate expression, each of which invokes its functions when it is due.

Source: Amazon EventBridge User Guide, eb-run-lambda-schedule and eb-scheduled-rule-pattern; deck section C13.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

from attrs import frozen

from lambdaform.errors import DefinitionError, LocalError
from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.clock import Clock
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Front, Request
from lambdaform.local.physical import Account
from lambdaform.model.schedule_expression import Expression, parse


@frozen(kw_only=True)
class Schedule:
    """A rule's schedule and one of its targets. ``input`` is the JSON text to send instead of the event."""

    rule_arn: str
    expression: str
    function_arn: str
    enabled: bool = True
    input: str | None = None


class Schedules:
    """Fires schedules on a clock until it is cancelled. A rate counts from when it is started."""

    def __init__(self, front: Front, clock: Clock, account: Account, notice: Callable[[str], None]) -> None:
        self._front = front
        self._clock = clock
        self._account = account
        self._notice = notice
        self._tasks: dict[Schedule, asyncio.Task[None]] = {}

    def set(self, schedules: list[Schedule]) -> None:
        """Fire these schedules from now on, and no others; one that is there already goes on undisturbed."""
        wanted = {each for each in schedules if each.enabled}
        for schedule in self._tasks.keys() - wanted:
            self._tasks.pop(schedule).cancel()
        for schedule in wanted - self._tasks.keys():
            try:
                expression = parse(schedule.expression)
            except DefinitionError as error:
                self._notice(
                    f"The schedule {_name(schedule)} does not fire: {error.what} {error.right or ''}".rstrip()
                )
            else:
                self._tasks[schedule] = asyncio.ensure_future(self._fire(schedule, expression))

    def close(self) -> None:
        """Fire no more."""
        self.set([])

    async def _fire(self, schedule: Schedule, expression: Expression) -> None:
        last = datetime.fromtimestamp(self._clock.now(), UTC)
        while (due := expression.next_after(last)) is not None:
            await self._clock.sleep_until(due.timestamp())
            last = due
            request = Request(
                function_name=schedule.function_arn,
                payload=self._event(schedule, due),
                invocation_type="Event",
                caller=Caller(
                    service="events.amazonaws.com",
                    source_arn=schedule.rule_arn,
                    source_account=self._account.account_id,
                ),
            )
            try:
                await self._front.invoke(request)
            except AccessDeniedError as error:
                self._notice(
                    f"The schedule {_name(schedule)} may not invoke {schedule.function_arn}. {error.remedy}"
                )
            except (AwsError, LocalError) as error:
                self._notice(f"The schedule {_name(schedule)} could not invoke: {error}")

    def _event(self, schedule: Schedule, due: datetime) -> bytes:
        if schedule.input is not None:
            return schedule.input.encode()
        event = {
            "version": "0",
            "id": self._front.new_id(),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._account.account_id,
            "time": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._account.region,
            "resources": [schedule.rule_arn],
            "detail": {},
        }
        return json.dumps(event).encode()


def _name(schedule: Schedule) -> str:
    return schedule.rule_arn.rpartition("/")[2]
