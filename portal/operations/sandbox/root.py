"""The sandbox's own addresses: the index and the counterparts of settings.SANDBOXES."""

from django.conf import settings
from django.urls import include, path

from portal.operations.sandbox import views

urlpatterns = [
    path("", views.index, name="sandbox_index"),
    *(path(f"{prefix}/", include(urlconf)) for prefix, urlconf in settings.SANDBOXES),
]
handler404 = "portal.operations.sandbox.server.not_found"
handler500 = "portal.operations.sandbox.server.broken"
