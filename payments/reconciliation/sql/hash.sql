-- The fingerprint of all current verdicts: natural keys only, and no order, so that equal evidence gives equal hashes and
-- a run can bring the last one up to date with what it closed and opened.
SELECT coalesce(bit_xor(('x' || encode(sha256(convert_to(
    concat_ws('|', v.subject, v.key, v.code, v.cents), 'UTF8')), 'hex'))::bit(256))::text, '0')
FROM payments_reconciliation_verdict v
WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL
