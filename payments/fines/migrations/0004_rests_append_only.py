"""What was decided about a difference stays as it was decided."""

from django.db import migrations

from portal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("payments_fines", "0003_rests"), ("portal_audit", "0002_append_only")]

    operations = [append_only("payments_fines_finerest")]
