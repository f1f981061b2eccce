"""A job of a CodePipeline action. The function says how it went with PutJobSuccessResult or PutJobFailureResult.

Source: CodePipeline User Guide, actions-invoke-lambda-function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class Configuration(Payload):
    """What the action is configured with."""

    FORM: ClassVar[str] = "pascal"

    function_name: str
    user_parameters: str | None = None


@frozen(kw_only=True)
class ActionConfiguration(Payload):
    """The envelope of the configuration."""

    configuration: Configuration


@frozen(kw_only=True)
class S3Location(Payload):
    """Where in S3 an artifact is."""

    bucket_name: str
    object_key: str


@frozen(kw_only=True)
class Location(Payload):
    """Where an artifact is."""

    s3_location: S3Location = named("s3Location")
    type: str


@frozen(kw_only=True)
class Artifact(Payload):
    """What an action takes or makes."""

    location: Location
    revision: str | None = nullable()
    name: str


@frozen(kw_only=True)
class Credentials(Payload):
    """With what the artifacts can be read and written."""

    secret_access_key: str
    session_token: str
    access_key_id: str
    expiration_time: int | None = None


@frozen(kw_only=True)
class EncryptionKey(Payload):
    """The key of the artifacts."""

    id: str
    type: str


@frozen(kw_only=True)
class Data(Payload):
    """What the job works with."""

    action_configuration: ActionConfiguration
    input_artifacts: Sequence[Artifact]
    output_artifacts: Sequence[Artifact]
    artifact_credentials: Credentials
    continuation_token: str | None = None
    encryption_key: EncryptionKey | None = None


@frozen(kw_only=True)
class Job(Payload):
    """The job."""

    SPELLING: ClassVar[Mapping[str, str]] = {}

    id: str
    account_id: str
    data: Data


@frozen(kw_only=True)
class Event(Payload):
    """The job to do."""

    job: Job = named("CodePipeline.job")


def sample(
    user_parameters: str = "some-input-such-as-a-URL",
    *,
    function: str = "MyLambdaFunctionForAWSCodePipeline",
    bucket: str = "codepipeline-us-east-2-1234567890",
    key: str = "CodePipelineDemoApplication.zip",
    account: str = "111111111111",
) -> Event:
    """One job."""
    artifact = Artifact(
        location=Location(s3_location=S3Location(bucket_name=bucket, object_key=key), type="S3"),
        name="ArtifactName",
    )
    data = Data(
        action_configuration=ActionConfiguration(
            configuration=Configuration(function_name=function, user_parameters=user_parameters)
        ),
        input_artifacts=[artifact],
        output_artifacts=[],
        artifact_credentials=Credentials(
            secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            session_token="AQoDYXdzEXAMPLE=",
            access_key_id="AKIAIOSFODNN7EXAMPLE",
        ),
        continuation_token="A continuation token if continuing job",
    )
    return Event(job=Job(id="11111111-abcd-1111-abcd-111111abcdef", account_id=account, data=data))
