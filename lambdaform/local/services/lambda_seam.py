"""Where moto's services call functions: they call those of this service, asynchronously, as AWS's do.

S3 notifications, SNS subscriptions, EventBridge rules and log subscriptions come through here, each in the name of its
service and for its source, so that resource policies decide. What is refused is told, for nobody waits for it.

Source: AWS Lambda Developer Guide, with-s3, with-sns, services-cloudwatchlogs and with-eventbridge; moto,
``moto.awslambda.utils.get_backend`` (the one place that its services ask for Lambda).
"""

from __future__ import annotations

import asyncio
import base64
import copy
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.clock import wall_time
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Front, Request
from lambdaform.local.physical import Account

#: How long a service waits until its event is accepted, in seconds.
_ACCEPTED = 30.0


@frozen
class LambdaSeam:
    """What moto takes for its Lambda: the functions of ``front``, whose loop is another thread's."""

    account: Account
    front: Front
    loop: asyncio.AbstractEventLoop
    notice: Callable[[str], None]

    def fit(self) -> None:
        """Be moto's Lambda from here on."""
        import moto.awslambda.utils
        from moto.events.models import Rule
        from moto.sns.models import Subscription

        moto.awslambda.utils.get_backend = lambda *_: self
        _wrap(Rule, "send_to_targets", self._sending)
        _wrap(Subscription, "publish", self._publishing)

    def get_function(self, function_name: str, qualifier: str | None = None) -> _Function:
        """A function, by any form of its name. Raises `AwsError` where there is none."""
        self.front.target(function_name, qualifier)
        return _Function(self, function_name, qualifier)

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Mapping[str, str],  # noqa: ARG002 - moto's
        response_headers: Mapping[str, str],  # noqa: ARG002 - moto's
    ) -> str:
        """An event of moto's services: of S3 or EventBridge, as its content tells."""
        event = json.loads(body)
        for record in event.get("Records", ()) if isinstance(event, dict) else ():
            if record.get("eventSource") == "aws:s3":
                self._complete(record)
        self.send(function_name, qualifier, event, self._caller(event))
        return "{}"

    def _complete(self, record: dict[str, Any]) -> None:
        """Give an S3 notification what moto leaves out, and take what it has too much."""
        request_id = self.front.new_id().replace("-", "").upper()[:16]
        told = record["s3"]["object"]
        # A slash stands as it is, and a space is a plus.
        told["key"] = quote_plus(unquote_plus(told["key"]), safe="/")
        told["sequencer"] = f"{int(wall_time() * 1e6):016X}"
        if record["eventName"].startswith("ObjectRemoved"):
            told.pop("size", None)
            told.pop("eTag", None)
        record["s3"]["bucket"]["ownerIdentity"] = {"principalId": self.account.account_id}
        record["userIdentity"] = {"principalId": f"AWS:{self.account.account_id}"}
        record["requestParameters"] = {"sourceIPAddress": "127.0.0.1"}
        record["responseElements"] = {"x-amz-request-id": request_id, "x-amz-id-2": request_id}

    def send_log_event(
        self,
        function_arn: str,
        filter_name: str,
        log_group_name: str,
        log_stream_name: str,
        log_events: Any,
    ) -> None:
        """Log events that a subscription filter lets through."""
        data = {
            "messageType": "DATA_MESSAGE",
            "owner": self.account.account_id,
            "logGroup": log_group_name,
            "logStream": log_stream_name,
            "subscriptionFilters": [filter_name],
            "logEvents": log_events,
        }
        packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
        group = f"log-group:{log_group_name}:*"
        account = self.account
        arn = f"arn:{account.partition}:logs:{account.region}:{account.account_id}:{group}"
        self.send(function_arn, None, {"awslogs": {"data": packed}}, self._of("logs.amazonaws.com", arn))

    def send(self, function_name: str, qualifier: str | None, event: Any, caller: Caller) -> None:
        """Hand an event over; what is refused is told."""
        request = Request(
            function_name=function_name,
            qualifier=qualifier,
            payload=json.dumps(event).encode(),
            invocation_type="Event",
            caller=caller,
        )
        waiting = asyncio.run_coroutine_threadsafe(self.front.invoke(request), self.loop)
        try:
            waiting.result(_ACCEPTED)
        except AccessDeniedError as error:
            what = f"{caller.source_arn or caller.name} may not invoke {function_name}. {error.remedy}"
            self.loop.call_soon_threadsafe(self.notice, what)
        except (AwsError, LocalError) as error:
            what = f"{caller.source_arn or caller.name} could not invoke {function_name}: {error}"
            self.loop.call_soon_threadsafe(self.notice, what)

    def _of(self, service: str, source_arn: str | None) -> Caller:
        return Caller(service=service, source_arn=source_arn, source_account=self.account.account_id)

    def _caller(self, event: Any) -> Caller:
        """Who sends an event."""
        records = event.get("Records") if isinstance(event, Mapping) else None
        if isinstance(records, list) and records and records[0].get("eventSource") == "aws:s3":
            return self._of("s3.amazonaws.com", records[0]["s3"]["bucket"]["arn"])
        return self._of("events.amazonaws.com", None)

    def _sending(self, send: Callable[..., Any]) -> Callable[..., Any]:
        """moto's delivery to a rule's targets; to functions, which it does not know, it is our own."""

        def sending(rule: Any, original_event: Any, transform_input: bool = True) -> None:
            functions = [each for each in rule.targets if ":lambda:" in each["Arn"]]
            if len(functions) < len(rule.targets):
                others = copy.copy(rule)
                others.targets = [each for each in rule.targets if each not in functions]
                send(others, original_event, transform_input)
            if functions and rule.event_pattern.matches_event(original_event):
                for target in functions:
                    event = _input_of(target, original_event)
                    self.send(target["Arn"], None, event, self._of("events.amazonaws.com", rule.arn))

        return sending

    def _publishing(self, publish: Callable[..., Any]) -> Callable[..., Any]:
        """moto's delivery to a subscriber; to functions it is our own."""

        def published(
            subscription: Any,
            message: str,
            message_id: str,
            subject: str | None = None,
            message_attributes: Mapping[str, Any] | None = None,
            message_structure: str | None = None,
            **more: Any,
        ) -> None:
            if subscription.protocol != "lambda":
                more |= {"message_attributes": message_attributes, "message_structure": message_structure}
                publish(subscription, message, message_id, subject, **more)
                return
            matcher = subscription._filter_policy_matcher
            if matcher is not None and not matcher.matches(message_attributes, message):
                return
            if message_structure == "json":
                message = subscription._parse_message_structure(message, "lambda")
            event = _notification(subscription, message, message_id, subject, message_attributes or {})
            self.send(
                subscription.endpoint,
                None,
                event,
                self._of("sns.amazonaws.com", subscription.topic.arn),
            )

        return published


