"""What Python packages are installed for: a runtime of Lambda's, or an interpreter of this machine.

For Lambda pip takes wheels for the function's Python, architecture and C library, whatever machine this is.

Source: AWS Lambda Developer Guide, lambda-runtimes; PEP 425, 599, 600; Python Packaging User Guide, "Dependency
specifiers", environment markers.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from lambdaform.facts.runtimes import Runtime, runtime_facts
from lambdaform.model.layer import Architecture

#: The minor version of glibc 2 in each of Amazon's Linuxes. Source: Amazon Linux 2023 User Guide, "Core toolchain
#: packages" (2.34); Amazon Linux 2 release notes (2.26); Amazon Linux AMI 2018.03 release notes (2.17).
_GLIBC = {"AL2023": 34, "AL2": 26, "AL1": 17}
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
#: The oldest glibc for which there are wheels, and the names of such platforms before PEP 600.
_OLDEST = {"x86_64": 5, "arm64": 17}
_LEGACY = {
    "x86_64": {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"},
    "arm64": {17: "manylinux2014"},
}
_LAUNCHER = Path(__file__).with_name("pip_for_lambda.py")


@frozen
class ForLambda:
    """What a function of Lambda's has: its Python's version, its architecture, its glibc."""

    version: str
    architecture: Architecture
    glibc: int

    @classmethod
    def of(cls, runtime: str, architecture: Architecture) -> ForLambda:
        """The platform of a Python runtime."""
        system = runtime_facts(Runtime(runtime)).os if runtime in list(Runtime) else None
        return cls(runtime.removeprefix("python"), architecture, _GLIBC.get(system or "", _GLIBC["AL2023"]))

    def __str__(self) -> str:
        return f"python{self.version} on {self.architecture}"

    @property
    def platforms(self) -> Iterator[str]:
        """The platform tags of the wheels that run there, the best first."""
        machine = _MACHINES[self.architecture]
        for minor in range(self.glibc, _OLDEST[self.architecture] - 1, -1):
            yield f"manylinux_2_{minor}_{machine}"
            if minor in _LEGACY[self.architecture]:
                yield f"{_LEGACY[self.architecture][minor]}_{machine}"
        yield f"linux_{machine}"

    @property
    def _abi(self) -> str:
        # Until 3.7 the name said that memory is allocated by Python's own functions.
        digits = self.version.replace(".", "")
        return f"cp{digits}m" if digits in ("36", "37") else f"cp{digits}"

    @property
    def markers(self) -> dict[str, str]:
        """What requirements may ask about the machine."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.version}.0",
            "os_name": "posix",
            "platform_machine": _MACHINES[self.architecture],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }

    @property
    def key(self) -> tuple[str, ...]:
        """All that decides which packages fit it."""
        return (self.version, *self.platforms)

    def command(self) -> list[str]:
        """pip's installation for it."""
        options = ["--only-binary=:all:", f"--python-version={self.version}", "--implementation=cp"]
        tags = [f"--abi={self._abi}", *(f"--platform={each}" for each in self.platforms)]
        return [sys.executable, "-P", str(_LAUNCHER), json.dumps(self.markers), "install", *options, *tags]


@frozen
class ForThisMachine:
    """An interpreter of this machine, by its path and version, on which the function runs here."""

    version: str
    interpreter: str = field(eq=False)

    def __str__(self) -> str:
        return f"Python {self.version} on this machine"

    @property
    def key(self) -> tuple[str, ...]:
        """All that decides which packages fit it."""
        return (self.version, sys.platform, platform.machine(), *platform.libc_ver())

    def command(self) -> list[str]:
        """pip's installation for it."""
        other = [] if Path(self.interpreter) == Path(sys.executable) else ["--python", self.interpreter]
        return [sys.executable, "-P", "-m", "pip", *other, "install"]


Platform = ForLambda | ForThisMachine
