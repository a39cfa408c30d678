-- Provisionals that the treasurer's documents leave open at the end of a day, by age: as open_provisionals.sql, one by one.
WITH movement AS MATERIALIZED (
    -- A reversal is of the year of what it takes back.
    SELECT m.entity_id, m.treasurer_code, coalesce(r.year, m.year) AS year, ltrim(m.document_number, '0') AS number,
        m.document_type, m.operation, m.cents, m.booked_on, m.suspended
    FROM payments_reconciliation_treasurymovement m
    LEFT JOIN (
        SELECT x.movement_id, o.year
        FROM payments_reconciliation_match x
        JOIN payments_reconciliation_treasurymovement o ON o.id = x.reverses_id
        WHERE x.entity_id = ANY(%(entities)s) AND x.kind = 'reversal' AND x.live
    ) r ON r.movement_id = m.id
    WHERE m.entity_id = ANY(%(entities)s) AND m.counts AND m.direction = 'ENTRATA' AND m.booked_on <= %(on)s
        AND m.document_type IN ('SOSPESO ENTRATA', 'REVERSALE')
), opened AS (
    SELECT entity_id, treasurer_code, year, number, min(booked_on) AS day,
        sum(CASE operation WHEN 'ESEGUITO' THEN cents ELSE -abs(cents) END) AS cents
    FROM movement
    WHERE document_type = 'SOSPESO ENTRATA' AND operation IN ('ESEGUITO', 'STORNATO')
    GROUP BY entity_id, treasurer_code, year, number
), itself AS (
    SELECT entity_id, treasurer_code, year, number,
        sum(CASE operation WHEN 'REGOLARIZZATO' THEN abs(cents) ELSE -abs(cents) END) AS cents
    FROM movement
    WHERE document_type = 'SOSPESO ENTRATA' AND operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
    GROUP BY entity_id, treasurer_code, year, number
), ordered AS (
    SELECT m.entity_id, m.treasurer_code, m.year, ltrim(item ->> 'number', '0') AS number,
        sum(CASE WHEN m.operation IN ('ESEGUITO', 'REGOLARIZZATO') THEN 1 ELSE -1 END * abs((item ->> 'cents')::bigint))
            AS cents
    FROM movement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    WHERE m.document_type = 'REVERSALE'
    GROUP BY 1, 2, 3, 4
), standing AS (
    SELECT o.number || '/' || o.year AS name, o.day, %(on)s - o.day AS age,
        o.cents - coalesce(i.cents, r.cents, 0) AS cents
    FROM opened o
    LEFT JOIN itself i USING (entity_id, treasurer_code, year, number)
    LEFT JOIN ordered r USING (entity_id, treasurer_code, year, number)
)
SELECT CASE WHEN age <= 5 THEN 0 WHEN age <= 30 THEN 1 WHEN age <= 60 THEN 2 ELSE 3 END AS band, count(*),
    sum(cents)::bigint, min(day), (array_agg(name ORDER BY day, name COLLATE "C"))[1]
FROM standing
WHERE cents <> 0
GROUP BY band
ORDER BY band
