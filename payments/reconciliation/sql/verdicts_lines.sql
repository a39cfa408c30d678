-- Lines of current flows: one verdict each on their money, whatever else is said of the payment.
WITH reported AS (
    SELECT l.receipt_id, l.transfer, sum(l.cents)::bigint AS cents
    FROM recon_line l
    WHERE l.receipt_id IS NOT NULL AND NOT l.revoked
    GROUP BY l.receipt_id, l.transfer
), whole AS (
    -- A line whose transfer the receipt does not know reports the receipt as a whole.
    SELECT t.receipt_id,
        (SELECT sum(s.cents)::bigint FROM recon_share s WHERE s.receipt_id = t.receipt_id) AS expected_cents,
        (SELECT sum(l.cents)::bigint FROM recon_line l WHERE l.receipt_id = t.receipt_id AND NOT l.revoked)
            AS reported_cents
    FROM (
        SELECT DISTINCT l.receipt_id
        FROM recon_line l
        WHERE l.receipt_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM recon_share s WHERE (s.receipt_id, s.seq) = (l.receipt_id, l.transfer))
    ) t
), twice AS (
    -- The same payment in several flows: without a receipt nothing says how often it was made.
    SELECT l.iuv, l.iur, l.transfer, count(*) AS times
    FROM recon_line l
    WHERE l.receipt_id IS NULL AND NOT l.revoked
    GROUP BY l.iuv, l.iur, l.transfer
    HAVING count(*) > 1
), near AS (
    -- A receipt that no flow reports, of the same notice and day: perhaps the same payment under another collection id.
    SELECT l.id, min(r.iur) AS iur
    FROM recon_line l
    JOIN recon_receipt r ON r.iuv = l.iuv AND r.paid_on = l.paid_on
    WHERE l.receipt_id IS NULL AND NOT l.revoked
        AND NOT EXISTS (SELECT FROM recon_line k WHERE k.receipt_id = r.id)
    GROUP BY l.id
), judged AS (
    SELECT l.*, f.iuf, f.psp, f.squared, f.credits, f.key AS flow_key, f.facts AS flow_facts,
        t.times, n.iur AS near,
        coalesce(s.cents, w.expected_cents, 0) AS expected_cents,
        CASE WHEN s.receipt_id IS NULL THEN w.reported_cents ELSE p.cents END AS reported_cents
    FROM recon_line l
    JOIN recon_state f ON f.id = l.flow_id
    LEFT JOIN recon_share s ON (s.receipt_id, s.seq) = (l.receipt_id, l.transfer)
    LEFT JOIN twice t ON (t.iuv, t.iur, t.transfer) = (l.iuv, l.iur, l.transfer)
    LEFT JOIN near n ON n.id = l.id
    LEFT JOIN whole w ON w.receipt_id = l.receipt_id
    LEFT JOIN reported p ON (p.receipt_id, p.transfer) = (l.receipt_id, l.transfer)
), told AS (
    SELECT j.*, j.reported_cents <> j.expected_cents AS differs,
        j.paid_on > %(late)s AND j.paid_on <= %(beyond)s
            AND (j.receipt_id IS NULL OR j.reported_cents <> j.expected_cents) AS awaits
    FROM judged j
), coded AS (
    SELECT j.*, CASE
        WHEN j.elsewhere THEN 'other_intermediary'
        WHEN j.revoked THEN 'revoked'
        -- What is missing may still come.
        WHEN j.awaits THEN 'reported'
        WHEN j.receipt_id IS NULL AND j.outcome IN (8, 9) THEN 'paid_without_receipt'
        WHEN j.receipt_id IS NULL THEN 'flow_without_receipt'
        WHEN j.differs THEN 'receipt_amount_differs'
        WHEN j.squared THEN 'reconciled'
        ELSE 'reported' END AS code
    FROM told j
)
INSERT INTO recon_wanted (subject, sid, code, cents, since, key, facts)
SELECT 'line', c.id, c.code, c.cents, c.paid_on,
    concat_ws('|', c.flow_key, c.seq, c.iuv, c.iur, c.transfer),
    CASE c.code
        WHEN 'reconciled' THEN jsonb_build_object('credits', c.credits)
        WHEN 'reported' THEN c.flow_facts || jsonb_strip_nulls(
            jsonb_build_object('awaits', CASE WHEN c.awaits THEN c.paid_on END, 'near', c.near))
        WHEN 'receipt_amount_differs'
            THEN jsonb_build_object('expected', c.expected_cents, 'reported', c.reported_cents)
        ELSE jsonb_strip_nulls(jsonb_build_object('outcome', c.outcome, 'psp', c.psp, 'times', c.times, 'near', c.near)) END
    || jsonb_build_object('iuf', c.iuf, 'iuv', c.iuv, 'iur', c.iur, 'cents', c.cents)
FROM coded c
