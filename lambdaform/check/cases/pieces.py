"""The pieces of which the rules' cases are put together: small templates, and what they have in common.

A line that ends in ``# wrong`` is the one that a finding must point to.
"""

from __future__ import annotations

import textwrap

from lambdaform.check.case import Case

MARK = "# wrong"
CODE = 'InlineCode: "def handler(event, context): pass"'
LOGS = "logs:CreateLogStream, logs:PutLogEvents"


def template(*resources: str, head: str = "", mark: str = "") -> str:
    """A template with these resources; ``head`` has further sections."""
    parts = [
        f"Transform: AWS::Serverless-2016-10-31 {mark}".strip(),
        textwrap.dedent(head).strip(),
        "Resources:",
    ]
    parts += [textwrap.indent(textwrap.dedent(each).strip(), "  ") for each in resources]
    return "\n".join(part for part in parts if part) + "\n"


def function(properties: str = "", name: str = "Fn", mark: str = "") -> str:
    """A SAM function that nothing is wrong with, and further properties; these win over its own."""
    return resource(name, "AWS::Serverless::Function", _with_defaults(properties, {"InlineCode": CODE}), mark)


def plain_function(properties: str = "", name: str = "Fn") -> str:
    """A CloudFormation function that nothing is wrong with, with a role from elsewhere."""
    own = {
        "Code": 'Code: {ZipFile: "def handler(event, context): pass"}',
        "Role": "Role: arn:aws:iam::123456789012:role/fn",
    }
    return resource(name, "AWS::Lambda::Function", _with_defaults(properties, own))


def _with_defaults(properties: str, own: dict[str, str]) -> str:
    given = textwrap.dedent(properties).strip()
    defaults = {"Runtime": "Runtime: python3.13", "Handler": "Handler: index.handler", **own}
    keys = {line.partition(":")[0].lstrip("- ") for line in given.splitlines() if not line.startswith(" ")}
    dropped = {key for key in ("InlineCode", "Code") if "CodeUri" in keys or "Code" in keys}
    return "\n".join([text for key, text in defaults.items() if key not in keys | dropped] + [given])


def resource(name: str, aws_type: str, properties: str = "", mark: str = "") -> str:
    """Any resource."""
    body = textwrap.dedent(properties).strip()
    head = f"{name}:{f' {mark}' if mark else ''}\n  Type: {aws_type}"
    return f"{head}\n  Properties:\n{textwrap.indent(body, '    ')}" if body else head


def role(*statements: str, more: str = "", trusts: str = "lambda.amazonaws.com", mark: str = "") -> str:
    """A role ``Role`` that Lambda may take on and that may write logs, with further statements."""
    lines = [f"- {{Effect: Allow, Action: [{LOGS}], Resource: 'arn:aws:logs:*:*:*'}}"]
    lines += [
        textwrap.indent(textwrap.dedent(each).strip(), "  ").replace("  ", "- ", 1) for each in statements
    ]
    policies = "\n".join(lines)
    mark = f" {mark}" if mark else ""
    return resource(
        "Role",
        "AWS::IAM::Role",
        f"AssumeRolePolicyDocument:{mark}\n"
        "  Version: '2012-10-17'\n"
        f"  Statement: [{{Effect: Allow, Principal: {{Service: {trusts}}}, Action: 'sts:AssumeRole'}}]\n"
        "Policies:\n"
        "- PolicyName: own\n"
        "  PolicyDocument:\n"
        "    Version: '2012-10-17'\n"
        f"    Statement:\n{textwrap.indent(policies, '    ')}\n" + textwrap.dedent(more).strip(),
    )


QUEUE = resource("Queue", "AWS::SQS::Queue", "VisibilityTimeout: 60")
VERSION = resource("Version", "AWS::Lambda::Version", "FunctionName: !Ref Fn")
ROLE = "Role: !GetAtt Role.Arn"
VPC = "VpcConfig: {SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [sg-1]}"


def alias(properties: str) -> str:
    """An alias of ``Fn``."""
    return resource(
        "Alias", "AWS::Lambda::Alias", f"FunctionName: !Ref Fn\n{textwrap.dedent(properties).strip()}"
    )


def mapping(properties: str, source: str = "!GetAtt Queue.Arn") -> str:
    """An event source mapping of ``Fn``."""
    return resource(
        "Mapping",
        "AWS::Lambda::EventSourceMapping",
        f"FunctionName: !Ref Fn\nEventSourceArn: {source}\n{textwrap.dedent(properties).strip()}",
    )


def allow(*lines: str) -> str:
    """A statement that allows what the lines say."""
    return "\n".join(("Effect: Allow", *lines))


def api(properties: str, logical_id: str = "Web") -> str:
    """A REST API with a stage."""
    return resource(logical_id, "AWS::Serverless::Api", f"StageName: prod\n{properties}")


def twins(rule: str, wrong: str, mentions: str, *changes: tuple[str, str], name: str = "") -> Case:
    """A case whose right twin is the wrong template with some words exchanged for others."""
    right = wrong.replace(f"  {MARK}", "")
    for old, new in changes:
        if old not in right:
            raise ValueError(f"the case {name or rule} has no {old!r} to exchange")
        right = right.replace(old, new)
    return Case(rule, wrong, mentions, right, name)


def event(kind: str, properties: str, name: str = "Fn", more: str = "") -> str:
    """A SAM function with one event ``Happens``, and further properties."""
    body = textwrap.indent(textwrap.dedent(properties).strip(), "      ")
    return function(
        f"{textwrap.dedent(more).strip()}\nEvents:\n  Happens:\n    Type: {kind}\n    Properties:\n{body}".strip(),
        name,
    )


def policy(statement: str) -> str:
    """A SAM function with one statement in its policies."""
    body = textwrap.indent(textwrap.dedent(statement).strip(), "    ").replace("    ", "  - ", 1)
    return function(f"Policies:\n- Statement:\n{body}")


DEAD = "DeadLetterQueue: {Type: SQS, TargetArn: 'arn:aws:sqs:eu-west-1:123456789012:dead'}"
ALARM = resource(
    "Alarm",
    "AWS::CloudWatch::Alarm",
    "Namespace: AWS/Lambda\nMetricName: Errors\nDimensions: [{Name: FunctionName, Value: fn}]\nStatistic: Sum\n"
    "Period: 60\nEvaluationPeriods: 2\nThreshold: 1\nComparisonOperator: GreaterThanThreshold",
)
