"""How many files and connections this process may have open at once.

An environment takes about ten, and its function may connect to its APIs as often as they let it; many a login allows
1,024. What functions themselves may open is limited elsewhere (`lambdaform.local.process`).

Source: getrlimit(2).
"""

from __future__ import annotations

import contextlib
import resource

#: The most that macOS allows a process (OPEN_MAX).
_MANY = 10_240


def allow_many() -> None:
    """Raise the limit, as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MANY if hard == resource.RLIM_INFINITY else min(_MANY, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        # Some systems have a lower limit for all processes: then it stays as it was.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
