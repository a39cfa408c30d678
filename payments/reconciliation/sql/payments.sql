-- The payments of the notices in scope, with their documents: lines of current flows, receipts, what was owed.
DROP TABLE IF EXISTS pg_temp.recon_line, pg_temp.recon_share, pg_temp.recon_receipt, pg_temp.recon_payment,
    pg_temp.recon_owed;

CREATE TEMP TABLE recon_receipt ON COMMIT DROP AS
SELECT r.id, r.nav, r.iuv, r.receipt_id AS iur, coalesce(nullif(r.psp_name, ''), r.psp_id) AS psp, r.paid_at,
    (coalesce(r.paid_at, r.received_at) AT TIME ZONE 'Europe/Rome')::date AS paid_on, r.amount_cents,
    r.issuer_fiscal_code = %(fiscal_code)s AS own,
    CASE WHEN r.metadata ->> 'NOTIFICATION_FEE' ~ '^[0-9]{1,9}$'
        THEN (r.metadata ->> 'NOTIFICATION_FEE')::bigint ELSE 0 END AS fee_cents
FROM recon_scope s
JOIN payments_receipt r ON r.entity_id = %(entity)s AND r.iuv = s.iuv AND r.outcome = 'OK';
CREATE INDEX ON recon_receipt (id);
ANALYZE recon_receipt;

-- The shares of the body in each receipt. Digital stamps never pass through a flow, others' shares go to them; a
-- receipt that lists no transfer is all of the body.
CREATE TEMP TABLE recon_share ON COMMIT DROP AS
SELECT t.receipt_id, t.seq, t.amount_cents AS cents
FROM recon_receipt r
JOIN payments_receipttransfer t ON t.receipt_id = r.id
WHERE t.beneficiary_fiscal_code = %(fiscal_code)s AND NOT t.is_stamp
UNION ALL
SELECT r.id, 1, r.amount_cents
FROM recon_receipt r
WHERE NOT EXISTS (SELECT FROM payments_receipttransfer t WHERE t.receipt_id = r.id);
CREATE INDEX ON recon_share (receipt_id, seq);
ANALYZE recon_share;

CREATE TEMP TABLE recon_owed ON COMMIT DROP AS
SELECT i.iuv, i.id AS instalment_id, i.amount_cents AS printed_cents, i.due_on, o.id AS option_id, o.position_id,
    o.refused_after_due, o.kind, o.withdrawn_at IS NULL AS holds, p.cancelled_at,
    (p.cancelled_at AT TIME ZONE 'Europe/Rome')::date AS cancelled_on
FROM recon_scope s
JOIN payments_instalment i ON i.entity_id = %(entity)s AND i.iuv = s.iuv
JOIN payments_paymentoption o ON o.id = i.option_id
JOIN payments_position p ON p.id = o.position_id;
ANALYZE recon_owed;

CREATE TEMP TABLE recon_line ON COMMIT DROP AS
SELECT l.id, l.flow_id, l.seq, l.iuv, l.iur, l.transfer, l.cents, l.outcome, l.paid_on, l.outcome = 3 AS revoked,
    x.receipt_id, r.own, f.regulation_date, f.psp_id, f.iuf_key,
    l.iuv ~ '^[0-9]{17}$' AND x.receipt_id IS NULL AND o.iuv IS NULL AND %(links)s::int[] <> '{}'
        AND NOT left(l.iuv, 2)::int = ANY(%(links)s::int[]) AS elsewhere
FROM recon_scope s
JOIN payments_reconciliation_flowline l ON l.entity_id = %(entity)s AND l.iuv = s.iuv
JOIN recon_flow f ON f.id = l.flow_id
LEFT JOIN payments_reconciliation_match x ON x.line_id = l.id AND x.kind = 'line_receipt' AND x.live
LEFT JOIN recon_receipt r ON r.id = x.receipt_id
LEFT JOIN recon_owed o ON o.iuv = l.iuv;
CREATE INDEX ON recon_line (receipt_id);
ANALYZE recon_line;

