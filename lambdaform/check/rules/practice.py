"""LF4xx: what works and will surprise later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lambdaform.check.rule import Level, rule
from lambdaform.check.rules.polling import pollers, queues
from lambdaform.check.rules.settings import NOT_ON_ARM
from lambdaform.check.view import (
    as_of,
    behind,
    environments,
    events,
    functions,
    functions_with,
    items,
    of_aws_type,
    problem_at,
    setting,
    whole_number,
)
from lambdaform.facts.runtimes import Runtime, runtime_facts
from lambdaform.model.event import FunctionEvent
from lambdaform.model.function import Function, VpcConfig
from lambdaform.model.iam import PolicyTemplate
from lambdaform.model.references import LogicalRef, Ref
from lambdaform.model.resource import Resource
from lambdaform.model.shape import Problem, prop
from lambdaform.model.stack import Stack


@rule(
    "LF401",
    "one-subnet",
    Level.WARNING,
    demand="A function in a VPC has subnets in at least two zones.",
    source="AWS Lambda Developer Guide, configuration-vpc; deck section B8",
)
def one_subnet(stack: Stack) -> Iterator[Problem]:
    """Functions that one failing zone would stop."""
    for function in functions(stack):
        vpc = setting(stack, function, "vpc_config")
        subnets = vpc.subnet_ids if isinstance(vpc, VpcConfig) else None
        # One that is named twice is still one.
        one = isinstance(subnets, tuple) and bool(subnets) and all(each == subnets[0] for each in subnets)
        if isinstance(subnets, tuple) and one and _is_one_subnet(stack, subnets[0]):
            yield vpc.problem(
                "LF401",
                f"{function.logical_id!r} uses one subnet only.",
                "Give one subnet per availability zone, at least two: a zone may fail or run out of addresses.",
                "subnet_ids",
            )


def _is_one_subnet(stack: Stack, subnet: object) -> bool:
    """Whether the text or reference can stand for one subnet only, and for no list of them."""
    if not isinstance(subnet, LogicalRef):
        return isinstance(subnet, str)
    made, given = stack.resources.get(subnet.logical_id), stack.parameters.get(subnet.logical_id)
    return (made is not None and made.aws_type == "AWS::EC2::Subnet") or (
        given is not None and given.type in ("String", "AWS::EC2::Subnet::Id")
    )


@rule(
    "LF402",
    "old-runtime",
    Level.WARNING,
    demand="A function's runtime still gets security updates.",
    source="AWS Lambda Developer Guide, lambda-runtimes",
)
def old_runtime(stack: Stack) -> Iterator[Problem]:
    """Functions on a runtime that AWS has deprecated."""
    for function in functions(stack):
        runtime = setting(stack, function, "runtime")
        on_arm = "arm64" in items(setting(stack, function, "architectures"))
        if not isinstance(runtime, Runtime) or (on_arm and runtime in NOT_ON_ARM):
            continue
        facts = runtime_facts(runtime)
        if facts.deprecated is not None and facts.deprecated <= as_of(stack):
            newer = f" {facts.successor.value} is its successor." if facts.successor else ""
            yield function.problem(
                "LF402",
                f"{function.logical_id!r} uses {runtime.value}, which AWS deprecated on {facts.deprecated}.",
                f"It gets no security updates, and creating and updating functions is or will be blocked.{newer}",
                "runtime",
            )


@rule(
    "LF403",
    "longer-than-api",
    Level.WARNING,
    demand="A function behind an API answers before the API gives up.",
    source="API Gateway Developer Guide, limits: integration timeout 29 s (REST), 30 s (HTTP)",
)
def longer_than_api(stack: Stack) -> Iterator[Problem]:
    """Functions that may run on when nobody waits any more."""
    told: set[str] = set()
    for function, name, event in events(stack):
        if event.event_type not in ("Api", "HttpApi") or function.logical_id in told:
            continue
        timeout = whole_number(setting(stack, function, "timeout"))
        # Half a minute is what people write who mean the API's limit.
        if timeout is None or timeout <= 30 or prop(event, "TimeoutInMillis") is not None:
            continue
        told.add(function.logical_id)
        limit = 29 if event.event_type == "Api" else 30
        place = function if function.timeout is not None else stack.globals["Function"]
        yield place.problem(
            "LF403",
            f"{function.logical_id!r} may run for {timeout} s, and the {event.event_type} event {name!r} answers "
            f"after {limit} s.",
            f"The caller gets an error and the function runs on: set the timeout to at most {limit}, or call it "
            "asynchronously.",
            "timeout",
        )


@rule(
    "LF404",
    "plain-secret",
    Level.WARNING,
    demand="An environment variable names where a secret is, and is none itself.",
    source="AWS Lambda Developer Guide, configuration-envvars; deck section C5",
)
def plain_secret(stack: Stack) -> Iterator[Problem]:
    """Secrets in plain text: everybody who may see the template or the function's configuration reads them."""
    from lambdaform.check.secrets import secret_in

    for function, environment in environments(stack):
        variables = prop(environment, "Variables")
        for name, value in variables.items() if isinstance(variables, Mapping) else ():
            kind = secret_in(name, value) if isinstance(value, str) else None
            if kind is not None:
                yield environment.problem(
                    "LF404",
                    f"{function.logical_id!r} has {kind}, in the plain text of the variable {name!r}.",
                    "Keep it in Secrets Manager or Parameter Store, and give the function its name or ARN.",
                    "variables",
                    name,
                )


