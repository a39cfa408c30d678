"""Evidence, its readings and its matches stay as they were written."""

from django.db import migrations

from portal.audit.append_only import append_only

TABLES = (
    "evidencefile",
    "evidencereading",
    "reportingflow",
    "flowline",
    "treasuryjournal",
    "accountbalance",
    "treasurymovement",
    "reconciliationrun",
    "match",
)


class Migration(migrations.Migration):
    dependencies = [("payments_reconciliation", "0001_initial"), ("portal_audit", "0002_append_only")]

    operations = [append_only(f"payments_reconciliation_{table}") for table in TABLES]
