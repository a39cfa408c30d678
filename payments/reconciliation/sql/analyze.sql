-- So many new rows make the planner's statistics misleading. These stay: a larger sample than of a run's own sets, of
-- the columns that are joined.
SET LOCAL default_statistics_target = 20;
ANALYZE payments_reconciliation_match, payments_reconciliation_reportingflow, payments_receipttransfer,
    payments_reconciliation_flowline (entity_id, flow_id, iuv, iur),
    payments_reconciliation_treasurymovement (entity_id, document_type, document_number, operation, reference_key),
    payments_reconciliation_verdict (entity_id, subject, code, closed_run_id, line_id, receipt_id, flow_id, movement_id),
    payments_receipt (entity_id, iuv, nav, outcome), payments_instalment (entity_id, iuv, nav, option_id),
    payments_paymentoption (position_id), payments_position (entity_id, created_at)