@rule(
    "LF405",
    "nowhere-to-fail",
    Level.INFO,
    demand="Asynchronous events that fail go somewhere.",
    source="AWS Lambda Developer Guide, invocation-async-retain-records; deck section C9",
)
def nowhere_to_fail(stack: Stack) -> Iterator[Problem]:
    """Functions of topics, buckets and event patterns without a dead-letter queue or a destination for failures."""
    for function, name, event in _first_events(stack):
        config = setting(stack, function, "event_invoke_config")
        if setting(stack, function, "dead_letter_queue") is not None or isinstance(config, Ref):
            continue
        if prop(config, "DestinationConfig", "OnFailure") is None:
            yield function.problem(
                "LF405",
                f"{function.logical_id!r} is called asynchronously ({event.event_type} event {name!r}), and has neither "
                "a DeadLetterQueue nor a destination for failures.",
                "After two more attempts an event that fails is gone: add dead_letter_queue=, or a destination.",
            )


def _first_events(stack: Stack) -> Iterator[tuple[Function, str, FunctionEvent]]:
    """Each function's first event that calls it asynchronously with something that does not come again.

    A schedule comes again by itself.
    """
    told: set[str] = set()
    for function, name, event in events(stack):
        if function.logical_id not in told and event.event_type in _ASYNCHRONOUS:
            told.add(function.logical_id)
            if prop(event, "SqsSubscription") is None:
                yield function, name, event


_ASYNCHRONOUS = ("S3", "SNS", "EventBridgeRule", "CloudWatchEvent", "IoTRule")


@rule(
    "LF406",
    "queue-takes-all",
    Level.INFO,
    demand="A queue leaves some of the account's concurrency to the other functions.",
    source="AWS Lambda Developer Guide, services-sqs-scaling; deck section C11",
)
def queue_takes_all(stack: Stack) -> Iterator[Problem]:
    """Queues that may take all of an account's concurrency from the other functions of the stack."""
    readers: dict[int, set[str]] = {}
    for function, _, queue in queues(stack):
        readers.setdefault(id(queue), set()).add(function.logical_id)
    for function, event, queue in queues(stack):
        # The groups of a FIFO queue bound what is under way at once.
        if queue.is_fifo or len(functions(stack)) == len(readers[id(queue)]):
            continue
        bounded = (
            prop(event, "ScalingConfig"),
            prop(event, "ProvisionedPollerConfig"),
            setting(stack, function, "reserved_concurrent_executions"),
        )
        if all(each is None for each in bounded):
            yield event.problem(
                "LF406",
                f"{queue.logical_id!r} may use all concurrency that the account has for {function.logical_id!r}.",
                "With a long queue the other functions are throttled: set MaximumConcurrency in its ScalingConfig, or "
                "reserve concurrency.",
            )


@rule(
    "LF407",
    "stream-stands-still",
    Level.INFO,
    demand="A stream that is read from its beginning goes on after a record that cannot be processed.",
    source="AWS Lambda Developer Guide, kinesis-on-failure-destination; deck section B7",
)
def stream_stands_still(stack: Stack) -> Iterator[Problem]:
    """Streams, read from the oldest record on, of which one bad record holds up a shard until it expires."""
    names = (
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "FunctionResponseTypes",
    )
    for function, place, service, _ in pollers(stack):
        if service not in ("kinesis", "dynamodb") or prop(place, "StartingPosition") != "TRIM_HORIZON":
            continue
        if function is not None and all(prop(place, name) is None for name in names):
            yield place.problem(
                "LF407",
                f"{function.logical_id!r} reads a stream from its oldest record, and tries a batch that fails until "
                "its records expire: the shard waits.",
                "Bound it: MaximumRetryAttempts, BisectBatchOnFunctionError and a destination for failures.",
            )


@rule(
    "LF408",
    "batch-over-timeout",
    Level.WARNING,
    demand="A function has time for a whole batch.",
    source="AWS Lambda Developer Guide, services-sqs-configure; deck section C11: time per item x batch size > timeout",
)
def batch_over_timeout(stack: Stack) -> Iterator[Problem]:
    """Batches of so many messages that the timeout leaves less than 3 ms for each."""
    for function, place, service, _ in pollers(stack):
        size = whole_number(prop(place, "BatchSize"))
        given = None if function is None else setting(stack, function, "timeout")
        if (
            function is None
            or size is None
            or isinstance(given, Ref)
            or "Timeout" in function.raw
            or service == ""
        ):
            continue
        seconds = 3 if given is None else given
        if 100 < size <= 10_000 and seconds * 1000 < size * 3:
            yield problem_at(
                place,
                "LF408",
                f"{function.logical_id!r} gets batches of {size}, and its timeout of {seconds} s leaves "
                f"{seconds * 1000 / size:.3g} ms for each message.",
                "A batch that takes longer fails and comes again, whole: lower BatchSize or raise the timeout.",
                "BatchSize",
            )


