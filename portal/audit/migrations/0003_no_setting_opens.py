"""The guard of the evidence as it is now: no setting of a session opens a table that is not let go by name."""

from django.db import migrations

from portal.audit.append_only import FUNCTION


class Migration(migrations.Migration):
    dependencies = [("portal_audit", "0002_append_only")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
