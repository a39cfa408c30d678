"""The accountants' books in the admin: assessments and their rules, the ledger, the proposals of collection orders."""

from payments.reconciliation.admin_books import (  # noqa: F401 - they register themselves
    assessments,
    correspondents,
    ledger,
    proposals,
)
