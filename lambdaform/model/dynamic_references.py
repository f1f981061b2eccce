"""Values that CloudFormation fetches at deployment from Secrets Manager and Parameter Store.

::

    environment={"DB_PASSWORD": secret("shop/database", "password"), "RATE": ssm("/shop/rate")}

The template holds the reference only. What it stands for is in the function's configuration afterwards, and is
fetched again when the resource is updated next; code that reads the secret itself (``grants.read(secret)``) is
always up to date.

Source: AWS CloudFormation User Guide, dynamic-references-secretsmanager, dynamic-references-ssm and
dynamic-references-ssm-secure-strings.
"""

from __future__ import annotations

from typing import Annotated

from lambdaform.errors import DefinitionError
from lambdaform.model.arguments import checked
from lambdaform.model.constraints import Matching, Within
from lambdaform.model.references import Ref, sub
from lambdaform.model.resource import Resource
from lambdaform.origin import here

SecretName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9/_+=.@-]{1,512}|arn:[^:\s]+:secretsmanager:[^:\s]+:[0-9]{12}:secret:[^:\s]+",
        "It is a secret's name (letters, digits and /_+=.@-) or its ARN.",
    ),
]
ParameterName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9_.\-/]{1,1011}|arn:[^:\s]+:ssm:[^:\s]+:[0-9]{12}:parameter/[A-Za-z0-9_.\-/]+",
        "It is a parameter's name (letters, digits and _.-/) or its ARN.",
    ),
]
Part = Annotated[str, Matching(r"[^:{}\s\\]{1,512}", "It has no colons, braces or blanks.")]
Number = Annotated[int, Within(1, 10**9)]


@checked
def secret(
    name: SecretName | Resource | Ref[str],
    key: Part | None = None,
    *,
    version_stage: Part | None = None,
    version_id: Part | None = None,
) -> str | Ref[str]:
    """The text of a secret, or of one ``key`` of a secret that is JSON; ``name`` may be its ARN, or its resource.

    Without a version it is the current one. Raises `DefinitionError` for a name or part that cannot be one.
    """
    if version_stage is not None and version_id is not None:
        raise _refused("secret() has a version_stage and a version_id.", "Give one of them, or neither.")
    parts = ["SecretString", key or "", version_stage or "", version_id or ""]
    while not parts[-1]:
        parts.pop()
    if isinstance(name, Resource):
        _must_be(name, "secret", "AWS::SecretsManager::Secret")
    return _reference("secretsmanager", name, parts)


@checked
def ssm(
    name: ParameterName | Resource | Ref[str], version: Number | None = None, *, secure: bool = False
) -> str | Ref[str]:
    """A parameter of Parameter Store, its newest version unless one is named; ``secure`` for a SecureString.

    CloudFormation takes secure ones in few properties; a function's environment is none of them. Raises
    `DefinitionError` for a name or version that cannot be one.
    """
    if isinstance(name, Resource):
        _must_be(name, "ssm", "AWS::SSM::Parameter")
    return _reference("ssm-secure" if secure else "ssm", name, [] if version is None else [str(version)])


def _reference(service: str, name: str | Resource | Ref[str], parts: list[str]) -> str | Ref[str]:
    rest = "".join(f":{part}" for part in parts)
    if isinstance(name, str):
        return f"{{{{resolve:{service}:{name}{rest}}}}}"
    value = name.ref if isinstance(name, Resource) else name
    return sub(f"{{{{resolve:{service}:${{Name}}{rest}}}}}", Name=value)


def _must_be(resource: Resource, function: str, aws_type: str) -> None:
    if resource.aws_type != aws_type:
        raise _refused(
            f"{function}() was given the {resource.aws_type} {resource.logical_id!r}.",
            f"It takes an {aws_type}, a name, an ARN or a reference.",
        )


def _refused(what: str, right: str) -> DefinitionError:
    origin = here()
    return DefinitionError(what, right=right, where=origin.locate() if origin else None, rule="LF102")
