"""The root of the addresses: each package brings its own."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from portal.operations.views import status


def _on_disk(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    path("stato/", status, name="status"),
    path("lingua/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
] + [
    path(prefix, include(name))
    for prefix, name in [
        ("personale/", "portal.accounts.urls"),
        ("", "spid_auth.urls"),
        ("", "payments.urls"),
        ("", "exceptional_transport.urls"),
        ("", "portal.documents.urls"),
        ("", "portal.people.urls"),
        ("", "portal.messaging.urls"),
        ("", "portal.cases.urls"),
        ("", "portal.catalogue.urls"),
        ("", "portal.site.urls"),
    ]
    if _on_disk(name)
]
