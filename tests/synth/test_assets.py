"""Assets: what is packaged, the same bytes everywhere, and archives from elsewhere that are only data."""

from __future__ import annotations

import os
import re
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import attrs
import pytest

from lambdaform.errors import DefinitionError
from lambdaform.facts.quotas import quotas
from lambdaform.model.code_patterns import patterns_for
from lambdaform.synth.assets import Asset, CodeChangedError


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


CODE = {"app.py": "def handler(event, context): pass\n", "lib/a.py": "A = 1\n", "lib/b.txt": "ß\n"}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with code."""
    return tree(tmp_path / "code", CODE)


def zipped(asset: Asset, folder: Path) -> bytes:
    asset.write_zip(folder / "out.zip")
    return (folder / "out.zip").read_bytes()


def test_an_archive_has_the_folders_files_in_order_of_name(code: Path, tmp_path: Path) -> None:
    zipped(Asset.from_path(code), tmp_path)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["app.py", "lib/a.py", "lib/b.txt"]
        assert archive.read("lib/b.txt").decode() == "ß\n"


def test_the_same_files_give_the_same_bytes_and_key(code: Path, tmp_path: Path) -> None:
    again = tree(tmp_path / "again", dict(reversed(CODE.items())))
    for file in again.rglob("*"):
        os.utime(file, (1, 1))
        file.chmod(0o700 if file.is_dir() else 0o600)
    first, second = Asset.from_path(code), Asset.from_path(again)
    assert first.key == second.key
    assert zipped(first, tmp_path) == zipped(second, tmp_path)


def test_the_bytes_are_the_same_in_another_process_with_another_mask_and_hash_seed(
    code: Path, tmp_path: Path
) -> None:
    script = (
        "import os, sys; from pathlib import Path; os.umask(0o077)\n"
        "from lambdaform.synth.assets import Asset\n"
        "Asset.from_path(Path(sys.argv[1])).write_zip(Path(sys.argv[2]))"
    )
    other = tmp_path / "other.zip"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", script, str(code), str(other)], check=True, env=environment)
    assert other.read_bytes() == zipped(Asset.from_path(code), tmp_path)
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


@pytest.mark.parametrize("change", ["content", "name", "mode"])
def test_any_change_changes_the_key(code: Path, change: str) -> None:
    before = Asset.from_path(code).key
    if change == "content":
        (code / "app.py").write_text("other")
    elif change == "name":
        (code / "app.py").rename(code / "main.py")
    else:
        (code / "app.py").chmod(0o755)
    assert Asset.from_path(code).key != before


@pytest.mark.parametrize(
    ("mode", "kept"), [(0o600, 0o644), (0o640, 0o644), (0o666, 0o644), (0o700, 0o755), (0o100, 0o755)]
)
def test_files_are_readable_for_all_and_stay_executable(
    code: Path, tmp_path: Path, mode: int, kept: int
) -> None:
    (code / "app.py").chmod(mode)
    zipped(Asset.from_path(code), tmp_path)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.getinfo("app.py").external_attr >> 16 == stat.S_IFREG | kept


@pytest.mark.parametrize(
    "leftover",
    [
        "__pycache__/app.cpython-313.pyc",
        "lib/__pycache__/a.pyc",
        "app.pyc",
        ".git/HEAD",
        ".venv/bin/python",
        ".DS_Store",
    ],
)
def test_leftovers_are_left_out(code: Path, leftover: str) -> None:
    before = Asset.from_path(code).key
    tree(code, {leftover: "x"})
    assert Asset.from_path(code).key == before


def test_what_the_caller_excludes_is_left_out(code: Path) -> None:
    names = [
        entry.name for entry in Asset.from_path(code, patterns=patterns_for(("lib/*.txt", "app.py"))).entries
    ]
    assert names == ["lib/a.py"]


def test_a_link_inside_the_project_is_followed(code: Path) -> None:
    tree(code.parent / "common", {"util.py": "U = 1\n"})
    (code / "common").symlink_to(code.parent / "common")
    (code / "again.py").symlink_to("app.py")
    asset = Asset.from_path(code)
    assert [entry.name for entry in asset.entries] == [
        "again.py",
        "app.py",
        "common/util.py",
        "lib/a.py",
        "lib/b.txt",
    ]


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("nowhere", "leads nowhere"),
        ("../../..", "out of the project"),
        (".", "leads back"),
        ("/etc", "out of the project"),
    ],
)
def test_a_link_that_leads_astray_is_refused(code: Path, target: str, what: str) -> None:
    (code / "lib" / "link").symlink_to(target)
    with pytest.raises(DefinitionError, match=what):
        Asset.from_path(code)


def test_two_links_that_lead_to_each_other_are_refused(code: Path) -> None:
    (code / "a").symlink_to("b")
    (code / "b").symlink_to("a")
    with pytest.raises(DefinitionError, match="leads nowhere"):
        Asset.from_path(code)


def test_a_pipe_is_refused_and_never_opened(code: Path) -> None:
    os.mkfifo(code / "pipe")
    with pytest.raises(DefinitionError, match="neither a file nor a folder"):
        Asset.from_path(code)


def test_a_pipe_in_place_of_the_code_is_no_code(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DefinitionError, match="There is no code at"):
        Asset.from_path(tmp_path / "pipe")


def test_a_name_that_is_no_text_is_refused(code: Path) -> None:
    (Path(os.fsdecode(os.fsencode(code) + b"/\xff.py"))).write_text("x")
    with pytest.raises(DefinitionError, match="a name that is no UTF-8 text"):
        Asset.from_path(code)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told(code: Path) -> None:
    (code / "app.py").chmod(0)
    with pytest.raises(DefinitionError, match="permission denied"):
        Asset.from_path(code)


def test_a_name_longer_than_the_system_takes_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be packaged: file name too long"):
        Asset.from_path(tmp_path / ("x" * 300))


@pytest.mark.parametrize("empty", [{}, {"__pycache__/x.pyc": "x"}])
def test_a_folder_without_files_is_refused(tmp_path: Path, empty: dict[str, str]) -> None:
    (tmp_path / "empty").mkdir()
    tree(tmp_path / "empty", empty)
    with pytest.raises(DefinitionError, match="has no files"):
        Asset.from_path(tmp_path / "empty")


def test_a_single_file_is_an_archive_of_itself(code: Path) -> None:
    assert [entry.name for entry in Asset.from_path(code / "app.py").entries] == ["app.py"]


def test_an_archive_from_elsewhere_is_passed_on_byte_for_byte(tmp_path: Path) -> None:
    made = archive_of(tmp_path, {"app.py": b"x"})
    assert zipped(Asset.from_path(made), tmp_path) == made.read_bytes()


def test_nothing_is_left_where_an_archive_cannot_be_written(code: Path, tmp_path: Path) -> None:
    asset = Asset.from_path(code)
    (code / "lib" / "a.py").unlink()
    (tmp_path / "out").mkdir()
    with pytest.raises(CodeChangedError, match=r"a\.py changed while its code was being copied"):
        asset.write_zip(tmp_path / "out" / "code.zip")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("made_elsewhere", [False, True], ids=["files", "archive"])
@pytest.mark.parametrize("gone", [False, True], ids=["edited", "gone"])
def test_what_has_changed_since_it_was_hashed_is_not_copied(
    code: Path, tmp_path: Path, made_elsewhere: bool, gone: bool
) -> None:
    changed = archive_of(tmp_path, {"app.py": b"x"}) if made_elsewhere else code / "app.py"
    asset = Asset.from_path(changed if made_elsewhere else code)
    if gone:
        changed.unlink()
    elif made_elsewhere:
        archive_of(tmp_path, {"app.py": b"y"})
    else:
        changed.write_text("def handler(event, context): None\n")
    (tmp_path / "out").mkdir()
    with pytest.raises(CodeChangedError, match=rf"{re.escape(str(changed))} changed"):
        asset.unpack(tmp_path / "out" / "code")
    with pytest.raises(CodeChangedError, match=rf"{re.escape(str(changed))} changed"):
        asset.write_zip(tmp_path / "out" / "code.zip")
    assert list((tmp_path / "out").iterdir()) == []


def archive_of(folder: Path, files: dict[str, bytes], *, links: dict[str, str] | None = None) -> Path:
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return path


def test_unpacking_gives_the_files_back(code: Path, tmp_path: Path) -> None:
    (code / "lib" / "a.py").chmod(0o755)
    Asset.from_path(code).unpack(tmp_path / "out")
    assert {
        str(file.relative_to(tmp_path / "out")): file.read_text() for file in (tmp_path / "out").rglob("*.*")
    } == CODE
    assert stat.S_IMODE((tmp_path / "out" / "lib" / "a.py").stat().st_mode) == 0o755


def test_unpacking_an_archive_is_unpacking_what_it_was_made_of(code: Path, tmp_path: Path) -> None:
    Asset.from_path(code).write_zip(tmp_path / "code.zip")
    Asset.from_path(tmp_path / "code.zip").unpack(tmp_path / "out")
    assert Asset.from_path(tmp_path / "out").key == Asset.from_path(code).key


def test_a_large_file_is_zipped_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(bytes(range(256)) * 12_288)
    data = zipped(Asset.from_path(tmp_path / "model.bin"), tmp_path)
    assert data == zipped(Asset.from_path(tmp_path / "model.bin"), tmp_path)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        [info] = archive.infolist()
        assert (info.file_size, info.compress_size, info.flag_bits) == (3 << 20, 3 << 20, 0)
        assert archive.read("model.bin") == (tmp_path / "model.bin").read_bytes()


HOSTILE = ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "a\\..\\..\\evil"]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_entry_that_would_get_out_is_refused(tmp_path: Path, name: str) -> None:
    made = archive_of(tmp_path, {"good.py": b"x", name: b"evil"})
    with pytest.raises(DefinitionError, match="no plain file inside the package"):
        Asset.from_path(made).unpack(tmp_path / "deep" / "out")
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["made.zip"]


@pytest.mark.parametrize(
    "links",
    [
        {"etc": "/etc"},
        {"up": ".."},
        {"deep/up": "../../out2"},
        {"here": ".", "here/up": "../.."},
        {"deep/a": "b/../..", "deep/b": "../shallow"},
        {"long": "x/" * 3000},
        {"a": "b", "b": "a"},
    ],
    ids=["absolute", "parent", "through-parents", "through-a-link", "through-a-later-link", "long", "circle"],
)
def test_a_link_in_an_archive_that_leads_out_or_nowhere_is_refused(
    tmp_path: Path, links: dict[str, str]
) -> None:
    made = archive_of(tmp_path, {"shallow/x": b"x", "deep/x": b"x"}, links=links)
    with pytest.raises(DefinitionError, match=r"no plain file inside the package|cannot be"):
        Asset.from_path(made).unpack(tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["made.zip"]


def test_a_link_in_an_archive_that_stays_inside_is_kept(tmp_path: Path) -> None:
    made = archive_of(tmp_path, {"lib/libx.so.1": b"x"}, links={"lib/libx.so": "libx.so.1"})
    Asset.from_path(made).unpack(tmp_path / "out")
    assert (tmp_path / "out/lib/libx.so").readlink() == Path("libx.so.1")
    assert (tmp_path / "out/lib/libx.so").read_bytes() == b"x"


@pytest.mark.slow
def test_a_bomb_stops_at_lambdas_limit_and_leaves_nothing(tmp_path: Path) -> None:
    made = archive_of(tmp_path, {"zeros": bytes(262_144_001)})
    with pytest.raises(DefinitionError, match="unpacks to more than 262,144,000 bytes"):
        Asset.from_path(made).unpack(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_of_many_files_stops_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = attrs.evolve(quotas(), unzipped_bytes=2**20)
    monkeypatch.setattr("lambdaform.synth.archives.quotas", lambda: small)
    made = archive_of(tmp_path, {f"zeros{n}": bytes(2**17) for n in range(9)})
    with pytest.raises(DefinitionError, match="unpacks to more than"):
        Asset.from_path(made).unpack(tmp_path / "out")


def test_an_archive_that_claims_a_huge_list_of_files_is_not_listed(tmp_path: Path) -> None:
    made = archive_of(tmp_path, {"a": b"x"})
    content = bytearray(made.read_bytes())
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<I", 0xFFFFFFFF)
    made.write_bytes(content)
    with pytest.raises(DefinitionError, match="lists more files than can be unpacked"):
        Asset.from_path(made).unpack(tmp_path / "out")


@pytest.mark.parametrize(
    "files",
    [{"a": b"x", "a/b": b"y"}, {"a/b": b"y", "a": b"x"}, {"x" * 300: b"x"}, {"d/": b"", "d": b"x"}],
    ids=["file-then-folder", "folder-then-file", "long-name", "folder-as-file"],
)
def test_entries_that_cannot_be_files_are_told(tmp_path: Path, files: dict[str, bytes]) -> None:
    made = archive_of(tmp_path, files)
    with pytest.raises(DefinitionError, match="cannot be unpacked"):
        Asset.from_path(made).unpack(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [0, 3, 100])
def test_what_is_no_archive_is_told(tmp_path: Path, size: int) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"x" * size)
    with pytest.raises(DefinitionError, match="not a zip archive"):
        Asset.from_path(broken).unpack(tmp_path / "out")


def test_a_damaged_archive_is_told_at_every_byte(tmp_path: Path) -> None:
    content = archive_of(tmp_path, {"app.py": b"def handler(event, context): pass\n" * 4}).read_bytes()
    for at in range(len(content)):
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            Asset.from_path(damaged).unpack(tmp_path / f"out{at}")
        except DefinitionError:
            assert not (tmp_path / f"out{at}").exists()


def test_a_truncated_archive_is_told_at_every_length(tmp_path: Path) -> None:
    content = archive_of(tmp_path, {"app.py": b"x" * 50}).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        with pytest.raises(DefinitionError):
            Asset.from_path(cut).unpack(tmp_path / f"out{length}")
