"""What a process sees of the file system: Lambda's folders, and nothing of the user's own."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lambdaform.local import sandbox
from tests.local.lab import HERE, Lab, laboratory

pytestmark = pytest.mark.usefixtures("view")

ATTEMPT = """
    import os, pathlib
    def handler(event, context):
        try:
            if event["do"] == "write":
                pathlib.Path(event["path"]).write_text("x")
            if event["do"] == "read":
                return pathlib.Path(event["path"]).read_text()
            if event["do"] == "list":
                return sorted(os.listdir(event["path"]))
        except OSError as error:
            return error.strerror
        return "done"
"""


def attempt(lab: Lab, do: str, path: str, **function: object) -> object:
    return lab.invoke(lab.function(ATTEMPT, **function), {"do": do, "path": path}).value  # type: ignore[arg-type]


def test_the_code_is_in_var_task(lab: Lab) -> None:
    assert attempt(lab, "list", "/var/task") == ["index.py"]


def test_the_process_starts_there(lab: Lab) -> None:
    assert (
        lab.invoke(lab.function("import os\ndef handler(e, c):\n    return os.getcwd()\n")).value
        == "/var/task"
    )


@pytest.mark.parametrize(
    "path", ["/var/task/new", "/var/task/index.py", "/opt/python/m.py", "/var/runtime/new"]
)
def test_code_layers_and_runtime_are_read_only(lab: Lab, path: str) -> None:
    assert attempt(lab, "write", path, layers={"python/m.py": ""}) == "Read-only file system"


OUTSIDE = ["/", "/opt", "/etc", "/usr", "/home", "/root", "/var", "/var/tmp", "/dev", "/proc", "/sys"]
EVERYWHERE = f"""
    import os

    def handler(event, context):
        written = []
        for folder in {OUTSIDE!r}:
            path = os.path.join(folder, "new")
            try:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                written.append(path)
            except OSError as error:
                if error.strerror != "Read-only file system" and folder != "/proc":
                    written.append([folder, error.strerror])
        return written
"""


@pytest.mark.parametrize("forks", [True, False], ids=["forked", "anew"])
def test_nothing_but_tmp_can_be_written(tmp_path: Path, forks: bool) -> None:
    if not sandbox.can_be_read_only():
        pytest.skip("this machine has no mount_setattr (Linux 5.12)")
    with laboratory(tmp_path / "lab", forks=forks) as own:
        own.ready()
        assert own.invoke(own.function(EVERYWHERE)).value == []


def test_where_a_view_cannot_be_read_only_that_is_said_and_code_is_so_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "can_be_read_only", lambda: False)
    with laboratory(tmp_path / "lab") as own:
        assert "writing outside of /tmp" in " ".join(own.service.limits_not_enforced())
        assert attempt(own, "write", "/var/task/new") == "Read-only file system"


def test_there_are_lambdas_devices_and_no_memory_to_share(lab: Lab) -> None:
    assert attempt(lab, "list", "/dev") == [
        *("fd", "full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero")
    ]
    assert attempt(lab, "write", "/dev/null") == "done"
    code = """
        import errno, multiprocessing, pty

        def handler(event, context):
            failed = []
            for made in (multiprocessing.Lock, pty.openpty):
                try:
                    made()
                except OSError as error:
                    failed.append(errno.errorcode.get(error.errno, str(error)))
            return failed
    """
    no_lock, no_terminal = lab.invoke(lab.function(code)).value
    # Older C libraries say the one, as that of Amazon Linux 2 does, and newer ones the other.
    assert no_lock in ("ENOSYS", "ENOENT")
    assert no_terminal == "out of pty devices"


@pytest.mark.skipif(
    Path(sys.prefix).is_relative_to(tempfile.gettempdir()),
    reason="the interpreter lies in /tmp and is shown there",
)
def test_tmp_is_writable_and_empty_at_first(lab: Lab) -> None:
    assert attempt(lab, "list", "/tmp") == []
    assert attempt(lab, "write", "/tmp/new") == "done"


SIZE = """
    import os
    def handler(event, context):
        storage = os.statvfs("/tmp")
        return storage.f_blocks * storage.f_frsize >> 20
