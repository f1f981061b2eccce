"""What happened in a CodeCommit repository.

Source: AWS Lambda Developer Guide, services-codecommit; CodeCommit User Guide, how-to-notify-lambda.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Reference(Payload):
    """A branch or tag, and the commit to which it points."""

    commit: str
    ref: str
    created: bool | None = None
    deleted: bool | None = None


@frozen(kw_only=True)
class References(Payload):
    """The branches and tags that changed."""

    references: Sequence[Reference]


@frozen(kw_only=True)
class Record(Payload):
    """One change."""

    SPELLING: ClassVar[Mapping[str, str]] = {"arn": "ARN"}

    aws_region: str
    codecommit: References
    custom_data: str | None = None
    event_id: str
    event_name: str
    event_part_number: int
    event_source: str
    event_source_arn: str
    event_time: str
    event_total_parts: int
    event_trigger_config_id: str
    event_trigger_name: str
    event_version: str
    user_identity_arn: str


@frozen(kw_only=True)
class Event(Payload):
    """The changes."""

    records: Sequence[Record] = named("Records")


def sample(
    branch: str = "main",
    *,
    repository: str = "lambda-pipeline-repo",
    commit: str = "5e493c6f3067653f3d04eca608b4901eb227078",
    region: str = "us-east-2",
    account: str = "123456789012",
) -> Event:
    """A push to a branch."""
    record = Record(
        aws_region=region,
        codecommit=References(references=[Reference(commit=commit, ref=f"refs/heads/{branch}")]),
        event_id="31ade2c7-f889-47c5-a937-1cf99e2790e9",
        event_name="ReferenceChanges",
        event_part_number=1,
        event_source="aws:codecommit",
        event_source_arn=f"arn:aws:codecommit:{region}:{account}:{repository}",
        event_time="2019-03-12T20:58:25.400+0000",
        event_total_parts=1,
        event_trigger_config_id="0d17d6a4-efeb-46f3-b3ab-a63741badeb8",
        event_trigger_name="index.handler",
        event_version="1.0",
        user_identity_arn=f"arn:aws:iam::{account}:user/intern",
    )
    return Event(records=[record])
