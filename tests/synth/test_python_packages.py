"""Python dependencies in archives: for Lambda's platform whatever this machine is, once, and the same everywhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from lambdaform import CodeFolder, Function, Layer, Runtime, Stack
from lambdaform.errors import DefinitionError
from lambdaform.synth.assembly import Assembly, assemble
from lambdaform.synth.packaging import Packaging
from tests.synth.packages import sdist, source, wheel

HANDLER = "def handler(event, context):\n    return 1\n"


class Project:
    """A project with one function, and the packages that pip finds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.said: list[str] = []
        self.index.mkdir()
        (folder / "src").mkdir()
        (folder / "src/app.py").write_text(HANDLER)

    def requires(self, text: str, name: str = "src/requirements.txt") -> None:
        (self.folder / name).write_text(text)

    def assembly(self, packaging: Packaging | None = None, **settings: Any) -> Assembly:
        stack = Stack("shop")
        stack.file = str(self.folder / "app.py")
        given = {"runtime": "python3.13", "handler": "app.handler", "code_uri": "src", **settings}
        stack.add(Function("Fn", **given))
        return assemble(stack, packaging=packaging or Packaging(progress=self.said.append))

    def files(self, packaging: Packaging | None = None, **settings: Any) -> dict[str, bytes]:
        [asset] = self.assembly(packaging, **settings).assets.values()
        return {entry.name: b"".join(entry.chunks()) for entry in asset.entries}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path)
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(project.index))
    return project


def no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("pip was run")

    monkeypatch.setattr("lambdaform.synth.python_packages.run", refuse)


def test_packages_lie_beside_the_code(project: Project) -> None:
    wheel(project.index, "colours", {"colours/__init__.py": "RED = 1\n"})
    project.requires("colours==1.0\n")
    files = project.files()
    assert files["colours/__init__.py"] == b"RED = 1\n"
    assert files["app.py"] == HANDLER.encode()


def test_the_second_time_nothing_is_installed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n")
    first = project.files()
    no_pip(monkeypatch)
    assert project.files() == first
    assert project.said == [f"Installing {project.folder}/src/requirements.txt for python3.13 on x86_64"]


