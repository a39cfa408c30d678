-- What each payment brought to the body and where it belongs, of the documents that the books look at.
-- A unit is money that is booked once: a transfer of a receipt, or what a line adds to it (all of it, when the line has
-- no receipt; the difference, when it has one). `suspense` names an account when the money has no assessment by nature.
DROP TABLE IF EXISTS pg_temp.book_flag, pg_temp.book_own, pg_temp.book_current, pg_temp.book_row, pg_temp.book_unit,
    pg_temp.book_part, pg_temp.book_credit, pg_temp.book_direct, pg_temp.book_provisional, pg_temp.book_regularised;

CREATE TEMP TABLE book_flag ON COMMIT DROP AS
SELECT v.line_id, v.receipt_id,
    CASE
        WHEN v.code IN ('duplicate_payment', 'duplicate_on_act') THEN 'duplicates'
        WHEN v.code = 'other_intermediary' THEN 'other_intermediary'
        ELSE 'unallocated'
    END AS account
FROM payments_reconciliation_verdict v
WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL
    AND (v.code IN ('duplicate_payment', 'duplicate_on_act', 'other_intermediary', 'no_position')
        -- What may be the payment of a receipt under another name is not revenue a second time.
        OR v.code IN ('flow_without_receipt', 'paid_without_receipt', 'reported') AND v.facts ? 'near');
ANALYZE book_flag;

