"""Where the ``lambdaform`` command begins: it is quiet about Ctrl-C, also while all else is imported.

Until then nothing is imported here but what every Python has at its start.
"""

from __future__ import annotations

import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    try:
        from lambdaform.cli.main import main as run

        try:
            run()
        finally:
            from signal import SIG_IGN, SIGINT, signal

            # All is done, and has its exit code: Python still takes a while to end, in which Ctrl-C would kill it.
            signal(SIGINT, SIG_IGN)
    except KeyboardInterrupt:
        if sys.stderr is not None:
            # What the terminal shows of Ctrl-C has a line of its own.
            sys.stderr.write("\nInterrupted.\n")
        sys.exit(EXIT_INTERRUPTED)