def test_other_requirements_are_installed_anew(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": "1"})
    wheel(project.index, "colours", {"colours.py": "2"}, version="2.0")
    project.requires("-r more.txt\n")
    project.requires("colours==1.0\n", "src/more.txt")
    assert project.files()["colours.py"] == b"1"
    project.requires("colours==2.0\n", "src/more.txt")
    assert project.files()["colours.py"] == b"2"


@pytest.mark.parametrize(
    ("runtime", "architecture", "content"),
    [
        ("python3.13", "x86_64", b"2.28 x86"),
        ("python3.13", "arm64", b"2.17 arm"),
        ("python3.11", "x86_64", b"2.17 x86"),
    ],
)
def test_a_wheel_is_the_best_for_lambdas_processor_and_c_library(
    project: Project, runtime: str, architecture: str, content: bytes
) -> None:
    for platform, text in (
        ("manylinux_2_28_x86_64", "2.28 x86"),
        ("manylinux2014_x86_64", "2.17 x86"),
        ("manylinux_2_17_aarch64", "2.17 arm"),
        ("macosx_11_0_arm64", "mac"),
        ("win_amd64", "windows"),
    ):
        wheel(project.index, "fast", {"fast.so": text}, tag=f"cp39-abi3-{platform}")
    project.requires("fast\n")
    assert project.files(runtime=runtime, architectures=[architecture])["fast.so"] == content


def test_a_wheel_for_another_version_of_python_is_not_taken(project: Project) -> None:
    wheel(project.index, "fast", {"fast.so": "311"}, tag="cp311-cp311-manylinux2014_x86_64")
    wheel(project.index, "fast", {"fast.so": "313"}, tag="cp313-cp313-manylinux2014_x86_64")
    project.requires("fast\n")
    assert project.files()["fast.so"] == b"313"


def test_markers_ask_lambda_and_not_this_machine(project: Project) -> None:
    for name in ("old", "new", "windows", "arm"):
        wheel(project.index, name, {f"{name}.py": ""})
    project.requires(
        'old; python_version < "3.11"\nnew; python_version >= "3.11"\n'
        'windows; sys_platform == "win32"\narm; platform_machine == "aarch64"\n'
    )
    files = project.files(runtime="python3.10", architectures=["arm64"])
    assert {"old.py", "arm.py"} <= files.keys()
    assert not {"new.py", "windows.py"} & files.keys()


def test_a_package_without_a_wheel_is_built_if_it_is_pure_python(project: Project) -> None:
    sdist(project.index, "pure")
    project.requires("pure\n")
    assert project.files()["pure.py"] == b"VALUE = 1\n"


@pytest.mark.parametrize("given", ["native", "../sources/native-1.0"])
def test_a_package_that_is_built_as_native_code_is_refused(project: Project, given: str) -> None:
    tag = f"cp3{sys.version_info.minor}-cp3{sys.version_info.minor}-linux_riscv64"
    sdist(project.index, "native", tag=tag)
    source(project.folder / "sources", "native", tag="py3-none-linux_x86_64")
    project.requires(f"{given}\n")
    with pytest.raises(
        DefinitionError, match=r"native.* in .*requirements\.txt for python3\.11 on arm64 .*"
    ) as raised:
        project.files(runtime="python3.11", architectures=["arm64"])
    assert "Amazon Linux" in str(raised.value)


def test_a_local_package_is_installed_as_it_is_now(project: Project) -> None:
    root = source(project.folder, "mine")
    project.requires("../mine-1.0\n")
    assert project.files()["mine.py"] == b"VALUE = 1\n"
    (root / "mine.py").write_text("VALUE = 2\n")
    assert project.files()["mine.py"] == b"VALUE = 2\n"


def test_the_archive_is_the_same_on_every_machine(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(project.index, "tool", {"tool.py": "def main(): pass\n"}, scripts={"tool": "tool:main"})
    source(project.folder, "mine")
    project.requires("tool\n../mine-1.0\n")
    first = project.assembly().assets.keys()
    [names] = [[entry.name for entry in asset.entries] for asset in project.assembly().assets.values()]
    assert not [name for name in names if name.startswith("bin/") or "direct_url" in name]
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(project.folder / "another"))
    assert project.assembly().assets.keys() == first


def test_what_pip_does_not_find_is_named_with_the_line_of_the_function(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://me:secret@127.0.0.1:9/simple")
    project.requires("nowhere==1.0\n")
    with pytest.raises(DefinitionError, match=r"No matching distribution found for nowhere==1\.0") as raised:
        project.files()
    assert "test_python_packages.py" in str(raised.value.where)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({"requirements.txt": "# nothing\n"}, {}),
        ({"requirements.txt": "nowhere\n", "nowhere-1.0.dist-info/METADATA": ""}, {}),
        ({"requirements.txt": "nowhere\n"}, {"code_uri": CodeFolder("src", dependencies=False)}),
        ({"requirements.txt": "nowhere\n"}, {"metadata": {"SkipBuild": True}}),
        ({"requirements.txt": "nowhere\n"}, {"runtime": "nodejs24.x"}),
        ({"pyproject.toml": "[tool.ruff]\n"}, {}),
        ({"package.json": '{"dependencies": {"a": "1"}}'}, {}),
    ],
    ids=[
        "empty",
        "there-already",
        "dependencies-false",
        "skip-build",
        "other-language",
        "no-project",
        "package-json",
    ],
)
def test_nothing_is_installed_where_nothing_is_to_be(
    project: Project, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], settings: dict[str, Any]
) -> None:
    for name, text in files.items():
        (project.folder / "src" / name).parent.mkdir(exist_ok=True)
        (project.folder / "src" / name).write_text(text)
    no_pip(monkeypatch)
    assert project.files(**settings).keys() == {"app.py", *files}


