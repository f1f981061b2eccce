"""An app that gives a class of the model a property that it does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdaform.errors import DefinitionError
from lambdaform.load.app import load_app


def refusal(folder: Path, definition: str) -> DefinitionError:
    app = folder / "app.py"
    app.write_text(f"from lambdaform import *\n\nstack = Stack('notes')\n{definition}\n")
    with pytest.raises(DefinitionError) as caught:
        load_app(app)
    return caught.value


def test_a_property_that_is_nearly_right_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "stack.add(Function('Api', runtime='python3.13', memory=512))")
    assert error.what == "Function has no property 'memory'."
    assert error.right == "Did you mean 'memory_size'?"


def test_a_resource_attribute_that_is_nearly_right_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "SimpleTable('Notes', dependson=['Other'])")
    assert error.right == "Did you mean 'depends_on'?"


def test_where_no_property_is_near_all_are_listed(tmp_path: Path) -> None:
    error = refusal(tmp_path, "SimpleTable('Notes', xyz=1)")
    assert error.right is not None
    assert error.right.startswith("It has table_name, primary_key, ")


def test_the_users_own_line_is_shown(tmp_path: Path) -> None:
    error = refusal(tmp_path, "SimpleTable('Notes',\n    xyz=1)")
    assert error.where is not None
    assert error.where.line == 4


def test_a_mistake_in_the_users_own_class_stays_what_it_is(tmp_path: Path) -> None:
    error = refusal(tmp_path, "class Own:\n    def __init__(self): pass\nOwn(x=1)")
    assert "TypeError: Own.__init__() got an unexpected keyword argument 'x'" in error.what
