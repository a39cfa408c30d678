-- The fingerprint of all current verdicts: natural keys only, in one order, so that equal evidence gives equal hashes.
SELECT encode(sha256(coalesce(string_agg(
    sha256(convert_to(concat_ws('|', v.subject, v.key, v.code, v.cents), 'UTF8')), ''
    ORDER BY v.subject COLLATE "C", v.key COLLATE "C", v.code COLLATE "C"), '')), 'hex')
FROM payments_reconciliation_verdict v
WHERE v.entity_id = %(entity)s AND v.closed_run_id IS NULL
