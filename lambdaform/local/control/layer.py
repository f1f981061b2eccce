"""Versions of layers as the account knows them: its own, and those of others that somebody gave it.

A number is used once. What was deleted is still there for the functions that have it, and for nobody else.

Source: AWS Lambda Developer Guide, chapter-layers, creating-deleting-layers and layers-share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from lambdaform.local.access.caller import Caller
from lambdaform.local.access.invocation import AccessDeniedError
from lambdaform.local.access.statements import Access, applies
from lambdaform.local.control.policy import PolicyRecord
from lambdaform.local.control.records import StoredCode
from lambdaform.local.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdaform.local.control.state import State

GET = "lambda:GetLayerVersion"
_ARN = re.compile(r"(arn:[^:]*:lambda:([^:]*):(\d{12}):layer:[a-zA-Z0-9-_]+)(?::(\d+))?")


@frozen(kw_only=True)
class LayerVersionRecord:
    """One version of a layer; ``layer_arn`` has no version. What is None was not given."""

    layer_arn: str
    version: int
    created_at: float
    code: StoredCode
    #: What is told of where it came from (ResolvedS3Object).
    code_source: Mapping[str, Any] = field(factory=dict)
    description: str = ""
    license_info: str | None = None
    compatible_runtimes: Sequence[str] | None = None
    compatible_architectures: Sequence[str] | None = None
    policy: PolicyRecord | None = None
    is_deleted: bool = False

    @property
    def arn(self) -> str:
        """The ARN of this version."""
        return f"{self.layer_arn}:{self.version}"


@frozen
class LayerName:
    """A layer by its ARN, and a version of it where one was named."""

    arn: str
    region: str
    account: str
    version: str | None


def parse_layer(text: str, state: State) -> LayerName:
    """A layer's or a layer version's ARN, or the name of one of the account's own layers."""
    found = _ARN.fullmatch(text)
    if found is None:
        account = state.account
        arn = f"arn:{account.partition}:lambda:{account.region}:{account.account_id}:layer:{text}"
        return LayerName(arn, account.region, account.account_id, None)
    return LayerName(found[1], found[2], found[3], found[4])


def weigh(layer: LayerVersionRecord) -> int:
    """What a version takes of the account's code storage."""
    return 0 if layer.is_deleted else layer.code.size


def find_layer(state: State, arn: str) -> LayerVersionRecord | None:
    """The layer version of an ARN, deleted or not: for a function that has it already."""
    layer_arn, _, version = arn.rpartition(":")
    return state.layers.of(layer_arn).get(version)


def check_layers(
    state: State, arns: Sequence[str], code: StoredCode | None = None, *, kept: Iterable[str] = ()
) -> None:
    """See that a function may have these layer versions, in this order.

    ``code`` is the function's own, which counts with them; ``kept`` are those that it has already, which may have
    been deleted since. Raises `AwsError`.
    """
    known = set(kept)
    size = code.unzipped if code is not None else 0
    for arn in arns:
        named = parse_layer(arn, state)
        layer = find_layer(state, arn)
        # One of another region that somebody gave the content of is at hand here.
        if named.region != state.account.region and layer is None:
            raise invalid_parameter(
                "Layers are not in the same region as the function. Layers are expected to be in region "
                f"{state.account.region}."
            )
        if arn not in known:
            if named.account != state.account.account_id:
                check_shared(state, arn, layer)
            if layer is None or layer.is_deleted:
                raise invalid_parameter(f"Layer version {arn} does not exist.")
        size += layer.code.unzipped if layer is not None else 0
    limit = state.quotas.unzipped_bytes
    if size > limit:
        raise invalid_parameter(
            f"Function code combined with layers exceeds the maximum allowed size of {limit} bytes. The actual size "
            f"is {size} bytes."
        )


def check_shared(state: State, arn: str, layer: LayerVersionRecord | None) -> None:
    """See that another account's layer version may be used here. Raises `AccessDeniedError`, also for an unknown one."""
    caller = Caller(arn=f"arn:{state.account.partition}:iam::{state.account.account_id}:root")
    access = Access(
        caller=caller, action=GET, resource=arn, context={"aws:principalaccount": caller.account or ""}
    )
    statements = layer.policy.statements if layer is not None and layer.policy is not None else ()
    if not any(applies(each, access) for each in statements):
        layer_arn, _, version = arn.rpartition(":")
        raise AccessDeniedError(
            f"User: {caller.name} is not authorized to perform: {GET} on resource: {arn} because no resource-based "
            f"policy allows the {GET} action",
            f"Its account would allow it with: aws lambda add-layer-version-permission --layer-name {layer_arn} "
            f"--version-number {version} --statement-id Allow{caller.account} --action {GET} "
            f"--principal {caller.account}. Here its content can be given: --layer {arn}=PATH.",
        )


def forget_unused_code(state: State) -> None:
    """Delete the archives that no version of a function and no layer has any more."""
    used = {arn for version in state.versions.values() for arn in version.layers}
    layers = (each.code for each in state.layers.values() if not each.is_deleted or each.arn in used)
    functions = (each.code for each in state.versions.values() if each.code is not None)
    state.codes.forget_all_but((*layers, *functions))
