-- All the pages that are in, whole, of the journals to which these pages belong. Pages of one journal share its
-- identifier but for the mark #page#pages at its end.
WITH paper AS (
    SELECT j.entity_id, j.treasurer_code, j.year, j.day_from, j.day_to, j.id, j.evidence_id, j.page, j.pages,
        regexp_replace(j.journal_id, '#[0-9]{3}#[0-9]{3}$', '') AS document
    FROM payments_reconciliation_treasuryjournal j
    WHERE j.pages > 1 AND j.whole AND j.page BETWEEN 1 AND j.pages
), wanted AS (
    SELECT DISTINCT entity_id, treasurer_code, year, day_from, day_to, document, pages
    FROM paper
    WHERE id = ANY(%(journals)s)
)
SELECT p.entity_id, p.treasurer_code, p.year, p.day_from, p.day_to, p.document, p.pages, p.page, p.evidence_id
FROM wanted w
JOIN paper p USING (entity_id, treasurer_code, year, day_from, day_to, document, pages)
ORDER BY p.document, p.page
