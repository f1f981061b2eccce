"""Java: AWS's own runtime client, from this machine's Maven repository, on a Java of this machine.

A Java that is newer than the function's stands in for it, since it runs the same classes.

Source: AWS Lambda Developer Guide, java-handler, java-package, java-layers, java-customization; the command line of
a java17 function as recorded in github.com/sigpwned's lambda-internals.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from attrs import frozen

from lambdaform.errors import LocalError
from lambdaform.local.control.function import FunctionConfiguration
from lambdaform.local.variables import Paths, credentials

_GROUP, _CLIENT = "com.amazonaws", "aws-lambda-java-runtime-interface-client"
#: The version that the sentence on a missing client names; any from 2.0 on will do.
_RIGHT = f"mvn dependency:get -Dartifact={_GROUP}:{_CLIENT}:2.10.1"
_MAIN = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
_NATIVE = "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI"
#: What Lambda leaves for all that is not the heap, in KB; with little memory it is 15 % (recorded command lines).
_BESIDE_HEAP = 245_760
_HEAP_SHARE = 0.85


@frozen
class _Java:
    home: Path
    version: int


@frozen
class JavaRuntime:
    """A Java and the client's jars. ``options`` are those of the virtual machine, but for the class path."""

    home: Path
    folder: Path
    options: tuple[str, ...]
    handler: str
    own_variables: tuple[tuple[str, str], ...]
    notice: str | None
    frames_log: bool = True

    @property
    def visible(self) -> tuple[Path, ...]:
        """The installation of Java."""
        return (self.home,)

    @property
    def programs(self) -> tuple[tuple[str, str], ...]:
        """Java."""
        return (("java", str(self.home / "bin/java")),)

    def command(self, paths: Paths) -> tuple[str, ...]:
        """Java on the client."""
        library = f"{paths.runtime}/lib"
        jars = [f"{library}/{jar.name}" for jar in sorted((self.folder / "lib").glob("*.jar"))]
        if paths.opt != "/opt":
            # The client looks for layers under /opt alone.
            jars.append(f"{paths.opt}/java/lib/*")
        [native] = (self.folder / "lib/jni").iterdir()
        return (
            str(self.home / "bin/java"),
            *self.options,
            f"-Djava.io.tmpdir={paths.tmp}",
            f"-D{_NATIVE}={library}/jni/{native.name}",
            "-classpath",
            ":".join(jars),
            _MAIN,
            self.handler,
        )

    def variables(self, paths: Paths) -> dict[str, str]:  # noqa: ARG002 - as for the others
        """Up to Java 11 the credentials have second names."""
        return dict(self.own_variables)


def java_runtime(configuration: FunctionConfiguration, shared: Path) -> JavaRuntime:
    """The client on the Java of the function's version, or the next newer one, or else the newest, with a notice."""
    name = configuration.function_name
    wanted = int(re.sub(r"\D.*", "", configuration.runtime.removeprefix("java")))
    javas = [java for java in map(_java, _homes()) if java is not None]
    if not javas:
        raise LocalError(
            f"Function {name!r} needs Java, and there is none on this machine.",
            right=f"Install Java {wanted}.",
        )
    java = min(javas, key=lambda each: (each.version < wanted, abs(each.version - wanted)))
    jars = _client_jars(Path.home() / ".m2/repository")
    if not jars:
        raise LocalError(
            f"Function {name!r} needs AWS's runtime client for Java, which is not in this machine's Maven repository.",
            right=f"Fetch it once: {_RIGHT}.",
        )
    notice = None
    if java.version != wanted:
        notice = f"{configuration.runtime} runs on Java {java.version}, the nearest version of this machine."
    own: dict[str, str] = {}
    if wanted <= 11 and not configuration.snap_start:
        given = credentials(configuration)
        own["AWS_ACCESS_KEY"], own["AWS_SECRET_KEY"] = (
            given["AWS_ACCESS_KEY_ID"],
            given["AWS_SECRET_ACCESS_KEY"],
        )
    return JavaRuntime(
        java.home,
        _folder(shared / "java", jars),
        _options(configuration, wanted, java.version),
        configuration.handler,
        tuple(own.items()),
        notice,
    )


