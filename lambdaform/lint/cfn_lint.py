"""cfn-lint over a template. Its own settings apply too: ``.cfnlintrc``, and ``cfn-lint`` in the template's Metadata.

cfn-lint no longer expands SAM (since 1.5x), so it sees a SAM template's properties only once they are expanded.

Source: cfn-lint, docs/getting_started/integration.md.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from lambdaform.check.rule import Level
from lambdaform.errors import UsageError
from lambdaform.lint.remark import Remark

_LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "informational": Level.INFO}


class CfnLint:
    """cfn-lint with its rules, which take a moment to load."""

    def __init__(self, region: str) -> None:
        """Raises `UsageError` where cfn-lint is not installed, or its settings are wrong."""
        try:
            from cfnlint.config import ConfigMixIn
            from cfnlint.exceptions import CfnLintExitException
            from cfnlint.runner import Runner
            from yaml import YAMLError
        except ImportError as error:
            raise UsageError(
                "cfn-lint is not installed.", right="Install it: pip install 'lambdaform[lint]'."
            ) from error
        try:
            config = ConfigMixIn(regions=[region])
            self._runner = Runner(config)
        except (CfnLintExitException, YAMLError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise UsageError(
                f"cfn-lint does not take its settings: {reason}.", right="Mend .cfnlintrc."
            ) from error
        #: How the ids begin of the rules that its settings ignore.
        self.ignored: tuple[str, ...] = tuple(config.ignore_checks)

    def remarks(self, template: Mapping[str, Any]) -> Iterator[Remark]:
        """What it says of a template."""
        from cfnlint.decode import convert_dict

        for match in self._runner.validate_template(convert_dict(copy.deepcopy(dict(template)))):
            rule = match.rule
            yield Remark(
                "cfn-lint",
                rule.id,
                _LEVELS[rule.severity],
                match.message,
                tuple(getattr(match, "path", None) or ()),
                rule.shortdesc,
                rule.source_url,
            )
