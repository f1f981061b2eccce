"""Which rules of ours say the same as one of cfn-lint's, by its id.

``explain`` answers to both ids, and ``check --lint`` does not tell the same mistake twice.

Source: cfn-lint, docs/rules.md.
"""

from __future__ import annotations

ALIASES: dict[str, tuple[str, ...]] = {
    "E0000": ("LF001", "LF200"),
    "E0001": ("LF002",),
    "E0005": ("LF217",),
    "E0007": ("LF602",),
    "E0011": ("LF213",),
    "E0017": ("LF275",),
    "E1001": ("LF217",),
    "E1002": ("LF601",),
    "E1003": ("LF213",),
    "E1010": ("LF114", "LF201"),
    "E1011": ("LF211",),
    "E1015": ("LF201",),
    "E1019": ("LF114", "LF201"),
    "E1020": ("LF201",),
    "E1028": ("LF203",),
    "E2002": ("LF102", "LF103"),
    "E2003": ("LF102",),
    "E2012": ("LF212",),
    "E2015": ("LF212", "LF214"),
    "E2531": ("LF402",),
    "E2533": ("LF402",),
    "E3001": ("LF107", "LF273"),
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
    "E3024": ("LF252",),
    "E3027": ("LF110",),
    "E3030": ("LF103",),
    "E3031": ("LF102", "LF326"),
    "E3032": ("LF104",),
    "E3033": ("LF104",),
    "E3034": ("LF101",),
    "E3037": ("LF243", "LF296"),
    "E3039": ("LF127",),
    "E3501": ("LF116",),
    "E3502": ("LF286",),
    "E3505": ("LF205",),
    "E3510": ("LF302", "LF304", "LF305", "LF309", "LF316", "LF318"),
    "E3633": ("LF208",),
    "E3634": ("LF222",),
    "E3638": ("LF128",),
    "E3639": ("LF128",),
    "E3663": ("LF111",),
    "E3677": ("LF103", "LF502"),
    "E6101": ("LF276",),
    "E7001": ("LF275",),
    "E8002": ("LF203",),
    "W2531": ("LF402",),
    "W2533": ("LF501",),
    "W3037": ("LF303",),
}


def aliases_of(rule: str) -> tuple[str, ...]:
    """The ids of cfn-lint's rules that say what ours does."""
    return tuple(alias for alias, rules in ALIASES.items() if rule in rules)
