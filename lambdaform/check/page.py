"""What there is to say of one rule: its page in the documentation, and the same as text for ``explain``.

Nothing but ``explain``, SARIF and the documentation imports this: it brings the cases of all rules.
"""

from __future__ import annotations

from attrs import frozen

from lambdaform.check.aliases import ALIASES, aliases_of
from lambdaform.check.case import Case
from lambdaform.check.reference import Reference, references_of
from lambdaform.check.rule import Rule, rule_named, rules

#: The groups by the beginning of the ids.
GROUPS = {
    "LF0": "The definition as a whole",
    "LF1": "One value",
    "LF2": "Relations between resources",
    "LF3": "Permissions",
    "LF4": "Good practice",
    "LF5": "Code",
    "LF6": "Sizes",
    "LF7": "Older profiles",
    "LF9": "Suppressions",
}
_MOST_LINES = 60
_MOST_CHARACTERS = 200


@frozen
class Example:
    """A text that shows a rule broken or kept, and the language in which it is written."""

    text: str
    language: str


@frozen
class Section:
    """A part of a page: a title, sentences, and an example below them."""

    title: str
    text: str = ""
    example: Example | None = None
    references: tuple[Reference, ...] = ()


def rules_for(name: str) -> list[Rule]:
    """The rules that go by an id, a name, or the id of one of cfn-lint's that says the same."""
    rule = rule_named(name) or rule_named(name.upper())
    if rule is not None:
        return [rule]
    return [rules()[each] for each in ALIASES.get(name.upper(), ()) if each in rules()]


def sections(rule: Rule) -> list[Section]:
    """The page of a rule, part by part."""
    from lambdaform.check.cases import CASES
    from lambdaform.check.why import WHY

    parts = [Section("Why", WHY[rule.id])] if rule.id in WHY else []
    case = next((each for each in CASES if each.rule == rule.id), None)
    if case is not None:
        language = "python" if case.is_app else "yaml"
        parts.append(Section("Wrong", example=Example(_shown(case.wrong), language)))
        parts.append(Section("Right", example=Example(_shown(case.right), language)))
    if rule.tool == "lambdaform":
        parts.append(_how_to_suppress(rule, case))
    parts.append(Section("Source", references=references_of(rule.source)))
    if aliases := aliases_of(rule.id):
        parts.append(Section("The same in cfn-lint", ", ".join(aliases)))
    return parts


def markdown(rule: Rule) -> str:
    """The page in Markdown."""
    lines = [f"# {rule.id}: {rule.name}", f"Level: {rule.level}.", rule.demand]
    for part in sections(rule):
        lines.append(f"## {part.title}")
        lines += [part.text] if part.text else []
        if part.references:
            lines.append("\n".join(f"- {_link(each)}" for each in part.references))
        if part.example is not None:
            lines.append(f"```{part.example.language}\n{part.example.text}\n```")
    return "\n\n".join(lines) + "\n"


def _link(reference: Reference) -> str:
    """The reference as a link, from the rules' folder of the documentation where it is a page of that."""
    _, own, page = reference.text.partition("lambdaform, docs/")
    url = f"../{page}" if own else reference.url
    return f"[{reference.text}]({url})" if url else reference.text


def plain(rule: Rule) -> str:
    """The page without markup: what is wrong, why, and where that comes from."""
    texts = [part.text for part in sections(rule) if part.title == "Why"]
    sources = [f"{each.text}: {each.url}" if each.url else each.text for each in references_of(rule.source)]
    return "\n".join([rule.demand, *texts, *sources])


def _how_to_suppress(rule: Rule, case: Case | None) -> Section:
    if rule.id.startswith(("LF001", "LF9")) or (case is not None and case.is_app):
        return Section("Suppress", "It cannot be suppressed: mend what it is about.")
    made = " In Python, an object with such a value is refused when it is made." if rule.find is None else ""
    return Section(
        "Suppress",
        "On the resource, with the reason, in Python or in a template; for the whole project in pyproject.toml, "
        f"under [tool.lambdaform.check].{made}",
        Example(
            f'Function(..., suppress={{"{rule.id}": "until the March release"}})\n\n'
            f"Metadata: {{lambdaform: {{suppress: {{{rule.id}: until the March release}}}}}}\n\n"
            f'ignore = {{{rule.id} = "until the March release"}}',
            "text",
        ),
    )


def _shown(text: str) -> str:
    """A case's template, without the middle of what is long only in order to be too long."""
    lines = [
        line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS // 2]} … {line[-30:]}"
        for line in text.rstrip().splitlines()
    ]
    if len(lines) > _MOST_LINES:
        shown = (lines[:6], lines[-2:])
        lines = [*shown[0], f"  # … {len(lines) - 8:,} more lines", *shown[1]]
    return "\n".join(lines)
