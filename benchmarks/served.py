"""The service of `benchmarks.invoke` behind its endpoint, in a process of its own: it prints its port.

Its log goes nowhere, as it does where the same service is called from Python.
"""

from __future__ import annotations

import asyncio
import os
import tempfile

from benchmarks.invoke import hello, service
from lambdaform.local.endpoint.server import Endpoint


async def main() -> None:
    async with service() as local:
        endpoint = Endpoint.of(local)
        await endpoint.start(0)
        local.deploy(hello())
        print(endpoint.url.rpartition(":")[2], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        asyncio.run(main())
