"""The accountants' desk: positions and receipts to read, odd receipts to close, dated settings to keep."""

from payments.admin import refunds, registers, review, setup, spontaneous, stamps

__all__ = ["refunds", "registers", "review", "setup", "spontaneous", "stamps"]
