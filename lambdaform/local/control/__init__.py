"""The control plane: functions, versions and aliases as state, with plain operations on it."""
