"""Every event that there is a sample of, by the name under which ``lambdaform event`` prints it.

Nothing is imported before somebody asks for a source.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload

#: The module and function of each sample, the class of the answer where its service takes one, and what it is.
_SOURCES: Mapping[str, tuple[str, str, str]] = {
    "activemq": ("mq.sample_active", "", "messages of an ActiveMQ broker of Amazon MQ"),
    "alarm": ("alarm.sample", "", "a CloudWatch alarm that has a function among its actions"),
    "alb": ("load_balancing.sample", "load_balancing.Response", "a request of an Application Load Balancer"),
    "alexa": ("alexa.sample", "alexa.Response", "a request of an Alexa custom skill"),
    "alexa-smart-home": ("alexa.sample_smart_home", "", "a directive of an Alexa smart home skill"),
    "api-http": (
        "api_gateway.sample_http",
        "api_gateway.HttpResponse",
        "a request of an HTTP API, format 2.0",
    ),
    "api-rest": (
        "api_gateway.sample_rest",
        "api_gateway.RestResponse",
        "a request of a REST API, format 1.0",
    ),
    "api-websocket": (
        "api_gateway.sample_websocket",
        "api_gateway.RestResponse",
        "a client of a WebSocket API that connects, goes or sends",
    ),
    "appsync": ("appsync.sample", "", "a field of an AppSync API to resolve"),
    "appsync-authorizer": (
        "appsync.sample_authorizer",
        "appsync.AuthorizerResponse",
        "a token for an AppSync API's authorizer",
    ),
    "authorizer-http": (
        "authorizer.sample_http_request",
        "authorizer.SimpleResponse",
        "a request for an HTTP API's authorizer, format 2.0",
    ),
    "authorizer-request": (
        "authorizer.sample_request",
        "authorizer.PolicyResponse",
        "a request for a REST API's authorizer",
    ),
    "authorizer-token": (
        "authorizer.sample_token",
        "authorizer.PolicyResponse",
        "a token for a REST API's authorizer",
    ),
    "cloudfront": ("cloudfront.sample", "cloudfront.Response", "a request or response at CloudFront's edge"),
    "codecommit": ("code_commit.sample", "", "a push to a CodeCommit repository"),
    "codedeploy-hook": ("code_deploy.sample_hook", "", "a deployment that waits for a hook of CodeDeploy"),
    "codepipeline": ("code_pipeline.sample", "", "a job of a CodePipeline action"),
    "cognito-create-auth-challenge": ("cognito.sample_create_auth_challenge", "", "a challenge to make"),
    "cognito-custom-email-sender": ("cognito.sample_custom_email_sender", "", "an email to send by oneself"),
    "cognito-custom-message": ("cognito.sample_custom_message", "", "a message before it is sent"),
    "cognito-custom-sms-sender": (
        "cognito.sample_custom_sms_sender",
        "",
        "a text message to send by oneself",
    ),
    "cognito-define-auth-challenge": (
        "cognito.sample_define_auth_challenge",
        "",
        "which challenge is the next",
    ),
    "cognito-migrate-user": ("cognito.sample_migrate_user", "", "a user whom the pool does not know yet"),
    "cognito-post-authentication": ("cognito.sample_post_authentication", "", "somebody who has signed in"),
    "cognito-post-confirmation": ("cognito.sample_post_confirmation", "", "somebody who has confirmed"),
    "cognito-pre-authentication": ("cognito.sample_pre_authentication", "", "somebody who signs in"),
    "cognito-pre-sign-up": ("cognito.sample_pre_sign_up", "", "somebody who signs up"),
    "cognito-pre-token-generation": (
        "cognito.sample_pre_token_generation",
        "",
        "tokens before they are made, version 1",
    ),
    "cognito-pre-token-generation-v2": (
        "cognito.sample_pre_token_generation_v2",
        "",
        "tokens before they are made, version 2",
    ),
    "cognito-verify-auth-challenge": ("cognito.sample_verify_auth_challenge", "", "an answer to a challenge"),
    "config": ("config.sample", "", "a resource for an AWS Config rule to evaluate"),
    "connect": ("connect.sample", "", "a step of an Amazon Connect flow"),
    "custom-resource": (
        "custom_resource.sample",
        "custom_resource.Response",
        "a CloudFormation custom resource",
    ),
    "destination": ("destination.sample", "", "the record of an asynchronous invocation"),
    "destination-batch": ("destination.sample_batch", "", "the record of a stream's batch that failed"),
    "documentdb": ("documentdb.sample", "", "changes of a DocumentDB cluster"),
    "dynamodb": ("dynamodb.sample", "polling.BatchResponse", "changes of a DynamoDB table"),
    "eventbridge": ("eventbridge.sample", "", "an event of an EventBridge bus"),
    "eventbridge-s3": ("eventbridge.sample_s3", "", "what S3 tells EventBridge of an object"),
    "firehose": ("firehose.sample", "firehose.Response", "records for Data Firehose to transform"),
    "function-url": ("api_gateway.sample_url", "api_gateway.HttpResponse", "a request of a function URL"),
    "iot": ("iot.sample", "", "a message that an AWS IoT rule selects"),
    "iot-button": ("iot.sample_button", "", "a click of an AWS IoT button"),
    "kafka": (
        "kafka.sample_self_managed",
        "polling.BatchResponse",
        "records of a Kafka cluster of one's own",
    ),
    "kinesis": ("kinesis.sample", "polling.BatchResponse", "records of a Kinesis data stream"),
    "lex": ("lex.sample", "lex.Response", "a turn of a Lex V2 bot's conversation"),
    "logs": ("logs.sample", "", "log events of a CloudWatch Logs subscription"),
    "macro": ("macro.sample", "macro.Response", "a template for a CloudFormation macro"),
    "msk": ("kafka.sample_msk", "polling.BatchResponse", "records of an Amazon MSK cluster"),
    "rabbitmq": ("mq.sample_rabbit", "", "messages of a RabbitMQ broker of Amazon MQ"),
    "s3": ("s3.sample", "", "an object that a bucket's own notification tells of"),
    "s3-batch": ("s3_batch.sample", "s3_batch.Response", "a task of an S3 batch operations job"),
    "schedule": ("eventbridge.sample_schedule", "", "an EventBridge rule with a schedule"),
    "scheduler": ("scheduler.sample", "", "an EventBridge Scheduler schedule without an input"),
    "secrets-rotation": ("secrets_rotation.sample", "", "a step of a secret's rotation"),
    "ses": ("ses.sample", "ses.Response", "an email that SES has received"),
    "sns": ("sns.sample", "", "a message of an SNS topic"),
    "sqs": ("sqs.sample", "polling.BatchResponse", "messages of an SQS queue"),
    "step-functions": ("step_functions.sample", "", "a task of a state machine that waits for its token"),
    "vpc-lattice": ("lattice.sample", "lattice.Response", "a request of a VPC Lattice service"),
}
NAMES = tuple(_SOURCES)


@frozen
class Source:
    """One kind of event: what it is, how a sample of it is made, its class and that of its answer."""

    name: str
    title: str
    sample: Callable[..., Payload]
    event: type[Payload]
    answer: type[Payload] | None

    def parameters(self) -> dict[str, inspect.Parameter]:
        """What may be asked of the sample, by name."""
        return dict(inspect.signature(self.sample).parameters)


def takes_answer(name: str) -> bool:
    """Whether the service waits for an answer that has a form; nothing is imported for it."""
    return bool(_SOURCES[name][1])


def source(name: str) -> Source:
    """The kind of event under a name of `NAMES`."""
    path, answer, title = _SOURCES[name]
    sample = _found(path)
    event = typing.get_type_hints(sample)["return"]
    return Source(name, title, sample, event, _found(answer) if answer else None)


def _found(path: str) -> Any:
    module, _, name = path.partition(".")
    return getattr(importlib.import_module(f"lambdaform.payloads.{module}"), name)
