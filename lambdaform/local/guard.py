"""A guard that cleans up if lambdaform is killed: it ends what functions have started, and removes the files.

The kernel ends a runtime's process with lambdaform, but not that process's own children. The guard is a small
shell that waits for the end of a pipe; who holds its other end can die in no way that does not close it. It
lives in a session of its own, so that no Ctrl-C reaches it. Where there is no /proc it removes the files only.

Source: prctl(2), PR_SET_PDEATHSIG; proc(5), /proc/PID/environ.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

#: Processes that see the folder's files in a view of their own belong to us. Lines are variables, ``NAME=VALUE``:
#: whichever process was started with one of them does, too.
_SCRIPT = r"""
folder=$1 groups=$2
set --
while IFS= read -r marker; do set -- "$@" -e "$marker"; done
for round in 1 2 3; do
    for file in $(grep -slF -- "/${folder##*/}/" /proc/[0-9]*/mountinfo); do
        process=${file#/proc/}
        kill -9 "${process%/mountinfo}" 2>/dev/null
    done
done
if [ $# -gt 0 ]; then
    for round in 1 2 3; do
        for file in $(grep -slzxF "$@" /proc/[0-9]*/environ); do
            process=${file#/proc/}
            kill -9 "${process%/environ}" 2>/dev/null
        done
    done
fi
rm -rf -- "$folder"
# What was killed takes its time to end where much else runs.
rounds=0
while [ $rounds -lt 300 ]; do
    rounds=$((rounds + 1))
    found=
    for group in $groups; do
        if [ -d "$group" ] && ! rmdir "$group" 2>/dev/null; then found=1; fi
    done
    [ -n "$found" ] || break
    sleep 0.1
done
"""


class Guard:
    """Watches over one service's processes and its ``folder`` until it is dismissed.

    ``groups`` is a shell's pattern for its control groups.
    """

    def __init__(self, folder: Path, groups: str = "") -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "lambdaform-guard", str(folder), groups],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            cwd="/",
            start_new_session=True,
        )

    def watch(self, variable: str) -> None:
        """Watch over every process that has this variable, ``NAME=VALUE``, in its environment."""
        assert self._shell.stdin is not None
        # A guard that somebody has killed is no reason to fail.
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.write(f"{variable}\n".encode())
            self._shell.stdin.flush()

    def dismiss(self) -> None:
        """All has been cleaned up."""
        self._shell.kill()
        self._shell.wait()
        assert self._shell.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.close()
