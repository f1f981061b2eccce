"""Which rules of ours say the same as one of cfn-lint's, by its id.

``explain`` answers to both ids, and ``check --lint`` does not tell the same mistake twice.

Source: cfn-lint, docs/rules.md.
"""

from __future__ import annotations

ALIASES: dict[str, tuple[str, ...]] = {
    "E0000": ("LF001", "LF200"),
    "E0001": ("LF002",),
    "E0007": ("LF602",),
    "E1002": ("LF601",),
    "E1010": ("LF114", "LF201"),
    "E1011": ("LF211",),
    "E1015": ("LF201",),
    "E1019": ("LF201", "LF114"),
    "E1020": ("LF201",),
    "E1028": ("LF203",),
    "E2002": ("LF102", "LF103"),
    "E2003": ("LF102",),
    "E2012": ("LF212",),
    "E2015": ("LF212",),
    "E2531": ("LF402",),
    "E2533": ("LF402",),
    "E3001": ("LF107",),
    "E3002": ("LF106", "LF112"),
    "E3003": ("LF105", "LF501"),
    "E3004": ("LF202",),
    "E3005": ("LF201",),
    "E3006": ("LF113",),
    "E3007": ("LF200",),
    "E3010": ("LF602",),
    "E3012": ("LF100",),
    "E3015": ("LF203",),
    "E3019": ("LF115",),
    "E3027": ("LF110",),
    "E3030": ("LF103",),
    "E3031": ("LF102",),
    "E3032": ("LF104",),
    "E3033": ("LF104",),
    "E3034": ("LF101",),
    "E3501": ("LF116",),
    "E3505": ("LF205",),
    "E3510": ("LF302", "LF304"),
    "E3633": ("LF208",),
    "E3634": ("LF222",),
    "E3663": ("LF111",),
    "E3677": ("LF502", "LF103"),
    "E8002": ("LF203",),
    "W2531": ("LF402",),
    "W2533": ("LF501",),
    "W3037": ("LF303",),
}


def aliases_of(rule: str) -> tuple[str, ...]:
    """The ids of cfn-lint's rules that say what ours does."""
    return tuple(alias for alias, rules in ALIASES.items() if rule in rules)
