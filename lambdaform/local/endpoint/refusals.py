"""Errors as HTTP answers: the code in a header, the message in the member that the service's model names.

Source: Smithy, "AWS restJson1 protocol", operation errors; Lambda API Reference, each action's "Errors";
recordings of real AWS answers.
"""

from __future__ import annotations

import json

from lambdaform.local.endpoint.invoke import HttpAnswer
from lambdaform.local.errors import RESERVED_LIMIT, AwsError

#: The errors of the service's model whose text is in ``message``; those in `CAPITAL` have ``Message``.
SMALL = frozenset(
    f"{name}Exception"
    for name in [
        "AliasLimitExceeded",
        "CapacityProviderLimitExceeded",
        "CodeArtifactUserDeleted",
        "CodeArtifactUserFailed",
        "CodeArtifactUserPending",
        "CodeStorageExceeded",
        "FunctionVersionsPerCapacityProviderLimitExceeded",
        "InvalidParameterValue",
        "InvalidRequestContent",
        "ModeNotSupported",
        "PolicyLengthExceeded",
        "PreconditionFailed",
        "ProvisionedConcurrencyConfigNotFound",
        "RequestTooLarge",
        "ResourceConflict",
        "ResourceNotReady",
        "RuntimeAliasDeleted",
        "RuntimeVersionDeleted",
        "SerializedRequestEntityTooLarge",
        "TooManyRequests",
        "UnsupportedMediaType",
    ]
)
CAPITAL = frozenset(
    f"{name}Exception"
    for name in [
        "CallbackTimeout",
        "CodeSigningConfigNotFound",
        "CodeVerificationFailed",
        "DurableExecutionAlreadyStarted",
        "EC2AccessDenied",
        "EC2Throttled",
        "EC2Unexpected",
        "EFSIO",
        "EFSMountConnectivity",
        "EFSMountFailure",
        "EFSMountTimeout",
        "ENILimitReached",
        "ENINotReady",
        "InvalidCodeSignature",
        "InvalidRuntime",
        "InvalidSecurityGroupID",
        "InvalidSubnetID",
        "InvalidZipFile",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "NoPublishedVersion",
        "PublicPolicy",
        "RecursiveInvocation",
        "ResourceInUse",
        "ResourceNotFound",
        "S3FilesMountConnectivity",
        "S3FilesMountFailure",
        "S3FilesMountTimeout",
        "Service",
        "ServiceQuotaExceeded",
        "SnapStart",
        "SnapStartNotReady",
        "SnapStartRegenerationFailure",
        "SnapStartTimeout",
        "SubnetIPAddressLimitReached",
    ]
)


def refusal(error: AwsError) -> HttpAnswer:
    """The answer that an error of Lambda's is."""
    headers = {"x-amzn-ErrorType": error.code, "Content-Type": "application/json"}
    if error.status == 429 and error.extra.get("Reason") != RESERVED_LIMIT:
        headers["Retry-After"] = "1"
    body: dict[str, str] = dict(error.extra)
    if error.kind and (error.code in SMALL or error.code in CAPITAL):
        body["Type"] = error.kind
    if error.message:
        body["Message" if error.code in CAPITAL else "message"] = error.message
    return HttpAnswer(error.status, json.dumps(body).encode(), headers)
