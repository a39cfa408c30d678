"""A PSP has a code on the node beside the one of who sends the money."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments_reconciliation", "0024_doubles_before_their_receipt"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportingflow",
            name="node_psp",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=35, verbose_name="codice del PSP sul nodo"
            ),
        ),
    ]
