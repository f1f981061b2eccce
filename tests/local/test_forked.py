"""Environments that are forked from a process which has loaded what they have in common, against those started anew."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdaform.local import confine, nursery
from lambdaform.local.runtimes import python
from tests.local.lab import HERE, Lab, ends, is_alive, laboratory

pytestmark = pytest.mark.skipif(not nursery.available(), reason="this machine forks no environments")

#: Everything that a handler can look at and that could betray how its process came about.
LOOK = r"""
import atexit, builtins, ctypes, faulthandler, gc, inspect, io, locale, logging, os, re, resource, signal, sys, threading
import time, warnings

STARTED = time.time()

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError as error:
        return error.strerror

def stream(each):
    file = getattr(each, "stream", each)
    return [type(each).__name__, type(file).__name__, file.encoding, file.errors, file.line_buffering, file.isatty(),
            file.fileno(), type(file.buffer).__name__, file.mode, file.name, file.newlines]

def mounts():
    lines = [line.split(" - ") for line in read("/proc/self/mountinfo").splitlines()]
    return [[left.split()[3:6], right.split()[0]] for left, right in lines]

def handler(event, context):
    record = logging.LogRecord("name", 20, "path", 1, "text", (), None)
    status = dict(line.split(":\t", 1) for line in read("/proc/self/status").splitlines() if ":\t" in line)
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    descriptors = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    kinds = ("mnt", "user", "net", "pid", "ipc", "uts", "cgroup", "time")
    return {
        "variables": dict(os.environ),
        "order of variables": list(os.environ),
        "variables of the C library": {name: (getenv(name.encode()) or b"").decode() for name in os.environ},
        "variables in /proc": [each for each in read("/proc/self/environ").split("\0") if each],
        "path": sys.path,
        "arguments": [sys.argv, getattr(sys, "orig_argv", None)],
        "command": read("/proc/self/cmdline").split("\0"),
        "name": read("/proc/self/comm"),
        "program": [sys.executable, sys.prefix, sys.base_prefix, os.readlink("/proc/self/exe")],
        "main": [builtins.sorted(vars(sys.modules["__main__"])), sys.modules["__main__"].__file__],
        "builtins": sorted(vars(builtins)),
        "flags": [str(sys.flags), sys.warnoptions, sys._xoptions, sys.dont_write_bytecode],
        "search": [[each.__qualname__ for each in sys.path_hooks], [str(each) for each in sys.meta_path]],
        "searched": sorted(sys.path_importer_cache),
        "modules": sorted(sys.modules),
        "stack": [[frame.filename, frame.function, frame.lineno] for frame in inspect.stack()],
        "threads": [[each.name, each.daemon, each.native_id == os.getpid()] for each in threading.enumerate()],
        "main thread": threading.main_thread() is threading.current_thread(),
        "at exit": atexit._ncallbacks(),
        "collector": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), len(gc.callbacks)],
        "warnings": [str(each) for each in warnings.filters],
        "log": [[type(each).__name__ for each in logging.root.handlers], logging.root.level,
                logging.Formatter.converter is time.gmtime],
        "log began with the process": record.relativeCreated < 60_000 and record.process == os.getpid(),
        "hooks": [sys.gettrace(), sys.getprofile(), sys.excepthook.__module__, sys.displayhook.__module__],
        "limits of the interpreter": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()
                                      if hasattr(sys, "get_int_max_str_digits") else None],
        "faults": faulthandler.is_enabled(),
        "streams": [stream(each) for each in (sys.stdin, sys.stdout, sys.stderr)],
        "first streams": [stream(each) for each in (sys.__stdin__, sys.__stdout__, sys.__stderr__)],
        "descriptors": [[each, re.sub(r"\d+", "", os.readlink(f"/proc/self/fd/{each}"))] for each in descriptors[:-1]],
        "inherited": [os.get_inheritable(each) for each in (0, 1, 2)],
        "locale": [locale.setlocale(each, None) for each in range(6)],
        "encodings": [sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), locale.getpreferredencoding()],
        "time zone": [time.tzname, time.timezone, time.daylight, time.strftime("%z")],
        "signals": [str(signal.getsignal(each)) for each in sorted(signal.valid_signals())],
        "wake-up": signal.set_wakeup_fd(-1),
        "status": {name: status.get(name) for name in (
            "Umask", "Uid", "Gid", "Groups", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff",
            "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters", "Threads", "THP_enabled", "TracerPid")},
        "limits": [resource.getrlimit(getattr(resource, name)) for name in sorted(dir(resource)) if name[:7] == "RLIMIT_"],
        "scheduling": [os.nice(0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0)), read("/proc/self/oom_score_adj"),
                       read("/proc/self/timerslack_ns"), read("/proc/self/personality")],
        "alone": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid(), os.getppid() != os.getpid()],
        "users": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups(), read("/proc/self/uid_map"), read("/proc/self/gid_map"),
                  read("/proc/self/setgroups"), read("/proc/self/loginuid")],
        "own namespaces": [os.readlink(f"/proc/self/ns/{kind}") == event["namespaces"].get(kind) for kind in kinds],
        "mounts": mounts(),
        "folders": [os.getcwd(), os.readlink("/proc/self/root"), sorted(os.listdir("/"))],
        "temporary": sorted(os.listdir(os.environ.get("TMPDIR", "/tmp"))),
        "written": [os.access(each, os.W_OK) for each in ("/tmp", "/var/task", "/opt", "/var/runtime")],
        "terminal": read("/dev/tty"),
        "young": time.process_time() < 30,
    }
