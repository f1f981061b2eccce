"""A stack served: its functions behind the endpoint, its schedules fired, its code reloaded when it changes.

Source: `sam local start-lambda` and similar tools set what people expect of it; the rules are the service's own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from lambdaform.errors import LambdaformError, UsageError
from lambdaform.local.aside import aside
from lambdaform.local.clock import wall_time
from lambdaform.local.endpoint.server import Endpoint
from lambdaform.local.provisioning.provisioner import Provisioned
from lambdaform.local.service import LocalLambda
from lambdaform.local.watch import Watch, mended_in, named_in, watched_path
from lambdaform.synth.assembly import Assembly
from lambdaform.synth.assets import CodeChangedError, NoCodeError

#: How often a stack is read whose code changes while it is copied, before that is told.
_TRIES = 3


@frozen
class Source:
    """Stacks as they are now: their assemblies in CloudFormation's form, and the files that they were made from.

    There may be none: then the account has what calls make in it. ``unpackaged`` says which code is not in the
    assemblies, ``warnings`` what else is wrong with stacks that can be served all the same.
    """

    assemblies: tuple[Assembly, ...]
    files: tuple[Path, ...]
    unpackaged: tuple[LambdaformError, ...] = ()
    warnings: tuple[LambdaformError, ...] = ()

    @property
    def profile(self) -> str | None:
        """The dated quota tables of the first stack, by which the service plays; None where there is no stack."""
        return self.assemblies[0].profile if self.assemblies else None


class Session:
    """Serves one stack. ``load`` reads it anew from its files, in a thread beside the service."""

    def __init__(
        self,
        service: LocalLambda,
        load: Callable[[], Source],
        *,
        notice: Callable[[str], None],
        on_reload: Callable[[Provisioned, Sequence[str]], None],
    ) -> None:
        self._service = service
        self._load = load
        self._notice = notice
        self._on_reload = on_reload
        self._endpoint = Endpoint.of(service)
        self._watch = Watch(())
        #: What is wrong with the files, as it was said last; empty where nothing is.
        self._wrong = ""
        #: What is served.
        self._source = Source((), ())

    @property
    def url(self) -> str:
        """Where the endpoint is."""
        return self._endpoint.url

    @property
    def warnings(self) -> tuple[LambdaformError, ...]:
        """What is wrong with the stacks that are served all the same."""
        return (*self._source.unpackaged, *self._source.warnings)

    async def start(self, source: Source, port: int) -> Provisioned:
        """Take the stack, listen on the port, fire the schedules. Raises `UsageError` where the port is taken."""
        # What changes from here on, before anybody watches, is no less a change.
        self._watch = Watch(source.files)
        source = await self._with_code(source)
        await self._endpoint.start(port)
        self._service.endpoint_url = self._endpoint.url
        made = self._deploy(source)
        # Of what an earlier run has left, only what the stack has not just changed.
        self._service.take_up()
        return made

    async def watch(self) -> None:
        """Look at the files for ever, and take the stack anew when one has changed."""
        while True:
            names = await self._watch.change()
            began = wall_time()
            self._watch.follow(await self._reload(names), since=began)

    async def serve(self, until: asyncio.Event) -> None:
        """Go on with what an earlier run has left, and watch until the event is set."""
        self._service.resume()
        watching = asyncio.ensure_future(self.watch())
        stopping = asyncio.ensure_future(until.wait())
        try:
            done, _ = await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (watching, stopping):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def close(self) -> None:
        """Stop listening."""
        self._endpoint.close()

    def _deploy(self, source: Source) -> Provisioned:
        """Serve the stack. Raises `DefinitionError` where it is wrong, or code of it has gone that it had."""
        self._require_code(source)
        if source.profile is not None and source.profile != self._service.quotas.profile:
            self._notice(
                f"The stack has the profile {source.profile} now. Until it is started again, "
                f"{self._service.quotas.profile} goes on."
            )
        made = self._service.deploy(*source.assemblies)
        self._service.schedules.set(made.schedules)
        self._source = source
        return made

    def _require_code(self, source: Source) -> None:
        """See that code is there that was there: who builds it, or git, may be about to write it."""
        missing, before = _missing_code(source), _missing_code(self._source)
        gone = [missing[each].gone() for each in missing if each in self._source.files and each not in before]
        if gone:
            first, *others = gone
            first.take_in(others)
            raise first

    async def _reload(self, names: Sequence[str]) -> tuple[Path, ...]:
        """Take the stack anew; one that is wrong is said so, and the old one goes on. Gives the files to watch then."""
        files = self._source.files
        known = {_gist(each) for each in self._source.warnings}
        try:
            source = await aside(self._loaded)
            files = tuple({*files, *source.files})
            source = await self._with_code(source)
            made = self._deploy(source)
        except LambdaformError as error:
            said = "\n".join(error.texts())
            own = {*map(str, (*files, *named_in(error)))}
            # An app may write beside its own files whenever it is read, which is no news of what is wrong with it.
            if said != self._wrong or not own.isdisjoint(names):
                # What ends with a line of code has a line of its own after it.
                between = " " if said.endswith(".") and "\n" not in said else "\n"
                self._notice(f"{said}{between}The stack as it was before goes on.")
            self._wrong = said
            return (*files, *mended_in(error, files))
        self._wrong = ""
        self._on_reload(made, names)
        # To package code is tried each time.
        news = [each for each in source.warnings if _gist(each) not in known]
        for warning in (*source.unpackaged, *news):
            self._notice(str(warning))
        return source.files

    def _loaded(self) -> Source:
        """The stack as its files have it now.

        Raises `UsageError` where there was a stack, and its file is gone: an editor, or git, may be about to write it,
        as any other file of the stack that cannot be read.
        """
        try:
            source = self._load()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{error.filename or 'A file of the stack'} cannot be read: {reason}."
            ) from error
        if self._source.assemblies and not source.assemblies:
            raise UsageError(f"There is no {' and no '.join(each.name for each in source.files)} any more.")
        return source

    async def _with_code(self, source: Source) -> Source:
        """The stack once its code is unpacked: read again where that has changed since it was read."""
        for _ in range(_TRIES - 1):
            try:
                await self._take_code(source)
            except CodeChangedError:
                source = await aside(self._loaded)
            else:
                return source
        await self._take_code(source)
        return source

    async def _take_code(self, source: Source) -> None:
        """Unpack the code. Whoever ends us waits for that, for it is written where all is to be removed."""
        taking = asyncio.ensure_future(asyncio.to_thread(self._service.take_code, *source.assemblies))
        try:
            await asyncio.shield(taking)
        finally:
            await asyncio.wait({taking})


def _missing_code(source: Source) -> dict[Path, NoCodeError]:
    return {watched_path(each.path): each for each in source.unpackaged if isinstance(each, NoCodeError)}


def _gist(warning: LambdaformError) -> tuple[str | None, str]:
    """What a warning is known by, whatever else is written above its line meanwhile."""
    return warning.where.file if warning.where else None, warning.what
