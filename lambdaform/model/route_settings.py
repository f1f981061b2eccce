"""What API Gateway logs, measures and lets through of the routes and stages of HTTP and WebSocket APIs.

Source: AWS CloudFormation User Guide, AWS::ApiGatewayV2::Stage.
"""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.constraints import Within
from lambdaform.model.definition import frozen
from lambdaform.model.iam import arn_of
from lambdaform.model.json_text import to_json_text
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape


@frozen(kw_only=True)
class RouteSettings(Shape):
    """Logging (WebSocket APIs only), metrics and throttling of one route or of all; rates are requests a second."""

    data_trace_enabled: bool | Ref[bool] | None = None
    detailed_metrics_enabled: bool | Ref[bool] | None = None
    logging_level: Literal["ERROR", "INFO", "OFF"] | Ref[str] | None = None
    throttling_burst_limit: Annotated[int, Within(0, None, "requests")] | Ref[int] | None = None
    throttling_rate_limit: Annotated[float, Within(0, None, "requests a second")] | Ref[float] | None = None


@frozen
class AccessLogSettings(Shape):
    """Where a stage writes a line for each request, and of what form: text, or JSON given as a mapping."""

    destination_arn: str | Ref[str] | None = field(default=None, converter=optional(arn_of))
    format: str | Ref[str] | None = field(default=None, converter=to_json_text)
