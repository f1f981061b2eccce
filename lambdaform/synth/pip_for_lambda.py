"""Run pip as if this were the machine given as the first argument: its markers, as JSON, answer for this machine's.

pip chooses wheels by ``--platform`` and ``--python-version``, but judges markers such as ``sys_platform == "win32"`` or
``python_version < "3.11"`` by the Python that runs it. It is run by its path, in a process of its own.

Source: Python Packaging User Guide, "Dependency specifiers", environment markers.
"""

from __future__ import annotations

import json
import runpy
import sys


def main() -> None:
    """pip, with the arguments that follow."""
    from pip._vendor.packaging import markers

    theirs = json.loads(sys.argv[1])
    own = markers.default_environment
    markers.default_environment = lambda: {**own(), **theirs}
    sys.argv = ["pip", *sys.argv[2:]]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
