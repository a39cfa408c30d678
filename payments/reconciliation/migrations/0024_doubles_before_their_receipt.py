"""A double may be called so before its receipt has come."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0019_withdrawn_options"),
        ("payments_reconciliation", "0023_outside_taken_back"),
    ]

    operations = [
        migrations.AlterField(
            model_name="duplicatemark",
            name="receipt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duplicate_marks",
                to="payments.receipt",
                verbose_name="ricevuta",
            ),
        ),
    ]
