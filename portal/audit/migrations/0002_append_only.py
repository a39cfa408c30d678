from django.db import migrations

from portal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("portal_audit", "0001_initial")]

    operations = [append_only("portal_audit_event")]
