"""Money owed to public bodies: positions, notices, the pagoPA station, receipts."""
