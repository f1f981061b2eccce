"""The other AWS services by moto, in this process: imported with the first request for one.

moto's own Lambda never answers: what of its services calls functions calls them here (`lambda_seam`). It works in
threads of its own, so that a service that computes for long keeps no function waiting. Nothing of it lasts: queues,
tables and buckets are gone with the run.

Source: moto, "Server mode" and its `BotocoreStubber` (which request is whose).
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

from lambdaform.errors import LocalError
from lambdaform.local.access.keys import Identity, Lookup
from lambdaform.local.aside import aside
from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.errors import AwsError
from lambdaform.local.front import Front
from lambdaform.local.http import Request
from lambdaform.local.physical import Account
from lambdaform.local.services.caller_identity import caller_identity
from lambdaform.local.services.clients import client, own_session
from lambdaform.local.services.door import addressed
from lambdaform.local.services.event_sources import describe_source
from lambdaform.local.services.function_logs import FunctionLogs
from lambdaform.local.services.iam_keys import moto_identity
from lambdaform.local.services.objects import read_object
from lambdaform.local.services.roles import trust_of
from lambdaform.local.services.stack_resources import ServiceResource, StackResources
from lambdaform.local.services.vpcs import check_security_groups, vpc_of

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from moto.core.botocore_stubber import BotocoreStubber

#: How many requests are worked on at once.
_AT_ONCE = 8
#: Signing names of services whose hosts are called otherwise.
_HOSTS: Mapping[str, str] = {
    "eventbridge": "events",
    "mobiletargeting": "pinpoint",
    "iotdata": "data.iot",
    "sagemaker": "api.sagemaker",
    "timestream": "ingest.timestream",
    "memorydb": "memory-db",
}
#: Services of no region.
_GLOBAL = frozenset({"iam", "route53", "cloudfront", "budgets", "organizations"})
#: The header by which moto is told whose account a request is for.
_ACCOUNT = "x-moto-account-id"
#: moto's modules of services that have been used.
_MODELS = re.compile(r"moto\.(?!core\b|awslambda\b|utilities\b|moto_api\b)\w+\.models")
_REMEDY = "pip install 'lambdaform[local]', or name another emulator: --services URL."
#: Headers that belong to one connection, or that the endpoint gives itself.
_OURS = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


class MotoServices:
    """All of moto's services but Lambda.

    ``logs`` has what functions log; ``notice`` is told of what a service could not invoke.
    """

    def __init__(
        self, account: Account, front: Front, logs: FunctionLogs, notice: Callable[[str], None]
    ) -> None:
        self._account = account
        self._front = front
        self._notice = notice
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._stubber: BotocoreStubber | None = None
        self._lock = Lock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._stacks = StackResources(self._client, account.region, notice)
        self._wanted: Sequence[ServiceResource] | None = None
        self._lookup: Lookup = lambda _key, _token: None
        self._logs = logs

    def know(self, lookup: Lookup) -> None:
        """Know who has which access key; moto knows those that it has made."""
        self._lookup = lookup

    def identity(self, access_key: str, session_token: str) -> Identity | None:
        """The user, or the session of a role, that an access key was made for."""
        return moto_identity(access_key, session_token, self._account.partition)

    def take(self, wanted: Sequence[ServiceResource]) -> None:
        """Have these resources of stacks, and no others of stacks, from the next request on."""
        self._wanted = wanted

    async def answer(self, request: Request) -> HttpAnswer:
        """moto's answer. Raises `AwsError` where it has no such service or operation, or is not installed."""
        answer: HttpAnswer = await self._call(lambda: self._answer(request))
        return answer

    async def read_object(self, bucket: str, key: str, version: str | None) -> bytes:
        """An object's content. Raises `AwsError`."""
        content: bytes = await self._call(lambda: read_object(self._client, bucket, key, version))
        return content

    async def describe(self, arn: str) -> Mapping[str, Any] | None:
        """What is known of an event source; None where it is not there. Without moto nothing is known of any."""
        if self._is_missing:
            return {}
        source: Mapping[str, Any] | None = await self._call(lambda: describe_source(self._client, arn))
        return source

    async def check_security_groups(self, ids: Sequence[str]) -> None:
        """See that security groups are there. Raises `AwsError`. Without moto they are taken as they are."""
        if not self._is_missing:
            await self._call(lambda: check_security_groups(self._client, ids))

    async def vpc_of(self, subnets: Sequence[str]) -> str:
        """The VPC of subnets. Raises `AwsError`. Without moto nothing is known of any."""
        return "" if self._is_missing else str(await self._call(lambda: vpc_of(self._client, subnets)))

    async def trust_of(self, role: str) -> Mapping[str, Any] | None:
        """A role's trust policy; None where nobody has made such a role, and so where nobody has needed moto yet."""
        if self._stubber is None:
            return None
        trust: Mapping[str, Any] | None = await self._call(lambda: trust_of(self._client, role))
        return trust

    @property
    def lacks(self) -> str | None:
        """What is to be told where moto is not installed."""
        return (
            f"Of AWS's services only Lambda answers here: moto is not installed. {_REMEDY}"
            if self._is_missing
            else None
        )

    @property
    def _is_missing(self) -> bool:
        """Whether moto is not installed."""
        return self._stubber is None and find_spec("moto") is None

    async def _call(self, work: Callable[[], Any]) -> Any:
        """Do something with moto beside the loop. Who polls a queue for 20 seconds does not hold up the end."""
        loop = asyncio.get_running_loop()
        async with self._free:
            return await aside(lambda: self._with_moto(loop, work))

    def close(self) -> None:
        """Forget all that moto had."""
        if self._stubber is not None:
            from moto.backends import get_backend

            for name in {module.split(".")[1] for module in sys.modules if _MODELS.fullmatch(module)}:
                get_backend(name).reset()

    def _with_moto(self, loop: asyncio.AbstractEventLoop, work: Callable[[], Any]) -> Any:
        with self._lock:
            if self._stubber is None:
                self._start(loop)
            wanted, self._wanted = self._wanted, None
            if wanted is not None:
                self._stacks.take(wanted)
        return work()

    def _client(self, service: str) -> Any:
        """A client of boto3 whose requests moto answers, without a connection."""
        if service not in self._clients:
            self._clients[service] = client(self._session, service)
        return self._clients[service]

    def _name_account(self, request: AWSPreparedRequest, **_: Any) -> None:
        request.headers[_ACCOUNT] = self._account.account_id

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            from moto.core.base_backend import AccountSpecificBackend
            from moto.core.botocore_stubber import BotocoreStubber
        except ImportError as error:
            raise LocalError(
                "AWS services other than Lambda are served by moto, which is not installed.", right=_REMEDY
            ) from error
        from lambdaform.local.services.lambda_seam import LambdaSeam

        LambdaSeam(self._account, self._front, loop, self._notice).fit()
        session = own_session(self._account.region)
        # moto asks a session which regions there are.
        AccountSpecificBackend.get_session = staticmethod(lambda: session)
        self._stubber = BotocoreStubber()
        self._stubber.enabled = True
        session.events.register_first("before-send", self._stubber)
        session.events.register_first("before-send", self._name_account)
        self._session = session

    def _answer(self, request: Request) -> HttpAnswer:
        from botocore.awsrequest import AWSPreparedRequest
        from botocore.compat import HTTPHeaders

        to = addressed(request, self._account.region)
        if to.service == "sts" and (told := caller_identity(request, self._lookup)) is not None:
            return told
        if to.service == "logs":
            with self._lock:
                self._logs.hand_over(self._client)
        host = self._host(to.service, to.region, request)
        query = f"?{request.query}" if request.query else ""
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name] = value
        headers.replace_header("host", host) if "host" in headers else headers.add_header("host", host)
        headers[_ACCOUNT] = self._account.account_id
        prepared = AWSPreparedRequest(
            request.method, f"https://{host}{request.path}{query}", headers, request.body, stream_output=False
        )
        assert self._stubber is not None
        try:
            answered = self._stubber.process_request(prepared)
        except Exception as error:
            # moto refuses much that AWS refuses by a fault of its own; so the client gets an answer, not a traceback.
            what = f"{type(error).__name__}: {error}"[:300]
            message = f"moto, which answers here for {to.service}, failed: {what}"
            raise AwsError("InternalFailure", message, 500, kind="Service") from error
        if answered is None or (answered[0], answered[2]) == (404, "Not yet implemented"):
            raise AwsError(
                "NotImplemented",
                f"moto has no {to.service!r}, which answers here for AWS services other than Lambda. "
                "Name another emulator: --services URL.",
                501,
            )
        status, given, body = answered
        content = body.encode() if isinstance(body, str) else bytes(body or b"")
        if to.service == "sqs":
            # A queue's URL is one that clients call: it leads here.
            content = content.replace(
                f"https://{host}/".encode(), f"http://{request.headers.get('host', '')}/".encode()
            )
        return HttpAnswer(int(status), content, dict(_headers(given.items(), request.method)))

    def _host(self, service: str, region: str, request: Request) -> str:
        """The host that AWS has for what a request is for."""
        if service == "s3":
            named = request.headers.get("host", "").rpartition(":")[0]
            if request.path.startswith("/v20180820/"):
                return f"{self._account.account_id}.s3-control.{region}.amazonaws.com"
            bucket = bucket_of(named)
            return f"{bucket}.s3.amazonaws.com" if bucket else "s3.amazonaws.com"
        if service == "dynamodb" and request.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
            return f"streams.dynamodb.{region}.amazonaws.com"
        name = _HOSTS.get(service, service)
        return f"{name}.amazonaws.com" if service in _GLOBAL else f"{name}.{region}.amazonaws.com"


def bucket_of(host: str) -> str | None:
    """The bucket of a virtual-hosted address such as ``photos.localhost`` or ``photos.s3.localhost``."""
    name = host.removesuffix(".localhost")
    if name == host:
        return None
    name = name.removesuffix(".s3") if name.endswith(".s3") else name
    return name if name not in ("", "s3") and ".lambda-url." not in host else None


def _headers(given: Iterable[tuple[str, Any]], method: str) -> Iterable[tuple[str, str]]:
    """moto's headers, without those of a connection; an object's length is what HEAD is asked for."""
    for name, value in given:
        if name.lower() not in _OURS or (name.lower() == "content-length" and method == "HEAD"):
            # Spelt as the endpoint spells it, that it stands there once.
            yield "x-amzn-RequestId" if name.lower() == "x-amzn-requestid" else name, str(value)
