"""attrs' ``frozen``, put off: a class of the model is built when it is first used, not when it is imported.

attrs writes and compiles an ``__init__``, ``__eq__`` and ``__repr__`` for each class, which takes a millisecond or
several; the model has hundreds of classes, of which one application uses ten. So the decorator here leaves a
class as it is, and attrs gets it when somebody makes an object of it or asks for its fields. Nothing else
differs: type checkers see attrs' own decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

C = TypeVar("C", bound=type)

if TYPE_CHECKING:
    from attrs import frozen as frozen
else:

    def frozen(cls: C | None = None, **options: Any) -> Any:
        """``attrs.frozen``, at the first use; the class is built in place, so it has no slots."""
        if cls is None:
            return lambda given: frozen(given, **options)
        cls.__attrs_attrs__ = _Unbuilt(options)

        def first_init(self: Any, *args: Any, **values: Any) -> None:
            build(cls)
            cls.__init__(self, *args, **values)

        cls.__init__ = first_init
        return cls


def build(cls: type) -> None:
    """Let attrs make the class what it is, and what it derives from first."""
    unbuilt = cls.__dict__.get("__attrs_attrs__")
    if isinstance(unbuilt, _Unbuilt):
        for base in reversed(cls.__mro__[1:]):
            build(base)
        del cls.__attrs_attrs__, cls.__init__  # type: ignore[misc, attr-defined]  # attrs puts its own there
        attrs.define(cls, frozen=True, slots=False, **unbuilt.options)


class _Unbuilt:
    """What stands in for attrs' list of fields until somebody asks for it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def __get__(self, instance: object, owner: type) -> Any:
        for cls in owner.__mro__:
            if cls.__dict__.get("__attrs_attrs__") is self:
                build(cls)
                return cls.__attrs_attrs__  # type: ignore[attr-defined]
        raise AttributeError("__attrs_attrs__")
