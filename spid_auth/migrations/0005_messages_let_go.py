"""Messages of logins go away after their term: their table lets the audited purge delete."""

from django.db import migrations

from portal.audit.append_only import let_go


class Migration(migrations.Migration):
    dependencies = [
        ("spid_auth", "0004_register_revisions_alerts_and_refreshes"),
        ("portal_audit", "0003_no_setting_opens"),
    ]

    operations = [let_go("spid_auth_samlmessage")]
