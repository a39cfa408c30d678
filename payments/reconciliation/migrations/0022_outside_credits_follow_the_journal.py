"""The credit of a payment outside pagoPA changes once: when the journal takes over the provisional of a list."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "payments_reconciliation_outsidecredit"
FORWARD = f"""
DROP TRIGGER {TABLE}_append_only ON {TABLE};
CREATE TRIGGER {TABLE}_closes_once BEFORE UPDATE ON {TABLE} FOR EACH ROW
    EXECUTE FUNCTION payments_reconciliation_closes_once('list_movement_id', 'movement_id');
CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""
BACKWARD = f"""
DROP TRIGGER {TABLE}_no_delete ON {TABLE};
DROP TRIGGER {TABLE}_closes_once ON {TABLE};
CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION portal_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments_reconciliation", "0021_assessment_for_duplicates"),
    ]

    operations = [
        migrations.AddField(
            model_name="outsidecredit",
            name="list_movement",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments_reconciliation.treasurymovement",
                verbose_name="provvisorio dell'elenco",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