@frozen
class _Function:
    """A function as moto's S3 wants it."""

    seam: LambdaSeam
    name: str
    qualifier: str | None

    def invoke(self, body: str, headers: Mapping[str, str], response_headers: Mapping[str, str]) -> str:
        """Hand an event over."""
        return self.seam.invoke(self.name, self.qualifier, body, headers, response_headers)


def _input_of(target: Mapping[str, Any], original: Mapping[str, Any]) -> Any:
    """What a rule hands to a target: the event, or what the target asks for instead."""
    from moto.core.utils import iso_8601_datetime_without_milliseconds, utcfromtimestamp
    from moto.events.models import EventTemplateParser

    event = dict(original)
    if isinstance(event.get("time"), int | float):
        event["time"] = iso_8601_datetime_without_milliseconds(utcfromtimestamp(event["time"]))
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        value: Any = event
        for name in filter(None, target["InputPath"].removeprefix("$").split(".")):
            value = value[name]
        return value
    transformer = target.get("InputTransformer")
    if transformer is None:
        return event
    return EventTemplateParser.parse(
        input_template=transformer.get("InputTemplate"),
        input_paths_map=transformer.get("InputPathsMap", {}),
        event=event,
    )


def _notification(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The event of one notification of SNS."""
    from moto.core.utils import iso_8601_datetime_with_milliseconds

    sns = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": iso_8601_datetime_with_milliseconds(),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": "EXAMPLE",
        "UnsubscribeUrl": "EXAMPLE",
        "MessageAttributes": {
            name: {"Type": each["Type"], "Value": each["Value"]} for name, each in attributes.items()
        },
    }
    return {
        "Records": [
            {
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription.arn,
                "EventSource": "aws:sns",
                "Sns": sns,
            }
        ]
    }


def _wrap(owner: type, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put a wrapper around a method of moto's, in the place of the one of an earlier service."""
    original = getattr(owner, f"_lambdaform_{name}", None) or getattr(owner, name)
    setattr(owner, f"_lambdaform_{name}", original)
    setattr(owner, name, wrapper(original))
