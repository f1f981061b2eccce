"""A stack that is served, and taken anew when its files change."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from lambdaform import Function, Runtime, Stack
from lambdaform.errors import DefinitionError, UsageError
from lambdaform.local.service import LocalLambda
from lambdaform.local.session import Session, Source
from lambdaform.origin import Location
from lambdaform.synth.assembly import assemble, expand
from lambdaform.synth.assets import Asset, NoCodeError
from tests.local.lab import HERE, Lab, laboratory


class Served:
    """The function shop-Echo, which returns what its file says; ``load`` is how a session reads the stack anew."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.code = lab.folder / "src" / "app.py"
        self.code.parent.mkdir(parents=True)
        self.write("first")
        self.load: Callable[[], Source] = self.source
        self.said: asyncio.Queue[str] = asyncio.Queue()

    def write(self, answer: str) -> None:
        """Let the function return this."""
        self.code.write_text(f"def handler(event, context):\n    return {answer!r}\n")

    def source(self) -> Source:
        """The stack as it is now."""
        stack = Stack("shop")
        stack.file = str(self.code.parent.parent / "app.py")
        stack.add(Function("Echo", runtime=Runtime(HERE), handler="app.handler", code_uri="src"))
        missing: list[DefinitionError] = []
        assembly = assemble(stack, missing=missing.append)
        return Source((expand(assembly),), (self.code.parent,), tuple(missing))

    async def answer(self) -> object:
        """What the function returns."""
        return (await self.lab.invoking("shop-Echo")).value

    def during(self, story: Coroutine[object, object, None]) -> None:
        """Serve while the story goes on."""

        async def serving() -> None:
            session = Session(
                self.lab.service,
                lambda: self.load(),
                notice=self.said.put_nowait,
                on_reload=lambda made, names: self.said.put_nowait(f"{len(made.functions)} of {len(names)}"),
            )
            await session.start(self.source(), 0)
            ended = asyncio.Event()
            watching = asyncio.ensure_future(session.serve(ended))
            telling = asyncio.ensure_future(story)
            try:
                done, _ = await asyncio.wait({watching, telling}, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
            finally:
                ended.set()
                telling.cancel()
                await watching
                session.close()

        self.lab.run(serving())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A stack to be served."""
    with laboratory(tmp_path) as lab:
        yield Served(lab)


def test_functions_answer_while_their_stack_is_read_anew(served: Served) -> None:
    reading, answered = threading.Event(), threading.Event()

    def slowly() -> Source:
        reading.set()
        assert answered.wait(20)
        return served.source()

    async def story() -> None:
        served.load = slowly
        served.write("second")
        while not reading.is_set():
            await asyncio.sleep(0.01)
        assert await served.answer() == "first"
        answered.set()
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "second"

    served.during(story())


def test_code_is_unpacked_beside_the_service(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacking: list[threading.Thread] = []
    unpack = Asset.unpack

    def told(asset: Asset, folder: Path, kept: Any) -> None:
        unpacking.append(threading.current_thread())
        unpack(asset, folder, kept)

    async def story() -> None:
        monkeypatch.setattr(Asset, "unpack", told)
        served.write("second")
        await served.said.get()
        assert await served.answer() == "second"

    served.during(story())
    assert unpacking
    assert threading.main_thread() not in unpacking


def test_who_ends_it_waits_for_code_that_is_being_unpacked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacking, may_go_on = threading.Event(), threading.Event()
    unpack = Asset.unpack

    def slowly(asset: Asset, folder: Path, kept: Any) -> None:
        unpacking.set()
        assert may_go_on.wait(20)
        unpack(asset, folder, kept)

    async def story() -> None:
        monkeypatch.setattr(Asset, "unpack", slowly)
        served.write("second")
        while not unpacking.is_set():
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.1, may_go_on.set)

    served.during(story())
    assert may_go_on.is_set()
    served.lab.run(served.lab.service.close())
    assert not served.lab.service._folder.exists()


def test_an_app_that_has_a_loop_of_its_own_is_read_anew(served: Served) -> None:
    def looping() -> Source:
        return asyncio.run(asyncio.sleep(0, served.source()))

    async def story() -> None:
        served.load = looping
        served.write("second")
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "second"

    served.during(story())


def test_after_an_error_of_several_lines_what_goes_on_has_a_line_of_its_own(served: Served) -> None:
    def wrong() -> Source:
        raise DefinitionError("app.py raised ZeroDivisionError\n    1/0\n    ~^~")

    async def story() -> None:
        served.load = wrong
        served.write("second")
        assert (await served.said.get()).endswith("    ~^~\nThe stack as it was before goes on.")

    served.during(story())


def test_all_mistakes_that_are_found_at_once_are_said(served: Served) -> None:
    def wrong() -> Source:
        first = DefinitionError("One is wrong.")
        first.take_in([DefinitionError("So is another.")])
        raise first

    async def story() -> None:
        served.load = wrong
        served.write("second")
        assert await served.said.get() == (
            "One is wrong.\nSo is another.\nThe stack as it was before goes on."
        )

    served.during(story())


def test_a_stack_whose_file_is_gone_goes_on_until_it_is_there_again(served: Served) -> None:
    app = served.code.parent.parent / "app.py"

    async def story() -> None:
        served.load = lambda: Source((), (app,))
        served.write("second")
        assert await served.said.get() == ("There is no app.py any more. The stack as it was before goes on.")
        assert await served.answer() == "first"
        served.load = served.source
        served.write("third and last")
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "third and last"

    served.during(story())


def test_a_stack_whose_code_is_gone_goes_on_until_it_is_there_again(served: Served) -> None:
    folder = served.code.parent
    away = folder.with_name("away")

    async def story() -> None:
        folder.rename(away)
        said = await served.said.get()
        assert re.search(
            r"test_session\.py:\d+: The code of 'Echo' is gone: there is no \S*src any more\.", said
        )
        assert said.endswith("\nThe stack as it was before goes on.")
        assert await served.answer() == "first"
        (away / "app.py").write_text("def handler(event, context):\n    return 'second'\n")
        away.rename(folder)
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "second"

    served.during(story())


def test_a_stack_whose_code_folder_is_emptied_goes_on_until_there_is_code_in_it_again(served: Served) -> None:
    async def story() -> None:
        served.code.unlink()
        said = await served.said.get()
        assert re.search(
            r"test_session\.py:\d+: The code of 'Echo' is gone: \S*src has no files any more\.", said
        )
        assert said.endswith("\nThe stack as it was before goes on.")
        assert await served.answer() == "first"
        served.write("second")
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "second"

    served.during(story())


def test_code_that_was_never_there_keeps_no_change_from_being_taken(served: Served) -> None:
    folder = served.code.parent
    gone = NoCodeError(folder.parent / "never", None)
    served.load = lambda: evolve(served.source(), unpackaged=(gone,))

    async def story() -> None:
        served.write("second")
        assert await served.said.get() == "1 of 1"
        assert "There is no code at" in await served.said.get()

    served.during(story())


@pytest.mark.parametrize("gone", [False, True], ids=["edited", "gone"])
def test_code_that_changes_after_it_was_hashed_is_read_again(served: Served, gone: bool) -> None:
    more = served.code.parent / "more.py"
    more.write_text("")

    def then_changed() -> Source:
        served.load = served.source
        source = served.source()
        if gone:
            more.unlink()
        else:
            served.write("third and last")
        return source

    async def story() -> None:
        served.load = then_changed
        served.write("second")
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == ("second" if gone else "third and last")
        served.load = served.source
        served.write("second")
        while await served.answer() != "second":
            await served.said.get()

    served.during(story())


def test_code_that_never_stays_as_it_is_is_said(served: Served) -> None:
    loads = itertools.count()

    def then_changed() -> Source:
        source = served.source()
        if (number := next(loads)) < 3:
            served.write(f"change {number}")
        return source

    async def story() -> None:
        served.load = then_changed
        served.write("second")
        assert await served.said.get() == (
            f"{served.code} changed while its code was being copied. Try again once nothing writes there. "
            "The stack as it was before goes on."
        )
        assert await served.said.get() == "1 of 1"
        assert await served.answer() == "change 2"

    served.during(story())


def test_a_file_that_goes_while_a_stack_is_read_ends_nothing(served: Served) -> None:
    def unreadable() -> Source:
        served.load = served.source
        (served.lab.folder / "gone.yaml").read_bytes()
        raise AssertionError

    async def story() -> None:
        served.load = unreadable
        served.write("second")
        assert await served.said.get() == (
            f"{served.lab.folder}/gone.yaml cannot be read: no such file or directory. "
            "The stack as it was before goes on."
        )
        served.write("third and last")
        assert await served.said.get() == "1 of 1"

    served.during(story())


def test_what_an_app_writes_whenever_it_is_read_does_not_have_its_mistake_said_again(served: Served) -> None:
    app = served.lab.folder / "app.py"
    app.write_text("")
    loads = itertools.count()
    read_again = asyncio.Event()

    def with_app() -> Source:
        return evolve(served.source(), files=(served.code.parent, app))

    def wrong() -> Source:
        (app.parent / "generated.json").write_text(str(number := next(loads)))
        if number == 3:
            served.load = with_app
            served.lab.runner.get_loop().call_soon_threadsafe(read_again.set)
        raise UsageError("It is wrong.")

    async def story() -> None:
        served.load = with_app
        served.write("second")
        assert await served.said.get() == "1 of 1"
        served.load = wrong
        app.write_text("wrong")
        assert await served.said.get() == "It is wrong. The stack as it was before goes on."
        await read_again.wait()
        assert await served.said.get() == "1 of 1"

    served.during(story())


def test_a_mistake_in_a_module_is_said_again_once_that_is_saved_again(served: Served) -> None:
    module = served.lab.folder / "module.py"
    module.write_text("wrong\n")

    def wrong() -> Source:
        raise UsageError("It is wrong.", where=Location(str(module), 1))

    async def story() -> None:
        served.load = wrong
        served.write("second")
        for _ in range(2):
            assert "module.py:1: It is wrong.\n" in await served.said.get()
            module.write_text("wrong\n")

    served.during(story())


def test_of_several_mistakes_any_may_be_the_news(served: Served) -> None:
    app = served.lab.folder / "app.py"
    app.write_text("")
    second = "second"

    def with_app() -> Source:
        return evolve(served.source(), files=(served.code.parent, app))

    def wrong() -> Source:
        error = UsageError("first.")
        error.take_in([UsageError(f"{second}.")])
        raise error

    async def story() -> None:
        nonlocal second
        served.load = with_app
        served.write("second")
        assert await served.said.get() == "1 of 1"
        served.load = wrong
        app.write_text("wrong")
        assert (await served.said.get()).startswith("first.\nsecond.\n")
        second = "another"
        (app.parent / "beside").write_text("")
        assert (await served.said.get()).startswith("first.\nanother.\n")

    served.during(story())


def test_a_notice_is_told_by_the_loop_whichever_thread_it_comes_from(tmp_path: Path) -> None:
    tellers: list[threading.Thread] = []
    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as made:
        closed = zipfile.ZipInfo("app.py")
        closed.external_attr = 0o600 << 16
        made.writestr(closed, "")

    async def taking() -> None:
        told = asyncio.Event()

        def notice(_: str) -> None:
            tellers.append(threading.current_thread())
            told.set()

        stack = Stack("shop")
        stack.file = str(tmp_path / "app.py")
        stack.add(Function("Echo", runtime=Runtime(HERE), handler="app.handler", code_uri="app.zip"))
        async with LocalLambda("shop", log=print, notice=notice, state_folder=tmp_path / "state") as service:
            await asyncio.to_thread(service.take_code, expand(assemble(stack)))
            await asyncio.wait_for(told.wait(), 20)

    asyncio.run(taking())
    assert tellers == [threading.main_thread()]
