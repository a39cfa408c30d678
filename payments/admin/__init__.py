"""The accountants' desk: positions and receipts to read, odd receipts to close, dated settings to keep."""

from payments.admin import (
    campaigns,
    imports,
    outside,
    positions,
    providers,
    refunds,
    registers,
    review,
    setup,
    spontaneous,
    stamps,
)

__all__ = [
    "campaigns",
    "imports",
    "outside",
    "positions",
    "providers",
    "refunds",
    "registers",
    "review",
    "setup",
    "spontaneous",
    "stamps",
]
