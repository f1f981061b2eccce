"""The check of a function's arguments: what the classes of the model do for their fields.

A function whose result goes into a template (``sub``, ``cron``, ``Canary``) is marked `checked`; its annotations are
the rule. Nothing is read of them before the function is first called.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from lambdaform.errors import DefinitionError
from lambdaform.origin import here

P = ParamSpec("P")
T = TypeVar("T")


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """Let the function refuse arguments of the wrong kind, at the caller's line, with a `DefinitionError`."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        signature, fits = _rules(function)
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # which raises it with the function's own name
        for name, value in given.items():
            if name not in fits:
                continue  # self
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                for each in value:
                    _check(function, name, fits[name], each)
            elif kind is inspect.Parameter.VAR_KEYWORD:
                for key, each in value.items():
                    _check(function, key, fits[name], each)
            else:
                _check(function, name, fits[name], value)
        return function(*args, **kwargs)

    return call


@cache
def _rules(function: Callable[..., Any]) -> tuple[inspect.Signature, Mapping[str, Any]]:
    from lambdaform.model.shape import fit_for

    hints = typing.get_type_hints(function, vars(sys.modules[function.__module__]), include_extras=True)
    return inspect.signature(function), {
        name: fit_for(hint) for name, hint in hints.items() if name != "return"
    }


def _check(function: Callable[..., Any], name: str, fit: Any, value: object) -> None:
    from lambdaform.model.references import from_troposphere
    from lambdaform.model.shape import Misfit

    try:
        fit.fit(from_troposphere(value))
    except Misfit as misfit:
        origin = here()
        place = name + "".join(f"[{step!r}]" for step in misfit.path)
        raise DefinitionError(
            f"{function.__name__}(): {place} {misfit.what}.",
            right=misfit.right,
            where=origin.locate((name,), misfit.path) if origin else None,
            rule=misfit.rule,
        ) from None
