"""Ruby: an interpreter of this machine on a small client of our own, since AWS's is a gem that may not be there.

It behaves as AWS's client does: handlers, errors, exits, context, what ``puts`` and ``Logger`` write.

Source: AWS Lambda Developer Guide, ruby-handler, ruby-context, ruby-logging, ruby-package; aws_lambda_ric 3.1.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths

_FOLDER = Path(__file__).with_name("ruby_files")
_PROBE = (
    'require "rbconfig"; p [RUBY_VERSION[/\\d+\\.\\d+/], RbConfig.ruby, RbConfig::CONFIG["prefix"], '
    'RbConfig::CONFIG["rubylibprefix"]]'
)


@frozen
class _Interpreter:
    path: str
    version: str
    prefix: Path
    libraries: Path


@frozen
class RubyRuntime:
    """An interpreter; ``version`` is the one that the function asks for, in the form 3.4."""

    interpreter: str
    version: str
    visible: tuple[Path, ...]
    notice: str | None
    folder: Path | None = _FOLDER
    #: The machine's own gems, where AWS's SDK is among them.
    gems: Path | None = None
    frames_log: bool = False

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """Ruby."""
        return (("ruby", self.interpreter),)

    def command(self, paths: Paths) -> tuple[str, ...]:
        """Ruby on the client."""
        return (self.interpreter, f"{paths.runtime}/bootstrap.rb")

    def variables(self, paths: Paths) -> dict[str, str]:
        """Where gems and ``require`` look: the package, the layers, the runtime."""
        task, opt, runtime, abi = paths.task, paths.opt, paths.runtime, f"{self.version}.0"
        gems = (
            f"{task}/vendor/bundle/ruby/{abi}",
            f"{opt}/ruby/gems/{abi}",
            runtime,
            f"{runtime}/ruby/{abi}",
            *((str(self.gems),) if self.gems is not None else ()),
        )
        return {
            "GEM_HOME": runtime,
            "GEM_PATH": ":".join(gems),
            "RUBYLIB": f"{runtime}/gems/aws_lambda_ric-3.1.3/lib:{task}:{runtime}/lib:{opt}/ruby/lib",
        }


def ruby_runtime(configuration: FunctionConfiguration) -> RubyRuntime:
    """A Ruby of the function's version, else the one of this machine's PATH with a notice."""
    wanted = configuration.runtime.removeprefix("ruby")
    # PATH and HOME are read now, so that a Ruby that was installed meanwhile is found.
    found = [each for each in map(_probe, _candidates(wanted)) if each is not None]
    if not found:
        raise LocalError(
            f"Function {configuration.function_name!r} needs Ruby, and there is no ruby on this machine's PATH.",
            right="Install Ruby.",
        )
    interpreter = next((each for each in found if each.version == wanted), found[-1])
    notice = None
    if interpreter.version != wanted:
        notice = f"{configuration.runtime} runs on Ruby {interpreter.version}, the version of this machine."
    gems = _with_sdk(interpreter)
    visible = (
        interpreter.prefix,
        Path(interpreter.path).resolve().parent,
        *((gems,) if gems is not None else ()),
    )
    return RubyRuntime(interpreter.path, wanted, visible, notice, gems=gems)


def _with_sdk(interpreter: _Interpreter) -> Path | None:
    """Where ``gem install`` has put AWS's SDK for Ruby, which Lambda brings; None where it is not."""
    abi = f"{interpreter.version}.0"
    home, given = Path.home(), os.environ.get("GEM_HOME")
    folders = [
        *((Path(given),) if given else ()),
        *(home / f".local/share/gem/ruby/{abi}", home / f".gem/ruby/{abi}"),
        *(
            interpreter.libraries / f"gems/{abi}",
            Path(f"/var/lib/gems/{abi}"),
            Path(f"/usr/share/rubygems-integration/{abi}"),
        ),
    ]
    return next((each for each in folders if any(each.glob("specifications/aws-sdk-core-*.gemspec"))), None)


def _candidates(version: str) -> Iterator[str]:
    """Where a Ruby of a version may be: on the PATH, and where rbenv, asdf and mise put theirs; last, any Ruby."""
    if re.fullmatch(r"\d+\.\d+", version):
        on_path = shutil.which(f"ruby{version}")
        if on_path is not None:
            yield on_path
        home = Path.home()
        rbenv = Path(os.environ.get("RBENV_ROOT") or home / ".rbenv")
        asdf = Path(os.environ.get("ASDF_DATA_DIR") or home / ".asdf")
        mise = Path(os.environ.get("MISE_DATA_DIR") or home / ".local/share/mise")
        for folder in (rbenv / "versions", asdf / "installs/ruby", mise / "installs/ruby"):
            for found in sorted(folder.glob(f"{version}.*/bin/ruby"), reverse=True):
                yield str(found)
    usual = shutil.which("ruby")
    if usual is not None:
        yield usual


@cache
def _probe(candidate: str) -> _Interpreter | None:
    """What a candidate is, or None where it does not start."""
    try:
        command = [candidate, "--disable=gems", "-e", _PROBE]
        answer = subprocess.run(command, capture_output=True, timeout=20, check=False, text=True)
        version, path, prefix, libraries = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return _Interpreter(path, version, Path(prefix), Path(libraries))
