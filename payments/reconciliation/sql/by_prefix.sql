-- Credits of which only the beginning of the flow's name can be read: that beginning, the exact amount and the days
-- around the settlement must leave one flow for the credit and one credit for the flow.
WITH legible AS (
    SELECT * FROM unnest(%(cut_movements)s::bigint[], %(cut_prefixes)s::text[]) AS t(movement_id, prefix)
), around AS (
    SELECT * FROM unnest(%(days)s::date[], %(days_from)s::date[], %(days_to)s::date[]) AS t(day, first, last)
), pair AS (
    SELECT c.id AS movement_id, c.left_cents, f.id AS flow_id, count(*) OVER (PARTITION BY c.id) AS flows,
        count(*) OVER (PARTITION BY f.id) AS movements
    FROM legible l
    JOIN recon_credit c ON c.id = l.movement_id
    JOIN recon_flow f ON f.declared_cents = c.left_cents AND starts_with(f.iuf_key, l.prefix)
    JOIN around a ON a.day = f.regulation_date AND c.booked_on BETWEEN a.first AND a.last
    WHERE l.prefix <> '' AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.movement_id = c.id)
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.flow_id = f.id)
        AND NOT EXISTS (
            SELECT FROM recon_refused r WHERE (r.movement_id, r.psp_id, r.iuf_key) = (c.id, f.psp_id, f.iuf_key))
)
INSERT INTO recon_pair (kind, rule, confidence, cents, flow_id, movement_id)
SELECT 'flow_movement', %(rule)s, %(confidence)s, left_cents, flow_id, movement_id
FROM pair
WHERE flows = 1 AND movements = 1
