-- Credits whose text names a flow, case set aside. The same name under two PSPs is a doubt: it matches nothing.
INSERT INTO payments_reconciliation_match
    (entity_id, run_id, kind, rule, confidence, cents, flow_id, movement_id)
SELECT %(entity)s, %(run)s, 'flow_movement', %(rule)s, %(confidence)s, m.cents, f.id, m.id
FROM payments_reconciliation_treasurymovement m
JOIN payments_reconciliation_reportingflow f ON f.entity_id = m.entity_id AND f.iuf_key = m.reference_key
WHERE m.entity_id = %(entity)s AND m.direction = 'ENTRATA' AND m.operation = 'ESEGUITO'
    AND m.remittance_kind = 'flow' AND m.remittance_confidence = %(confidence)s
    AND NOT EXISTS (SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = m.id)
    AND NOT EXISTS (
        SELECT 1 FROM payments_reconciliation_reportingflow g
        WHERE g.entity_id = f.entity_id AND g.iuf_key = f.iuf_key AND g.psp_id <> f.psp_id)
ON CONFLICT DO NOTHING
