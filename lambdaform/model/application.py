"""Applications in the application: a nested stack from the Serverless Application Repository or of a template.

Source: SAM Developer Guide, AWS::Serverless::Application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from attrs import field

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.resource import Resource, Tags
from lambdaform.model.shape import Shape
from lambdaform.model.sources import Source, topic_arn


@frozen
class ApplicationLocation(Shape):
    """An application of the repository and its version: ``ApplicationLocation(arn, "1.0.2")``."""

    application_id: str | Ref[str]
    semantic_version: str | Ref[str]


def _topic_arns(topics: Sequence[Source] | Ref[Any] | None) -> Any:
    if isinstance(topics, list | tuple):
        return tuple(topic_arn(each) for each in topics)
    return topics


@frozen(kw_only=True)
class Application(Resource):
    """``AWS::Serverless::Application``. ``location`` may also be a template, as a local path or in S3."""

    TYPE: ClassVar[str] = "AWS::Serverless::Application"
    SPELLING: ClassVar[Mapping[str, str]] = {"arns": "ARNs"}
    TAGS_AS_LIST: ClassVar[bool] = False

    location: ApplicationLocation | str | Ref[Any]
    parameters: Mapping[str, str | int | float | bool | Sequence[Any] | Ref[Any]] | Ref[Any] | None = None
    notification_arns: (
        Annotated[Sequence[str | Ref[str]], Count(high=5, unit="topics", source="CloudFormation API")]
        | Ref[Any]
        | None
    ) = field(
        default=None, converter=_topic_arns, metadata={"shorthand": "a list of Topics, ARNs and references"}
    )
    timeout_in_minutes: Annotated[int, Within(1, None, "minutes")] | Ref[int] | None = None
    tags: Tags | Ref[Any] | None = None

    def output(self, name: str) -> Ref[str]:
        """One of the nested stack's outputs."""
        return self.attr(f"Outputs.{name}")
