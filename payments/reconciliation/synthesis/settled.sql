-- What the receipts of a body settle: instalments, then the options that are paid whole, then positions and charges.
-- So many new rows make the planner's statistics misleading.
ANALYZE payments_receiptcase, payments_receipt, payments_instalment, payments_paymentoption, payments_position,
    portal_billing_charge;

WITH settled AS (
    SELECT c.instalment_id, min(r.paid_at) AS paid_at
    FROM payments_receiptcase c
    JOIN payments_receipt r ON r.id = c.receipt_id
    WHERE c.entity_id = %(entity)s AND c.settles
    GROUP BY c.instalment_id
)
UPDATE payments_instalment i SET paid_at = s.paid_at
FROM settled s
JOIN payments_instalment k ON k.id = s.instalment_id
JOIN payments_paymentoption o ON o.id = k.option_id
JOIN payments_position p ON p.id = o.position_id
JOIN portal_billing_charge h ON h.id = p.charge_id
WHERE i.id = s.instalment_id AND i.paid_at IS NULL AND h.source LIKE 'synthesis:%%';

WITH option AS (
    SELECT o.position_id, bool_and(i.paid_at IS NOT NULL) AS whole, max(i.paid_at) AS paid_at
    FROM payments_paymentoption o
    JOIN payments_instalment i ON i.option_id = o.id
    JOIN payments_position p ON p.id = o.position_id
    JOIN portal_billing_charge h ON h.id = p.charge_id
    WHERE o.entity_id = %(entity)s AND h.source LIKE 'synthesis:%%' AND p.state IN ('published', 'partly_paid')
    GROUP BY o.id, o.position_id
    HAVING bool_or(i.paid_at IS NOT NULL)
)
UPDATE payments_position p
SET state = CASE WHEN t.whole THEN 'paid' ELSE 'partly_paid' END, paid_at = CASE WHEN t.whole THEN t.paid_at END
FROM option t
WHERE p.id = t.position_id;

WITH paid AS (
    SELECT o.position_id, sum(e.amount_cents) AS cents, min(e.receipt_id) AS receipt_id
    FROM payments_receiptcase c
    JOIN payments_receipt e ON e.id = c.receipt_id
    JOIN payments_instalment i ON i.id = c.instalment_id
    JOIN payments_paymentoption o ON o.id = i.option_id
    WHERE c.entity_id = %(entity)s AND c.settles
    GROUP BY o.position_id
)
UPDATE portal_billing_charge h
SET state = 'settled', settled_at = p.paid_at, paid_cents = r.cents, receipt_reference = r.receipt_id
FROM payments_position p
JOIN paid r ON r.position_id = p.id
WHERE p.charge_id = h.id AND p.entity_id = %(entity)s AND p.state = 'paid' AND h.state = 'requested'
    AND h.source LIKE 'synthesis:%%'
