-- How much of some provisionals the treasurer says that collection orders cover, and by which. As in the books: the rows
-- on the provisional itself come before the orders that name it; what was taken back covers nothing.
WITH wanted AS (
    SELECT DISTINCT entity_id, treasurer_code, year, ltrim(document_number, '0') AS number
    FROM payments_reconciliation_treasurymovement
    WHERE id = ANY(%(movements)s)
), own AS (
    SELECT w.entity_id, w.treasurer_code, w.year, w.number, m.id, m.operation, m.cents, m.booked_on
    FROM wanted w
    JOIN payments_reconciliation_treasurymovement m
        ON (m.entity_id, m.treasurer_code, m.year) = (w.entity_id, w.treasurer_code, w.year)
        AND ltrim(m.document_number, '0') = w.number
    WHERE m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'SOSPESO ENTRATA'
), held AS (
    -- A reversal that is the twin of a movement takes that one away; without a twin, what bears its number.
    SELECT o.entity_id, o.treasurer_code, o.year, o.number, sum(CASE
        WHEN o.operation = 'ESEGUITO' THEN o.cents - coalesce((
            SELECT sum(x.cents) FROM payments_reconciliation_match x WHERE x.reverses_id = o.id AND x.live), 0)
        WHEN NOT EXISTS (SELECT FROM payments_reconciliation_match x
            WHERE x.movement_id = o.id AND x.kind = 'reversal' AND x.live) THEN -abs(o.cents)
        ELSE 0 END) AS cents
    FROM own o
    WHERE o.operation IN ('ESEGUITO', 'STORNATO')
    GROUP BY o.entity_id, o.treasurer_code, o.year, o.number
), covering AS (
    SELECT o.entity_id, o.treasurer_code, o.year, o.number, '' AS name, o.booked_on AS day,
        CASE o.operation WHEN 'REGOLARIZZATO' THEN abs(o.cents) ELSE -abs(o.cents) END AS cents
    FROM own o
    WHERE o.operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
    UNION ALL
    SELECT w.entity_id, w.treasurer_code, w.year, w.number, m.document_number || '/' || m.year, m.booked_on,
        CASE WHEN m.operation IN ('ESEGUITO', 'REGOLARIZZATO') THEN 1 ELSE -1 END * abs((item ->> 'cents')::bigint)
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    JOIN wanted w ON (w.entity_id, w.treasurer_code, w.year, w.number)
        = (m.entity_id, m.treasurer_code, m.year, ltrim(item ->> 'number', '0'))
    WHERE (m.entity_id, m.year) IN (SELECT entity_id, year FROM wanted) AND m.counts AND m.direction = 'ENTRATA'
        AND m.document_type = 'REVERSALE' AND m.suspended <> '[]'::jsonb
), net AS (
    SELECT entity_id, treasurer_code, year, number, name, sum(cents) AS cents,
        max(day) FILTER (WHERE cents > 0) AS day
    FROM covering
    GROUP BY entity_id, treasurer_code, year, number, name
)
SELECT w.entity_id, w.treasurer_code, w.year, w.number, coalesce(h.cents, 0)::bigint AS held,
    coalesce(sum(n.cents) FILTER (WHERE n.name = ''), sum(n.cents) FILTER (WHERE n.name <> ''), 0)::bigint AS covered,
    coalesce(array_agg(n.name ORDER BY n.day, n.name COLLATE "C") FILTER (WHERE n.name <> '' AND n.cents > 0), '{}'),
    max(n.day) FILTER (WHERE n.cents > 0)
FROM wanted w
LEFT JOIN held h USING (entity_id, treasurer_code, year, number)
LEFT JOIN net n USING (entity_id, treasurer_code, year, number)
GROUP BY w.entity_id, w.treasurer_code, w.year, w.number, h.cents
