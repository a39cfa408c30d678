from django.contrib import admin

from portal.audit.models import Event
from portal.audit.registers import EvidenceAdmin


@admin.register(Event)
class EventAdmin(EvidenceAdmin[Event]):
    """The trail of everything, for who runs the system."""

    list_display = ("at", "entity", "action", "subject_type", "subject_id", "actor_label")
    list_filter = ("action", "entity")
    list_select_related = ("entity",)
    search_fields = ("subject_id", "actor_label")
    date_hierarchy = "at"
