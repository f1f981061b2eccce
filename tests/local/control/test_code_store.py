"""The code store: what is taken, how it is kept and unpacked, and what is refused, in AWS's words."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import stat
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdaform.errors import DefinitionError, LocalError
from lambdaform.local.control.code_store import CodeStore
from lambdaform.local.errors import AwsError
from lambdaform.synth import file_digests
from lambdaform.synth.assets import Asset, CodeChangedError

NO_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


@pytest.fixture
def store(tmp_path: Path) -> CodeStore:
    return CodeStore(tmp_path / "archives", tmp_path / "code")


def zipped(files: Mapping[str, bytes], mode: int = stat.S_IFREG | 0o644) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (stat.S_IFREG | 0o644, False),
        (stat.S_IFREG | 0o755, False),
        (stat.S_IFREG | 0o600, True),
        (0o600, True),
        (stat.S_IFREG, True),
        (stat.S_IFREG | 0o744, True),
    ],
)
def test_what_a_function_could_not_read_on_lambda_is_said_once(tmp_path: Path, mode: int, said: bool) -> None:
    notices: list[str] = []
    store = CodeStore(None, tmp_path / "code", notices.append)
    data = zipped({"index.py": b"x = 1", "other.py": b"y = 1"}, mode)
    store.put_zip(data)
    store.put_zip(data)
    (tmp_path / "app.zip").write_bytes(data)
    CodeStore(None, tmp_path / "more", notices.append).put_asset(Asset.from_path(tmp_path / "app.zip"))
    octal = f"{stat.S_IMODE(mode):03o}"
    assert notices == [
        f"{what} has index.py with mode {octal}, and 1 more: it can be read here, but not on Lambda. "
        "Give files 644 and programs 755 before they are zipped."
        for what in ("An archive that was uploaded", str(tmp_path / "app.zip"))
        if said
    ]


def refusal(store: CodeStore, data: bytes) -> str:
    with pytest.raises(AwsError) as refused:
        store.put_zip(data)
    assert (refused.value.code, refused.value.status) == ("InvalidParameterValueException", 400)
    return refused.value.message


def test_an_upload_is_told_by_its_hash_and_size(store: CodeStore) -> None:
    data = zipped({"index.py": b"x = 1"})
    code = store.put_zip(data)
    assert code.sha256 == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert (code.size, code.unzipped) == (len(data), 5)


def test_an_upload_comes_back_byte_for_byte(store: CodeStore) -> None:
    data = zipped({"index.py": b"x = 1"})
    assert store.archive(store.put_zip(data)).read_bytes() == data


def test_an_upload_is_unpacked(store: CodeStore) -> None:
    code = store.put_zip(zipped({"index.py": b"x = 1", "deep/er.txt": b"y"}))
    assert (store.unpacked(code) / "deep" / "er.txt").read_bytes() == b"y"


def test_an_upload_is_readable_for_the_user_that_functions_run_as(store: CodeStore) -> None:
    code = store.put_zip(zipped({"index.py": b"x = 1"}))
    assert stat.S_IMODE(store.unpacked(code).stat().st_mode) == 0o755


def test_the_same_content_is_kept_once(tmp_path: Path, store: CodeStore) -> None:
    data = zipped({"index.py": b"x = 1"})
    assert store.put_zip(data) == store.put_zip(data)
    assert len(list((tmp_path / "archives").iterdir())) == 1


def test_a_later_run_unpacks_what_an_earlier_one_took(tmp_path: Path, store: CodeStore) -> None:
    code = store.put_zip(zipped({"index.py": b"x = 1"}))
    later = CodeStore(tmp_path / "archives", tmp_path / "later")
    assert (later.unpacked(code) / "index.py").read_bytes() == b"x = 1"


def test_what_somebody_has_taken_away_is_told(tmp_path: Path, store: CodeStore) -> None:
    code = store.put_zip(zipped({"index.py": b"x = 1"}))
    store.archive(code).unlink()
    with pytest.raises(LocalError, match="cannot be read any more"):
        CodeStore(tmp_path / "archives", tmp_path / "later").unpacked(code)


def test_a_store_that_does_not_last_has_archives_too(tmp_path: Path) -> None:
    store = CodeStore(None, tmp_path)
    data = zipped({"index.py": b"x = 1"})
    assert store.archive(store.put_zip(data)).read_bytes() == data


def test_a_package_of_an_assembly_is_the_archive_that_would_be_deployed(
    tmp_path: Path, store: CodeStore
) -> None:
    asset = Asset.from_text({"index.py": "x = 1"})
    code = store.put_asset(asset)
    asset.write_zip(tmp_path / "deployed.zip")
    deployed = (tmp_path / "deployed.zip").read_bytes()
    assert store.archive(code).read_bytes() == deployed
    assert code.sha256 == base64.b64encode(hashlib.sha256(deployed).digest()).decode()
    assert (code.key, code.size, code.unzipped) == (asset.sha256, len(deployed), 5)


def test_a_package_of_an_assembly_is_unpacked(store: CodeStore) -> None:
    code = store.put_asset(Asset.from_text({"index.py": "x = 1"}))
    assert (store.unpacked(code) / "index.py").read_text("utf-8") == "x = 1"


def test_the_archive_of_a_package_has_what_was_taken_though_the_files_are_others_now(tmp_path: Path) -> None:
    store = CodeStore(None, tmp_path / "code")
    (tmp_path / "index.py").write_text("x = 1")
    code = store.put_asset(Asset.from_path(tmp_path / "index.py"))
    (tmp_path / "index.py").write_text("x = 2")
    with zipfile.ZipFile(store.archive(code)) as archive:
        assert archive.read("index.py") == b"x = 1"


def test_nothing_is_kept_under_the_hash_of_what_the_files_were_before(
    tmp_path: Path, store: CodeStore
) -> None:
    (tmp_path / "index.py").write_text("x = 1")
    first = Asset.from_path(tmp_path / "index.py")
    (tmp_path / "index.py").write_text("x = 2")
    with pytest.raises(CodeChangedError):
        store.put_asset(first)
    assert not list(tmp_path.rglob("*.zip"))
    (tmp_path / "index.py").write_text("x = 1")
    assert (store.unpacked(store.put_asset(first)) / "index.py").read_text() == "x = 1"


@pytest.fixture
def sharing(tmp_path: Path) -> CodeStore:
    """A store whose packages have files in common."""
    return CodeStore(tmp_path / "archives", tmp_path / "code", shares_files=True)


def number(file: Path) -> int:
    return file.stat().st_ino


def test_only_what_has_changed_of_a_package_is_copied(tmp_path: Path, sharing: CodeStore) -> None:
    own = tmp_path / "own"
    (own / "lib").mkdir(parents=True)
    (own / "lib" / "big.js").write_text("1")
    (own / "index.js").write_text("x")
    first = sharing.unpacked(sharing.put_asset(Asset.from_path(own)))
    (own / "index.js").write_text("y")
    code = sharing.put_asset(Asset.from_path(own))
    second = sharing.unpacked(code)
    assert number(second / "lib" / "big.js") == number(first / "lib" / "big.js")
    assert number(second / "lib" / "big.js") != number(own / "lib" / "big.js")
    assert [(each / "index.js").read_text() for each in (first, second)] == ["x", "y"]
    archive = sharing.archive(code).read_bytes()
    assert code.sha256 == base64.b64encode(hashlib.sha256(archive).digest()).decode()
    with zipfile.ZipFile(sharing.archive(code)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {
            "index.js": b"y",
            "lib/big.js": b"1",
        }


def test_files_that_a_function_could_write_to_are_copied_each_time(tmp_path: Path, store: CodeStore) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "same.js").write_text("1")
    first = store.unpacked(store.put_asset(Asset.from_path(own)))
    (own / "index.js").write_text("y")
    second = store.unpacked(store.put_asset(Asset.from_path(own)))
    assert number(first / "same.js") != number(second / "same.js")


def test_the_same_content_with_another_mode_is_another_file(tmp_path: Path, sharing: CodeStore) -> None:
    file = tmp_path / "bootstrap"
    file.write_text("#!/bin/sh")
    modes = []
    for mode in (0o644, 0o755, 0o644):
        file.chmod(mode)
        modes.append(
            stat.S_IMODE(
                (sharing.unpacked(sharing.put_asset(Asset.from_path(file))) / file.name).stat().st_mode
            )
        )
    assert modes == [0o644, 0o755, 0o644]


def test_two_files_of_a_package_are_two_though_they_have_the_same_content(
    tmp_path: Path, sharing: CodeStore
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for round_ in range(2):
        (own / "index.js").write_text(str(round_))
        for name in ("a.js", "b.js"):
            (own / name).write_text("1")
        folder = sharing.unpacked(sharing.put_asset(Asset.from_path(own)))
        assert number(folder / "a.js") != number(folder / "b.js")


def test_a_file_that_is_not_what_was_hashed_is_read_again_the_next_time(
    tmp_path: Path, sharing: CodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.js"
    file.write_text("1")
    # As by a mapping of its memory: nothing but its content tells that it is another.
    wrong = hashlib.sha256(b"0").digest()
    monkeypatch.setitem(file_digests._known, str(file), (file_digests._mark(file.stat()), wrong))
    with pytest.raises(CodeChangedError):
        sharing.put_asset(Asset.from_path(file))
    assert (sharing.unpacked(sharing.put_asset(Asset.from_path(file))) / "index.js").read_text() == "1"


def test_what_is_shared_is_what_was_hashed_whatever_has_become_of_the_users_file(
    tmp_path: Path, sharing: CodeStore
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "lib.js").write_text("1")
    sharing.put_asset(Asset.from_path(own))
    (own / "index.js").write_text("x")
    asset = Asset.from_path(own)
    (own / "lib.js").write_text("2")
    folder = sharing.unpacked(sharing.put_asset(asset))
    assert (folder / "lib.js").read_text() == "1"
    assert Asset.from_path(folder).key == asset.key


def test_a_file_that_can_have_no_further_name_is_copied(
    tmp_path: Path, sharing: CodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str, __: str) -> None:
        raise OSError(errno.EMLINK, "Too many links")

    (tmp_path / "a.js").write_text("1")
    first = sharing.put_asset(Asset.from_path(tmp_path / "a.js"))
    monkeypatch.setattr(os, "link", full)
    (tmp_path / "own").mkdir()
    for name in ("a.js", "b.js"):
        (tmp_path / "own" / name).write_text("1")
    second = sharing.put_asset(Asset.from_path(tmp_path / "own"))
    files = sharing.unpacked(first) / "a.js", sharing.unpacked(second) / "a.js"
    assert [each.read_text() for each in files] == ["1", "1"]
    assert number(files[0]) != number(files[1])


def test_code_for_which_there_is_no_room_is_said(store: CodeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(asset: Asset, folder: Path, kept: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Asset, "unpack", full)
    with pytest.raises(LocalError, match=r"cannot be copied: .*: no space left on device\."):
        store.put_asset(Asset.from_text({"index.py": "x = 1"}))


def test_an_archive_of_the_users_that_is_none_is_named(tmp_path: Path, store: CodeStore) -> None:
    (tmp_path / "mine.zip").write_bytes(b"no zip")
    with pytest.raises(DefinitionError, match=r"mine\.zip"):
        store.put_asset(Asset.from_path(tmp_path / "mine.zip"))


def test_what_nothing_has_any_more_is_forgotten(store: CodeStore) -> None:
    kept, gone = store.put_zip(zipped({"a": b"1"})), store.put_zip(zipped({"a": b"2"}))
    store.forget_all_but([kept])
    assert store.archive(kept).exists()
    assert not store.archive(gone).exists()


def test_what_was_forgotten_can_be_taken_again(store: CodeStore) -> None:
    code = store.put_zip(zipped({"a": b"1"}))
    store.forget_all_but([])
    assert store.archive(store.put_zip(zipped({"a": b"1"}))).exists()
    assert store.unpacked(code).exists()


def test_several_threads_may_take_the_same_upload(store: CodeStore) -> None:
    data = zipped({f"{number}.py": bytes(1000) for number in range(50)})
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(store.put_zip(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [store.put_zip(data)] * 8


def test_what_is_no_zip_is_refused(store: CodeStore) -> None:
    assert refusal(store, b"this is not a zipfile, just a random string") == NO_ZIP


def test_a_damaged_zip_is_refused(store: CodeStore) -> None:
    data = bytearray(zipped({"index.py": bytes(range(256)) * 10}))
    data[60] ^= 0xFF
    assert refusal(store, bytes(data)) == NO_ZIP


def test_an_empty_zip_is_refused(store: CodeStore) -> None:
    assert refusal(store, zipped({})) == "Uploaded file must be a non-empty zip"


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", "a/../../out.py", "a\\..\\..\\out.py"])
def test_a_zip_that_would_write_outside_is_refused(tmp_path: Path, store: CodeStore, name: str) -> None:
    assert refusal(store, zipped({name: b"x"})) == NO_ZIP
    assert not list(tmp_path.rglob("out.py"))


@pytest.mark.parametrize("target", [b"/etc/passwd", b"../../outside"])
def test_a_zip_with_a_link_that_leads_out_is_refused(store: CodeStore, target: bytes) -> None:
    assert refusal(store, zipped({"link": target}, stat.S_IFLNK | 0o777)) == NO_ZIP


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, store: CodeStore) -> None:
    bomb = zipped({"zeros": bytes(262144000)})
    assert refusal(store, bomb) == "Unzipped size must be smaller than 262144000 bytes"
    assert not list((tmp_path / "code").glob("*"))


def test_a_zip_that_lies_about_its_sizes_is_refused(store: CodeStore) -> None:
    data = zipped({"zeros": bytes(1 << 20)})
    assert refusal(store, data.replace((1 << 20).to_bytes(4, "little"), (5).to_bytes(4, "little"))) == NO_ZIP


def test_a_zip_with_too_many_entries_is_refused(store: CodeStore) -> None:
    assert refusal(store, zipped({f"{number}": b"" for number in range(65_536)})) == NO_ZIP


def test_nothing_is_left_of_what_was_refused(tmp_path: Path, store: CodeStore) -> None:
    refusal(store, zipped({"ok": b"1", "../out.py": b"x"}))
    assert not list((tmp_path / "archives").iterdir())
    assert not list((tmp_path / "code").glob("*"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_bytes_raise_anything_but_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = CodeStore(None, tmp_path_factory.mktemp("code"))
    whole = bytearray(zipped({"index.py": b"x = 1" * 30, "a/b": b"z"}))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    try:
        code = store.put_zip(bytes(whole))
    except AwsError:
        return
    assert store.unpacked(code).is_dir()


def test_a_zip_with_a_nameless_entry_is_refused(store: CodeStore) -> None:
    assert refusal(store, zipped({"": b"x"})) == NO_ZIP


def test_a_package_is_zipped_only_on_demand_where_nothing_lasts(tmp_path: Path) -> None:
    store = CodeStore(None, tmp_path / "code")
    code = store.put_asset(Asset.from_text({"index.py": "x = 1"}))
    assert list(tmp_path.rglob("*.zip")) == []
    with zipfile.ZipFile(store.archive(code)) as archive:
        assert archive.namelist() == ["index.py"]
