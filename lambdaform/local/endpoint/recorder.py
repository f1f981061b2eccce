"""One call as CloudTrail records it. Secrets and code are left out, as CloudTrail does.

Source: AWS CloudTrail User Guide, cloudtrail-event-reference-record-contents and
cloudtrail-event-reference-user-identity; AWS Lambda Developer Guide, logging-using-cloudtrail (the events' names, and
what is left out).
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from attrs import define, field, frozen

from lambdaform.facts.service_model import Operation, Shape
from lambdaform.local.access.keys import Identity, Lookup
from lambdaform.local.clock import utc_text
from lambdaform.local.errors import AwsError
from lambdaform.local.physical import Account
from lambdaform.local.trail import Record, Trail
from lambdaform.local.variables import function_of_session

#: How events are called that are not called as their operation is.
_NAMES: Mapping[str, str] = {
    "AddPermission": "AddPermission20150331v2",
    "CreateAlias": "CreateAlias20150331",
    "CreateEventSourceMapping": "CreateEventSourceMapping20150331",
    "CreateFunction": "CreateFunction20150331",
    "DeleteAlias": "DeleteAlias20150331",
    "DeleteEventSourceMapping": "DeleteEventSourceMapping20150331",
    "DeleteFunction": "DeleteFunction20150331",
    "DeleteFunctionConcurrency": "DeleteFunctionConcurrency20171031",
    "GetAlias": "GetAlias20150331",
    "GetFunction": "GetFunction20150331v2",
    "PublishLayerVersion": "PublishLayerVersion20181031",
    "PublishVersion": "PublishVersion20150331",
    "PutFunctionConcurrency": "PutFunctionConcurrency20171031",
    "RemovePermission": "RemovePermission20150331v2",
    "TagResource": "TagResource20170331v2",
    "UntagResource": "UntagResource20170331v2",
    "UpdateAlias": "UpdateAlias20150331",
    "UpdateEventSourceMapping": "UpdateEventSourceMapping20150331",
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}
#: The most bytes of a text, and of all parameters or all that was answered.
_MOST_TEXT, _MOST_ELEMENTS = 1024, 100 << 10
#: Stands in the text of a record for what differs from call to call.
_BLANK = "\0"
#: How many such texts are kept.
_FORMS = 256
#: Types of identities, by what their ARNs name.
_IDENTITIES = {"user": "IAMUser", "assumed-role": "AssumedRole"}
#: How a call names a function: by its ARN, a part of that, or its name, each with a qualifier or without.
_FUNCTION = re.compile(r"(arn:.*?:function:)?(?:(?:\d{12}:)?function:)?([^:]*)(.*)", re.DOTALL)
_ACCESS_KEY = re.compile(r"Credential=([^/,\s]{1,128})/")
#: The access key that signed a call, if one did, its session's token, and whose they are, if that is known.
_Caller = tuple[str | None, str, Identity | None]


@define(eq=False)
class Call:
    """What there is to record of one request, while it is served. ``model`` has all operations but invocations."""

    headers: Mapping[str, str]
    operation: str = ""
    model: Operation | None = None
    function_name: str = ""
    members: Mapping[str, Any] = field(factory=dict)
    result: Mapping[str, Any] | None = None
    error: AwsError | None = None
    caller: _Caller | None = None


@frozen
class Recorder:
    """Makes records for a trail. ``who`` tells whose an access key is, ``role_of`` the role of a function by its name.

    ``name_of`` tells the name of a function that may have been called by its logical id, which AWS knows nothing of.
    """

    account: Account
    trail: Trail
    now: Callable[[], float]
    who: Lookup
    role_of: Callable[[str], str | None]
    name_of: Callable[[str], str]
    _forms: dict[tuple[str | Identity | None, ...], list[str]] = field(factory=dict, init=False)

    def put(self, call: Call, request_id: str, address: str, executed_version: str | None) -> None:
        """Record a call that was answered."""
        moment, caller = self.now(), self.meet(call)
        model = call.model
        if model is not None and call.operation != "InvokeAsync":
            self.trail.put(
                lambda: self._managed(call, model, self._head(call, caller, moment, address), request_id)
            )
        else:
            self.trail.put(
                lambda: self._invocation(call, caller, moment, address, request_id, executed_version)
            )

    def meet(self, call: Call) -> _Caller:
        """Find out who calls, which is told when the call comes: once it is answered the key may be another's, or nobody's."""
        if call.caller is None:
            found = _ACCESS_KEY.search(call.headers.get("authorization", ""))
            token = call.headers.get("x-amz-security-token", "")
            known = self.who(found[1], token) if found is not None else None
            call.caller = (found[1] if found is not None else None, token, known)
        return call.caller

    def _managed(self, call: Call, model: Operation, head: dict[str, Any], request_id: str) -> dict[str, Any]:
        """A call of the control plane: a management event."""
        is_read = call.operation.startswith(("Get", "List"))
        answered = None
        if call.result and not is_read and model.output is not None:
            answered = _elements(model.output, call.result)
        return {
            **head,
            "requestParameters": _elements(model.input, call.members),
            "responseElements": answered,
            "requestID": request_id,
            "eventID": str(uuid.uuid4()),
            "readOnly": is_read,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.account.account_id,
            "eventCategory": "Management",
        }

    def _invocation(
        self,
        call: Call,
        caller: _Caller,
        moment: float,
        address: str,
        request_id: str,
        executed_version: str | None,
    ) -> Record | str:
        """An invocation: its record, or the JSON of it, made of that of an earlier one which differs in three values only."""
        headers = call.headers
        access_key, token, known = caller
        if call.error is not None or function_of_session(token):
            head = self._head(call, caller, moment, address)
            return self._invoked(call, head, request_id, executed_version)
        key = (
            call.operation,
            self._called(call),
            access_key,
            known,
            headers.get("x-amz-invocation-type"),
            headers.get("user-agent"),
            address,
            executed_version,
        )
        form = self._forms.get(key)
        if form is None:
            head = {**self._head(call, caller, moment, address), "eventTime": _BLANK}
            record = {**self._invoked(call, head, _BLANK, executed_version), "eventID": _BLANK}
            form = json.dumps(record, separators=(",", ":")).split(json.dumps(_BLANK))
            if len(self._forms) >= _FORMS:
                self._forms.clear()
            self._forms[key] = form
        begin, before_request, before_event, end = form
        # A random UUID (RFC 9562, section 5.4), in a third of the time that `uuid.uuid4` takes.
        digits = os.urandom(16).hex()
        event_id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        return f'{begin}"{_second(int(moment))}"{before_request}"{request_id}"{before_event}"{event_id}"{end}'

    def _called(self, call: Call) -> str:
        """The ARN of the function that was called, with its qualifier if one came with it."""
        found = _FUNCTION.match(call.function_name or str(call.members.get("FunctionName", "")))
        assert found is not None
        prefix, name, qualifier = found.groups()
        account = self.account
        prefix = prefix or f"arn:{account.partition}:lambda:{account.region}:{account.account_id}:function:"
        return f"{prefix}{self.name_of(name)}{qualifier}"

    def _invoked(
        self, call: Call, head: dict[str, Any], request_id: str, executed_version: str | None
    ) -> dict[str, Any]:
        """An invocation: a data event."""
        named = self._called(call)
        arn = ":".join(named.split(":")[:7])
        kind = (
            "Event"
            if call.operation == "InvokeAsync"
            else call.headers.get("x-amz-invocation-type", "RequestResponse")
        )
        record = {
            **head,
            "requestParameters": {"functionName": named, "invocationType": kind},
            "responseElements": None,
        }
        if executed_version:
            record["additionalEventData"] = {"functionVersion": f"{arn}:{executed_version}"}
        return {
            **record,
            "requestID": request_id,
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "resources": [
                {"accountId": self.account.account_id, "type": "AWS::Lambda::Function", "ARN": arn}
            ],
            "eventType": "AwsApiCall",
            "managementEvent": False,
            "recipientAccountId": self.account.account_id,
            "eventCategory": "Data",
        }

    def _head(self, call: Call, caller: _Caller, moment: float, address: str) -> dict[str, Any]:
        head = {
            "eventVersion": "1.11",
            "userIdentity": self._identity(caller),
            "eventTime": _second(int(moment)),
            "eventSource": "lambda.amazonaws.com",
            "eventName": _NAMES.get(call.operation, call.operation),
            "awsRegion": self.account.region,
            "sourceIPAddress": address,
            "userAgent": call.headers.get("user-agent", "")[:_MOST_TEXT],
        }
        if call.error is not None:
            head["errorCode"] = call.error.code
            head["errorMessage"] = call.error.message[:_MOST_TEXT]
        return head

    def _identity(self, caller: _Caller) -> dict[str, Any]:
        """Who called: whose the access key is that signed the request; the account, where nobody knows it."""
        access_key, token, known = caller
        if access_key is None:
            return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
        account = self.account
        arn = known.arn if known is not None else f"arn:{account.partition}:iam::{account.account_id}:root"
        user_id = known.user_id if known is not None else account.account_id
        _, partition, _, _, account_id, name = arn.split(":", 5)
        kind, *path = name.split("/")
        identity = {
            "type": _IDENTITIES.get(kind, "Root"),
            "principalId": user_id,
            "arn": arn,
            "accountId": account_id,
            "accessKeyId": access_key,
        }
        if kind == "user":
            return {**identity, "userName": path[-1]}
        if kind != "assumed-role":
            return identity
        issuer = {
            "type": "Role",
            "principalId": user_id.partition(":")[0],
            "arn": self.role_of(function_of_session(token))
            or f"arn:{partition}:iam::{account_id}:role/{path[0]}",
            "accountId": account_id,
            "userName": path[0],
        }
        return {**identity, "sessionContext": {"sessionIssuer": issuer}}


@lru_cache(maxsize=16)
def _second(moment: int) -> str:
    """A moment as CloudTrail writes it."""
    return f"{utc_text(moment)[:19]}Z"


def _elements(shape: Shape, members: Mapping[str, Any]) -> dict[str, Any] | None:
    """Members as CloudTrail names them; None for none, and for more than it takes."""
    told: dict[str, Any] = _plain(shape, members)
    if not told or len(json.dumps(told)) > _MOST_ELEMENTS:
        return None
    return told


def _plain(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape.kind == "structure":
        return {
            name[:1].lower() + name[1:]: _plain(shape.members[name].shape, each)
            for name, each in value.items()
            if name in shape.members
            and each is not None
            and shape.members[name].shape.kind != "blob"
            and not shape.members[name].shape.is_sensitive
        }
    if shape.kind == "list":
        return [_plain(shape.value, each) for each in value]
    if shape.kind == "map":
        return {name: _plain(shape.value, each) for name, each in value.items()}
    if shape.kind == "timestamp":
        return utc_text(value.timestamp() if isinstance(value, datetime) else value)
    return value
