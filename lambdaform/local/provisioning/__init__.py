"""Assembly → the resources of a stack, made and changed through the control plane's own operations."""
