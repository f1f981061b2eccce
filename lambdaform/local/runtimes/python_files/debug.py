"""Starts debugpy and waits for a debugger to attach, then goes on as Lambda's Python does.

It runs with the option ``-X port=PORT`` on the function's Python, and not as part of lambdaform.
"""

import os
import sys
from importlib import import_module


def main(port: int) -> None:
    """Listen on the port; once a debugger is there, run the bootstrap."""
    import debugpy  # noqa: T100 - that is what was asked for

    host = "127.0.0.1"
    debugpy.listen((host, port))  # noqa: T100
    task = os.environ["LAMBDA_TASK_ROOT"]
    print(f"A debugger is awaited on {host}:{port}; the code is in {task}.", file=sys.stderr, flush=True)
    debugpy.wait_for_client()  # noqa: T100
    # The module beside this one, which no type checker sees there.
    import_module("bootstrap").main()


if __name__ == "__main__":
    main(int(sys._xoptions.pop("port")))
