"""Synthesis and checks of an application of 400 functions against floors and peers, as whole processes in one run.

Each function has an alias, a dead-letter queue, a schedule and policies (`benchmarks/apps`). Times are the processor's,
so that what else the machine does is no part of them. AWS CDK is installed into a cache of its own; where it or
cfn-lint cannot be had, their rows are left out, and that is said. Exit code 1 where a target is missed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import Amount, Ratio, Row, in_turn, show, usage

APPS = Path(__file__).resolve().parent / "apps"
ROOT = APPS.parent.parent
FUNCTIONS = 400
SIZES = (10, 100, 400, 1000, 2000)
ROUNDS = 9
#: 400 functions with their queues are more than one stack may have, and 2,000 more than one template.
SETTINGS = """\
[tool.lambdaform.check]
ignore = { LF601 = "what is measured is beyond it on purpose", LF602 = "as LF601" }
"""
LAMBDAFORM = Path(sys.executable).with_name("lambdaform")
CFN_LINT = Path(sys.executable).with_name("cfn-lint")
CDK = "aws-cdk-lib==2.275.0"
CDK_HOME = (
    Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "lambdaform" / CDK.replace("==", "-")
)


class Apps:
    """The application as a project in a folder, and each tool at work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(APPS / "ours.py", folder / "app.py")
        (folder / "pyproject.toml").write_text(SETTINGS)
        (folder / "code").mkdir()
        (folder / "code" / "app.py").write_text("def handler(event, context):\n    return event\n")

    def _run(self, command: list[str], size: int, output: str | None = None, **options: Any) -> Any:
        # `lambdaform` is that of this working copy, installed or not.
        variables = {"FUNCTIONS": str(size), "OUTPUT": str(self.folder / "cdk"), "PYTHONPATH": str(ROOT)}
        target = self.folder / output if output else None
        return usage(command, self.folder, variables, output=target, **options)

    def ours(self, size: int, *words: str) -> Any:
        """A command of lambdaform's."""
        command = [str(LAMBDAFORM), *words]
        return self._run(command, size, "ours.yaml" if words == ("synth",) else None)

    def bare(self, size: int) -> Any:
        """Bare dicts, written by PyYAML on its C emitter."""
        return self._run([sys.executable, str(APPS / "bare.py")], size, "bare.yaml")

    def cfn_lint(self) -> Any:
        """cfn-lint on what `ours` has written, whatever it finds."""
        return self._run([str(CFN_LINT), "ours.yaml"], 0, allowed=(0, 2, 4, 6, 8, 10, 12, 14))

    def cdk(self, size: int) -> Any:
        """AWS CDK's ``app.synth()``."""
        return self._run([str(CDK_HOME / "bin" / "python"), str(APPS / "cdk.py")], size)

    def same_template(self) -> bool:
        """Whether ours and the bare one are the same data."""
        ours, bare = (
            yaml.load((self.folder / name).read_text("utf-8"), _LongForms)
            for name in ("ours.yaml", "bare.yaml")
        )
        return bool(ours == bare)


class _LongForms(yaml.CSafeLoader):
    pass


def _long_form(loader: Any, suffix: str, node: yaml.Node) -> Any:
    value = loader.construct_scalar(node)
    return {"Ref": value} if suffix == "Ref" else {f"Fn::{suffix}": value.split(".")}


_LongForms.add_multi_constructor("!", _long_form)


def cdk_is_there() -> bool:
    """Whether AWS CDK can be run; it is installed at the first time."""
    if shutil.which("node") is None:
        print("AWS CDK is left out: it needs node on the PATH.", file=sys.stderr)
        return False
    if (CDK_HOME / ".complete").exists():
        return True
    print(f"Installing {CDK} into {CDK_HOME} (once; half a gigabyte)", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(CDK_HOME)], check=True)
        subprocess.run([str(CDK_HOME / "bin" / "pip"), "install", "--quiet", CDK], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"AWS CDK is left out: it cannot be installed ({error}).", file=sys.stderr)
        return False
    (CDK_HOME / ".complete").touch()
    return True


def growth(times: dict[int, float]) -> Ratio:
    """What a function more costs at the upper end, against what it costs at the lower: 1 where cost is linear.

    Were a tenth of the cost at the lower end quadratic, it would be 1.5; were all of it, 5.9.
    """
    first, middle, last = SIZES[0], FUNCTIONS, SIZES[-1]
    lower = (times[middle] - times[first]) / (middle - first)
    upper = (times[last] - times[middle]) / (last - middle)
    return Ratio(f"one function more: {middle} to {last} against {first} to {middle}", upper, lower, 1.5)


def main() -> int:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        apps = Apps(Path(name))
        peers = {"cdk": cdk_is_there(), "cfn-lint": CFN_LINT.exists()}
        apps.ours(1, "synth")  # what is compiled at the first start
        times = in_turn(
            {
                "bare": lambda: apps.bare(FUNCTIONS).seconds,
                "synth": lambda: apps.ours(FUNCTIONS, "synth").seconds,
                "check": lambda: apps.ours(FUNCTIONS, "check").seconds,
                "check template": lambda: apps.ours(FUNCTIONS, "check", "--template", "ours.yaml").seconds,
                **{
                    f"synth {size}": lambda size=size: apps.ours(size, "synth").seconds  # type: ignore[misc]
                    for size in SIZES
                    if size != FUNCTIONS
                },
            },
            ROUNDS,
        )
        peak = apps.ours(FUNCTIONS, "synth").peak
        apps.bare(FUNCTIONS)
        if not apps.same_template():
            sys.exit("The two templates are not the same: benchmarks/apps/bare.py is to follow ours.py.")
        rows.append(Ratio("synth with checks / bare dicts, CSafeDumper", times["synth"], times["bare"], 3))
        if peers["cfn-lint"]:
            linted = apps.cfn_lint().seconds
            rows += [
                Ratio("check / cfn-lint on the same template", times["check"], linted, 1 / 20),
                Ratio("check --template / cfn-lint", times["check template"], linted, 1 / 20),
            ]
        else:
            print("cfn-lint is left out: pip install 'lambdaform[lint]'.", file=sys.stderr)
        if peers["cdk"]:
            rows.append(
                Ratio(
                    "synth with checks / AWS CDK's app.synth()",
                    times["synth"],
                    apps.cdk(FUNCTIONS).seconds,
                    1 / 10,
                )
            )
        by_size = {size: times[f"synth {size}" if size != FUNCTIONS else "synth"] for size in SIZES}
        rows += [growth(by_size), Amount(f"peak memory, {FUNCTIONS} functions", peak / 1e6, 100, "MB")]
    show(f"Synthesis and checks, {FUNCTIONS} functions (processor time, median of {ROUNDS})", rows)
    print(
        "  synth by number of functions: " + ", ".join(f"{n}: {t * 1000:.0f} ms" for n, t in by_size.items())
    )
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