"""


@pytest.mark.parametrize("size", [512, 700])
def test_tmp_has_the_functions_size(lab: Lab, size: int) -> None:
    assert lab.invoke(lab.function(SIZE, ephemeral_storage=size)).value == size


def test_a_tmp_that_does_not_fit_in_memory_is_on_disk_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdaform.local.launch.fits_in_memory", lambda size: size < 1024)
    notices: list[str] = []
    with laboratory(tmp_path, notice=notices.append) as lab:
        assert lab.invoke(lab.function(SIZE, ephemeral_storage=2048)).value > 2048
    assert notices == [
        "The 2048 MB of /tmp are not limited here: that is more than a quarter of this machine's memory."
    ]


RUN = {
    "python": (
        "index.py",
        """
        import os, subprocess, sys
        SHOW = "import sys; print(*sys.version_info[:3])"
        def handler(event, context):
            found = subprocess.check_output([event, "-c", SHOW], text=True).split()
            return [os.access(f"/var/lang/bin/{event}", os.X_OK), found == [str(each) for each in sys.version_info[:3]]]
        """,
    ),
    "node": (
        "index.js",
        """
        const { execFileSync } = require("child_process");
        exports.handler = async (event) => {
            require("fs").accessSync(`/var/lang/bin/${event}`);
            return [true, `${execFileSync(event, ["--version"])}`.trim() === process.version];
        };
        """,
    ),
    "ruby": (
        "index.rb",
        """
        def handler(event:, context:)
          [File.executable?("/var/lang/bin/#{event}"), `#{event} -e 'print RUBY_VERSION'` == RUBY_VERSION]
        end
        """,
    ),
}


@pytest.mark.parametrize(
    ("runtime", "program"),
    [
        ("python3.9", "python3"),
        ("python3.9", "python3.9"),
        (HERE, "python3"),
        ("nodejs20.x", "node"),
        ("ruby3.3", "ruby"),
    ],
)
def test_the_functions_interpreter_is_the_first_on_the_path(lab: Lab, runtime: str, program: str) -> None:
    language = program.rstrip("0123456789.")
    if language != "python" and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    file, code = RUN[language]
    assert lab.invoke(lab.function({file: code}, runtime=runtime), program).value == [True, True]


def test_layers_are_under_opt(lab: Lab) -> None:
    layers = {"python/m.py": "", "bin/tool": "#!/bin/sh\n", "data.txt": "from a layer"}
    assert attempt(lab, "list", "/opt", layers=layers) == ["bin", "data.txt", "python"]
    assert attempt(lab, "read", "/opt/data.txt", layers=layers) == "from a layer"


def test_links_of_a_layer_stay_links(lab: Lab) -> None:
    name = lab.function(
        """
        import os

        def handler(event, context):
            return {name: os.readlink(f"/opt/{name}") for name in os.listdir("/opt") if os.path.islink(f"/opt/{name}")}
        """,
        layers={"data.txt": "from a layer"},
    )
    function = lab.service.functions.find(name)
    assert function is not None
    links = {"dangling": "nowhere", "short": "data.txt"}
    for link, target in links.items():
        (function.versions["$LATEST"].opt / link).symlink_to(target)
    assert lab.invoke(name).value == links


def test_without_layers_opt_is_empty(lab: Lab) -> None:
    assert attempt(lab, "list", "/opt") == []


def test_a_layers_programs_are_on_the_path(lab: Lab) -> None:
    name = lab.function(
        "import subprocess\ndef handler(e, c):\n    return subprocess.check_output(['tool'], text=True)\n",
        layers={"bin/tool": "#!/bin/sh\necho from a layer\n"},
    )
    assert lab.invoke(name).value == "from a layer\n"


def test_the_home_folder_is_not_there(lab: Lab) -> None:
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    secret = home / ".lambdaform-test-secret"
    secret.write_text("secret")
    try:
        assert attempt(lab, "read", str(secret)) == "No such file or directory"
    finally:
        secret.unlink()


def test_this_machines_tmp_is_not_there(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    assert attempt(lab, "read", str(tmp_path / "secret")) == "No such file or directory"


def test_the_mounts_are_not_this_machines(lab: Lab) -> None:
    lab.invoke(lab.function(ATTEMPT), {"do": "list", "path": "/"})
    assert "lambdaform-" not in Path("/proc/self/mounts").read_text()


def test_where_there_is_no_view_it_is_said_what_differs() -> None:
    from lambdaform.local.process import limits_not_enforced

    sentence, *_ = limits_not_enforced("not wanted")
    assert sentence == (
        "Code, layers and /tmp are real folders, named by variables, not /var/task and /opt (not wanted)."
    )


UNPRIVILEGED = """
import asyncio, json, sys
from pathlib import Path
from tests.local.lab import laboratory
from lambdaform.local import sandbox

folder = Path(sys.argv[1])
with laboratory(folder) as lab:
    name = lab.function('''
        import os
        def handler(event, context):
            refused = []
            for path in ("/var/task/new", "/opt/new", "/var/tmp/new", "/dev/shm/new"):
                try:
                    open(path, "w")
                except OSError as error:
                    refused.append(error.strerror)
            open("/tmp/new", "w")
            return [os.getuid(), os.getcwd(), refused]
    ''')
    print(json.dumps([lab.service._settings.no_view, lab.invoke(name).value]))
"""


def test_somebody_without_privileges_has_the_same_view(tmp_path: Path) -> None:
    # A user namespace makes us somebody else who may still read the interpreter, wherever that is installed.
    become = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if shutil.which("unshare") is None or subprocess.run([*become, "true"], check=False).returncode != 0:
        pytest.skip("this machine has no user namespaces")
    done = subprocess.run(
        [*become, sys.executable, "-c", UNPRIVILEGED, str(tmp_path / "lab")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    if not sandbox.can_be_read_only():
        pytest.skip("this machine has no mount_setattr (Linux 5.12)")
    refused = [*["Read-only file system"] * 3, "No such file or directory"]
    assert json.loads(done.stdout) == [None, [1000, "/var/task", refused]]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "user namespaces are switched off: sysctl user.max_user_namespaces"),
        (errno.EPERM, "[Errno 1] Operation not permitted"),
        (errno.EROFS, "[Errno 30] Read-only file system"),
    ],
)
def test_the_trial_says_why_this_machine_gives_no_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sandbox, "take", refuse)
    reason = sandbox.unavailable.__wrapped__(tmp_path)
    assert reason is not None
    assert reason.endswith(said)


def test_the_trial_says_why_there_is_no_view_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert sandbox.unavailable.__wrapped__(tmp_path) == "darwin has no mount namespaces"
