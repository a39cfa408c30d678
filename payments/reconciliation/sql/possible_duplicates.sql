-- Payments of acts with the plate, day and place of an act paid before them, of which nobody has said anything yet: the
-- newest first, with the first payment of that act. The instalments of one act are no doubles of each other.
WITH act AS (
    SELECT f.id, f.entity_id, f.position_id, f.plate, f.violated_on, upper(trim(f.place)) AS place
    FROM payments_fines_fine f
    JOIN payments_position p ON p.id = f.position_id AND p.state = ANY(%(settled)s)
    WHERE f.entity_id = ANY(%(entities)s)
), several AS (
    SELECT entity_id, plate, violated_on, place
    FROM act
    GROUP BY entity_id, plate, violated_on, place
    HAVING count(*) > 1
), paid AS (
    SELECT c.receipt_id, r.entity_id, r.iuv, r.receipt_id AS iur, a.id AS fine_id, r.paid_at, c.id AS case_id,
        first_value(c.receipt_id) OVER fact AS first_receipt_id, first_value(a.id) OVER fact AS first_fine_id
    FROM several
    JOIN act a USING (entity_id, plate, violated_on, place)
    JOIN payments_paymentoption o ON o.position_id = a.position_id
    JOIN payments_instalment i ON i.option_id = o.id
    JOIN payments_receiptcase c ON c.instalment_id = i.id AND c.settles
    JOIN payments_receipt r ON r.id = c.receipt_id
    WINDOW fact AS (PARTITION BY a.entity_id, a.plate, a.violated_on, a.place ORDER BY r.paid_at, c.id)
)
SELECT p.receipt_id, p.fine_id, p.first_receipt_id, p.first_fine_id
FROM paid p
WHERE p.fine_id <> p.first_fine_id
    -- Also before its receipt came.
    AND NOT EXISTS (
        SELECT FROM payments_reconciliation_duplicatemark m
        WHERE (m.entity_id, m.iuv, m.iur) = (p.entity_id, p.iuv, p.iur))
ORDER BY p.paid_at DESC, p.case_id DESC
LIMIT %(most)s
