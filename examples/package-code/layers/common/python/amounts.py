"""Amounts of money as people say them; a layer's own module, beside a package that the layer depends on."""

from humanize import intword


def in_words(cents):
    return f"{intword(cents // 100)} EUR"
