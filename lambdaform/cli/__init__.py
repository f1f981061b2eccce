"""The commands: each parses its arguments, calls one function of the rooms below, and prints."""
