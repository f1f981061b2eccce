"""Java functions on AWS's own runtime client: handlers, errors, the context, where classes are looked for."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.runtimes import java
from lambdaform.local.runtimes.java import java_runtime
from tests.local.lab import Lab, Outcome
from tests.local.toolchains import built, needed, run

REPOSITORY = Path.home() / ".m2/repository"


@pytest.fixture(scope="session")
def client() -> tuple[Path, ...]:
    """The jars of AWS's client; Maven fetches them where they are not there."""
    needed("java")
    if not java._client_jars(REPOSITORY) and shutil.which("mvn") is not None:
        subprocess.run(
            [*java._RIGHT.split(), "-q", "-B"], check=False, timeout=120, stdout=subprocess.DEVNULL
        )
    jars = java._client_jars(REPOSITORY)
    if not jars:
        pytest.skip("AWS's runtime client for Java is not in this machine's Maven repository")
    return jars


@pytest.fixture(scope="session")
def classes(request: pytest.FixtureRequest, client: tuple[Path, ...]) -> Path:
    """The folder of the compiled classes."""
    needed("javac")

    def build(folder: Path) -> None:
        path = ":".join(map(str, client))
        run(folder, "javac", "--release", "11", "-Xlint:-options", "-cp", path, "-d", "classes", "Shop.java")

    return built(request.config, ["java/Shop.java"], ["javac", "-version"], build) / "classes"


def shop(
    lab: Lab, classes: Path, handler: str = "shop.Shop", *, where: str = "classes", **configuration: object
) -> str:
    """A function of these classes, which lie in the package as they are, in a jar, or in a layer's jar."""
    layers = {"java/lib/readme": ""} if where == "layer" else {}
    values = {"runtime": "java21", "memory_size": 512, **configuration}
    name = lab.function({"readme": ""}, layers=layers, handler=handler, **values)  # type: ignore[arg-type]
    function = lab.service.functions.find(name)
    assert function is not None
    latest = function.versions["$LATEST"]
    if where == "classes":
        shutil.copytree(classes, latest.code, dirs_exist_ok=True)
    else:
        jar = (latest.code / "lib" if where == "package" else latest.opt / "java/lib") / "shop.jar"
        jar.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(jar, "w") as archive:
            for file in classes.rglob("*.class"):
                archive.write(file, file.relative_to(classes))
    return name


def test_a_class_is_a_handler_and_one_process_answers_event_after_event(any_lab: Lab, classes: Path) -> None:
    name = shop(any_lab, classes)
    assert any_lab.invoke(name, {"value": "ü"}).value == {"value": "ü", "served": 1}
    assert any_lab.invoke(name, {"value": "x" * 1_000_000}).value["served"] == 2


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        ("shop.Shop::handleRequest", {"served": 1}),
        ("shop.Shop::more", {"pieces": 8}),
        ("shop.Shop$Stream", {"raw": {"pieces": 7}}),
    ],
    ids=["its method", "a method of other types", "a stream"],
)
def test_a_handler_may_be_a_method_or_a_stream_and_what_is_null_is_left_out(
    lab: Lab, classes: Path, handler: str, answer: dict[str, object]
) -> None:
    assert lab.invoke(shop(lab, classes, handler), {"pieces": 7}).value == answer


@pytest.mark.parametrize("where", ["package", "layer"])
def test_jars_are_found(any_lab: Lab, classes: Path, where: str) -> None:
    assert any_lab.invoke(shop(any_lab, classes, where=where), {}).value["served"] == 1


def test_the_context_says_what_is_invoked(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes)
    outcome = lab.invoke(name, {"do": "context"}, client_context='{"custom": {"a": "b"}}')
    left = outcome.value["left"]
    assert outcome.value == {
        "aws_request_id": outcome.request_id,
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "memory_limit_in_mb": 512,
        "log_group_name": f"/aws/lambda/{name}",
        "custom": {"a": "b"},
        "left": left,
    }
    assert 3_000 < left <= 10_000


def failing(lab: Lab, classes: Path, event: object, handler: str = "shop.Shop") -> Outcome:
    return lab.invoke(shop(lab, classes, handler), event)


def test_an_error_has_its_class_message_and_trace_and_the_process_goes_on(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes)
    error = lab.invoke(name, {"do": "fail", "value": "none left"}).error
    assert (error["errorType"], error["errorMessage"]) == ("shop.Shop$OutOfStock", "none left")
    assert error["stackTrace"][0].startswith("shop.Shop.handleRequest(Shop.java:")
    assert lab.invoke(name, {}).value["served"] == 2


def test_an_error_of_the_virtual_machine_ends_the_process(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes)
    assert lab.invoke(name, {"do": "recurse"}).error["errorType"] == "java.lang.StackOverflowError"
    assert lab.invoke(name, {}).value["served"] == 1


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("shop.Missing", "java.lang.ClassNotFoundException", "Class not found: shop.Missing"),
        ("shop.Shop$Broken::handle", "java.lang.IllegalStateException", "no settings"),
    ],
    ids=["no such class", "a constructor that throws"],
)
def test_a_handler_that_cannot_be_had_is_an_error(
    lab: Lab, classes: Path, handler: str, error_type: str, message: str
) -> None:
    error = failing(lab, classes, {}, handler).error
    assert error["errorType"] == error_type
    assert message in error["errorMessage"]


