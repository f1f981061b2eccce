"""A function's own HTTPS address, and who may call it from a browser.

Source: SAM Developer Guide, FunctionUrlConfig; Lambda API, CreateFunctionUrlConfig.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from lambdaform.model.constraints import Count, Within
from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape

_API = "Lambda API, Cors"
_Texts = Annotated[Sequence[str | Ref[str]], Count(high=100, source=_API)]


@frozen(kw_only=True)
class FunctionUrlCors(Shape):
    """Which pages of other origins may call a function URL. ``max_age`` is in seconds."""

    allow_credentials: bool | Ref[bool] | None = None
    allow_headers: _Texts | Ref[Any] | None = None
    allow_methods: (
        Annotated[
            Sequence[Literal["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"] | Ref[str]],
            Count(high=6, unit="methods", source=_API),
        ]
        | Ref[Any]
        | None
    ) = None
    allow_origins: _Texts | Ref[Any] | None = None
    expose_headers: _Texts | Ref[Any] | None = None
    max_age: Annotated[int, Within(0, 86_400, "seconds", source=_API)] | Ref[int] | None = None


@frozen
class FunctionUrlConfig(Shape):
    """An HTTPS address for the function: ``FunctionUrlConfig("AWS_IAM")``; ``NONE`` opens it to everyone.

    ``RESPONSE_STREAM`` sends the answer as the function writes it, up to 200 MB; ``BUFFERED`` sends it whole.
    """

    WRITTEN_AS: ClassVar[str | None] = "function_url_config"

    auth_type: Literal["AWS_IAM", "NONE"] | Ref[str]
    cors: FunctionUrlCors | Ref[Any] | None = None
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] | Ref[str] | None = None