-- One row a payment (IUV and collection id), on the document that speaks for it: its first line, else its receipt.
-- Shares of others' notices are no payments of ours, and a payment wholly revoked never was one.
CREATE TEMP TABLE recon_payment ON COMMIT DROP AS
WITH line AS (
    SELECT iuv, iur, sum(cents) FILTER (WHERE NOT revoked)::bigint AS cents, min(paid_on) AS paid_on,
        (array_agg(id ORDER BY transfer, regulation_date, iuf_key COLLATE "C", psp_id COLLATE "C", seq)
            FILTER (WHERE NOT revoked))[1] AS line_id,
        sum(abs(cents)) FILTER (WHERE revoked)::bigint AS revoked_cents
    FROM recon_line
    WHERE NOT elsewhere AND coalesce(own, true)
    GROUP BY iuv, iur
), receipt AS (
    SELECT DISTINCT ON (r.iuv, r.iur) r.*, s.cents AS share_cents
    FROM recon_receipt r
    JOIN (SELECT receipt_id, sum(cents)::bigint AS cents FROM recon_share GROUP BY receipt_id) s ON s.receipt_id = r.id
    WHERE r.own
    ORDER BY r.iuv, r.iur, r.nav COLLATE "C"
), paid AS (
    SELECT coalesce(l.iuv, r.iuv) AS iuv, coalesce(l.iur, r.iur) AS iur, l.line_id, r.id AS receipt_id,
        coalesce(l.cents, r.share_cents) AS cents, coalesce(r.paid_on, l.paid_on) AS paid_on, r.paid_at,
        r.amount_cents, r.fee_cents, coalesce(l.revoked_cents, 0) AS revoked_cents,
        coalesce(l.revoked_cents >= coalesce(l.cents, r.share_cents), false) AS revoked
    FROM line l
    FULL JOIN receipt r ON (r.iuv, r.iur) = (l.iuv, l.iur)
    WHERE l.line_id IS NOT NULL OR r.id IS NOT NULL
), payment AS (
    SELECT p.*, o.instalment_id, o.printed_cents, o.due_on, o.option_id, o.position_id, o.refused_after_due,
        o.cancelled_at, o.cancelled_on, o.kind, o.holds, NOT p.revoked AS stands
    FROM paid p
    LEFT JOIN recon_owed o ON o.iuv = p.iuv
)
SELECT p.*, 1::bigint AS nth, false AS twin, p.paid_on AS first_on, p.iur AS first_iur, p.option_id AS used_option_id,
    CASE WHEN p.holds THEN p.kind END AS used_kind, 0::bigint AS before_cents,
    CASE WHEN p.holds THEN p.iuv END AS used_iuv, CASE WHEN p.holds THEN p.paid_on END AS used_on
FROM payment p;

-- Nearly all are the only payment of their notice and of their debt: only the others have to be put in order.
UPDATE recon_payment p
SET nth = o.nth, twin = o.twin, first_on = o.first_on, first_iur = o.first_iur, used_option_id = o.used_option_id,
    used_kind = o.used_kind, before_cents = o.before_cents, used_iuv = o.used_iuv, used_on = o.used_on
FROM (
    SELECT p.iuv, p.iur, row_number() OVER notice AS nth,
        -- A line and a receipt of the same notice, day and amount, that differ in the collection id alone, are no two
        -- payments until other documents say so.
        coalesce((p.line_id IS NULL) <> (p.receipt_id IS NULL)
            AND lag(p.line_id IS NULL) OVER notice = (p.receipt_id IS NULL)
            AND lag(p.receipt_id IS NULL) OVER notice = (p.line_id IS NULL)
            AND (lag(p.cents) OVER notice, lag(p.paid_on) OVER notice) = (p.cents, p.paid_on), false) AS twin,
        first_value(p.paid_on) OVER notice AS first_on, first_value(p.iur) OVER notice AS first_iur,
        -- The first way to pay that was used and holds: what was paid of a withdrawn one counts in what took its place.
        coalesce((array_agg(p.option_id) FILTER (WHERE p.holds) OVER debt)[1], p.option_id) AS used_option_id,
        (array_agg(p.kind) FILTER (WHERE p.holds) OVER debt)[1] AS used_kind,
        coalesce(sum(p.cents) OVER (debt ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before_cents,
        (array_agg(p.iuv) FILTER (WHERE p.holds) OVER debt)[1] AS used_iuv,
        (array_agg(p.paid_on) FILTER (WHERE p.holds) OVER debt)[1] AS used_on
    FROM recon_payment p
    WHERE p.iuv IN (SELECT iuv FROM recon_payment GROUP BY iuv HAVING count(*) > 1)
        OR p.position_id IN (
            SELECT position_id FROM recon_payment WHERE position_id IS NOT NULL
            GROUP BY position_id HAVING count(*) > 1)
    WINDOW notice AS (PARTITION BY p.iuv, p.revoked ORDER BY p.paid_on, p.paid_at, p.iur COLLATE "C"),
        debt AS (PARTITION BY coalesce(p.position_id, 0), p.position_id IS NULL, p.revoked
            ORDER BY p.paid_on, p.paid_at, p.iur COLLATE "C")
) o
WHERE (p.iuv, p.iur) = (o.iuv, o.iur);
ANALYZE recon_payment
