"""Starts AWS's runtime client with Lambda's order of search: package, layers, then what the runtime brings.

It runs on whatever Python the function has, from 3.9 on, and not as part of lambdaform. Where the layers are not
under ``/opt``, the option ``-X opt=FOLDER`` says where they are.
"""

import os
import sys
from importlib import import_module


def main() -> None:
    """Set the search path, then run AWS's client for ever."""
    if sys.flags.no_site:
        # Without site nothing of this installation's packages is found, nor the names that it adds to builtins.
        import site

        site.setquit()
        site.setcopyright()
        site.sethelper()
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
        # This is no function's process yet, but the one from which these are forked.
        # The module beside this one, which no type checker sees there.
        import_module("_lambdaform_nursery").wait_to_be_born()
    if "LC_CTYPE" in os.environ and sys.platform == "linux":
        # This Python may have set it, for the machine lacks a locale that Lambda has.
        with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - every import counts
            is_given = b"\0LC_CTYPE=" in b"\0" + file.read()
        if not is_given:
            del os.environ["LC_CTYPE"]
    opt = sys._xoptions.pop("opt", "/opt")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    runtime = sys.path.pop(0)
    sys.path[:0] = [
        os.environ["LAMBDA_TASK_ROOT"],
        f"{opt}/python/lib/{version}/site-packages",
        f"{opt}/python",
        runtime,
    ]
    from awslambdaric import bootstrap as client
    from awslambdaric.__main__ import main as run

    # Tells what a logger writes, and has filtered, from what is printed.
    mark = "\x1e\x1f" if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON" else ""

    class OneEventEach(client.StandardLogSink):  # type: ignore[misc]
        """Marks what a logger writes over several lines as one event, for there is no frame around it here."""

        def log(self, msg: str, frame_type: object = None) -> None:  # noqa: ARG002 - the client's signature
            text = msg.removesuffix("\n").replace("\r\n", "\r").replace("\n", "\r")
            sys.stdout.write(f"{mark}{text}\n")

    client.StandardLogSink = OneEventEach
    sys.argv[:] = [sys.argv[0], os.environ["_HANDLER"]]
    run(sys.argv)


if __name__ == "__main__":
    main()
