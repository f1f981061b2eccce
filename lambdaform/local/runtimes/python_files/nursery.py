"""A process from which Python functions' processes are forked: it has loaded what each would load before its handler.

It is the bootstrap, started without a Runtime API, and waits for orders on a socket: fork a process, or tell how one
has ended. What it has loaded must be the same in every function's process; whatever reads a variable while it is
imported is left to the child. It runs on the function's Python, from 3.9 on, and is not part of lambdaform.

Source: fork(2), unix(7) (SCM_RIGHTS), proc(5) (/proc/PID/environ); Python's documentation of gc.freeze.
"""

from __future__ import annotations

import _socket
import ctypes
import gc
import importlib
import marshal
import os
import sys
import time

# Type checkers take it for true.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdaform.local import steps as _lambdaform_steps
else:
    import _lambdaform_steps

#: The descriptor of the socket, then what to load besides, parted by colons; there in no function's process.
VARIABLE = "_LAMBDAFORM_NURSERY"
#: What AWS's client and our bootstrap import and what reads no variables meanwhile.
_LOADED = (
    "awslambdaric.lambda_config",
    "awslambdaric.lambda_context",
    "awslambdaric.lambda_runtime_exception",
    "awslambdaric.lambda_runtime_log_utils",
    "awslambdaric.lambda_runtime_marshaller",
    "runtime_client",
)
_MOST_BYTES = 1 << 18
_MOST_DESCRIPTORS = 8


def wait_to_be_born() -> list[str]:
    """Load what all have in common, and fork whenever that is ordered.

    Returns in the children only, what they were started with if they had been.
    """
    descriptor, *modules = os.environ[VARIABLE].split(":")
    control = _socket.socket(fileno=int(descriptor))
    missed = _load(modules)
    variables = _Variables()
    names = {name.partition(".")[0] for name in sys.modules} | missed
    _see_that_nothing_is_open(control.fileno())
    gc.collect()
    # What is there now is never looked at again: the children share its memory for as long as nobody writes to it.
    gc.freeze()
    control.send(marshal.dumps(sorted(names)))
    while True:
        data, ancillary, _, _ = control.recvmsg(_MOST_BYTES, _socket.CMSG_SPACE(4 * _MOST_DESCRIPTORS))
        if not data:
            os._exit(0)
        order, *arguments = marshal.loads(data)  # noqa: S302 - lambdaform's own
        descriptors = [
            int.from_bytes(content[at : at + 4], sys.byteorder)
            for _, _, content in ancillary
            for at in range(0, len(content), 4)
        ]
        if order == "wait":
            _, status, used = os.wait4(arguments[0], 0)
            control.send(marshal.dumps((os.waitstatus_to_exitcode(status), used.ru_maxrss)))
            continue
        try:
            pid = os.fork()
        except OSError as error:
            control.send(marshal.dumps(-(error.errno or 1)))
        else:
            if pid == 0:
                return _be_born(control, tuple(descriptors), variables, *arguments)
            control.send(marshal.dumps(pid))
        for each in descriptors:
            os.close(each)


def _load(modules: list[str]) -> set[str]:
    """Load them; which top-level names were looked for meanwhile and are nowhere."""
    missed = set()

    class Missed:
        @staticmethod
        def find_spec(name: str, path: object, target: object = None) -> None:  # noqa: ARG004 - Python's
            if path is None:
                missed.add(name)

    sys.meta_path.append(Missed)
    for name in (*_LOADED, *modules):
        importlib.import_module(name)
    sys.meta_path.remove(Missed)
    return missed


def _see_that_nothing_is_open(control: int) -> None:
    """A child that had anything else than its own descriptors, or another's threads, would differ from one started anew."""
    listed = {int(name) for name in os.listdir("/proc/self/fd")}  # noqa: PTH208 - in a child every import counts
    still = {each for each in listed if os.path.exists(f"/proc/self/fd/{each}")} - {0, 1, 2, control}  # noqa: PTH110
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    if still or threads != 1:
        sys.exit(f"After loading, descriptors {sorted(still)} are open and there are {threads} threads.")


def _be_born(
    control: _socket.socket,
    descriptors: tuple[int, ...],
    variables: _Variables,
    steps: list[_lambdaform_steps.Step],
    numbers: list[int],
    environment: dict[str, str],
    command: list[str],
) -> list[str]:
    """Become a function's process: its session, output, steps and variables; what fails is told on the third descriptor."""
    output, errors, told = descriptors[:3]
    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(errors, 2)
        _lambdaform_steps.take(steps, dict(zip(numbers, descriptors)))  # noqa: B905 - from Python 3.10 on
        control.close()
        variables.become(environment)
        _forget()
    except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happened
        os.write(told, repr(error).encode()[:1000])
        os._exit(1)
    for each in descriptors:
        os.close(each)
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = command
    # The same number of arguments, behind the interpreter and its options.
    sys.argv[:] = command[-len(sys.argv) :]
    return sys.argv


def _forget() -> None:
    """Leave no trace of the time before the birth."""
    for name in ("_lambdaform_steps", __name__):
        del sys.modules[name]
    for path, finder in tuple(sys.path_importer_cache.items()):
        if finder is None and path != sys.argv[0]:
            # The folder that was not there may be there now.
            del sys.path_importer_cache[path]
    # Before Python 3.13 the main thread keeps its parent's.
    sys.modules["threading"].main_thread()._set_native_id()
    log = vars(sys.modules["logging"])
    log["_startTime"] = time.time_ns() if isinstance(log["_startTime"], int) else time.time()


class _Variables:
    """The variables of this process, where Python, the C library and everybody else look for them."""

    def __init__(self) -> None:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 - in a child every import counts
            words = file.read().rpartition(b")")[2].split()
        #: Where those are with which it was started, and which /proc shows (fields 50 and 51).
        self._start, self._end = int(words[47]), int(words[48])
        self._zone = os.environ.get("TZ")
        #: What Python itself sets, after it has started, where the machine has no locale of that name (PEP 538).
        self._coerced = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}

    def become(self, environment: dict[str, str]) -> None:
        """Have these and no others."""
        os.environ.clear()
        os.environ.update(environment)
        data = b"".join(name + b"=" + value + b"\0" for name, value in os.environb.items())
        os.environ.update(self._coerced)
        if environment.get("TZ") != self._zone:
            time.tzset()
        room = self._end - self._start
        if self._start == 0 or len(data) > room:
            raise ValueError(f"{len(data)} bytes of variables do not fit into {room}")
        ctypes.memmove(self._start, data.ljust(room, b"\0"), room)
