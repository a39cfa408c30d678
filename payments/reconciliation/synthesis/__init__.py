"""A year of payments made up from a seed: what happened, the documents that speak of it, and the truth about both.

The modules below `loading` and `verifying` are pure: the same recipe and seed give the same bytes, on any machine.
Nothing here is read by the reconciliation itself: the truth is for `reconcile_verify` alone.
"""
