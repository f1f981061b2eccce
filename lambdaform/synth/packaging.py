"""Code as it is packaged: its files, with the packages that it depends on, for Lambda or for this machine.

Which dependencies there are is said by a list in the code folder, or by a `CodeFolder`; in a template also by SAM's
``Metadata``, as far as its meaning is clear. They lie beside the code, in layers where their language looks for them.

Source: AWS Lambda Developer Guide, python-package, nodejs-package, python-layers and nodejs-layers; SAM Developer
Guide, "Building layers" and "Build configuration file" (Metadata: BuildMethod, BuildArchitecture, SkipBuild).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from lambdaform.errors import DefinitionError
from lambdaform.model.code_folder import CodeFolder
from lambdaform.model.code_patterns import Patterns, patterns_for
from lambdaform.model.globals import setting_of
from lambdaform.model.layer import Architecture
from lambdaform.model.references import LogicalRef
from lambdaform.model.resource import Resource
from lambdaform.model.stack import Stack
from lambdaform.origin import Location, shown_path
from lambdaform.synth.assets import Asset, Entry, files_of
from lambdaform.synth.cache import keep, kept, key_of
from lambdaform.synth.node_packages import NodePackages
from lambdaform.synth.places import check_inside, place_of, require_list
from lambdaform.synth.python_packages import PythonPackages
from lambdaform.synth.python_platform import ForLambda, ForThisMachine
from lambdaform.synth.requirements import INSTALL_NONE, Requirements

Packages = PythonPackages | NodePackages
#: What is never needed of an installed package: it is made anew where the package runs.
_COMPILED = Patterns(("__pycache__", "*.py[co]"))
_LANGUAGE = re.compile(r"(python|nodejs)[\d.]+x?")
_BUILT = ".aws-sam"
#: By a runtime's beginning: the files that show sources which a compiler still has to see, and what it makes of them.
_SOURCES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "java": (("pom.xml", "build.gradle", "build.gradle.kts"), ()),
    "dotnet": (("*.csproj", "*.fsproj"), ()),
    "go": (("go.mod",), ()),
    "provided": (("go.mod", "Cargo.toml"), ("bootstrap",)),
}
#: Ways of SAM's to install what a list names, which is what is done here anyway.
_PLAIN_BUILDS = ("python-uv",)
_LOCKS = {
    "uv.lock": "uv export --frozen --no-dev --no-emit-project --output-file requirements.txt",
    "poetry.lock": "poetry export --output requirements.txt",
    "pdm.lock": "pdm export --prod --output requirements.txt",
}
#: Where a layer's packages are found. Source: AWS Lambda Developer Guide, packaging-layers.
_IN_LAYERS = {"python": "python/", "nodejs": "nodejs/"}


def _nobody_listens(_: str) -> None:
    """Progress that nobody wants to hear of."""


@frozen(kw_only=True)
class Packaging:
    """What code is packaged for. ``interpreter`` gives the version and path of the Python on which a runtime's
    functions run here; without it, code is packaged for Lambda.

    ``install`` says whether packages that are not in the cache are installed, ``only`` for which function alone (its
    logical id; layers' always are), and ``progress`` gets a sentence before that.
    ``output`` is the folder to which the assembly goes, which is never part of the code beside it.
    """

    interpreter: Callable[[str], tuple[str, str]] | None = None
    install: bool = True
    only: str | None = None
    output: Path | None = None
    progress: Callable[[str], None] = _nobody_listens

    @property
    def is_local(self) -> bool:
        """Whether the code is to run on this machine."""
        return self.interpreter is not None


@frozen
class _Target:
    """Whose code it is: its runtime and architecture, and what SAM's Metadata says of its build."""

    title: str
    is_layer: bool
    runtime: str | None
    handler: str | None
    architecture: Architecture
    metadata: Mapping[str, Any]

    @property
    def language(self) -> str | None:
        found = _LANGUAGE.fullmatch(self.runtime or "")
        return found[1] if found else None

    @property
    def build_method(self) -> str | None:
        method = self.metadata.get("BuildMethod")
        return method if isinstance(method, str) else None

    @property
    def is_to_be_built(self) -> bool:
        """Whether something other than the language's own packages is to make the archive."""
        method = self.build_method
        return method is not None and method not in _PLAIN_BUILDS and _LANGUAGE.fullmatch(method) is None

    def sources_in(self, root: Path) -> str | None:
        """The file by which a folder's code, in a language that is compiled, is known to be sources still."""
        for family, (signs, built) in _SOURCES.items():
            if not self.is_layer and (self.runtime or "").startswith(family):
                done = [root / name for name in (*built, *([self.handler] if self.handler else []))]
                found = next((each for sign in signs for each in root.glob(sign)), None)
                return None if found is None or any(each.is_file() for each in done) else found.name
        return None

    @property
    def skips_build(self) -> bool:
        return str(self.metadata.get("SkipBuild")).lower() == "true"


@frozen
class Packager:
    """Packages the code of one stack; the same code for the same target once."""

    stack: Stack
    parameters: Mapping[str, str]
    packaging: Packaging
    _made: dict[tuple[object, ...], Asset | DefinitionError] = field(
        factory=dict, init=False, eq=False, repr=False
    )

    def asset(self, owner: Resource, field_name: str, path: str, user: Resource) -> Asset:
        """The archive of the code that ``owner`` names, as ``user`` needs it; they differ where SAM's globals name it.

        Raises `DefinitionError` where the code is missing or cannot be packaged.
        """
        value = getattr(owner, field_name)
        folder = value if isinstance(value, CodeFolder) else CodeFolder(path, origin=None)
        where = place_of(owner, field_name)
        check_inside(path, self._base, where)
        target = self._target(user)
        root = self._base / path
        if root.is_dir() and not _was_built(root) and not target.skips_build:
            if target.build_method == "esbuild":
                return self._bundle(root, target, where)
            self._say_not_built(root, target, where)
        packages = self._packages(folder, root, target, where)
        key = (
            path,
            folder.exclude,
            folder.include,
            packages and (str(packages), target.is_layer),
            _whole(target),
            self._installs_for(user),
        )
        if key not in self._made:
            try:
                self._made[key] = self._package(
                    folder, root, target, packages, where, install=self._installs_for(user)
                )
            except DefinitionError as error:
                # What cannot be installed for one function is not tried again for each other one.
                self._made[key] = error
        made = self._made[key]
        if isinstance(made, DefinitionError):
            raise made
        return made

    def say_images(self) -> None:
        """Say which functions are container images that somebody still has to build."""
        for each in self.stack.resources.values():
            metadata = each.metadata if isinstance(each.metadata, Mapping) else {}
            image = self._setting(each, "package_type") == "Image" and not getattr(each, "image_uri", None)
            if image and {"Dockerfile", "DockerContext"} & metadata.keys() and not self.packaging.is_local:
                file = metadata.get("Dockerfile", "Dockerfile")
                self.packaging.progress(
                    f"Note: {self._title(each)} is a container image. Build it from {file}: sam build, or docker build."
                )

    @property
    def _base(self) -> Path:
        return Path(self.stack.file).parent if self.stack.file else Path.cwd()

    def _bundle(self, root: Path, target: _Target, where: Location | None) -> Asset:
        from lambdaform.synth.node_bundle import bundled

        properties = target.metadata.get("BuildProperties")
        options = properties if isinstance(properties, Mapping) else {}
        return Asset.of(bundled(root, self._base, target.handler, options, where))

    def _say_not_built(self, root: Path, target: _Target, where: Location | None) -> None:
        """Say that code is to be built in a way that is not ours; on this machine it may run all the same."""
        sources = target.sources_in(root)
        if target.is_to_be_built:
            what = f"{target.title} is built by {target.build_method}, as its Metadata says, which lambdaform does not run."
        elif sources is not None:
            what = f"{target.title} has its sources in {shown_path(str(root))} ({sources}), and they are not built."
        else:
            return
        if not self.packaging.is_local:
            right = "Build it and give what that makes: sam build; --template .aws-sam/build/template.yaml."
            raise DefinitionError(what, right=right, where=where)
        self.packaging.progress(f"{what} It is taken as it stands.")

    def _package(
        self,
        folder: CodeFolder,
        root: Path,
        target: _Target,
        packages: Packages | None,
        where: Location | None,
        *,
        install: bool,
    ) -> Asset:
        exclude = tuple(folder.exclude or ())
        further: Iterator[Entry] = iter(())
        under = _IN_LAYERS.get(target.language or "", "") if target.is_layer else ""
        if packages is not None:
            further = self._installed(packages, under, install=install)
        if isinstance(packages, NodePackages):
            exclude = (*exclude, "/node_modules")
        output = self.packaging.output
        if output is not None and root.resolve() in output.resolve().parents:
            # An earlier assembly is no code.
            name = output.resolve().relative_to(root.resolve()).as_posix()
            exclude = (*exclude, "/" + re.sub(r"([\\*?\[])", r"\\\1", name))
        return Asset.from_path(
            root,
            patterns=patterns_for(exclude, tuple(folder.include or ())),
            # A layer that SAM is to build has its sources where the language looks for them, else where they lie.
            under=under if target.build_method else "",
            further=further,
            where=where,
        )

    def _installs_for(self, user: Resource) -> bool:
        """Whether packages are installed for a resource."""
        for_all = self.packaging.only is None or user.aws_type.endswith("::LayerVersion")
        return self.packaging.install and (for_all or user.logical_id == self.packaging.only)

    def _installed(self, packages: Packages, under: str, *, install: bool) -> Iterator[Entry]:
        """The files of the packages, from the cache; installed first where they are not there."""
        kind = "python" if isinstance(packages, PythonPackages) else "nodejs"
        key = key_of(packages.key())
        if kept(kind, key) is None:
            if not install:
                command = "run" if self.packaging.is_local else "synth --output"
                raise DefinitionError(
                    f"The packages of {packages} are not installed yet.", right=f"{command} installs them."
                )
            self.packaging.progress(f"Installing {packages}")
        folder = keep(kind, key, packages.install)
        for entry in files_of(folder, _COMPILED):
            yield evolve(entry, name=f"{under}{entry.name}")

    def _target(self, user: Resource) -> _Target:
        metadata = user.metadata if isinstance(user.metadata, Mapping) else {}
        is_layer = user.aws_type.endswith("::LayerVersion")
        runtime = self._layer_runtime(user, metadata) if is_layer else self._setting(user, "runtime")
        given = self._setting(user, "compatible_architectures" if is_layer else "architectures") or ()
        architectures = [self._known(each) for each in given] if isinstance(given, list | tuple) else []
        architecture = metadata.get("BuildArchitecture") or (
            architectures[0] if len(architectures) == 1 else None
        )
        handler = self._setting(user, "handler")
        return _Target(
            title=self._title(user),
            is_layer=is_layer,
            runtime=runtime if isinstance(runtime, str) else None,
            handler=handler if isinstance(handler, str) else None,
            architecture="arm64" if architecture == "arm64" else "x86_64",
            metadata=metadata,
        )

    def _title(self, resource: Resource) -> str:
        return f"{type(resource).TITLE or type(resource).__name__} {resource.logical_id!r}"

    def _layer_runtime(self, layer: Resource, metadata: Mapping[str, Any]) -> str | None:
        """The runtime for which a layer is built: the one it says, or the only one that it goes with."""
        method = metadata.get("BuildMethod")
        if isinstance(method, str) and _LANGUAGE.fullmatch(method):
            return method
        given = self._setting(layer, "compatible_runtimes")
        runtimes = given if isinstance(given, list | tuple) else ()
        return self._known(runtimes[0]) if len(runtimes) == 1 else None

    def _setting(self, user: Resource, name: str) -> Any:
        return self._known(setting_of(self.stack, user, name))

    def _known(self, value: Any) -> Any:
        """A value, or that of the parameter to which it refers."""
        if isinstance(value, LogicalRef) and value.logical_id in self.stack.parameters:
            name = value.logical_id
            return self.parameters.get(name, self.stack.parameters[name].default)
        return str(value) if isinstance(value, str) else value

    def _packages(
        self, folder: CodeFolder, root: Path, target: _Target, where: Location | None
    ) -> Packages | None:
        """What is to be installed beside the code, if anything."""
        if folder.dependencies is False or target.skips_build or _was_built(root):
            return None
        if isinstance(folder.dependencies, str):
            check_inside(folder.dependencies, self._base, where)
            return self._named_packages(self._base / folder.dependencies, target, where)
        if not root.is_dir() or (target.is_layer and not target.build_method):
            return None
        if target.language == "python":
            return self._python_packages(root, target, where)
        if target.language == "nodejs" and (root / "package.json").is_file():
            if self.packaging.is_local and (root / "node_modules").is_dir():
                return None
            return self._node_packages(root / "package.json", target, where)
        return None

    def _named_packages(self, file: Path, target: _Target, where: Location | None) -> Packages | None:
        name = shown_path(str(file))
        require_list(file, where)
        language = "nodejs" if file.name == "package.json" else "python"
        if target.language is None and target.is_layer:
            raise DefinitionError(
                f"{target.title} has dependencies, which are installed for one runtime.",
                right="Give it one of compatible_runtimes.",
                where=where,
            )
        if target.language != language:
            raise DefinitionError(
                f"{target.title} has the dependencies {name}, and its runtime is {target.runtime or 'not known'}.",
                right=f"They are for {'Node.js' if language == 'nodejs' else 'Python'}.",
                where=where,
            )
        if language == "nodejs":
            return self._node_packages(file, target, where)
        return self._python_list(Requirements(file, where), target)

    def _python_packages(self, root: Path, target: _Target, where: Location | None) -> Packages | None:
        if next(root.glob("*.dist-info"), None) is not None:
            # They were installed into the folder already, as `sam build` and `pip install --target` do.
            return None
        if (root / "requirements.txt").is_file():
            return self._python_list(Requirements(root / "requirements.txt", where), target)
        if not (root / "pyproject.toml").is_file():
            return None
        requirements = Requirements(root / "pyproject.toml", where)
        for name, command in _LOCKS.items():
            if (root / name).is_file() and requirements.lines:
                raise DefinitionError(
                    f"{shown_path(str(root / name))} has the versions that were chosen, and pip cannot read it.",
                    right=f"Export them beside it: {command}. {INSTALL_NONE}",
                    where=where,
                )
        return self._python_list(requirements, target)

    def _python_list(self, requirements: Requirements, target: _Target) -> Packages | None:
        if not requirements.lines:
            return None
        assert target.runtime is not None
        if self.packaging.interpreter is not None:
            version, path = self.packaging.interpreter(target.runtime)
            return PythonPackages(requirements, ForThisMachine(version, path))
        return PythonPackages(requirements, ForLambda.of(target.runtime, target.architecture))

    def _node_packages(self, file: Path, target: _Target, where: Location | None) -> Packages | None:
        packages = NodePackages(file, None if self.packaging.is_local else target.architecture, where)
        return packages if packages.listed else None


def _was_built(root: Path) -> bool:
    """Whether code is what `sam build` has made: its packages are there already."""
    return _BUILT in root.parts


def _whole(target: _Target) -> object:
    """What of a target decides on its package, besides the packages."""
    return (target.is_layer and target.build_method and target.language) or None
