"""One execution environment over its life: warm starts, freezing, /tmp, a slow init, its end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from lambdaform.facts.quotas import quotas
from lambdaform.local import removal
from lambdaform.local.environment import ExecutionEnvironment, State
from lambdaform.local.front import Request
from tests.local.lab import Lab, Outcome, descendants, ends, laboratory, standing_still

COUNT = """
    import os
    count = 0
    def handler(event, context):
        global count
        count += 1
        return [os.getpid(), count]
"""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service in which an init may take half a second."""
    with laboratory(tmp_path_factory.mktemp("hasty")) as made:
        short = evolve(quotas(), init_seconds=0.5)  # type: ignore[arg-type]  # less than AWS ever gives
        made.service._pool._settings = evolve(made.service._settings, quotas=short)
        yield made


def test_state_outside_the_handler_lasts_from_event_to_event(lab: Lab) -> None:
    name = lab.function(COUNT)
    first, second = lab.invoke(name).value, lab.invoke(name).value
    assert first[0] == second[0]
    assert (first[1], second[1]) == (1, 2)


def test_the_log_stream_is_the_environments(lab: Lab) -> None:
    name = lab.function(COUNT)
    lab.invoke(name)
    lab.invoke(name)
    streams = {line.stream for line in lab.log if line.function_name == name}
    [stream] = streams
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)