"""
#: What is loaded before the handler, of which it could only know by asking for it.
LOADED_TOO = {"_ctypes", "_struct", "ctypes", "ctypes._endian", "marshal", "resource", "signal", "struct"}


@pytest.fixture(scope="module", params=["view", "folders"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lab, Lab]]:
    """Two services: one whose environments are forked, and one that starts each anew."""
    sandboxed = request.param == "view"
    with (
        laboratory(tmp_path_factory.mktemp("forked"), sandboxed=sandboxed) as forked,
        laboratory(tmp_path_factory.mktemp("anew"), sandboxed=sandboxed, forks=False) as anew,
    ):
        for each in (forked, anew):
            each.ready()
        yield forked, anew


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A service whose environments are forked."""
    with laboratory(tmp_path_factory.mktemp("forks")) as made:
        made.ready()
        yield made


def nurseries(lab: Lab) -> nursery.Nurseries:
    """The service's."""
    made = lab.service._settings.nurseries
    assert made is not None
    return made


def parent(lab: Lab, code: str = "", *, files: Mapping[str, str] | None = None, **function: Any) -> int:
    """The parent of a function's process: this one, or a nursery where it is forked."""
    code = f"import os\n{code}\ndef handler(event, context):\n    return os.getppid()\n"
    name = lab.function({"index.py": code, **(files or {})}, **function)
    found = lab.invoke(name).value
    assert found == os.getpid() or found in nurseries(lab).pids
    return int(found)


def is_forked(lab: Lab, code: str = "", **function: Any) -> bool:
    """Whether a function's environment is forked."""
    return parent(lab, code, **function) != os.getpid()


def seen(lab: Lab, runtime: str = HERE) -> dict[str, Any]:
    """What a function sees of itself, without what differs from environment to environment."""
    name = lab.function(LOOK, runtime=runtime)
    kinds = [each.name for each in Path("/proc/self/ns").iterdir()]
    namespaces = {kind: str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in kinds}
    found = lab.invoke(name, {"namespaces": namespaces}).value
    own = {
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_METADATA_TOKEN",
        "_X_AMZN_TRACE_ID",
    }
    replaced = {found["variables"][each]: f"<{each}>" for each in own}
    number = name.removeprefix("Function")
    replaced |= {f"{lab.folder}/{each}{number}": f"<{each}>" for each in ("code", "opt")}
    replaced |= {str(lab.service._folder): "<service>", str(lab.folder): "<folder>", name: "<function>"}
    environments = lab.service._folder / "environments"
    replaced |= {each.name: "<environment>" for each in environments.iterdir()}
    result = _replaced(found, replaced)
    assert isinstance(result, dict)
    return result


