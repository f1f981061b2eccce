"""The scalar types of properties: each with its unit, range or pattern, and the AWS page that says so."""

from __future__ import annotations

from typing import Annotated

from lambdaform.model.constraints import Matching, Within

_LIMITS = "AWS Lambda Developer Guide, gettingstarted-limits"

#: Memory of a function in MB.
MB = Annotated[
    int,
    Within(
        lambda limits: limits.memory_size_min,
        lambda limits: limits.memory_size_max,
        "MB",
        lambda limits: limits.memory_size_step,
        source=_LIMITS,
    ),
]

#: The longest that a function may run, in seconds.
Seconds = Annotated[int, Within(1, lambda limits: limits.timeout_max, "seconds", source=_LIMITS)]

#: Size of ``/tmp`` in MB.
EphemeralMB = Annotated[
    int,
    Within(
        lambda limits: limits.ephemeral_storage_min,
        lambda limits: limits.ephemeral_storage_max,
        "MB",
        source=_LIMITS,
    ),
]

FunctionName = Annotated[
    str,
    Matching(
        r"(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[a-zA-Z0-9-_]{1,64}",
        "A function name has 1 to 64 letters, digits, hyphens and underscores (Lambda API, CreateFunction).",
    ),
]

AliasName = Annotated[
    str,
    Matching(
        r"(?!^[0-9]+$)[a-zA-Z0-9-_]{1,128}",
        "An alias name has letters, digits, hyphens and underscores, at most 128, and is not digits only, for these "
        "are versions (Lambda API, CreateAlias).",
    ),
]

EnvironmentName = Annotated[
    str,
    Matching(
        r"[a-zA-Z]([a-zA-Z0-9_])+",
        "A name starts with a letter and has at least two letters, digits and underscores "
        "(Lambda API, EnvironmentVariableName).",
    ),
]

EnvironmentText = Annotated[
    str,
    Matching(
        r"(?![\s\S]*\{\{resolve:ssm-secure:)[\s\S]*",
        "CloudFormation gives no SecureString to a function's environment: keep it as a secret and write "
        "secret(name), or let the code read the parameter (dynamic-references-ssm-secure-strings).",
    ),
]

Arn = Annotated[
    str,
    Matching(r"arn:[^:]*:[^:]+:[^:]*:[^:]*:.+", "An ARN looks like arn:aws:service:region:account:resource."),
]

Description = Annotated[
    str,
    Matching(r"(?s).{0,256}", "A description has at most 256 characters (Lambda API, CreateFunction)."),
]

#: The ARN of a key. Not a key's id or alias, which Lambda does not take.
KeyArn = Annotated[
    str,
    Matching(
        r"|arn:.*|\{\{.*",
        "A key is named by its ARN, such as arn:aws:kms:eu-west-1:123456789012:key/ID (Lambda API, CreateFunction).",
    ),
]

RoleArn = Annotated[
    str,
    Matching(
        r"arn:.*|\{\{.*",
        "A role is named by its ARN, such as arn:aws:iam::123456789012:role/NAME (Lambda API, CreateFunction).",
    ),
]
