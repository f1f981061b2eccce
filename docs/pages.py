"""A page of the documentation as its reader follows it: the files it names and the commands it shows, in order.

A page is played in a folder of its own. That is a copy of the example of the same name, if there is one; else it
starts empty. These forms of Markdown mean something; all else is prose:

- a code block below a line that ends in ```app.py`:`` is a file. Where the example has the file, the block is it, or
  a part of it; otherwise it is written to the folder. ``<!-- instead -->`` above the block writes it all the same.
- a ``console`` block has commands after ``$`` and what they print. A line ``…`` stands for any lines, ``…`` in a
  line for any text.
- ``<!-- app.py: old -> new -->`` above a console block changes the file for that block.
- ``<!-- runs -->`` above a Python block: it is run.
- ``<!-- needs: node -->`` anywhere: the page is played only where these programs are installed.

``lambdaform run`` serves until the page ends; a command for its port goes to the port it really has.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from attrs import define, evolve, field, frozen

from docs import warm

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs").glob("*/*.md")))
#: Folders of pages that are generated: they show no commands.
GENERATED = ("reference", "rules")
#: The port that pages show; where they are played it is another.
SHOWN_PORT = "4566"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"`([\w/-]*[./][\w./-]+)`(?:(?!\n\n)[^`])*:\n\n(?:<!-- [^\n]* -->\n)?$")
_COMMENT = re.compile(r"<!-- ([^\n]*) -->\n$")
_NEEDS = re.compile(r"^<!-- needs: (.*?) -->$", re.MULTILINE)
_CHANGE = re.compile(r"([\w./-]+): (.*?) -> (.*)")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_ANY = "…"
_ANY_LINES = f"{_ANY}\n"
#: What version 2 of the AWS CLI needs; the one on PyPI is version 1, which knows no such option.
_V2_ONLY = re.compile(r"\s*(\\\n\s*)?--cli-binary-format raw-in-base64-out")
_CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+( UTC|Z)"), "TIME"),
    (re.compile(r"(Duration|Max Memory Used): [\d.]+"), r"\1: N"),
    (re.compile(r"\"(duration|billedDuration|maxMemoryUsed|initDuration)Ms?B?\":[\d.]+"), r'"\1": N'),
    (re.compile(r"File \\\"\S*?/(\w+\.py)\\\""), r"File \"\1\""),
    (re.compile(r"^No Python .* runs it instead\.\n", re.MULTILINE), ""),
    (re.compile(r"^Not limited here, .*\n", re.MULTILINE), ""),
)


@frozen
class Command:
    """A command that a page shows, and what it shows below it."""

    text: str
    output: str
    #: Where the output stands in the page.
    start: int

    @property
    def serves(self) -> bool:
        """Whether it goes on until it is stopped."""
        return bool(re.match(r"lambdaform run\b", self.text))


@frozen
class Block:
    """A code block of a page: its language, its text, and what stands above it."""

    language: str
    text: str
    start: int
    above: str

    @property
    def name(self) -> str | None:
        """The file that the block is."""
        found = _NAME.search(self.above)
        return found[1] if found and self.language != "console" else None

    @property
    def comment(self) -> str:
        """The comment right above the block."""
        found = _COMMENT.search(self.above)
        return found[1] if found else ""

    @property
    def commands(self) -> list[Command]:
        """The commands of a console block."""
        return [
            Command(found[1], found[2], self.start + found.start(2)) for found in _COMMAND.finditer(self.text)
        ]


@frozen
class Page:
    """A page, and the example that goes with it."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Page:
        """The page in a file."""
        return cls(path, path.read_text("utf-8"))

    @property
    def name(self) -> str:
        """The page's path, as one would write it at the root of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def example(self) -> Path | None:
        """The folder of the example that the page explains."""
        folder = ROOT / "examples" / ("checkout" if self.path.parent == ROOT else self.path.stem)
        return folder if folder.is_dir() and self.path.parent.name in ("how-to", ROOT.name) else None

    @property
    def blocks(self) -> Iterator[Block]:
        """The page's code blocks."""
        for found in _BLOCK.finditer(self.text):
            yield Block(found[1], found[2], found.start(2), self.text[: found.start()])

    @property
    def commands(self) -> list[Command]:
        """The page's commands."""
        return [command for block in self.blocks if block.language == "console" for command in block.commands]

    @property
    def missing_programs(self) -> list[str]:
        """The programs that the page needs and this machine lacks."""
        needed = [each for found in _NEEDS.findall(self.text) for each in found.split(", ")]
        return [each for each in needed if shutil.which(each) is None]


@frozen
class Played:
    """A command that was run: what the page shows of it, and what it really printed."""

    shown: Command
    printed: str

    @property
    def is_true(self) -> bool:
        """Whether the page shows what was printed, but for ids, times and measurements."""
        if self.shown.output == _ANY_LINES:
            return False  # nothing is shown yet
        pattern = re.escape(lasting(self.shown.output))
        pattern = re.sub(rf"(?m)^{_ANY}\\\n", r"(?:.*\n)*?", pattern).replace(_ANY, ".*")
        return re.fullmatch(pattern, lasting(self.printed)) is not None