def _replaced(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, texts) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, texts) for each in value]
    if isinstance(value, str):
        for old, new in texts.items():
            value = value.replace(old, new)
    return value


def see_the_same(pair: tuple[Lab, Lab], runtime: str = HERE) -> None:
    """But for modules that are loaded already, functions of both services see the same."""
    forked, anew = (seen(lab, runtime) for lab in pair)
    assert is_forked(pair[0], runtime=runtime)
    assert pair[1].service._settings.nurseries is None
    assert set(forked.pop("modules")) - set(anew.pop("modules")) <= LOADED_TOO
    if pair[0].service._settings.no_view is not None:
        # The folder of the layers is in an option, and the nursery's command has nobody's.
        assert forked["command"][3] == "opt="
        forked["command"][3] = anew["command"][3]
    if runtime != HERE:
        # From Python 3.12 on AWS's client waits in a thread, which may not have ended quite yet.
        del forked["status"]["Threads"], anew["status"]["Threads"]
    for what in anew:
        assert forked[what] == anew[what], what
    assert set(forked) == set(anew)


def test_a_handler_sees_the_same_in_a_forked_process_as_in_one_started_anew(pair: tuple[Lab, Lab]) -> None:
    see_the_same(pair)


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_that_holds_for_other_pythons_than_lambdaforms_own(pair: tuple[Lab, Lab], version: str) -> None:
    runtime = f"python{version}"
    if runtime == HERE:
        pytest.skip(f"Python {version} runs the tests")
    if python._find(version) is None:
        pytest.skip(f"Python {version} is not installed")
    for lab in pair:
        lab.ready(runtime=runtime)
    see_the_same(pair, runtime)


@pytest.mark.parametrize(
    "what",
    [
        "random.random()",
        "uuid.uuid4().hex",
        "os.urandom(8).hex()",
        "ssl.RAND_bytes(8).hex()",
        "secrets.token_hex()",
        "tempfile.mktemp()",
        "next(tempfile._get_candidate_names())",
    ],
)
def test_chance_is_another_in_each_forked_process(lab: Lab, what: str) -> None:
    modules = "import os, random, secrets, ssl, tempfile, uuid"
    name = lab.function(f"{modules}\nVALUE = {what}\ndef handler(event, context):\n    return VALUE\n")
    values = set()
    for _ in range(3):
        values.add(lab.invoke(name).value)
        lab.service.end_environments()
    assert len(values) == 3


def test_a_time_zone_of_the_functions_own_holds(lab: Lab) -> None:
    name = lab.function(
        "import os, time\ndef handler(event, context):\n    return [time.tzname[0], time.timezone, os.getppid()]\n",
        environment={"TZ": "XYZ-3"},
    )
    zone, offset, found = lab.invoke(name).value
    assert (zone, offset) == ("XYZ", -3 * 3600)
    assert found in nurseries(lab).pids


@pytest.mark.parametrize(
    "variable", ["PYTHONPATH", "PYTHONHASHSEED", "LD_PRELOAD", "LC_ALL", "LANG", "OPENSSL_CONF"]
)
def test_a_variable_that_is_read_only_at_the_start_has_the_process_started_anew(
    lab: Lab, variable: str
) -> None:
    value = "1" if variable == "PYTHONHASHSEED" else ""
    assert not is_forked(lab, environment={variable: value})
    assert is_forked(lab, environment={f"MY_{variable}": value})