def test_a_project_table_lists_dependencies(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires('[project]\nname = "x"\ndependencies = ["colours>=1"]\n', "src/pyproject.toml")
    assert "colours.py" in project.files()


@pytest.mark.parametrize(
    ("files", "right"),
    [
        (
            {"pyproject.toml": '[project]\ndependencies = ["a"]\n', "uv.lock": ""},
            "uv export --frozen --no-dev --no-emit-project --output-file requirements.txt",
        ),
        ({"pyproject.toml": '[project]\ndependencies = ["a"]\n', "poetry.lock": ""}, "poetry export"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.13"\na = "1"\n'}, "poetry export"),
        ({"pyproject.toml": '[project]\ndynamic = ["dependencies"]\n'}, "dependencies=False"),
        ({"pyproject.toml": "[project\n"}, "is not TOML"),
        ({"pyproject.toml": "[project]\ndependencies = {}\n"}, "no list of texts"),
        ({"requirements.txt": "-e ../mine\n"}, "Without -e"),
        ({"requirements.txt": "-r gone.txt\n"}, "There is no .*gone.txt, which .*requirements.txt takes in"),
    ],
    ids=["uv", "poetry-lock", "poetry", "dynamic", "no-toml", "no-list", "editable", "gone"],
)
def test_what_pip_cannot_read_is_told_with_what_to_do(
    project: Project, files: dict[str, str], right: str
) -> None:
    for name, text in files.items():
        project.requires(text, f"src/{name}")
    with pytest.raises(DefinitionError, match=right):
        project.files()


def test_dependencies_may_be_listed_elsewhere(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n", "prod.txt")
    assert "colours.py" in project.files(code_uri=CodeFolder("src/app.py", dependencies="prod.txt"))


@pytest.mark.parametrize(
    ("dependencies", "right"),
    [
        ("gone.txt", "There is no list"),
        ("package.json", "for Node"),
        ("../../../../etc/passwd", "outside the project"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(project: Project, dependencies: str, right: str) -> None:
    project.requires("{}", "package.json")
    with pytest.raises(DefinitionError, match=right):
        project.files(code_uri=CodeFolder("src", dependencies=dependencies))


def test_for_this_machine_packages_are_this_machines(project: Project) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    wheel(project.index, "new", {"new.py": ""})
    project.requires(f'new; python_version == "{here}"\n')
    packaging = Packaging(interpreter=lambda _: (here, sys.executable))
    assert "new.py" in project.files(packaging, runtime="python3.10")


def test_without_leave_to_install_it_is_said(project: Project) -> None:
    project.requires("colours\n")
    with pytest.raises(DefinitionError, match="not installed yet"):
        project.files(Packaging(install=False))


def test_packages_may_be_installed_for_one_function_only(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    packaging = Packaging(interpreter=lambda _: (here, sys.executable), only="Other")
    with pytest.raises(DefinitionError, match=r"not installed yet\. run installs them\."):
        project.files(packaging)
    assert "colours.py" in project.files(Packaging(interpreter=lambda _: (here, sys.executable), only="Fn"))


def layer_files(project: Project, layer: Layer) -> set[str]:
    stack = Stack("shop")
    stack.file = str(project.folder / "app.py")
    stack.add(layer)
    [asset] = assemble(stack).assets.values()
    return {entry.name for entry in asset.entries}


def test_a_layers_packages_lie_where_python_looks_for_them(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n", "prod.txt")
    (project.folder / "layer/python").mkdir(parents=True)
    (project.folder / "layer/python/own.py").write_text("")
    content = CodeFolder("layer", dependencies="prod.txt")
    names = layer_files(project, Layer("Own", content_uri=content, compatible_runtimes=[Runtime.PYTHON_3_13]))
    assert {"python/own.py", "python/colours.py"} <= names


def test_a_layer_that_sam_would_build_has_all_where_python_looks(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n")
    names = layer_files(project, Layer("Own", content_uri="src", metadata={"BuildMethod": "python3.13"}))
    assert {"python/app.py", "python/colours.py"} <= names


def test_a_layer_without_a_build_stays_as_it_is(project: Project) -> None:
    project.requires("nowhere\n")
    layer = Layer("Own", content_uri="src", compatible_runtimes=[Runtime.PYTHON_3_13])
    assert layer_files(project, layer) == {"app.py", "requirements.txt"}


def test_a_layer_for_several_runtimes_must_choose(project: Project) -> None:
    project.requires("colours\n")
    content = CodeFolder("src", dependencies="src/requirements.txt")
    with pytest.raises(DefinitionError, match="Give it one of compatible_runtimes"):
        layer_files(
            project,
            Layer("Own", content_uri=content, compatible_runtimes=[Runtime.PYTHON_3_12, Runtime.PYTHON_3_13]),
        )


def test_globals_name_one_code_of_which_each_runtime_has_its_own_packages(project: Project) -> None:
    wheel(project.index, "old", {"old.py": ""})
    project.requires('old; python_version < "3.11"\n')
    stack = Stack("shop")
    stack.file = str(project.folder / "app.py")
    stack.globals_for(Function, code_uri="src", handler="app.handler")
    stack.add(Function("Old", runtime=Runtime.PYTHON_3_10))
    stack.add(Function("New", runtime=Runtime.PYTHON_3_13))
    assembly = assemble(stack)
    resources = assembly.template["Resources"]
    keys = [resources[name]["Properties"]["CodeUri"] for name in ("Old", "New")]
    assert len({*keys}) == 2
    assert "CodeUri" not in assembly.template["Globals"]["Function"]


def test_what_is_installed_for_one_function_serves_the_others_of_its_code(project: Project) -> None:
    wheel(project.index, "colours", {"colours.py": ""})
    project.requires("colours\n")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    stack = Stack("shop")
    stack.file = str(project.folder / "app.py")
    stack.globals_for(Function, code_uri="src", handler="app.handler", runtime=Runtime.PYTHON_3_13)
    for name in ("One", "Two"):
        stack.add(Function(name))
    packaging = Packaging(interpreter=lambda _: (here, sys.executable), only="Two")
    assembly = assemble(stack, packaging=packaging, missing=lambda error: None)
    assert assembly.unpackaged == {}
    assert assembly.template["Globals"]["Function"]["CodeUri"] in assembly.assets


def test_globals_code_that_fits_some_functions_stays_with_these(project: Project) -> None:
    wheel(project.index, "old", {"old.py": ""}, tag="cp310-none-any")
    project.requires("old\n")
    stack = Stack("shop")
    stack.file = str(project.folder / "app.py")
    stack.globals_for(Function, code_uri="src", handler="app.handler")
    stack.add(Function("Old", runtime=Runtime.PYTHON_3_10))
    stack.add(Function("New", runtime=Runtime.PYTHON_3_13))
    said: list[DefinitionError] = []
    assembly = assemble(stack, missing=said.append)
    resources = assembly.template["Resources"]
    assert resources["Old"]["Properties"]["CodeUri"] in assembly.assets
    assert resources["New"]["Properties"]["CodeUri"] == "src"
    assert "python3.13" in str(said[0])
