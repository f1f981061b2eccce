"""Node.js dependencies in archives, by npm from a registry of the test's own; bundles by esbuild."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdaform import CodeFolder, Function, Layer, Runtime, Stack
from lambdaform.errors import DefinitionError
from lambdaform.synth.assembly import assemble
from lambdaform.synth.packaging import Packaging
from tests.synth.packages import npm_tarball

HANDLER = "exports.handler = async () => 1;\n"
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm on the PATH")


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """The address of a registry with the packages `left` (1.0.0 and 1.1.0), and `native` of which one part is for arm64."""
    tarballs: dict[str, bytes] = {}
    listed: dict[str, dict[str, Any]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/").replace("%2f", "/")
            body = tarballs.get(name) or json.dumps(listed.get(name, {})).encode()
            self.send_response(200 if name in tarballs or name in listed else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"

    def publish(name: str, version: str, files: dict[str, str], **more: Any) -> None:
        data = npm_tarball(name, version, files)
        tarballs[f"{name}-{version}.tgz"] = data
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
        package = listed.setdefault(name, {"name": name, "dist-tags": {}, "versions": {}})
        package["dist-tags"]["latest"] = version
        package["versions"][version] = {
            "name": name,
            "version": version,
            "dist": {"tarball": f"{url}/{name}-{version}.tgz", "integrity": integrity},
            **more,
        }

    publish("left", "1.0.0", {"index.js": "1.0"}, bin={"left": "index.js"})
    publish("left", "1.1.0", {"index.js": "1.1"})
    publish("harm", "1.0.0", {"index.js": ""}, scripts={"install": "touch harmed"}, hasInstallScript=True)
    for cpu in ("arm64", "x64"):
        publish(f"native-{cpu}", "1.0.0", {"index.js": cpu}, os=["linux"], cpu=[cpu])
    parts = {f"native-{cpu}": "1.0.0" for cpu in ("arm64", "x64")}
    publish("native", "1.0.0", {"index.js": ""}, optionalDependencies=parts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()


@pytest.fixture
def folder(tmp_path: Path, registry: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMBDAFORM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "index.js").write_text(HANDLER)
    (folder / ".npmrc").write_text(f"registry={registry}\n")
    return folder


def depend(folder: Path, **dependencies: str) -> None:
    package = {"dependencies": dependencies, "devDependencies": {"nowhere": "1"}}
    (folder / "package.json").write_text(json.dumps(package))


def files(folder: Path, packaging: Packaging | None = None, **settings: Any) -> dict[str, bytes]:
    stack = Stack("shop")
    stack.file = str(folder.parent / "app.py")
    given = {"runtime": "nodejs24.x", "handler": "index.handler", "code_uri": "src", **settings}
    stack.add(Function("Fn", **given))
    [asset] = assemble(stack, packaging=packaging).assets.values()
    return {entry.name: b"".join(entry.chunks()) for entry in asset.entries}


@needs_npm
def test_packages_lie_beside_the_code_without_commands_and_development_tools(folder: Path) -> None:
    depend(folder, left="1.0.0")
    names = {name for name in files(folder) if name.startswith("node_modules/")}
    assert names == {"node_modules/left/index.js", "node_modules/left/package.json"}


@needs_npm
def test_a_lock_file_decides(folder: Path, registry: str) -> None:
    depend(folder, left="^1.0.0")
    assert files(folder)["node_modules/left/index.js"] == b"1.1"
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"left": "^1.0.0"}},
            "node_modules/left": {
                "version": "1.0.0",
                "resolved": f"{registry}/left-1.0.0.tgz",
            },
        },
    }
    (folder / "package.json").write_text('{"dependencies": {"left": "^1.0.0"}}')
    (folder / "package-lock.json").write_text(json.dumps(lock))
    found = files(folder)
    assert json.loads(found["node_modules/left/package.json"])["version"] == "1.0.0"


@needs_npm
@pytest.mark.parametrize(("architecture", "cpu"), [("arm64", "arm64"), ("x86_64", "x64")])
def test_prebuilt_parts_are_lambdas(folder: Path, architecture: str, cpu: str) -> None:
    depend(folder, native="1.0.0")
    names = files(folder, architectures=[architecture])
    parts = {name.split("/")[1] for name in names if name.startswith("node_modules/native-")}
    assert parts == {f"native-{cpu}"}


@needs_npm
def test_a_packages_own_scripts_are_not_run(folder: Path) -> None:
    depend(folder, harm="1.0.0")
    assert "node_modules/harm/harmed" not in files(folder)


@needs_npm
def test_what_npm_does_not_find_is_told(folder: Path) -> None:
    depend(folder, nowhere="1.0.0")
    with pytest.raises(
        DefinitionError, match=r"package\.json for Node\.js on x86_64 cannot be installed"
    ) as raised:
        files(folder)
    assert "nowhere" in str(raised.value)


@needs_npm
def test_the_second_time_nothing_is_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    depend(folder, left="1.0.0")
    first = files(folder)
    no_npm(monkeypatch)
    assert files(folder) == first


def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("npm was run")

    monkeypatch.setattr("lambdaform.synth.node_packages.run", refuse)


def test_for_this_machine_the_packages_that_are_there_will_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depend(folder, left="1.0.0")
    (folder / "node_modules/left").mkdir(parents=True)
    (folder / "node_modules/left/index.js").write_text("mine")
    no_npm(monkeypatch)
    packaging = Packaging(interpreter=lambda _: ("3.13", "python"))
    assert files(folder, packaging)["node_modules/left/index.js"] == b"mine"


def test_a_package_that_depends_on_nothing_needs_no_npm(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "package.json").write_text('{"type": "commonjs", "devDependencies": {"left": "1"}}')
    no_npm(monkeypatch)
    assert "index.js" in files(folder)


def test_without_npm_it_is_said_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    depend(folder, left="1.0.0")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DefinitionError, match=r"no npm on the PATH\. Install Node\.js"):
        files(folder)


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [
        ("yarn.lock", "", "npm install --package-lock-only"),
        ("package.json", '{"dependencies": {"mine": "file:../mine"}}', "npm pack"),
        ("package.json", "{", "is not JSON"),
    ],
)
def test_what_npm_would_not_install_is_told_with_what_to_do(
    folder: Path, name: str, text: str, right: str
) -> None:
    depend(folder, left="1.0.0")
    (folder / name).write_text(text)
    with pytest.raises(DefinitionError, match=right):
        files(folder)


@needs_npm
def test_a_layers_packages_lie_where_node_looks_for_them(folder: Path) -> None:
    depend(folder, left="1.0.0")
    stack = Stack("shop")
    stack.file = str(folder.parent / "app.py")
    content = CodeFolder("src", dependencies="src/package.json", exclude=["*"], include=["index.js"])
    stack.add(Layer("Own", content_uri=content, compatible_runtimes=[Runtime.NODEJS_24_X]))
    [asset] = assemble(stack).assets.values()
    assert {entry.name for entry in asset.entries} == {
        "index.js",
        "nodejs/node_modules/left/index.js",
        "nodejs/node_modules/left/package.json",
    }


#: Stands for esbuild: it writes what it was asked into the file that it would have made.
ESBUILD = """\
#!/usr/bin/env python3
import json, pathlib, sys
[out] = [each.partition("=")[2] for each in sys.argv if each.startswith("--outdir=")]
entries = [each for each in sys.argv[1:] if not each.startswith("--")]
if "broken.ts" in entries[0]:
    sys.exit("error: Unexpected end of file")
