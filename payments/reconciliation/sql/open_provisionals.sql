-- What the treasurer's documents leave open at the end of a day, read from the documents and not from the books.
WITH movement AS (
    -- A reversal is of the year of what it takes back.
    SELECT m.treasurer_code, coalesce(r.year, m.year) AS year, ltrim(m.document_number, '0') AS number,
        m.document_type, m.operation, m.cents, m.suspended
    FROM payments_reconciliation_treasurymovement m
    LEFT JOIN (
        SELECT x.movement_id, o.year
        FROM payments_reconciliation_match x
        JOIN payments_reconciliation_treasurymovement o ON o.id = x.reverses_id
        WHERE x.entity_id = ANY(%(entities)s) AND x.kind = 'reversal' AND x.live
    ) r ON r.movement_id = m.id
    WHERE m.entity_id = ANY(%(entities)s) AND m.counts AND m.direction = 'ENTRATA' AND m.booked_on <= %(on)s
        AND m.document_type IN ('SOSPESO ENTRATA', 'REVERSALE')
), known AS (
    SELECT DISTINCT treasurer_code, year, number FROM movement
    WHERE document_type = 'SOSPESO ENTRATA' AND operation IN ('ESEGUITO', 'STORNATO')
), opened AS (
    SELECT sum(CASE operation WHEN 'ESEGUITO' THEN cents ELSE -abs(cents) END) AS cents FROM movement
    WHERE document_type = 'SOSPESO ENTRATA' AND operation IN ('ESEGUITO', 'STORNATO')
), itself AS (
    SELECT treasurer_code, year, number,
        sum(CASE operation WHEN 'REGOLARIZZATO' THEN abs(cents) ELSE -abs(cents) END) AS cents
    FROM movement
    WHERE document_type = 'SOSPESO ENTRATA' AND operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
    GROUP BY treasurer_code, year, number
), ordered AS (
    SELECT m.treasurer_code, m.year, ltrim(item ->> 'number', '0') AS number,
        sum(CASE WHEN m.operation IN ('ESEGUITO', 'REGOLARIZZATO') THEN 1 ELSE -1 END * abs((item ->> 'cents')::bigint))
            AS cents
    FROM movement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    WHERE m.document_type = 'REVERSALE'
    GROUP BY 1, 2, 3
)
SELECT coalesce((SELECT cents FROM opened), 0)::bigint - coalesce((
    SELECT sum(coalesce(i.cents, o.cents))
    FROM known k
    LEFT JOIN itself i USING (treasurer_code, year, number)
    LEFT JOIN ordered o USING (treasurer_code, year, number)), 0)::bigint
