"""Custom runtimes: an executable file named bootstrap, in the package or in a layer.

Source: AWS Lambda Developer Guide, runtimes-custom; deck section C10.
"""

from __future__ import annotations

import os
from pathlib import Path

from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import Launch


def launch_bootstrap(configuration: FunctionConfiguration, opt: Path) -> Launch:
    """The package's bootstrap, else the layers'; a missing one is Lambda's to report, when it is started."""
    candidates = [configuration.code / "bootstrap", opt / "bootstrap"]
    found = next((path for path in candidates if path.is_file() and os.access(path, os.X_OK)), candidates[0])
    return Launch((str(found),))
