"""``make docs``: writes the generated pages, and renews what the others show of files and commands.

``python -m docs.generate`` writes the reference, the pages of the rules, and the list of how-tos; with ``--played`` it
plays each page, or those that are named, and puts in the example's files and what the commands print, where the page
shows something else.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from docs import reference
from docs.pages import GENERATED, PAGES, ROOT, Page, renewed
from lambdaform.check.page import GROUPS, markdown
from lambdaform.check.rule import rules

DOCS = ROOT / "docs"
#: The how-tos in the order in which one needs them. One that is named nowhere stands in the last group.
CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "Functions": (
        *("memory-and-timeout", "runtimes", "custom-runtimes", "handlers", "environment", "secrets"),
        *("package-code", "layers", "versions-and-aliases", "traffic-shifting", "concurrency"),
        *("tenant-isolation", "snapstart"),
        *("vpc", "file-systems", "extensions", "logging", "metrics", "tracing", "failed-events", "globals"),
        "tags",
    ),
    "Events": (
        *("schedules", "sqs", "sns", "s3", "dynamodb-streams", "kinesis", "kafka", "mq", "documentdb"),
        *("rest-api", "http-api", "websocket-api", "authorizers", "function-url", "load-balancer"),
        *("cloudfront", "eventbridge", "log-subscriptions", "state-machines", "custom-resources", "firehose"),
        *("cognito", "iot", "ses", "codecommit", "config-rules", "alexa", "lex", "event-payloads"),
    ),
    "Permissions": ("iam", "grants-and-roles", "connectors", "resource-policies"),
    "Stacks": (
        *("intrinsics", "other-resources", "components", "stages", "several-stacks", "nested-stacks"),
        *("large-stacks", "stack-as-data", "templates-made-elsewhere", "profiles"),
    ),
    "Work": ("check", "types", "run-locally", "debug", "estimate"),
    "More": (),
}


def generated() -> Mapping[Path, str]:
    """Each page that is generated, by its file."""
    made = {DOCS / "reference" / name: text for name, text in reference.pages().items()}
    made |= {DOCS / "rules" / f"{rule.id}.md": markdown(rule) for rule in rules().values()}
    return made | {DOCS / "rules" / "index.md": _rules_index(), DOCS / "how-to" / "index.md": _how_to_index()}


def _rules_index() -> str:
    lines = [
        "# Rules",
        "",
        "What `lambdaform check` looks for. `lambdaform explain ID` shows the same pages.",
    ]
    for beginning, title in GROUPS.items():
        listed = [rule for rule in rules().values() if rule.id.startswith(beginning)]
        if listed:
            lines += ["", f"## {title}", "", "| rule | level | |", "| --- | --- | --- |"]
            lines += [
                f"| [{each.id}]({each.id}.md) {each.name} | {each.level} | {each.demand} |" for each in listed
            ]
    return "\n".join(lines) + "\n"


def _how_to_index() -> str:
    pages = {path.stem: path for path in sorted((DOCS / "how-to").glob("*.md")) if path.stem != "index"}
    known = {name for names in CHAPTERS.values() for name in names}
    others = tuple(name for name in pages if name not in known)
    lines = [
        "# How-tos",
        "",
        "Each solves one task, with a complete application that is in `examples/` under the same name.",
    ]
    for chapter, names in CHAPTERS.items():
        listed = [name for name in (*names, *(others if chapter == "More" else ())) if name in pages]
        if listed:
            lines += ["", f"## {chapter}", ""]
            lines += [f"- [{_title(pages[name])}]({name}.md)" for name in listed]
    return "\n".join(lines) + "\n"


def _title(path: Path) -> str:
    return next(line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# "))


def write_generated() -> None:
    """Write the generated pages, and take away those that are no longer made."""
    made = generated()
    for folder in GENERATED:
        (DOCS / folder).mkdir(exist_ok=True)
        for path in (DOCS / folder).glob("*.md"):
            if path not in made:
                path.unlink()
    for path, text in made.items():
        path.write_text(text, "utf-8")


def play(names: list[str]) -> None:
    """Renew the pages with these names, or all."""
    for path in PAGES:
        if path.parent.name in GENERATED or (names and path.stem not in names) or path.parent == ROOT:
            continue
        page = Page.read(path)
        if page.missing_programs:
            print(f"{page.name}: left as it is; not installed: {', '.join(page.missing_programs)}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            new = renewed(page, Path(folder) / "project")
        if new.text != page.text:
            path.write_text(new.text, "utf-8")
            print(f"{page.name}: renewed")


if __name__ == "__main__":
    if "--played" in sys.argv:
        play([each for each in sys.argv[1:] if each != "--played"])
    else:
        write_generated()
