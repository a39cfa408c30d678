"""Writes of payments: positions, notices, receipts."""
