"""The simulated Lambda service: real processes on the real Runtime API, under AWS's rules."""
