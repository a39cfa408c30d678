"""Messages in quarantine go away after their term: their table lets the audited purge delete."""

from django.db import migrations

from portal.audit.append_only import let_go


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0020_cancelled_positions_found"),
        ("portal_audit", "0003_no_setting_opens"),
    ]

    operations = [let_go("payments_quarantinedmessage")]