@rule(
    "LF409",
    "endless-loop",
    Level.WARNING,
    demand="What a function writes does not call it again.",
    source="AWS Lambda Developer Guide, invocation-recursion",
)
def endless_loop(stack: Stack) -> Iterator[Problem]:
    """Functions that may write to the very bucket, queue or topic that calls them, or log what they are logged."""
    for function, name, event in events(stack):
        aws_name = {"S3": "Bucket", "SQS": "Queue", "SNS": "Topic"}.get(event.event_type)
        source = behind(stack, prop(event, aws_name)) if aws_name else None
        if source is not None and not _narrowed(event) and (how := _writes_to(stack, function, source)):
            yield problem_at(
                event,
                "LF409",
                f"{function.logical_id!r} is called by {source.logical_id!r} and may write to it ({how}): it can call "
                "itself again and again.",
                f"Let it write elsewhere, or narrow the {event.event_type} event with a filter.",
                aws_name,
            )
        group = prop(event, "LogGroupName") if event.event_type == "CloudWatchLogs" else None
        own = function.function_name
        if isinstance(own, str) and group == f"/aws/lambda/{own}":
            yield problem_at(
                event,
                "LF409",
                f"{function.logical_id!r}: the event {name!r} listens to the function's own log group.",
                "Each line that it logs calls it again: name another group.",
                "LogGroupName",
            )


def _narrowed(event: FunctionEvent) -> bool:
    return any(prop(event, name) is not None for name in ("Filter", "FilterPolicy", "FilterCriteria"))


#: The policy templates of SAM's that let a function write, and the parameter that names to what.
_WRITING = {
    "S3CrudPolicy": "BucketName",
    "S3FullAccessPolicy": "BucketName",
    "S3WritePolicy": "BucketName",
    "SQSSendMessagePolicy": "QueueName",
    "SNSPublishMessagePolicy": "TopicName",
    "SNSCrudPolicy": "TopicName",
}


def _writes_to(stack: Stack, function: Function, source: Resource) -> str | None:
    """The policy template by which a function may write to a resource, or None."""
    for policy in items(function.policies):
        if not isinstance(policy, PolicyTemplate) or policy.name not in _WRITING:
            continue
        named = policy.parameters.get(_WRITING[policy.name])
        own = (prop(source, "BucketName"), prop(source, "QueueName"), prop(source, "TopicName"))
        if behind(stack, named) is source or (isinstance(named, str) and named in own):
            return policy.name
    return None


@rule(
    "LF410",
    "secret-default",
    Level.WARNING,
    demand="A parameter for a secret has no default.",
    source="AWS CloudFormation User Guide, parameters-section-structure, NoEcho",
)
def secret_default(stack: Stack) -> Iterator[Problem]:
    """Secrets that stand in the template as a default."""
    from lambdaform.check.secrets import secret_in

    for parameter in stack.parameters.values():
        hidden = parameter.no_echo in (True, "true", "True")
        default = parameter.default
        if not isinstance(default, str) or str(parameter.type).startswith("AWS::SSM::"):
            continue
        if hidden and default.strip() and secret_in("SECRET", default):
            yield parameter.problem(
                "LF410",
                f"Parameter {parameter.logical_id!r} is hidden (NoEcho), and its default stands in the template.",
                "Leave the default out, or name a secret: {{resolve:secretsmanager:name}}.",
                "default",
            )


@rule(
    "LF411",
    "public-bucket",
    Level.WARNING,
    demand="A bucket is not open to everyone.",
    source="S3 User Guide, access-control-block-public-access",
)
def public_bucket(stack: Stack) -> Iterator[Problem]:
    """Buckets that everybody may read or write."""
    for bucket in of_aws_type(stack, "AWS::S3::Bucket"):
        access = prop(bucket, "AccessControl")
        if access in ("PublicRead", "PublicReadWrite"):
            yield problem_at(
                bucket,
                "LF411",
                f"{bucket.logical_id} is open to everyone ({access}).",
                "Leave AccessControl out, and let CloudFront or a policy say who may read.",
                "AccessControl",
            )


@rule(
    "LF412",
    "loops-allowed",
    Level.INFO,
    demand="Lambda stops a function that calls itself again and again.",
    source="AWS Lambda Developer Guide, invocation-recursion",
)
def loops_allowed(stack: Stack) -> Iterator[Problem]:
    """Functions for which recursion detection is switched off."""
    for function in functions_with(stack, "recursive_loop"):
        if setting(stack, function, "recursive_loop") == "Allow":
            place = function if function.recursive_loop is not None else stack.globals["Function"]
            yield place.problem(
                "LF412",
                f"{function.logical_id!r} may call itself without end: RecursiveLoop is Allow.",
                "Leave it out where the loop is not meant: Lambda then stops after about 16 rounds.",
                "recursive_loop",
            )
