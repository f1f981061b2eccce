"""The table of what makes a package large."""

from __future__ import annotations

import pytest

from lambdaform.check.largest import table

MB = 2**20


def test_folders_and_files_stand_by_size() -> None:
    files = [("app.py", 100), ("numpy/a.so", 60 * MB), ("numpy/core/b.so", 30 * MB), ("model.bin", 10 * MB)]
    assert table(files).splitlines() == [
        "",
        "    The largest folders:",
        "         90.0 MB   90 %  numpy/",
        "    The largest files:",
        "         60.0 MB   60 %  numpy/a.so",
        "         30.0 MB   30 %  numpy/core/b.so",
        "         10.0 MB   10 %  model.bin",
    ]


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("numpy/core/a.so", "numpy/"),
        ("python/numpy/a.so", "python/numpy/"),
        ("python/lib/python3.13/site-packages/numpy/a.so", "python/lib/python3.13/site-packages/numpy/"),
        ("node_modules/sharp/a.node", "node_modules/sharp/"),
        ("node_modules/@aws-sdk/client-s3/a.js", "node_modules/@aws-sdk/client-s3/"),
        ("nodejs/node_modules/sharp/a.node", "nodejs/node_modules/sharp/"),
        ("nodejs/node22/node_modules/sharp/a.node", "nodejs/node22/node_modules/sharp/"),
    ],
)
def test_a_package_is_told_from_the_folder_that_holds_all(file: str, folder: str) -> None:
    assert table([(file, MB)]).splitlines()[2].split("  ")[-1] == folder


def test_only_the_largest_are_shown() -> None:
    assert len(table([(f"p{n}/file", MB) for n in range(50)]).splitlines()) == 1 + 2 * 9


def test_nothing_is_no_table() -> None:
    assert table([]) == ""
