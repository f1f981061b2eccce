"""Leave for others to invoke a function: the `Permission` that a topic, a bucket, an API or an account needs.

::

    stack.add(worker.allow_invoke_from(topic))

The service behind a resource may invoke for that resource only (``SourceArn``); where the name of a resource can
pass to another account, as a bucket's can, its owner is named too (``SourceAccount``). SAM's events bring such
permissions of their own; sources that Lambda polls need none.

Source: AWS Lambda Developer Guide, access-control-resource-based, and each service's page there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from lambdaform.errors import DefinitionError, shown
from lambdaform.model.references import Aws, Ref, sub
from lambdaform.model.resource import Resource
from lambdaform.origin import here

if TYPE_CHECKING:
    from lambdaform.model.awslambda import Permission
    from lambdaform.model.invocable import Invocable

_ANYONE = "*"
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_IDENTITY = re.compile(r"arn:[^:]+:(iam|sts)::[0-9]{12}:.+")
_EXECUTE = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"


@frozen
class _Invoker:
    """The service that invokes for resources of a type, and the ARN by which it names them."""

    principal: str
    arn: Callable[[Resource], str | Ref[str] | None]
    #: Whether the ARN does not say whose the resource is.
    owner: bool = False


def _attribute(name: str) -> Callable[[Resource], Ref[str]]:
    return lambda resource: resource.attr(name)


def _reference(resource: Resource) -> Ref[str]:
    return resource.ref


def _api_arn(api: Resource) -> Ref[str]:
    return sub(_EXECUTE, Api=api.ref)


def _bucket_arn(bucket: Resource) -> str | Ref[str] | None:
    """From the name, for a bucket that notifies the function is made after the permission."""
    properties = dict(bucket.property_values())
    name = properties.get("BucketName")
    if isinstance(name, str):
        return sub(f"arn:${{AWS::Partition}}:s3:::{name}")
    return None if "NotificationConfiguration" in properties else bucket.attr("Arn")


_API = _Invoker("apigateway.amazonaws.com", _api_arn)
_INVOKERS: Mapping[str, _Invoker] = {
    "AWS::SNS::Topic": _Invoker("sns.amazonaws.com", _reference),
    "AWS::S3::Bucket": _Invoker("s3.amazonaws.com", _bucket_arn, owner=True),
    "AWS::Events::Rule": _Invoker("events.amazonaws.com", _attribute("Arn")),
    "AWS::Logs::LogGroup": _Invoker("logs.amazonaws.com", _attribute("Arn"), owner=True),
    "AWS::Serverless::Api": _API,
    "AWS::Serverless::HttpApi": _API,
    "AWS::Serverless::WebSocketApi": _API,
    "AWS::ApiGateway::RestApi": _API,
    "AWS::ApiGatewayV2::Api": _API,
    "AWS::CloudWatch::Alarm": _Invoker(
        "lambda.alarms.cloudwatch.amazonaws.com", _attribute("Arn"), owner=True
    ),
    "AWS::Cognito::UserPool": _Invoker("cognito-idp.amazonaws.com", _attribute("Arn")),
    "AWS::IoT::TopicRule": _Invoker("iot.amazonaws.com", _attribute("Arn"), owner=True),
    "AWS::Config::ConfigRule": _Invoker("config.amazonaws.com", _attribute("Arn"), owner=True),
    "AWS::SecretsManager::Secret": _Invoker("secretsmanager.amazonaws.com", _reference),
    # A target group registers the function only once it may invoke it, so that its ARN would come too late.
    "AWS::ElasticLoadBalancingV2::TargetGroup": _Invoker(
        "elasticloadbalancing.amazonaws.com", lambda _: None
    ),
}
_POLLED = (
    "AWS::SQS::Queue",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::DynamoDB::Table",
    "AWS::MSK::Cluster",
    "AWS::AmazonMQ::Broker",
)
_BY_ROLE = ("AWS::Scheduler::Schedule", "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")


def permission_for(
    function: Invocable,
    source: Resource | str | None,
    *,
    logical_id: str | None,
    source_arn: Resource | str | Ref[str] | None,
    source_account: str | Ref[str] | None,
    organization: str | Ref[str] | None,
) -> Permission:
    """The permission by which a source may invoke a function, version or alias. See `allow_invoke_from`."""
    from lambdaform.model.awslambda import Permission

    arn: Any = source_arn
    account = source_account
    if isinstance(source, Resource):
        invoker = _INVOKERS.get(source.aws_type)
        if invoker is None:
            raise _refused_resource(source)
        principal, name = invoker.principal, source.logical_id
        arn = invoker.arn(source) if source_arn is None else source_arn
        if account is None and invoker.owner:
            account = Aws.ACCOUNT_ID
    elif source is None:
        if organization is None:
            raise _refused(
                "allow_invoke_from() has nobody to allow.", "Give a resource, an account or organization=."
            )
        principal, name = _ANYONE, "Organization"
    else:
        principal, name = _principal(source, restricted=arn is not None or account is not None)
    return Permission(
        f"{function.logical_id}InvokedBy{name}" if logical_id is None else logical_id,
        function_name=function,
        principal=principal,
        source_arn=arn,
        source_account=account,
        principal_org_id=organization,
    )


def _principal(source: object, *, restricted: bool) -> tuple[str, str]:
    """The principal that a text names, and its part in a logical id."""
    if isinstance(source, str):
        if _ACCOUNT.fullmatch(source):
            return source, f"Account{source}"
        if _IDENTITY.fullmatch(source):
            return source, re.sub(r"[^A-Za-z0-9]", "", source.rpartition("/")[2].title()) or "Identity"
        if _SERVICE.fullmatch(source):
            if not restricted:
                raise _refused(
                    f"{source} might invoke for anybody's resources.",
                    "Give the resource itself, or source_arn=, or source_account=Aws.ACCOUNT_ID.",
                )
            return source, source.partition(".")[0].title().replace("-", "")
    raise _refused(
        f"allow_invoke_from() was given {shown(source)}.",
        "It takes a resource, an account's 12 digits, the ARN of a role or user, or a service such as "
        "sns.amazonaws.com.",
    )


def _refused_resource(source: Resource) -> DefinitionError:
    what = f"{source.logical_id!r} is an {source.aws_type}."
    if source.aws_type in _POLLED:
        return _refused(
            what,
            "Lambda polls it: it needs an event or EventSourceMapping, and the function's role may read it.",
        )
    if source.aws_type in _BY_ROLE:
        return _refused(what, "It invokes with its own role: give that role policies=[function.invoke()].")
    return _refused(
        what, "Name its service and its ARN: allow_invoke_from('iot.amazonaws.com', source_arn=...)."
    )


def _refused(what: str, right: str) -> DefinitionError:
    origin = here()
    return DefinitionError(what, right=right, where=origin.locate() if origin else None)