options = [each for each in sys.argv[1:] if each.startswith("--") and not each.startswith("--outdir=")]
pathlib.Path(out, "app.js").write_text(json.dumps([entries, options]))
"""


@pytest.fixture
def bundler(folder: Path) -> Path:
    """A project with a TypeScript function, and something in the place of esbuild."""
    (folder / "app.ts").write_text("export const handler = async () => 1;\n")
    (folder / "broken.ts").write_text("{")
    tool = folder.parent / "node_modules/.bin/esbuild"
    tool.parent.mkdir(parents=True)
    tool.write_text(ESBUILD)
    tool.chmod(0o755)
    return folder


def bundle(folder: Path, **properties: Any) -> Any:
    metadata = {"BuildMethod": "esbuild", "BuildProperties": properties}
    found = files(folder, handler="app.handler", metadata=metadata)
    assert found.keys() == {"app.js"}
    return json.loads(found["app.js"])


def test_the_handlers_file_is_bundled_as_sam_would(bundler: Path) -> None:
    entries, options = bundle(bundler)
    assert entries == ["./app.ts"]
    assert {*options} == {"--minify", "--target=es2020", "--bundle", "--platform=node", "--log-level=error"}


def test_build_properties_are_esbuilds_options(bundler: Path) -> None:
    _, options = bundle(
        bundler,
        EntryPoints=["app.ts"],
        Minify=False,
        Target="es2022",
        Sourcemap=True,
        Format="esm",
        External=["aws-sdk", "@aws-sdk/*"],
        Loader=[".node=file"],
        OutExtension=[".js=.mjs"],
        MainFields="module,main",
    )
    assert {*options} >= {
        "--target=es2022",
        "--sourcemap",
        "--format=esm",
        "--external:aws-sdk",
        "--external:@aws-sdk/*",
        "--loader:.node=file",
        "--out-extension:.js=.mjs",
        "--main-fields=module,main",
    }
    assert "--minify" not in options


@pytest.mark.parametrize(
    ("properties", "what"),
    [
        ({"Splitting": True}, "BuildProperties has Splitting"),
        ({"EntryPoints": ["gone.ts"]}, "no such file"),
        ({"EntryPoints": ["broken.ts"]}, "Unexpected end of file"),
    ],
)
def test_what_esbuild_cannot_do_is_told(bundler: Path, properties: dict[str, Any], what: str) -> None:
    with pytest.raises(DefinitionError, match=what):
        bundle(bundler, **properties)


def test_without_esbuild_it_is_said_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DefinitionError, match="npm install --save-dev esbuild"):
        files(folder, metadata={"BuildMethod": "esbuild"})


def test_another_build_is_left_to_whoever_does_it(folder: Path) -> None:
    with pytest.raises(DefinitionError, match=r"Function 'Fn' is built by makefile.* sam build"):
        files(folder, metadata={"BuildMethod": "makefile"})


def test_on_this_machine_such_code_is_taken_as_it_stands(folder: Path) -> None:
    said: list[str] = []
    packaging = Packaging(interpreter=lambda _: ("3.13", "python"), progress=said.append)
    assert "index.js" in files(folder, packaging, metadata={"BuildMethod": "makefile"})
    assert "taken as it stands" in said[0]


def test_what_sam_has_built_is_not_built_again(folder: Path) -> None:
    built = folder.parent / ".aws-sam/build/Fn"
    shutil.copytree(folder, built)
    depend(built, left="1.0.0")
    names = files(folder, code_uri=".aws-sam/build/Fn", metadata={"BuildMethod": "makefile"})
    assert names.keys() >= {"index.js", "package.json"}


def test_an_image_that_is_still_to_be_built_is_said() -> None:
    said: list[str] = []
    stack = Stack("shop")
    stack.add(
        Function("Fn", package_type="Image", metadata={"Dockerfile": "Dockerfile.prod", "DockerContext": "."})
    )
    assemble(stack, packaging=Packaging(progress=said.append))
    assert said == [
        "Note: Function 'Fn' is a container image. Build it from Dockerfile.prod: sam build, or docker build."
    ]


@pytest.mark.parametrize(
    ("runtime", "source"),
    [
        ("java21", "pom.xml"),
        ("dotnet10", "Shop.csproj"),
        ("provided.al2023", "go.mod"),
        ("provided.al2023", "Cargo.toml"),
    ],
)
def test_sources_that_are_still_to_be_compiled_are_not_packaged(
    folder: Path, runtime: str, source: str
) -> None:
    (folder / source).write_text("")
    with pytest.raises(
        DefinitionError, match=f"Function 'Fn' has its sources in .*{source}.*not built.*sam build"
    ):
        files(folder, runtime=runtime)


def test_what_was_compiled_beside_its_sources_is_packaged(folder: Path) -> None:
    (folder / "go.mod").write_text("")
    (folder / "bootstrap").write_text("")
    assert "bootstrap" in files(folder, runtime="provided.al2023")


@pytest.mark.parametrize("name", ["build", "[build]"])
def test_an_earlier_assembly_beside_the_code_is_no_code(folder: Path, name: str) -> None:
    output = folder / name
    before = files(folder, Packaging(output=output))
    (output / "assets").mkdir(parents=True)
    (output / "template.yaml").write_text("")
    assert files(folder, Packaging(output=output)) == before
