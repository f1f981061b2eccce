"""What a linter says of one place in a template."""

from __future__ import annotations

from attrs import frozen

from lambdaform.check.rule import Level

Path = tuple[str | int, ...]


@frozen
class Remark:
    """The id of the linter's rule, its title and page; and what the linter says of the place that ``path`` leads to."""

    tool: str
    id: str
    level: Level
    message: str
    path: Path
    title: str
    url: str