def test_every_line_of_an_event_carries_its_id(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    print('hello')\n")
    outcome = lab.invoke(name)
    lines = [line for line in lab.log if line.function_name == name]
    assert {line.request_id for line in lines} == {outcome.request_id}


def test_between_events_the_process_and_its_children_stand_still(lab: Lab) -> None:
    name = lab.function(
        """
        import os, subprocess
        def handler(event, context):
            plain = subprocess.Popen(["sleep", "600"])
            away = subprocess.Popen(["sleep", "600"], start_new_session=True)
            return [os.getpid(), plain.pid, away.pid]
        """
    )
    pids = lab.invoke(name).value
    lab.run(standing_still(*pids))


def test_a_daemon_that_has_left_its_parent_stands_still_too(lab: Lab) -> None:
    name = lab.function(DAEMON)
    pid = lab.invoke(name).value
    lab.run(standing_still(pid))


def test_background_work_goes_on_with_the_next_event(lab: Lab) -> None:
    name = lab.function(
        """
        import os, subprocess, time
        child = None
        def handler(event, context):
            global child
            if child is None:
                child = subprocess.Popen(["sh", "-c", "sleep 0.1; echo done"])
                return None
            return child.wait(5)
        """
    )
    lab.invoke(name)
    lab.run(asyncio.sleep(0.2))
    assert lab.invoke(name).value == 0


DAEMON = """
    import os, time
    def handler(event, context):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(writing, str(os.getpid()).encode())
                time.sleep(600)
            os._exit(0)
        os.wait()
        pid = int(os.read(reading, 20))
        if event == "fail":
            os._exit(1)
        return pid
"""


def test_after_a_failure_no_child_is_left_not_even_a_daemon(lab: Lab) -> None:
    name = lab.function(DAEMON.replace("os._exit(1)", 'print("daemon", pid); os._exit(1)'))
    outcome = lab.invoke(name, "fail")
    [line] = outcome.lines("daemon")
    assert ends(int(line.split()[1]))


def test_tmp_is_kept_over_events_and_over_a_timeout(any_lab: Lab) -> None:
    name = any_lab.function(
        """
        import os, pathlib, tempfile, time
        def handler(event, context):
            file = pathlib.Path(tempfile.gettempdir()) / "kept"
            if event == "write":
                file.write_text("kept")
            if event == "hang":
                time.sleep(60)
            return file.read_text()
        """,
        timeout=1,
    )
    any_lab.invoke(name, "write")
    any_lab.invoke(name, "hang")
    assert any_lab.invoke(name, "read").value == "kept"


def test_tmp_is_another_one_in_another_environment(any_lab: Lab) -> None:
    source = """
        import pathlib, tempfile
        def handler(event, context):
            file = pathlib.Path(tempfile.gettempdir()) / "mine"
            there = file.exists()
            file.touch()
            return there
    """
    first, second = any_lab.function(source), any_lab.function(source)
    any_lab.invoke(first)
    assert any_lab.invoke(second).value is False


@pytest.mark.parametrize("sleeps", ["init", "event"])
def test_an_environment_that_is_closed_while_it_works_logs_no_failure(lab: Lab, sleeps: str) -> None:
    code = "import time\n"
    code += "time.sleep(30)\n" if sleeps == "init" else ""
    code += "def handler(event, context):\n    print('at work', flush=True)\n    time.sleep(30)\n"
    name = lab.function(code, timeout=60)

    async def closed() -> tuple[str, list[str]]:
        under_way = asyncio.ensure_future(lab.invoking(name))
        begun = "at work" if sleeps == "event" else "INIT_START"
        while not any(line.function_name == name and begun in line.text for line in lab.log):
            await asyncio.sleep(0.002)
        lab.service.end_environments()
        outcome = await under_way
        return outcome.error["errorType"], [line.split()[0] for line in outcome.log]

    error_type, log = lab.run(closed())
    assert error_type == "Sandbox.Failure"
    assert log == (["INIT_START"] if sleeps == "init" else ["INIT_START", "START", "at"])


def test_after_a_timeout_the_process_is_gone(lab: Lab) -> None:
    name = lab.function(
        "import os, time\ndef handler(event, context):\n    print('pid', os.getpid())\n    time.sleep(60)\n",
        timeout=1,
    )
    [line] = lab.invoke(name).lines("pid")
    assert ends(int(line.split()[1]))


def test_an_init_over_its_time_is_begun_again_within_the_invocation(hasty: Lab) -> None:
    name = hasty.function(
        """
        import pathlib, time
        mark = pathlib.Path("/tmp/begun")
        if not mark.exists():
            mark.touch()
            time.sleep(30)
        def handler(event, context):
            return "at last"
        """
        if hasty.service._settings.no_view is None
        else SLOW_ONCE
    )
    outcome = hasty.invoke(name)
    assert outcome.value == "at last"
    [line] = outcome.lines("INIT_REPORT")
    assert re.fullmatch(r"INIT_REPORT Init Duration: 5\d\d\.\d\d ms\tPhase: init\tStatus: timeout", line)
    assert "Init Duration" not in outcome.report


def test_an_init_that_takes_too_long_the_second_time_too_is_reported_with_its_phase(hasty: Lab) -> None:
    outcome = hasty.invoke(hasty.function("import time\ntime.sleep(30)\n", timeout=1))
    assert outcome.error["errorType"] == "Sandbox.Timedout"
    first, second = outcome.lines("INIT_REPORT")
    assert first.endswith("\tPhase: init\tStatus: timeout")
    assert second.endswith("\tPhase: invoke\tStatus: timeout")


SLOW_ONCE = """
    import os, pathlib, time
    mark = pathlib.Path(os.environ["TMPDIR"]) / "begun"
    if not mark.exists():
        mark.touch()
        time.sleep(30)
    def handler(event, context):
        return "at last"
"""


def test_a_second_init_counts_as_duration(hasty: Lab) -> None:
    name = hasty.function("import time\ntime.sleep(0.7)\ndef handler(event, context):\n    return 1\n")
    assert float(hasty.invoke(name).report["Duration"].removesuffix(" ms")) >= 700


def test_a_second_init_is_under_the_functions_timeout(hasty: Lab) -> None:
    name = hasty.function("import time\ntime.sleep(30)\n", timeout=1)
    outcome = hasty.invoke(name)
    assert outcome.error["errorType"] == "Sandbox.Timedout"
    assert outcome.error["errorMessage"] == (
        f"RequestId: {outcome.request_id} Error: Task timed out after 1.00 seconds"
    )
    assert outcome.report["Duration"] == "1000.00 ms"


def test_a_process_that_dies_between_events_is_replaced(lab: Lab) -> None:
    name = lab.function(COUNT)
    pid, _ = lab.invoke(name).value
    os.kill(pid, signal.SIGKILL)
    lab.run(asyncio.sleep(0.05))
    assert lab.invoke(name).value[1] == 1


def test_the_end_of_a_process_counts_though_what_it_sent_before_has_ended_the_phase(lab: Lab) -> None:
    name = lab.function(COUNT)
    lab.invoke(name)
    environment = _environment_of(lab, name)

    async def ends_unseen() -> None:
        runtime, phase = environment._processes.runtime, environment._ended
        assert runtime is not None
        assert runtime._pidfd is not None
        assert phase is not None
        # Its end is seen while the event is on, and then the request for the next one is read.
        asyncio.get_running_loop().remove_reader(runtime._pidfd)
        os.kill(runtime.pid, signal.SIGKILL)
        while not runtime.has_exited:
            await asyncio.sleep(0.001)
        environment._exited(phase, -signal.SIGKILL, 0)

    lab.run(ends_unseen())
    assert environment.state is State.BROKEN
    assert lab.invoke(name).value[1] == 1


def test_an_environment_that_is_closed_leaves_neither_process_nor_files(lab: Lab) -> None:
    name = lab.function(DAEMON)
    daemon = lab.invoke(name).value
    environment = _environment_of(lab, name)
    folder = environment._folder
    assert environment._processes.runtime is not None
    pid = environment._processes.runtime.pid
    assert folder.is_dir()

    async def close() -> None:
        environment.close()

    lab.run(close())
    assert ends(pid)
    assert ends(daemon)
    lab.run(lab.service._settings.removals.ended())
    assert not folder.exists()


def test_an_environment_ends_where_the_system_gives_no_thread_for_removing_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = lab.function(COUNT)
    lab.invoke(name)
    environment = _environment_of(lab, name)
    folder, group = environment._folder, environment._launch.group

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def end() -> None:
        with monkeypatch.context() as without_threads:
            without_threads.setattr(threading.Thread, "start", refused)
            lab.service.end_environments()
            await lab.service._settings.removals.ended()

    lab.run(end())
    assert environment not in lab.service._pool._all
    assert not folder.exists()
    if group is not None:
        lab.run(gone(*group.folders.values()))


async def gone(*folders: Path) -> None:
    """Wait until there is none of them any more."""
    while any(each.exists() for each in folders):
        await asyncio.sleep(0.002)


class _Removing:
    """Removing that has begun when it says so, and goes on when it may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()
        inside = removal._inside

        def waiting(folder: str) -> list[os.DirEntry[str]]:
            self.has_begun.set()
            self.may_go_on.wait(10)
            return inside(folder)

        monkeypatch.setattr(removal, "_inside", waiting)

    async def begins(self) -> None:
        while not self.has_begun.is_set():
            await asyncio.sleep(0.002)


def test_removing_what_an_environment_wrote_holds_up_no_other(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, other = lab.function(COUNT), lab.function(COUNT)
    lab.invoke(name)
    folder = _environment_of(lab, name)._folder
    removing = _Removing(monkeypatch)
    lab.service.end_environments()
    lab.run(removing.begins())
    assert lab.invoke(other).value[1] == 1
    assert folder.exists()
    removing.may_go_on.set()
    lab.run(lab.service._settings.removals.ended())
    assert not folder.exists()


def test_a_service_that_ends_waits_for_what_is_being_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with laboratory(tmp_path) as own:
        own.invoke(own.function(COUNT))
        removing = _Removing(monkeypatch)

        async def closed_meanwhile() -> bool:
            closing = asyncio.ensure_future(own.service.close())
            await removing.begins()
            was_closed = closing.done()
            removing.may_go_on.set()
            await closing
            return was_closed

        assert not own.run(closed_meanwhile())
        assert not own.service._folder.exists()


def test_an_answer_that_came_in_time_counts_though_this_process_stood_still(lab: Lab) -> None:
    name = lab.function(
        "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'x' * 5_000_000\n",
        timeout=1,
    )
    lab.invoke(name, 0)

    async def standing_still(seconds: float) -> Outcome:
        before = len(lab.log)
        waiting = asyncio.ensure_future(lab.invoking(name, seconds))
        while len(lab.log) == before:
            await asyncio.sleep(0)
        time.sleep(1.5)
        return await waiting

    assert len(lab.run(standing_still(0.5)).value) == 5_000_000
    assert lab.run(standing_still(60)).error["errorType"] == "Sandbox.Timedout"


def test_a_service_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    before = set(descendants(__import__("os").getpid()))
    with laboratory(tmp_path) as made:
        folder = made.service._folder
        for _ in range(2):
            made.invoke(made.function(COUNT))
    assert not folder.exists()
    assert set(descendants(__import__("os").getpid())) <= before


def test_ended_environments_start_cold_again(lab: Lab) -> None:
    name = lab.function(COUNT)
    lab.invoke(name)

    async def end() -> None:
        lab.service.end_environments()

    lab.run(end())
    outcome = lab.invoke(name)
    assert outcome.value[1] == 1
    assert "Init Duration" in outcome.report


def test_many_events_leak_no_descriptor(tmp_path: Path) -> None:
    # What a nursery takes comes and stays some time after the first events.
    with laboratory(tmp_path, forks=False) as own:
        name = own.function("import os\ndef handler(event, context):\n    if event: os._exit(1)\n")
        own.invoke(name, 1)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            own.invoke(name, 1)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


def _environment_of(lab: Lab, name: str) -> ExecutionEnvironment:
    environment = next(each for each in lab.service._pool._all if each.configuration.function_name == name)
    assert isinstance(environment, ExecutionEnvironment)
    return environment


def test_a_service_that_ends_during_initialisation_answers_who_waits(tmp_path: Path) -> None:
    with laboratory(tmp_path) as own:
        name = own.function("import time\ntime.sleep(60)\ndef handler(event, context):\n    return 1\n")

        async def answered() -> str | None:
            waiting = asyncio.ensure_future(own.service.invoke(Request(function_name=name)))
            while not any(line.text.startswith("INIT_START") for line in own.log):
                await asyncio.sleep(0.002)
            await own.service.close()
            return (await waiting).function_error

        assert own.run(answered(), seconds=10) == "Unhandled"


def test_a_service_whose_function_makes_folders_in_folders_without_end_ends_well(tmp_path: Path) -> None:
    with laboratory(tmp_path, sandboxed=False) as own:
        name = own.function(
            """
            import os, tempfile
            def handler(event, context):
                os.chdir(tempfile.gettempdir())
                for _ in range(1200):
                    os.mkdir("deeper")
                    os.chdir("deeper")
                return os.environ["TMPDIR"]
            """
        )
        folder = Path(own.invoke(name).value)
        own.service.end_environments()
        own.run(own.service._settings.removals.ended())
        assert not folder.exists()
    assert not own.service._folder.exists()
