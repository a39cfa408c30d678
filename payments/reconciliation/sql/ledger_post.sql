-- What the documents say and the books do not yet, as entries.
WITH credited AS (
    SELECT f.psp_id, f.iuf_key, sum(c.cents)::bigint AS cents, max(c.booked_on) AS day
    FROM book_credit c
    JOIN payments_reconciliation_reportingflow f ON f.id = c.flow_id
    GROUP BY f.psp_id, f.iuf_key
), settled AS (
    -- What a flow says and what came for it, when something came.
    SELECT f.id, f.iuf, c.day, coalesce(sum(l.cents), 0)::bigint - c.cents AS missing
    FROM book_current f
    JOIN book_flow USING (psp_id, iuf_key)
    JOIN credited c USING (psp_id, iuf_key)
    LEFT JOIN book_row l ON l.flow_id = f.id
    GROUP BY f.id, f.iuf, c.day, c.cents
), foreign_income AS (
    -- What was regularised and neither a flow nor a payment outside pagoPA claims is other income.
    SELECT p.id, p.number, r.day, greatest(0, least(r.cents, p.cents) - coalesce(c.cents, 0))::bigint AS cents
    FROM book_provisional p
    JOIN (SELECT id, sum(cents) AS cents, max(day) AS day FROM book_regularised GROUP BY id) r USING (id)
    LEFT JOIN (
        SELECT movement_id AS id, sum(cents) AS cents
        FROM (SELECT movement_id, cents FROM book_credit UNION ALL SELECT movement_id, cents FROM book_direct) told
        GROUP BY movement_id
    ) c USING (id)
), given_back AS (
    SELECT r.id, r.amount_cents AS cents, (r.closed_at AT TIME ZONE 'Europe/Rome')::date AS day,
        coalesce(min(CASE WHEN o.suspense <> '' THEN o.suspense WHEN o.kind = '' THEN 'unallocated' END), 'refunds')
            AS account
    FROM book_refund b
    JOIN payments_refund r ON r.id = b.id
    JOIN payments_receiptcase c ON c.id = r.case_id
    LEFT JOIN book_own o ON o.receipt_id = c.receipt_id
    WHERE r.state = 'done'
    GROUP BY r.id
), moved AS (
    SELECT m.id, m.booked_on AS day, 'Provvisorio ' || m.document_number || '/' || m.year AS text,
        CASE m.operation WHEN 'ESEGUITO' THEN m.cents ELSE -abs(m.cents) END AS cents
    FROM book_movement b
    JOIN payments_reconciliation_treasurymovement m ON m.id = b.id
    WHERE m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'SOSPESO ENTRATA'
        AND m.operation IN ('ESEGUITO', 'STORNATO')
), wanted AS (
    SELECT source, source_id, day, 'psp_clearing' AS account, NULL::bigint AS assessment_id, cents, text
    FROM book_unit
    WHERE source <> 'outside'
    UNION ALL
    -- What comes outside pagoPA passes through no PSP: it is in the treasury already.
    SELECT u.source, u.source_id, u.day, a.account, NULL, u.cents, u.text
    FROM book_unit u
    JOIN book_direct a ON a.id = u.source_id
    WHERE u.source = 'outside'
    UNION ALL
    SELECT source, source_id, day, account, assessment_id, -cents, text FROM book_part
    UNION ALL
    SELECT 'credit', c.id, c.booked_on, side.account, NULL, side.sign * c.cents,
        'Accredito ' || c.document_number || '/' || c.year || ' di un flusso'
    FROM book_credit c
    CROSS JOIN LATERAL (VALUES (c.account, 1), ('psp_clearing', -1)) AS side(account, sign)
    UNION ALL
    SELECT 'flow', s.id, s.day, side.account, NULL, side.sign * s.missing, 'Differenza del flusso ' || s.iuf
    FROM settled s
    CROSS JOIN (VALUES ('differences', 1), ('psp_clearing', -1)) AS side(account, sign)
    UNION ALL
    SELECT 'movement', m.id, m.day, side.account, NULL, side.sign * m.cents, m.text
    FROM moved m
    CROSS JOIN (VALUES ('provisionals', 1), ('credits_to_attribute', -1)) AS side(account, sign)
    UNION ALL
    SELECT 'regularisation', r.id, r.day, side.account, NULL, side.sign * r.cents,
        'Reversale sul provvisorio ' || p.number || '/' || p.year
    FROM book_regularised r
    JOIN book_provisional p USING (id)
    CROSS JOIN (VALUES ('treasury', 1), ('provisionals', -1)) AS side(account, sign)
    UNION ALL
    SELECT 'regularisation', f.id, f.day, side.account, NULL, side.sign * f.cents, 'Provvisorio non pagoPA ' || f.number
    FROM foreign_income f
    CROSS JOIN (VALUES ('credits_to_attribute', 1), ('other_income', -1)) AS side(account, sign)
    UNION ALL
    SELECT 'refund', b.id, b.day, side.account, NULL, side.sign * b.cents, 'Rimborso ' || b.id
    FROM given_back b
    CROSS JOIN LATERAL (VALUES (b.account, 1), ('treasury', -1)) AS side(account, sign)
), difference AS MATERIALIZED (
    -- What should stand in the books, less what stands there: nothing, when nothing new is known.
    SELECT source, source_id, day, account, assessment_id, sum(cents)::bigint AS cents, max(text) AS text
    FROM (
        SELECT source, source_id, day, account, assessment_id, cents, text FROM wanted
        UNION ALL
        SELECT source, source_id, day, account, assessment_id, -cents, text FROM book_posted
    ) compared
    GROUP BY source, source_id, day, account, assessment_id
    HAVING sum(cents) <> 0
), entry AS (
    INSERT INTO payments_reconciliation_ledgerentry (entity_id, source, source_id, day, posted_at, run_id, text)
    SELECT %(entity)s, source, source_id, day, %(now)s, %(run)s, left(max(text), 140)
    FROM difference
    GROUP BY source, source_id, day
    ORDER BY day, source, source_id
    RETURNING id, source, source_id, day
)
INSERT INTO payments_reconciliation_ledgerposting (entity_id, entry_id, account, assessment_id, cents)
SELECT %(entity)s, e.id, d.account, d.assessment_id, d.cents
FROM difference d
JOIN entry e USING (source, source_id, day)