def test_a_process_that_exits_is_reported(lab: Lab, classes: Path) -> None:
    error = failing(lab, classes, {"do": "exit"}).error
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_what_it_prints_and_logs_is_in_the_log(lab: Lab, classes: Path) -> None:
    log = lab.invoke(shop(lab, classes), {"do": "print", "value": "stock"}).log
    assert {"stock printed", "stock logged\nover two lines"} <= set(log)


def test_the_heap_is_the_most_of_the_memory_and_options_are_taken(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes, environment={"JAVA_TOOL_OPTIONS": "-Dmine=yes"})
    machine = lab.invoke(name, {"do": "machine", "value": "AWS_EXECUTION_ENV"}).value
    # Java does not count one of the two spaces for young objects that survive.
    assert 512 * 0.85 * 0.95 < machine.pop("heap_mb") <= 512 * 0.85
    assert machine == {"mine": "yes", "environment": "AWS_Lambda_java21"}


def test_up_to_java_11_credentials_have_second_names(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes, runtime="java11")
    assert (
        lab.invoke(name, {"do": "machine", "value": "AWS_ACCESS_KEY"}).value["environment"].startswith("ASIA")
    )


def test_a_wrapper_script_starts_it(lab: Lab, classes: Path) -> None:
    name = shop(lab, classes, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"})
    function = lab.service.functions.find(name)
    assert function is not None
    wrapper = function.versions["$LATEST"].code / "wrapper"
    wrapper.write_text('#!/bin/sh\nstart="$1"\nshift\nexec "$start" -Dmine=wrapped "$@"\n')
    wrapper.chmod(0o755)
    assert lab.invoke(name, {"do": "machine", "value": "x"}).value["mine"] == "wrapped"


def configuration(tmp_path: Path, runtime: str) -> FunctionConfiguration:
    return FunctionConfiguration(
        function_name="fn",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:fn",
        runtime=runtime,
        handler="shop.Shop",
        code=tmp_path,
        opt=tmp_path,
    )


@pytest.mark.parametrize(
    ("runtime", "taken"), [("java8.al2", 8), ("java11", 17), ("java17", 17), ("java21", 25), ("java99", 25)]
)
def test_a_java_is_of_the_version_or_the_next_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: tuple[Path, ...], runtime: str, taken: int
) -> None:
    for version, shown in ((8, "1.8.0_402"), (17, "17.0.15"), (25, "25.0.3")):
        home = tmp_path / f"jdk{version}"
        (home / "bin").mkdir(parents=True)
        (home / "bin/java").touch()
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{shown}"\n')
    monkeypatch.setattr(java, "_homes", lambda: iter(sorted(tmp_path.glob("jdk*"))))
    made = java_runtime(configuration(tmp_path, runtime), tmp_path / "runtimes")
    assert made.home.name == f"jdk{taken}"
    assert (made.notice is None) is (runtime in ("java8.al2", "java17"))


def test_a_machine_without_java_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "_homes", lambda: iter(()))
    with pytest.raises(LocalError, match="needs Java, and there is none on this machine"):
        java_runtime(configuration(tmp_path, "java21"), tmp_path / "runtimes")


def test_a_machine_without_the_client_says_how_to_fetch_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(java, "_homes", lambda: iter([tmp_path]))
    monkeypatch.setattr(java, "_java", lambda home: java._Java(home, 21))
    with pytest.raises(LocalError) as refused:
        java_runtime(configuration(tmp_path, "java21"), tmp_path / "runtimes")
    assert "mvn dependency:get" in str(refused.value)


@pytest.mark.parametrize("missing", ["core-1.4.0/core-1.4.0.jar", None])
def test_a_client_counts_only_with_all_that_it_needs(tmp_path: Path, missing: str | None) -> None:
    for version in ("2.9.0", "2.10.1"):
        folder = tmp_path / "com/amazonaws/aws-lambda-java-runtime-interface-client" / version
        folder.mkdir(parents=True)
        (folder / f"{folder.parent.name}-{version}.jar").touch()
        core = "2.0" if missing and version == "2.10.1" else "1.4.0"
        (folder / f"{folder.parent.name}-{version}.pom").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><dependencies>'
            f"<dependency><groupId>com.amazonaws</groupId><artifactId>core</artifactId><version>{core}</version>"
            "</dependency><dependency><groupId>org.junit</groupId><artifactId>junit</artifactId>"
            "<version>5</version><scope>test</scope></dependency></dependencies></project>"
        )
    library = tmp_path / "com/amazonaws/core/1.4.0/core-1.4.0.jar"
    library.parent.mkdir(parents=True)
    library.touch()
    jars = java._client_jars(tmp_path)
    assert jars[0].parent.name == ("2.9.0" if missing else "2.10.1")
    assert jars[1:] == (library,)
