"""The accountants' desk: positions and receipts to read, odd receipts to close, dated settings to keep."""

from payments.admin import registers, review, setup, stamps

__all__ = ["registers", "review", "setup", "stamps"]
