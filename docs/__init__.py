"""The documentation, what keeps its pages true (`pages`), and what writes the reference (`generate`)."""
