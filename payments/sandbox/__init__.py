"""Counterparts of payments for the demonstration: the node, a PSP counter, the settlement. Never in production."""
