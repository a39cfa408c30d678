"""Paying without having been asked: the public pages, what the node's counters ask, and the demonstration's data."""