CREATE TEMP TABLE book_own ON COMMIT DROP AS
WITH flagged AS (
    -- What is said of a line is said of its receipt; 'duplicates' comes before the others.
    SELECT receipt_id, min(account) AS account
    FROM (
        SELECT receipt_id, account FROM book_flag WHERE receipt_id IS NOT NULL
        UNION ALL
        SELECT x.receipt_id, v.account FROM book_flag v JOIN payments_reconciliation_match x
            ON x.line_id = v.line_id AND x.kind = 'line_receipt' AND x.live
    ) said
    GROUP BY receipt_id
)
-- Neither shares of other bodies, nor digital stamps: those never come to the treasury.
SELECT t.id, t.receipt_id, r.nav, t.seq, t.amount_cents AS cents, coalesce(g.account, '') AS suspense,
    (coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date AS day,
    coalesce(k.code, (
        -- A share that the notice does not list is of the kind of the whole debt.
        SELECT p.code FROM payments_debtkind p WHERE p.id = (
            SELECT q.debt_kind_id FROM payments_position q WHERE q.id = (
                SELECT o.position_id FROM payments_paymentoption o WHERE o.id = i.option_id))
    ), '') AS kind, count(*) OVER (PARTITION BY t.receipt_id) = 1 AS alone
FROM book_receipt b
JOIN payments_receipt r ON r.id = b.id
JOIN payments_receipttransfer t ON t.receipt_id = r.id
JOIN portal_entities_entity e ON e.id = r.entity_id
LEFT JOIN payments_instalment i ON i.entity_id = r.entity_id AND i.nav = r.nav
LEFT JOIN payments_transfer s ON s.instalment_id = i.id AND s.seq = t.seq
LEFT JOIN payments_debtkind k ON k.id = s.debt_kind_id
LEFT JOIN flagged g ON g.receipt_id = r.id
WHERE r.outcome = 'OK' AND NOT t.is_stamp
    AND t.beneficiary_fiscal_code = e.fiscal_code;
CREATE INDEX ON book_own (receipt_id);
ANALYZE book_own;

CREATE TEMP TABLE book_current ON COMMIT DROP AS
-- Whole before cut; a higher revision replaces the lower ones.
SELECT DISTINCT ON (f.psp_id, f.iuf_key) f.id, f.psp_id, f.iuf_key, f.iuf, f.regulation_date
FROM payments_reconciliation_reportingflow f
WHERE f.entity_id = %(entity)s
ORDER BY f.psp_id, f.iuf_key, f.whole DESC, f.revision DESC, f.created_at DESC, f.computed_count DESC, f.id DESC;
CREATE INDEX ON book_current (id);
ANALYZE book_current;

CREATE TEMP TABLE book_row ON COMMIT DROP AS
WITH flagged AS (
    -- What is said of one line of a payment is said of all of them.
    SELECT l.iuv, l.iur, min(v.account) AS account
    FROM book_flag v
    JOIN payments_reconciliation_flowline l ON l.id = v.line_id
    GROUP BY l.iuv, l.iur
)
-- The first line that reports a transfer of a receipt meets it; a further one is money nobody expected.
SELECT l.id, l.flow_id, l.iuv, l.transfer, l.cents, l.paid_on AS day, o.id AS own_id, o.cents AS expected,
    o.kind, o.suspense, o.day AS rule_day, coalesce(g.account, '') AS flag,
    row_number() OVER (PARTITION BY o.id, l.cents > 0 ORDER BY f.regulation_date, f.iuf_key, l.seq, l.id) AS nth
FROM book_line b
JOIN payments_reconciliation_flowline l ON l.id = b.id
JOIN book_current f ON f.id = l.flow_id
LEFT JOIN payments_reconciliation_match x ON x.line_id = l.id AND x.kind = 'line_receipt' AND x.live
LEFT JOIN book_own o ON o.receipt_id = x.receipt_id AND (o.alone OR o.seq = l.transfer)
LEFT JOIN flagged g ON (g.iuv, g.iur) = (l.iuv, l.iur);
CREATE INDEX ON book_row (flow_id);
ANALYZE book_row;

-- Payments outside pagoPA that two persons have confirmed, with the credit that brought each.
CREATE TEMP TABLE book_direct ON COMMIT DROP AS
SELECT o.id, o.instalment_id, b.movement_id, o.amount_cents AS cents, o.credited_on AS day, m.booked_on, m.year,
    coalesce(k.code, '') AS kind,
    CASE m.document_type
        WHEN 'SOSPESO ENTRATA' THEN 'credits_to_attribute'
        WHEN 'ESTRATTO CONTO' THEN 'bank'
        ELSE 'treasury'
    END AS account
FROM book_outside b
JOIN payments_outsidepayment o ON o.id = b.id AND o.state = 'confirmed'
JOIN payments_reconciliation_treasurymovement m ON m.id = b.movement_id
JOIN payments_position q ON q.id = o.position_id
LEFT JOIN payments_debtkind k ON k.id = q.debt_kind_id
WHERE m.counts AND NOT EXISTS (SELECT FROM payments_reconciliation_match r WHERE r.reverses_id = m.id AND r.live);
ANALYZE book_direct;

CREATE TEMP TABLE book_unit ON COMMIT DROP AS
SELECT 'receipt' AS source, o.receipt_id AS source_id, o.id AS own_id, NULL::bigint AS line_id, o.day,
    o.day AS rule_day, o.kind, o.suspense, o.cents, 'Ricevuta ' || o.nav AS text
FROM book_own o
UNION ALL
SELECT 'line', l.id, NULL, l.id, l.day, l.rule_day, l.kind, 'differences',
    l.cents - CASE WHEN l.nth = 1 THEN l.expected ELSE 0 END, 'Riga di flusso, IUV ' || l.iuv
FROM book_row l
WHERE l.own_id IS NOT NULL AND l.cents > 0 AND (l.nth > 1 OR l.cents <> l.expected)
UNION ALL
-- A revocation takes the money back from where its payment had put it.
SELECT 'line', l.id, NULL, l.id, l.day, l.rule_day, l.kind, l.suspense, l.cents, 'Revoca, IUV ' || l.iuv
FROM book_row l
WHERE l.own_id IS NOT NULL AND l.cents < 0
UNION ALL
SELECT 'line', l.id, NULL, l.id, l.day, l.day, coalesce(k.code, p.code, ''), l.flag, l.cents,
    'Riga di flusso senza ricevuta, IUV ' || l.iuv
FROM book_row l
LEFT JOIN payments_instalment i ON i.entity_id = %(entity)s AND i.iuv = l.iuv
LEFT JOIN payments_transfer s ON s.instalment_id = i.id AND s.seq = l.transfer
LEFT JOIN payments_debtkind k ON k.id = s.debt_kind_id
LEFT JOIN payments_paymentoption o ON o.id = i.option_id
LEFT JOIN payments_position q ON q.id = o.position_id
LEFT JOIN payments_debtkind p ON p.id = q.debt_kind_id
WHERE l.own_id IS NULL AND l.cents <> 0
UNION ALL
-- The first share takes what is more or less than the notice asked for, as it does in a receipt.
SELECT 'outside', d.id, NULL, NULL, d.day, d.day, coalesce(s.kind, d.kind), '', coalesce(CASE
    WHEN s.first THEN greatest(0, d.cents - s.low)
    ELSE greatest(0, least(s.low + s.cents, d.cents) - s.low) END, d.cents), 'Pagamento fuori da pagoPA ' || d.id
FROM book_direct d
LEFT JOIN (
    SELECT t.instalment_id, k.code AS kind, t.amount_cents AS cents, t.seq = 1 AS first,
        (sum(t.amount_cents) OVER (PARTITION BY t.instalment_id ORDER BY t.seq = 1, t.seq) - t.amount_cents)::bigint
            AS low
    FROM payments_transfer t
    LEFT JOIN payments_debtkind k ON k.id = t.debt_kind_id
    WHERE t.instalment_id IN (SELECT instalment_id FROM book_direct)
) s ON s.instalment_id = d.instalment_id;
ANALYZE book_unit;

CREATE TEMP TABLE book_part ON COMMIT DROP AS
WITH kind_day AS (
    SELECT DISTINCT kind, rule_day FROM book_unit WHERE suspense = ''
), applied AS (
    -- The confirmed rules of a kind on a day. A chapter stands for its one assessment of that year.
    SELECT d.kind, d.rule_day, coalesce(r.assessment_id, a.id) AS assessment_id, r.permille,
        sum(r.permille) OVER (PARTITION BY d.kind, d.rule_day ORDER BY r.id) AS high,
        sum(r.permille) OVER (PARTITION BY d.kind, d.rule_day) AS total
    FROM kind_day d
    JOIN payments_reconciliation_allocationrule r
        ON r.entity_id = %(entity)s AND r.debt_kind = d.kind AND r.confirmed_by <> ''
        AND r.valid_from <= d.rule_day AND (r.valid_until IS NULL OR r.valid_until >= d.rule_day)
    LEFT JOIN LATERAL (
        SELECT min(x.id) AS id
        FROM payments_reconciliation_revenueassessment x
        WHERE x.entity_id = r.entity_id AND x.chapter = r.chapter AND r.chapter <> ''
            AND x.year = extract(year FROM d.rule_day)
        HAVING count(*) = 1
    ) a ON true
), quota AS MATERIALIZED (
    -- Shares as stretches of the whole: what no rule takes is a stretch without an assessment.
    SELECT kind, rule_day, assessment_id, high - permille AS low, high FROM applied WHERE total <= 1000
    UNION ALL
    SELECT d.kind, d.rule_day, NULL, coalesce(t.total, 0), 1000
    FROM kind_day d
    LEFT JOIN (SELECT DISTINCT kind, rule_day, total FROM applied WHERE total <= 1000) t USING (kind, rule_day)
    WHERE coalesce(t.total, 0) < 1000
)
-- What waits to be given back has an assessment of its own in the collection orders, where the body has one.
SELECT u.source, u.source_id, u.own_id, u.line_id, u.day, u.text, q.assessment_id,
    coalesce(q.assessment_id, w.id) AS order_id,
    CASE
        WHEN u.suspense <> '' THEN u.suspense
        WHEN q.assessment_id IS NULL THEN 'unallocated'
        ELSE 'assessment'
    END AS account,
    CASE
        WHEN u.suspense <> '' THEN u.cents
        ELSE u.cents * q.high::bigint / 1000 - u.cents * q.low::bigint / 1000
    END AS cents
FROM book_unit u
LEFT JOIN quota q ON u.suspense = '' AND q.kind = u.kind AND q.rule_day = u.rule_day
LEFT JOIN payments_reconciliation_revenueassessment w
    ON u.suspense = 'duplicates' AND w.entity_id = %(entity)s AND w.for_duplicates
    AND w.year = extract(year FROM u.day);
ANALYZE book_part;

CREATE TEMP TABLE book_credit ON COMMIT DROP AS
-- Money of the treasury that belongs to a flow, wholly or in part, or to a payment transferred alone.
SELECT x.id, coalesce(x.flow_id, l.flow_id, o.flow_id) AS flow_id, x.movement_id, x.cents, m.booked_on, m.year,
    m.document_number, CASE WHEN coalesce(x.flow_id, l.flow_id, o.flow_id) IS NULL THEN x.receipt_id END AS receipt_id,
    -- Only a provisional waits for a collection order.
    CASE m.document_type
        WHEN 'SOSPESO ENTRATA' THEN 'credits_to_attribute'
        WHEN 'ESTRATTO CONTO' THEN 'bank'
        ELSE 'treasury'
    END AS account
FROM book_match b
JOIN payments_reconciliation_match x ON x.id = b.id
JOIN payments_reconciliation_treasurymovement m ON m.id = x.movement_id
LEFT JOIN payments_reconciliation_flowline l ON l.id = x.line_id
-- A payment linked to its credit before a flow reported it: from then on it is money of that flow, and of it alone.
LEFT JOIN LATERAL (
    SELECT k.flow_id
    FROM payments_reconciliation_match y
    JOIN payments_reconciliation_flowline k ON k.id = y.line_id AND k.cents > 0
    JOIN book_current c ON c.id = k.flow_id
    WHERE y.receipt_id = x.receipt_id AND y.kind = 'line_receipt' AND y.live
    ORDER BY c.regulation_date, c.iuf_key COLLATE "C", c.psp_id COLLATE "C", k.seq
    LIMIT 1
) o ON x.kind = 'single_movement'
WHERE x.kind IN ('flow_movement', 'single_movement') AND x.live AND m.counts
    AND NOT EXISTS (
        SELECT 1 FROM payments_reconciliation_match r WHERE r.reverses_id = m.id AND r.live);
ANALYZE book_credit;

CREATE TEMP TABLE book_provisional ON COMMIT DROP AS
-- A provisional (provvisorio) by its number, with what it holds once reversals are taken away. A reversal is of the year
-- of what it takes back: in January the number may be another one's already.
SELECT coalesce(min(m.id) FILTER (WHERE m.operation = 'ESEGUITO'), min(m.id)) AS id, m.treasurer_code,
    coalesce(r.year, m.year) AS year, ltrim(m.document_number, '0') AS number,
    sum(CASE m.operation WHEN 'ESEGUITO' THEN m.cents ELSE -abs(m.cents) END)::bigint AS cents
FROM book_movement b
JOIN payments_reconciliation_treasurymovement m ON m.id = b.id
LEFT JOIN (
    SELECT x.movement_id, o.year
    FROM payments_reconciliation_match x
    JOIN payments_reconciliation_treasurymovement o ON o.id = x.reverses_id
    WHERE x.entity_id = %(entity)s AND x.kind = 'reversal' AND x.live
) r ON r.movement_id = m.id
WHERE m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'SOSPESO ENTRATA'
    AND m.operation IN ('ESEGUITO', 'STORNATO')
GROUP BY m.treasurer_code, coalesce(r.year, m.year), ltrim(m.document_number, '0');
ANALYZE book_provisional;

CREATE TEMP TABLE book_regularised ON COMMIT DROP AS
WITH ordered AS MATERIALIZED (
    -- What the collection orders say that they cover.
    SELECT m.treasurer_code, m.year, ltrim(item ->> 'number', '0') AS number, m.booked_on AS day,
        CASE WHEN m.operation IN ('ESEGUITO', 'REGOLARIZZATO') THEN 1 ELSE -1 END * abs((item ->> 'cents')::bigint)
            AS cents
    FROM payments_reconciliation_treasurymovement m
    CROSS JOIN LATERAL jsonb_array_elements(m.suspended) item
    WHERE m.entity_id = %(entity)s AND m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'REVERSALE'
        AND m.suspended <> '[]'::jsonb
), covering AS MATERIALIZED (
    -- The treasurer says that a provisional is covered on the provisional itself, or on the collection order.
    SELECT p.id, m.booked_on AS day, true AS itself,
        CASE m.operation WHEN 'REGOLARIZZATO' THEN abs(m.cents) ELSE -abs(m.cents) END AS cents
    FROM book_movement b
    JOIN payments_reconciliation_treasurymovement m ON m.id = b.id
    JOIN book_provisional p
        ON (p.treasurer_code, p.year, p.number) = (m.treasurer_code, m.year, ltrim(m.document_number, '0'))
    WHERE m.counts AND m.direction = 'ENTRATA' AND m.document_type = 'SOSPESO ENTRATA'
        AND m.operation IN ('REGOLARIZZATO', 'RIPRISTINATO')
    UNION ALL
    SELECT p.id, o.day, false, o.cents
    FROM ordered o
    JOIN book_provisional p USING (treasurer_code, year, number)
)
SELECT c.id, c.day, sum(c.cents)::bigint AS cents
FROM covering c
JOIN (SELECT id, bool_or(itself) AS itself FROM covering GROUP BY id) how USING (id, itself)
GROUP BY c.id, c.day;
ANALYZE book_regularised
