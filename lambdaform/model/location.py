"""Where in S3 a file lies that a SAM resource is made from: code, a layer's content, an API's or workflow's definition.

It is the written location only; `lambdaform.synth.assets` packages what lies in a local folder.

Source: SAM Developer Guide, FunctionCode, LayerContent, ApiDefinition, HttpApiDefinition.
"""

from __future__ import annotations

from typing import Literal

from attrs import field

from lambdaform.model.definition import frozen
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape


@frozen
class S3Location(Shape):
    """One object in S3, and which version of it."""

    bucket: str | Ref[str]
    key: str | Ref[str]
    version: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen
class CodeLocation(S3Location):
    """A function's or layer's archive in S3. ``storage_mode`` says whether Lambda copies it or reads it there."""

    storage_mode: Literal["COPY", "REFERENCE"] | Ref[str] | None = field(default=None, kw_only=True)
