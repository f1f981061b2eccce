"""Every operation of Lambda but Invoke, over HTTP: found, read, validated, called and answered by the service's model.

The model is read at the first such request, for an invocation needs none of it. What the control plane does not have
is refused by its name.

Source: Lambda API Reference, "Actions"; Smithy, "AWS restJson1 protocol".
"""

from __future__ import annotations

import re
from functools import cached_property

from lambdaform.facts.service_model import Operation, service_model
from lambdaform.local.control.plane import ControlPlane
from lambdaform.local.endpoint import members, serialise, validation
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.endpoint.recorder import Call
from lambdaform.local.endpoint.routes import Route, Routes
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Front
from lambdaform.local.front import Request as Invocation
from lambdaform.local.http import Head, Request

#: Those that the front serves and not the control plane.
INVOCATIONS = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
#: Those that come with a deployment package: their methods and paths.
_WITH_CODE = re.compile(
    r"POST /2015-03-31/functions/?|PUT /2015-03-31/functions/[^/]+/code/?|POST /2018-10-31/layers/[^/]+/versions/?"
)
#: The most bytes of a request with a package, as AWS tells it, and of any other.
_MAX_WITH_CODE, _MAX_WITHOUT = 70_167_211, 6 << 20


def most_bytes(head: Head | Request) -> int:
    """The most bytes that the body of a request of Lambda's may have."""
    return _MAX_WITH_CODE if _WITH_CODE.fullmatch(f"{head.method} {head.path}") else _MAX_WITHOUT


class Operations:
    """The control plane and what else is no invocation that is waited for; None has no operation at all."""

    def __init__(self, front: Front, plane: ControlPlane | None) -> None:
        self._front = front
        self._plane = plane

    @cached_property
    def _routes(self) -> Routes:
        return Routes(service_model().operations.values())

    def find(self, request: Request) -> Route | None:
        """The operation that a request is for; None if it is for none of Lambda's."""
        return self._routes.find(request.method, request.path, request.query)

    async def answer(self, route: Route, request: Request, call: Call) -> HttpAnswer:
        """The answer to a request; what there is to record of it goes to ``call``.

        Raises `AwsError` for what Lambda refuses.
        """
        operation = route.operation
        call.operation, call.model = operation.name, operation
        if request.size > most_bytes(request):
            raise AwsError(
                "RequestEntityTooLargeException",
                f"Request must be smaller than {most_bytes(request)} bytes for the {operation.name} operation",
                413,
            )
        call.members = given = members.read(operation, route.labels, request)
        validation.check(operation.input, given)
        if operation.name == "InvokeAsync":
            event = Invocation(
                function_name=given["FunctionName"], payload=given["InvokeArgs"], invocation_type="Event"
            )
            response = await self._front.invoke(event)
            return HttpAnswer(response.status, b"{}", {"Content-Type": "application/json"})
        if self._plane is None or self._plane.handler(operation.name) is None:
            raise AwsError("NotImplemented", self._not_here(operation), 501)
        call.result = await self._plane.call(operation.name, given)
        return serialise.answer(operation, call.result)

    def in_full(self, request: Request, error: AwsError) -> AwsError:
        """What a request of an invocation is refused for, with all that is wrong with it, as the model has it."""
        route = self.find(request)
        if route is not None and route.operation.name in INVOCATIONS:
            try:
                validation.check(route.operation.input, members.read(route.operation, route.labels, request))
            except AwsError as full:
                return full
        return error

    def _not_here(self, operation: Operation) -> str:
        names = service_model().operations
        served = [
            name
            for name in names
            if name in INVOCATIONS or (self._plane is not None and self._plane.handler(name) is not None)
        ]
        return (
            f"lambdaform does not serve {operation.name} of lambda. It serves {len(served)} of its "
            f"{len(names)} operations: {', '.join(served)}."
        )
