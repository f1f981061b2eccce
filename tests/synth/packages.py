"""Packages that tests install: wheels and sources made here, so that nothing comes over the network."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

#: A build backend in one file: it makes a wheel of the module beside it, with the tag in TAG.
_BACKEND = """
import zipfile
NAME, TAG = {name!r}, {tag!r}
def build_wheel(folder, config_settings=None, metadata_directory=None):
    wheel = f"{{NAME}}-1.0-{{TAG}}.whl"
    info = f"{{NAME}}-1.0.dist-info"
    with zipfile.ZipFile(f"{{folder}}/{{wheel}}", "w") as archive:
        archive.write(f"{{NAME}}.py")
        archive.writestr(f"{{info}}/METADATA", f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: 1.0\\n")
        archive.writestr(f"{{info}}/WHEEL", f"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: {{TAG}}\\n")
        archive.writestr(f"{{info}}/RECORD", f"{{NAME}}.py,,\\n{{info}}/METADATA,,\\n{{info}}/WHEEL,,\\n{{info}}/RECORD,,\\n")
    return wheel
"""


def wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str],
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
    scripts: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
) -> Path:
    """A wheel in a folder."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    whole = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    if scripts:
        lines = "".join(f"{key}={value}\n" for key, value in scripts.items())
        whole[f"{info}/entry_points.txt"] = f"[console_scripts]\n{lines}"
    record = "".join(f"{each},,\n" for each in (*whole, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in {**whole, f"{info}/RECORD": record}.items():
            archive.writestr(each, text)
    return path


def source(folder: Path, name: str, *, tag: str = "py3-none-any") -> Path:
    """The sources of a package, unpacked; what is built of them says that it has the tag."""
    files = {
        "pyproject.toml": f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\n',
        "backend.py": _BACKEND.format(name=name, tag=tag),
        f"{name}.py": "VALUE = 1\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
    }
    root = folder / f"{name}-1.0"
    root.mkdir(parents=True)
    for each, text in files.items():
        (root / each).write_text(text)
    return root


def sdist(folder: Path, name: str, *, tag: str = "py3-none-any") -> Path:
    """The sources of a package as an archive."""
    root = source(folder / "sources", name, tag=tag)
    path = folder / f"{root.name}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(root, arcname=root.name)
    return path


def npm_tarball(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """A package as npm's registry has it."""
    whole = {"package.json": f'{{"name": "{name}", "version": "{version}", "main": "index.js"}}', **files}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for each, text in whole.items():
            info = tarfile.TarInfo(f"package/{each}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()