@pytest.mark.parametrize("file", ["resource.py", "struct.py", "ctypes/__init__.py"])
def test_a_module_of_the_function_goes_before_one_that_a_nursery_has_loaded(lab: Lab, file: str) -> None:
    module = file.partition(".")[0].partition("/")[0]
    assert not is_forked(
        lab, f"import {module}\nassert {module}.OWN", layers={f"python/{file}": "OWN = True"}
    )


def test_a_module_that_nobody_has_loaded_may_have_any_name(lab: Lab) -> None:
    assert is_forked(lab, "import boto\nassert boto.OWN", layers={"python/boto.py": "OWN = True"})


def test_a_folder_that_is_no_package_hides_no_module(lab: Lab) -> None:
    assert is_forked(lab, files={"json/data.txt": ""})


def test_libraries_of_the_functions_own_are_found_by_the_loader(lab: Lab) -> None:
    assert not is_forked(lab, layers={"lib/libown.so": ""})


def test_a_function_that_imports_the_sdk_comes_from_a_process_that_has_loaded_it(lab: Lab) -> None:
    has_loaded = "LOADED = 'boto3' in __import__('sys').modules"
    code = f"{has_loaded}\nimport boto3\ndef handler(event, context):\n    import os\n    return [LOADED, os.getppid()]\n"
    lab.ready("import boto3")
    loaded, sdk = lab.invoke(lab.function(code)).value
    assert loaded
    assert sdk in nurseries(lab).pids
    # One that does not finds none, and one that brings its own gets that.
    assert parent(lab) != sdk
    assert parent(lab, "import boto3", files={"boto3/__init__.py": ""}) not in (sdk, os.getpid())
    assert parent(lab, "import boto3", files={"brotli.py": "error = Exception"}) not in (sdk, os.getpid())


def test_what_was_asked_for_twice_has_a_nursery_the_third_time(tmp_path: Path) -> None:
    with laboratory(tmp_path / "own") as own:
        assert not is_forked(own)
        assert not is_forked(own)
        own.run(nurseries(own).ready())
        assert is_forked(own)


def test_a_runtime_that_this_machine_has_not_is_said_before_the_first_event_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with laboratory(tmp_path, notice=said.append) as own:
        name = own.function("", runtime="ruby9.9")
        function = own.service.functions.find(name)
        assert function is not None
        configurations = list(function.versions.values())

        async def prepared() -> None:
            own.service._pool.prepare([*configurations, *configurations])
            for _ in range(5):
                await asyncio.sleep(0)

        monkeypatch.setenv("PATH", "/nonexistent")
        own.run(prepared())
    assert said == [
        f"Function '{name}' needs Ruby, and there is no ruby on this machine's PATH. Install Ruby."
    ]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("sys.exit(4)", "exit status 4"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
        ("os.abort()", "signal: aborted"),
    ],
)
def test_how_a_forked_process_ended_is_known(lab: Lab, end: str, reason: str) -> None:
    name = lab.function(
        f"import os, sys\ndef handler(event, context):\n    if event:\n        {end}\n    return os.getppid()\n"
    )
    assert lab.invoke(name, False).value in nurseries(lab).pids
    outcome = lab.invoke(name, True)
    assert (
        outcome.error["errorMessage"]
        == f"RequestId: {outcome.request_id} Error: Runtime exited with error: {reason}"
    )
    lab.invoke(name, False)


@pytest.mark.parametrize("end", ["os._exit(3)", "time.sleep(60)"], ids=["crash", "timeout"])
def test_what_follows_a_crash_or_a_timeout_is_forked_into_the_same_view(lab: Lab, end: str) -> None:
    name = lab.function(
        f"""
        import os, time

        def handler(event, context):
            if event:
                with open(os.environ.get("TMPDIR", "/tmp") + "/kept", "w") as file:
                    file.write("kept")
                {end}
            with open(os.environ.get("TMPDIR", "/tmp") + "/kept") as file:
                return [file.read(), os.readlink("/proc/self/ns/mnt"), os.getppid()]
        """,
        timeout=1,
    )
    views = set()
    for _ in range(2):
        assert lab.invoke(name, True).error
        kept, view, found = lab.invoke(name, False).value
        assert kept == "kept"
        assert found in nurseries(lab).pids
        views.add(view)
    assert len(views) == 1


