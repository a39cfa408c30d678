-- Treasury movements: which flow or payment a credit belongs to, or why to none.
WITH given AS (
    SELECT p.movement_id, sum(p.cents)::bigint AS cents, min(f.iuf) AS iuf, min(coalesce(l.iuv, r.iuv)) AS iuv,
        bool_and(p.kind = 'outside_movement') AS outside,
        sum(p.cents) FILTER (WHERE p.kind = 'outside_movement')::bigint AS outside_cents
    FROM recon_pair p
    LEFT JOIN recon_flow f ON f.id = p.flow_id
    LEFT JOIN payments_reconciliation_flowline l ON l.id = p.line_id
    LEFT JOIN payments_receipt r ON r.id = p.receipt_id
    WHERE p.kind IN ('flow_movement', 'single_movement', 'outside_movement')
    GROUP BY p.movement_id
), covering AS (
    -- Collection orders say which provisionals they cover; an order taken back gives them free again.
    SELECT m.treasurer_code, m.year, ltrim(s.item ->> 'number', '0') AS number,
        sum((s.item ->> 'cents')::bigint * CASE WHEN m.operation IN ('STORNATO', 'RIPRISTINATO') THEN -1 ELSE 1 END)
            AS cents
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) AS s(item)
    WHERE m.entity_id = %(entity)s AND m.counts AND m.suspended <> '[]'
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT m.treasurer_code, m.year, ltrim(m.document_number, '0'),
        sum(m.cents * CASE m.operation WHEN 'REGOLARIZZATO' THEN 1 ELSE -1 END)
    FROM payments_reconciliation_treasurymovement m
    WHERE m.entity_id = %(entity)s AND m.counts AND m.operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
        AND m.document_type = 'SOSPESO ENTRATA'
    GROUP BY 1, 2, 3
), covered AS (
    SELECT treasurer_code, year, number, max(cents) AS cents FROM covering GROUP BY 1, 2, 3
), credit AS (
    SELECT c.*, g.cents AS given_cents, g.iuf, g.iuv, coalesce(g.outside, false) AS outside,
        g.outside_cents > 0 AND NOT g.outside AS mixed, coalesce(o.cents, 0) >= c.cents AS regularised
    FROM recon_credit c
    JOIN recon_look_movement USING (id)
    LEFT JOIN given g ON g.movement_id = c.id
    LEFT JOIN covered o ON (o.treasurer_code, o.year, o.number)
        = (c.treasurer_code, c.year, ltrim(c.document_number, '0'))
), judged AS (
    SELECT c.id, v.code, v.cents, c.booked_on, c.key, jsonb_build_object(
        'movement', c.name, 'booked_on', c.booked_on, 'cents', v.cents, 'reference', c.remittance_reference,
        'remittance', left(c.remittance, 140), 'iuf', c.iuf, 'iuv', c.iuv, 'credits', c.name)
        || CASE WHEN c.outside THEN '{"outside": true}'::jsonb WHEN c.mixed THEN '{"partly_outside": true}'
            ELSE '{}' END AS facts
    FROM credit c
    CROSS JOIN LATERAL (VALUES
        (c.given_cents IS NOT NULL, 'reconciled', least(c.given_cents, c.cents)),
        (c.given_cents < c.cents AND NOT c.outside AND c.booked_on <= %(late)s, 'treasury_without_flow',
            c.cents - c.given_cents),
        (c.given_cents IS NULL AND c.remittance_kind IN ('flow', 'single') AND c.booked_on <= %(late)s,
            'treasury_without_flow', c.cents),
        (c.given_cents IS NULL AND c.remittance_kind = 'partial' AND c.booked_on <= %(late)s,
            'remittance_unreadable', c.cents),
        (c.given_cents IS NULL AND c.remittance_kind = 'other', 'treasury_not_pagopa', c.cents),
        (c.given_cents < c.cents AND c.outside, 'treasury_not_pagopa', c.cents - c.given_cents),
        (c.regularised, 'already_regularised', c.cents)
    ) AS v(holds, code, cents)
    WHERE v.holds
    UNION ALL
    SELECT m.id, v.code, v.cents, v.since, concat_ws('|', m.treasurer_code, m.account, m.year, m.document_type,
        m.document_number, m.progressive, m.operation, m.movement_number), jsonb_build_object(
        'movement', m.document_number || '/' || m.year, 'booked_on', m.booked_on, 'cents', v.cents,
        'reversed_on', s.booked_on) || v.more
    FROM recon_pair p
    JOIN recon_look_movement k ON k.id = p.reverses_id
    JOIN payments_reconciliation_treasurymovement m ON m.id = p.reverses_id
    JOIN payments_reconciliation_treasurymovement s ON s.id = p.movement_id
    LEFT JOIN given g ON g.movement_id = m.id
    CROSS JOIN LATERAL (VALUES
        (true, 'reversed', m.cents, m.booked_on, '{}'),
        -- The money went back, and two persons had confirmed what it paid.
        (g.outside_cents > 0, 'outside_taken_back', g.outside_cents, s.booked_on, jsonb_build_object(
            'acts', (
                SELECT string_agg(DISTINCT nullif(x.reference, ''), ', ')
                FROM payments_reconciliation_outsidecredit x
                JOIN payments_outsidepayment o ON o.id = x.outside_id AND o.state = 'confirmed'
                WHERE x.movement_id = m.id)))
    ) AS v(holds, code, cents, since, more)
    WHERE p.kind = 'reversal' AND v.holds
    UNION ALL
    -- A reversal takes back a whole movement: one that finds none, or one of another amount, is for a person.
    SELECT m.id, 'reversal_alone', abs(m.cents), m.booked_on, concat_ws('|', m.treasurer_code, m.account, m.year,
        m.document_type, m.document_number, m.progressive, m.operation, m.movement_number), jsonb_build_object(
        'movement', m.document_number || '/' || m.year, 'booked_on', m.booked_on, 'cents', abs(m.cents), 'done', (
            -- What was done in December may be taken back in January.
            SELECT sum(o.cents)
            FROM payments_reconciliation_treasurymovement o
            WHERE o.entity_id = m.entity_id AND o.year IN (m.year, m.year - 1) AND o.counts
                AND (o.document_number, o.treasurer_code, o.document_type)
                    = (m.document_number, m.treasurer_code, m.document_type)
                AND o.operation = 'ESEGUITO'
            GROUP BY o.year
            ORDER BY o.year DESC
            LIMIT 1))
    FROM recon_look_movement k
    JOIN payments_reconciliation_treasurymovement m ON m.id = k.id
    WHERE m.counts AND m.direction = 'ENTRATA' AND m.operation = 'STORNATO' AND m.booked_on <= %(late)s
        AND m.document_type NOT IN ('REVERSALE', 'FONDO DI CASSA', 'DEFICIT DI CASSA', 'ANTICIPAZIONE')
        AND NOT EXISTS (SELECT FROM recon_pair p WHERE p.kind = 'reversal' AND p.movement_id = m.id)
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'movement', id, code, cents, booked_on, key, facts FROM judged