def _options(configuration: FunctionConfiguration, wanted: int, version: int) -> tuple[str, ...]:
    """What Lambda tells the virtual machine, as far as this version knows it."""
    memory = configuration.memory_size * 1024
    options = [
        f"-XX:MaxHeapSize={max(int(memory * _HEAP_SHARE), memory - _BESIDE_HEAP)}k",
        "-XX:+UseSerialGC",
        "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
        "-Djava.net.preferIPv4Stack=true",
    ]
    if wanted >= 17 and not (wanted >= 25 and configuration.snap_start):
        options += ["-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1"]
    if version >= 9:
        options.append("--add-opens=java.base/java.io=ALL-UNNAMED")
    if version >= 17:
        options.append("-XX:+ErrorFileToStderr")
    if version >= 24:
        # These warn of native code, which the client has.
        options.append("--enable-native-access=ALL-UNNAMED")
    return tuple(options)


def _homes() -> Iterator[Path]:
    """Where a Java may be: JAVA_HOME, the PATH, and where Debian, Red Hat, macOS, SDKMAN and IntelliJ put theirs."""
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    on_path = shutil.which("java")
    if on_path is not None:
        yield Path(on_path).resolve().parent.parent
    for folder, pattern in (
        (Path("/usr/lib/jvm"), "*"),
        (Path("/Library/Java/JavaVirtualMachines"), "*/Contents/Home"),
        (Path.home() / ".sdkman/candidates/java", "*"),
        (Path.home() / ".jdks", "*"),
    ):
        yield from sorted(folder.glob(pattern))


@cache
def _java(home: Path) -> _Java | None:
    """What lies in a folder, or None where it is no Java."""
    if not (home / "bin/java").is_file():
        return None
    try:
        said = (home / "release").read_text(encoding="utf-8")
    except OSError:
        command = [str(home / "bin/java"), "-version"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stderr
    # JAVA_VERSION="17.0.15", or openjdk version "1.8.0_402".
    match = re.search(r'(?m)(?:^JAVA_VERSION=|version )"(?:1\.)?(\d+)', said)
    return _Java(home.resolve(), int(match[1])) if match else None


def _client_jars(repository: Path) -> tuple[Path, ...]:
    """The jars of the newest client in a Maven repository that is there with all that it needs; else none."""
    found = (repository / _GROUP.replace(".", "/") / _CLIENT).glob("*")
    for folder in sorted(
        found, key=lambda each: [int(part) for part in re.findall(r"\d+", each.name)], reverse=True
    ):
        jars = _with_dependencies(repository, folder)
        if jars and all(jar.is_file() for jar in jars):
            return jars
    return ()


def _with_dependencies(repository: Path, folder: Path) -> tuple[Path, ...]:
    """The client's jar in a folder and those that its description names."""
    description = folder / f"{_CLIENT}-{folder.name}.pom"
    if not description.is_file():
        return ()
    jars = [description.with_suffix(".jar")]
    space = "{http://maven.apache.org/POM/4.0.0}"
    root = ET.parse(description).getroot()  # noqa: S314 - a file that Maven has checked
    for each in root.iterfind(f"{space}dependencies/{space}dependency"):
        group, name, version, scope = (
            each.findtext(f"{space}{tag}") for tag in ("groupId", "artifactId", "version", "scope")
        )
        if group and name and version and scope in (None, "compile", "runtime"):
            jars.append(repository / group.replace(".", "/") / name / version / f"{name}-{version}.jar")
    return tuple(jars)


def _folder(folder: Path, jars: tuple[Path, ...]) -> Path:
    """What lies under ``/var/runtime``: the client's jars and its library for this processor."""
    if folder.exists():
        return folder
    kind = "linux" if platform.libc_ver()[0] == "glibc" else "linux_musl"
    machine = {"arm64": "aarch_64", "aarch64": "aarch_64"}.get(platform.machine(), platform.machine())
    name = f"libaws-lambda-jni.{kind}-{machine}.so"
    with zipfile.ZipFile(jars[0]) as archive:
        if platform.system() != "Linux" or f"jni/{name}" not in archive.namelist():
            raise LocalError(
                f"AWS's runtime client for Java does not run on {platform.system()} {platform.machine()}.",
                right="Java functions run on Linux, on x86_64 and arm64.",
            )
        library = archive.read(f"jni/{name}")
    (folder / "lib/jni").mkdir(parents=True)
    (folder / "lib/jni" / name).write_bytes(library)
    for jar in jars:
        shutil.copy(jar, folder / "lib")
    return folder
