"""Template → stack: what was written in YAML or JSON, as the same values that Python makes."""
