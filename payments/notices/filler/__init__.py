"""Notices in bulk: each layout is laid out once by WeasyPrint, then filled a thousand times without it."""
