from django.db import migrations

from portal.audit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("portal_registry", "0001_initial"), ("portal_audit", "0002_append_only")]

    operations = [append_only("portal_registry_protocolentry")]
