"""Linters for templates, run over what a stack becomes; what they say is told at the user's own lines."""
