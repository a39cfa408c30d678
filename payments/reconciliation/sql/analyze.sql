-- So many rows at once make the planner's statistics misleading: without fresh ones a run takes minutes.
ANALYZE payments_reconciliation_match, payments_reconciliation_flowline, payments_reconciliation_reportingflow,
    payments_reconciliation_treasurymovement, payments_reconciliation_verdict, payments_receipt,
    payments_receipttransfer, payments_instalment, payments_paymentoption, payments_position
