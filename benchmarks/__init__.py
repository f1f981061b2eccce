"""Ratios against floors and peers, each measured in one run."""
