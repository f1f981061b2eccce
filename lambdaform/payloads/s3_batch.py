"""One object of an S3 batch operations job, and what the function answers of it.

Source: AWS Lambda Developer Guide, services-s3-batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Job(Payload):
    """The job."""

    id: str


@frozen(kw_only=True)
class Task(Payload):
    """One object to work on."""

    task_id: str
    s3_key: str = named("s3Key")
    s3_version_id: str | None = named("s3VersionId", None, null=True)
    s3_bucket_arn: str = named("s3BucketArn")


@frozen(kw_only=True)
class Event(Payload):
    """The task of a job."""

    invocation_schema_version: str
    invocation_id: str
    job: Job
    tasks: Sequence[Task]


ResultCode = Literal["Succeeded", "TemporaryFailure", "PermanentFailure"]


@frozen(kw_only=True)
class Result(Payload):
    """What became of a task."""

    task_id: str
    result_code: ResultCode
    result_string: str


@frozen(kw_only=True)
class Response(Payload):
    """What the function answers: the event's own ids, and a result for each task."""

    invocation_schema_version: str = "1.0"
    treat_missing_keys_as: ResultCode = "PermanentFailure"
    invocation_id: str
    results: Sequence[Result]


def sample(key: str = "customerImage1.jpg", *, bucket: str = "amzn-s3-demo-bucket") -> Event:
    """A job's one task."""
    task = Task(
        task_id="dGFza2lkZ29lc2hlcmUK",
        s3_key=key,
        s3_version_id="1",
        s3_bucket_arn=f"arn:aws:s3:::{bucket}",
    )
    return Event(
        invocation_schema_version="1.0",
        invocation_id="YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo",
        job=Job(id="f3cc4f60-61f6-4a2b-8a21-d07600c373ce"),
        tasks=[task],
    )
