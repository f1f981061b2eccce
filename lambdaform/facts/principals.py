"""The service principals that applications on Lambda name, to tell a misspelt one.

Services come and go: a principal that is not here is no mistake unless it is nearly one that is, or of no form that a
service principal has.

Source: IAM User Guide, reference_policies_elements_principal; the permissions pages of the services.
"""

from __future__ import annotations

import difflib
import re

_SERVICES = frozenset(
    (
        "apigateway",
        "appsync",
        "athena",
        "autoscaling",
        "backup",
        "batch",
        "bedrock",
        "cloudformation",
        "cloudfront",
        "cloudtrail",
        "cloudwatch",
        "codebuild",
        "codecommit",
        "codedeploy",
        "codepipeline",
        "cognito-idp",
        "cognito-sync",
        "config",
        "connect",
        "delivery.logs",
        "dynamodb",
        "ec2",
        "ecs",
        "ecs-tasks",
        "edgelambda",
        "elasticloadbalancing",
        "elasticmapreduce",
        "events",
        "firehose",
        "glue",
        "iot",
        "iotevents",
        "kafka",
        "kinesis",
        "kinesisanalytics",
        "kms",
        "lambda",
        "lambda.alarms.cloudwatch",
        "lex",
        "lexv2",
        "logs",
        "mq",
        "ops.apigateway",
        "pipes",
        "rds",
        "redshift",
        "s3",
        "sagemaker",
        "scheduler",
        "secretsmanager",
        "serverlessrepo",
        "servicecatalog",
        "ses",
        "sns",
        "sqs",
        "ssm",
        "states",
        "sts",
        "transfer",
        "vpc-lattice",
        "workmail",
        "xray",
    )
)
_OTHERS = ("alexa-appkit.amazon.com", "alexa-connectedhome.amazon.com", "cks.kms.amazonaws.com")
_FORM = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|aws\.dev|api\.aws)"
)
_ACCOUNT = re.compile(r"\d{12}|arn:.*|\*|AIDA\w+|AROA\w+")


def meant_principal(text: str) -> str | None:
    """The service principal that was meant by a misspelt one (``lamda.amazonaws.com``, ``sns``); None if it is none."""
    if _ACCOUNT.fullmatch(text) or "${" in text or "{{" in text or text in _OTHERS:
        return None
    service = text.partition(".amazon")[0].partition(".aws")[0].lower()
    if text == f"{service}.amazonaws.com" and service in _SERVICES:
        return None
    if _FORM.fullmatch(text):
        # A region may stand between the service and the rest (logs.eu-west-1.amazonaws.com).
        if text in _OTHERS or service in _SERVICES or service.partition(".")[0] in _SERVICES:
            known = text.endswith((".amazonaws.com", ".amazonaws.com.cn")) or service not in _SERVICES
            return None if known else f"{service}.amazonaws.com"
        near = difflib.get_close_matches(service, _SERVICES, n=1, cutoff=0.8)
        return f"{near[0]}.amazonaws.com" if near and len(service) > 3 else None
    near = difflib.get_close_matches(service, _SERVICES, n=1, cutoff=0.8)
    return f"{near[0]}.amazonaws.com" if near else None
