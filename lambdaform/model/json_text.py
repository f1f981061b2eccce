"""JSON text as a property's value, given as Python data.

Source: AWS CloudFormation User Guide; properties of the primitive type Json text, such as a target's ``Input``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdaform.model.references import Ref, no_data, references_in


def to_json_text(
    data: str | Mapping[str, Any] | Sequence[Any] | Ref[str] | None,
) -> str | Ref[str] | None:
    """Python data as JSON text; text and references as they are.

    Data that holds references cannot become text before deployment: the field refuses it, and `sub` says it.
    """
    if isinstance(data, Mapping | list | tuple) and no_data(data) is None:
        if any(True for _ in references_in(data)):
            return data  # type: ignore[return-value]  # the field refuses it
        try:
            return json.dumps(data)
        except (TypeError, ValueError):
            return data  # type: ignore[return-value]  # the field refuses what is no JSON
    return data  # type: ignore[return-value]  # the field refuses what is neither text nor a reference