def test_all_this_holds_for_somebody_who_is_not_root(tmp_path: Path) -> None:
    become = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if os.getuid() != 0:
        pytest.skip("the tests are run by somebody who is not root")
    if shutil.which("unshare") is None or subprocess.run([*become, "true"], check=False).returncode:
        pytest.skip("this machine has no user namespaces")
    chosen = ["-k", "sees_the_same or follows_a_crash or ended_is_known or may_end_it or leaves_nothing"]
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--basetemp", str(tmp_path / "own"), *chosen]
    done = subprocess.run(
        [*become, sys.executable, "-m", "pytest", *options, __file__],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(tmp_path), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_nursery_that_is_killed_takes_its_children_along_and_all_goes_on(tmp_path: Path) -> None:
    notices: list[str] = []
    with laboratory(tmp_path / "own", notice=notices.append) as own:
        own.ready()
        name = own.function(
            "import os\ndef handler(event, context):\n    return [os.getpid(), os.getppid()]\n"
        )
        child, found = own.invoke(name).value
        os.kill(found, signal.SIGKILL)
        assert ends(child)
        outcome = own.invoke(name)
        if outcome.response.function_error is None:
            assert outcome.value[1] == os.getpid()
        assert own.invoke(name).value[1] == os.getpid()
        assert not is_forked(own)
    assert notices == ["Environments start more slowly now, for none can be forked: it ended with status -9"]


def test_a_nursery_ends_with_its_service_and_leaves_nothing(tmp_path: Path) -> None:
    with laboratory(tmp_path / "own") as own:
        own.ready()
        own.ready("import boto3")
        assert is_forked(own)
        [one, other] = nurseries(own).pids
        folder = own.service._folder
    assert not is_alive(one)
    assert not is_alive(other)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("raise SystemExit('It is no use.')", "It is no use."),
        ("import os\nFILE = os.dup(1)", "After loading, descriptors"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
            "there are 2 threads",
        ),
    ],
    ids=["ends", "leaves a file open", "starts a thread"],
)
def test_a_nursery_that_its_modules_make_unfit_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, said: str
) -> None:
    package = tmp_path / "awslambdaric"
    shutil.copytree(Path(python._origins()["awslambdaric"]), package)
    with (package / "lambda_context.py").open("a") as file:
        file.write(
            f"\nimport os\nif 'AWS_LAMBDA_RUNTIME_API' not in os.environ:\n{textwrap.indent(broken, '    ')}\n"
        )
    monkeypatch.setitem(python._origins(), "awslambdaric", package)
    notices: list[str] = []
    with laboratory(tmp_path / "own", notice=notices.append) as own:
        own.ready()
        own.ready()
        assert not is_forked(own)
    [notice] = notices
    assert said in notice


def test_no_process_of_a_nursery_may_end_it(lab: Lab) -> None:
    name = lab.function(
        """
        import os, signal

        def handler(event, context):
            refused = []
            for target in (os.getppid(), -os.getpgid(os.getppid()), -1):
                try:
                    os.kill(target, 0)
                except OSError as error:
                    refused.append(error.strerror)
            return refused
        """
    )
    if confine.unavailable() is not None:
        pytest.skip(str(confine.unavailable()))
    assert lab.invoke(name).value == ["Operation not permitted"] * 3


def test_nothing_is_forked_where_that_is_not_wanted(tmp_path: Path) -> None:
    with laboratory(tmp_path / "own", forks=False) as own:
        for _ in range(3):
            name = own.function("import os\ndef handler(event, context):\n    return os.getppid()\n")
            assert own.invoke(name).value == os.getpid()