def lasting(text: str) -> str:
    """The text without what is another each time."""
    for changing, stand_in in _CHANGING:
        text = changing.sub(stand_in, text)
    return text


@define
class Stage:
    """The folder in which a page is played, and the server that the page has started."""

    folder: Path
    _server: subprocess.Popen[str] | None = field(default=None, init=False)
    _port: str = field(default=SHOWN_PORT, init=False)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGINT)
            self._server.communicate(timeout=30)

    def play(self, page: Page) -> Iterator[Played]:
        """Follow the page. Raises `AssertionError` where a file is not the example's, or Python code fails."""
        if page.example:
            shutil.copytree(
                page.example, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        for block in page.blocks:
            if block.name:
                self._take_file(page, block)
            elif block.language == "python" and block.comment == "runs":
                self._run_python(block.text)
            elif block.language == "console":
                yield from self._run_block(block)

    def _take_file(self, page: Page, block: Block) -> None:
        file = self.folder / str(block.name)
        own = page.path.parent.name == "how-to" and file.exists() and block.comment != "instead"
        if own:
            assert block.text in file.read_text("utf-8"), (
                f"{page.name}: {block.name} is not the example's. `make docs` puts it in."
            )
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")
        if block.text.startswith("#!"):
            file.chmod(0o755)

    def _run_python(self, text: str) -> None:
        done = subprocess.run(
            [sys.executable, "-"], input=text, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def _run_block(self, block: Block) -> Iterator[Played]:
        change = _CHANGE.fullmatch(block.comment)
        if not change:
            yield from map(self._run, block.commands)
            return
        name, old, new = change.groups()
        file = self.folder / name
        text = file.read_text("utf-8")
        assert old in text, f"{name} has no {old!r}."
        file.write_text(text.replace(old, new), "utf-8")
        yield from map(self._run, block.commands)
        file.write_text(text, "utf-8")

    def _run(self, command: Command) -> Played:
        if command.serves:
            return self._serve(command)
        if warm.runs(command.text):
            return Played(command, warm.run(command.text, self.folder, _environment()))
        done = subprocess.run(
            _V2_ONLY.sub("", command.text).replace(SHOWN_PORT, self._port),
            shell=True,
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        printed = done.stdout.replace(self._port, SHOWN_PORT)
        return Played(command, printed if printed.endswith("\n") or not printed else f"{printed}\n")

    def _serve(self, command: Command) -> Played:
        """Start the server; what it has printed when it is ready is what the page shows."""
        log = self.folder.parent / f"{self.folder.name}.log"
        with log.open("w") as output:
            self._server = subprocess.Popen(
                f"exec {command.text} --port 0",
                shell=True,
                cwd=self.folder,
                env=_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while "\nTry: " not in (printed := log.read_text("utf-8")) and time.monotonic() < deadline:
            assert self._server.poll() is None, printed
            time.sleep(0.05)
        found = re.search(r"127\.0\.0\.1:(\d+)", printed)
        assert found, printed
        self._port = found[1]
        # The lines after "Try" follow at once; what functions log later is not the start.
        time.sleep(0.2)
        return Played(command, log.read_text("utf-8").replace(self._port, SHOWN_PORT))


def _environment() -> dict[str, str]:
    """The environment of a reader's shell, with lambdaform installed, in which AWS's tools find neither keys nor AWS."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_", "PYTEST_"))
    }
    return {
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
    }


def renewed(page: Page, folder: Path) -> Page:
    """The page with its files as the example has them, and what its commands print now where it shows something else."""
    page = _with_files(page)
    replacements: list[tuple[int, int, str]] = []
    with Stage(folder) as stage:
        for played in stage.play(page):
            if not played.is_true:
                start = played.shown.start
                replacements.append((start, start + len(played.shown.output), _as_short(played)))
    text = page.text
    for start, end, printed in reversed(replacements):
        text = text[:start] + printed + text[end:]
    return evolve(page, text=text)


def _as_short(played: Played) -> str:
    """What was printed; where the page leaves out what comes before, the last line only."""
    if played.shown.output.startswith(_ANY_LINES):
        return _ANY_LINES + played.printed.rstrip("\n").rpartition("\n")[2] + "\n"
    return played.printed


def _with_files(page: Page) -> Page:
    if page.example is None or page.path.parent.name != "how-to":
        return page
    text = page.text
    for block in reversed(list(page.blocks)):
        file = page.example / str(block.name)
        if block.name and block.comment != "instead" and file.is_file():
            content = file.read_text("utf-8")
            if not block.text.strip() or block.text not in content:
                text = text[: block.start] + content + text[block.start + len(block.text) :]
    return evolve(page, text=text)
