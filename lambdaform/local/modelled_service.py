"""A Lambda service of modelled functions under a virtual clock: the parts of `lambdaform.local.service`, no process.

::

    service = ModelledLambda({"Checkout": Model(duration=lambda _: 0.2, init=0.5)})
    response = await service.front.invoke(Request(function_name="Checkout", payload=b"{}"))
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from lambdaform.facts.quotas import Quotas, quotas
from lambdaform.local.admission import Admission
from lambdaform.local.clock import VirtualClock
from lambdaform.local.concurrency import Concurrency
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.control.functions import Function, Functions
from lambdaform.local.control.records import LATEST
from lambdaform.local.front import Front
from lambdaform.local.launch import Settings
from lambdaform.local.modelled import Model, ModelledEnvironment
from lambdaform.local.physical import Account
from lambdaform.local.pool import Pool
from lambdaform.local.queue.asynchronous import AsynchronousQueue, DeadLetter
from lambdaform.local.request_rate import RequestRate
from lambdaform.local.scaling import Scaling

#: More environments than any account has.
_NO_END = 1_000_000


class ModelledLambda:
    """A service of modelled functions, by their names. What is given up is in ``dead_letters``."""

    def __init__(
        self,
        models: Mapping[str, Model],
        *,
        limits: Quotas | None = None,
        region: str = "us-east-1",
        seed: int | None = None,
        timeout: int = 900,
    ) -> None:
        limits = limits or quotas()
        self.clock = VirtualClock()
        self.account = Account("modelled", region=region)
        self.functions = Functions()
        self.concurrency = Concurrency(limits)
        self.dead_letters: list[DeadLetter] = []
        self._models = models
        for name in models:
            arn = str(self.account.arn("AWS::Lambda::Function", name))
            configuration = FunctionConfiguration(
                function_name=name,
                function_arn=arn,
                runtime="",
                handler="",
                code=Path(),
                opt=Path(),
                timeout=timeout,
            )
            self.functions.put(Function(name=name, arn=arn, versions={LATEST: configuration}))
        self.pool = Pool(
            _settings(limits), most=_NO_END, clock=self.clock, notice=_say_nothing, make=self._environment
        )
        self.front = Front(
            account=self.account,
            quotas=limits,
            functions=self.functions,
            admission=Admission(
                self.concurrency,
                Scaling(limits, region, self.clock.now),
                RequestRate(limits, self.clock.now),
            ),
            pool=self.pool,
            chance=random.Random(seed),  # noqa: S311 - a simulation that can be repeated, nothing secret
            now=self.clock.now,
        )
        self.queue = AsynchronousQueue(self.front, self.clock, limits, self)
        self.front.queue = self.queue

    def put(self, letter: DeadLetter) -> None:
        """Keep an event that was given up."""
        self.dead_letters.append(letter)

    async def close(self) -> None:
        """End all events and environments."""
        await self.queue.close()
        self.pool.close()
        await self.pool.ended()

    def _environment(
        self, configuration: FunctionConfiguration, initialization_type: str | None
    ) -> ModelledEnvironment:
        del initialization_type  # A model is the same whatever starts it.
        return ModelledEnvironment(configuration, self._models[configuration.function_name], self.clock)


def _settings(limits: Quotas) -> Settings:
    """Settings for environments that have no files."""
    return Settings(
        quotas=limits,
        log=lambda _: None,
        folder=Path(),
        endpoint_url=lambda: None,
        no_view="modelled",
        watch=_say_nothing,
    )


def _say_nothing(_text: str) -> None:
    pass
