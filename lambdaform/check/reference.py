"""Where a rule's demand comes from: the pages that its ``source`` names, with their addresses.

A source reads ``Guide, page; Guide, page``. A page is named as AWS names it in its address, or by its title.
"""

from __future__ import annotations

import re

from attrs import frozen

_AWS = "https://docs.aws.amazon.com"
_CLOUDFORMATION = f"{_AWS}/AWSCloudFormation/latest"
_IAM = f"{_AWS}/IAM/latest/UserGuide"
_SAM = f"{_AWS}/serverless-application-model/latest/developerguide"

#: The guides: where their pages are, and what is there in the first place.
_GUIDES = {
    "AWS Lambda Developer Guide": (f"{_AWS}/lambda/latest/dg", "welcome"),
    "AWS Lambda API Reference": (f"{_AWS}/lambda/latest/api", "welcome"),
    "Lambda API": (f"{_AWS}/lambda/latest/api", "welcome"),
    "AWS CloudFormation User Guide": (f"{_CLOUDFORMATION}/UserGuide", "Welcome"),
    "AWS CloudFormation Template Reference": (f"{_CLOUDFORMATION}/TemplateReference", "introduction"),
    "Amazon EventBridge User Guide": (f"{_AWS}/eventbridge/latest/userguide", "eb-what-is"),
    "EventBridge User Guide": (f"{_AWS}/eventbridge/latest/userguide", "eb-what-is"),
    "EventBridge API": (f"{_AWS}/eventbridge/latest/APIReference", "Welcome"),
    "EventBridge Scheduler API": (f"{_AWS}/scheduler/latest/APIReference", "Welcome"),
    "API Gateway Developer Guide": (f"{_AWS}/apigateway/latest/developerguide", "welcome"),
    "AWS General Reference": (f"{_AWS}/general/latest/gr", "Welcome"),
    "AWS Managed Policy Reference Guide": (
        f"{_AWS}/aws-managed-policy/latest/reference",
        "about-managed-policy-reference",
    ),
    "CloudWatch API": (f"{_AWS}/AmazonCloudWatch/latest/APIReference", "Welcome"),
    "DynamoDB API": (f"{_AWS}/amazondynamodb/latest/APIReference", "Welcome"),
    "Kinesis API": (f"{_AWS}/kinesis/latest/APIReference", "Welcome"),
    "S3 User Guide": (f"{_AWS}/AmazonS3/latest/userguide", "Welcome"),
    "SNS API": (f"{_AWS}/sns/latest/api", "welcome"),
    "SNS Developer Guide": (f"{_AWS}/sns/latest/dg", "welcome"),
    "SQS API": (f"{_AWS}/AWSSimpleQueueService/latest/APIReference", "Welcome"),
    "EventBridge Scheduler User Guide": (f"{_AWS}/scheduler/latest/UserGuide", "what-is-scheduler"),
    "IAM User Guide": (_IAM, "introduction"),
    "SAM Developer Guide": (_SAM, "what-is-sam"),
    "SQS Developer Guide": (f"{_AWS}/AWSSimpleQueueService/latest/SQSDeveloperGuide", "welcome"),
    "AWS Service Authorization Reference": (
        f"{_AWS}/service-authorization/latest/reference",
        "reference_policies_actions-resources-contextkeys",
    ),
}
#: Pages that go by their titles.
_TITLES = {
    "the resource type's page": f"{_CLOUDFORMATION}/TemplateReference/aws-template-resource-type-ref.html",
    "resource and property types reference": f"{_CLOUDFORMATION}/TemplateReference/aws-template-resource-type-ref.html",
    "Resources section": f"{_CLOUDFORMATION}/UserGuide/resources-section-structure.html",
    "Parameters section": f"{_CLOUDFORMATION}/UserGuide/parameters-section-structure.html",
    "Conditions section": f"{_CLOUDFORMATION}/UserGuide/conditions-section-structure.html",
    "Outputs section": f"{_CLOUDFORMATION}/UserGuide/outputs-section-structure.html",
    "Fn::GetAtt": f"{_CLOUDFORMATION}/TemplateReference/intrinsic-function-reference-getatt.html",
    "Ref and Fn::GetAtt": f"{_CLOUDFORMATION}/TemplateReference/intrinsic-function-reference.html",
    "Fn::FindInMap": f"{_CLOUDFORMATION}/TemplateReference/intrinsic-function-reference-findinmap.html",
    "Name type": f"{_CLOUDFORMATION}/TemplateReference/aws-properties-name.html",
    "Troubleshooting: circular dependency": f"{_CLOUDFORMATION}/UserGuide/troubleshooting.html",
    "each type's return values": (
        f"{_CLOUDFORMATION}/TemplateReference/intrinsic-function-reference-getatt.html"
    ),
    "best practices": f"{_IAM}/best-practices.html",
    "the property type's page": f"{_SAM}/sam-specification-resources-and-properties.html",
    "best practices: apply least-privilege permissions": f"{_IAM}/best-practices.html",
    "IAM JSON policy elements reference": f"{_IAM}/reference_policies_elements.html",
    "FIFO queue and message identifiers": (
        f"{_AWS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queue-message-identifiers.html"
    ),
    "aws-sam-translator": "https://github.com/aws/serverless-application-model",
    "managed policy AWSCodeDeployRoleForLambda": (
        f"{_AWS}/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambda.html"
    ),
}
#: How rules name AWS's seminar of 2019 for short, and what it is.
_DECK = "deck section"
_SEMINAR = "AWS Black Belt Online Seminar on AWS Lambda (2019), section"
_SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)+|[a-z]{6,}")
_OPERATION = re.compile(r"[A-Z][A-Za-z]+")
_RESOURCE_TYPE = re.compile(r"AWS::([A-Za-z0-9]+)::([A-Za-z0-9]+)")


@frozen
class Reference:
    """A page, or a section of a document, by its name; and its address, where it has one."""

    text: str
    url: str | None = None


def references_of(source: str) -> tuple[Reference, ...]:
    """The pages that a rule's source names."""
    if source.startswith("https://"):
        return (Reference(source, source),)
    return tuple(Reference(text.replace(_DECK, _SEMINAR), _address(text)) for text in source.split("; "))


def _address(text: str) -> str | None:
    if text in _TITLES:
        return _TITLES[text]
    guide, _, page = text.partition(", ")
    if guide not in _GUIDES:
        return None
    if page in _TITLES:
        return _TITLES[page]
    base, first = _GUIDES[guide]
    named = re.split(r", | and |: ", page)[0]
    if guide.endswith((" API", " API Reference")):
        return f"{base}/API_{named}.html" if _OPERATION.fullmatch(named) else f"{base}/{first}.html"
    if found := _RESOURCE_TYPE.search(named):
        return _type_page(*found.groups())
    if guide == "SAM Developer Guide" and named.partition(" ")[0] == "DeploymentPreference":
        return f"{base}/sam-property-function-deploymentpreference.html"
    return f"{base}/{named if _SLUG.fullmatch(named) else first}.html"


def _type_page(service: str, kind: str) -> str:
    if service == "Serverless":
        return f"{_SAM}/sam-resource-{kind.lower()}.html"
    return f"{_CLOUDFORMATION}/TemplateReference/aws-resource-{service.lower()}-{kind.lower()}.html"
