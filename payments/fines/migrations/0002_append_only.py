"""Files and drivers' declarations stay as they came."""

from django.db import migrations

from portal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("payments_fines", "0001_acts_files_notices"), ("portal_audit", "0002_append_only")]

    operations = [append_only("payments_fines_finefile"), append_only("payments_fines_driverdata")]
