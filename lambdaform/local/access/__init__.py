"""Who may do what: statements of policies, callers, and the signatures by which callers prove who they are."""
