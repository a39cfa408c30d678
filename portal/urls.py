"""The root of the addresses: each package brings its own."""

from django.contrib import admin
from django.urls import include, path, re_path

from portal.operations.staff_login import admin_login, closed
from portal.operations.views import status

admin.site.login = admin_login  # type: ignore[method-assign]
admin.site.site_header = "Portale dei servizi"
admin.site.site_title = "Portale dei servizi"
admin.site.index_title = "Scrivania dell'ufficio"


urlpatterns = [
    path("stato/", status, name="status"),
    path("lingua/", include("django.conf.urls.i18n")),
    # allauth serves the staff's login and second factor; what would let strangers in, or out, is closed.
    re_path(r"^personale/(?P<path>signup|password/reset|password/set|email|confirm-email|inactive)", closed),
    path("personale/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("spid_auth.urls")),
    path("", include("payments.urls")),
    path("", include("exceptional_transport.urls")),
    path("", include("portal.documents.urls")),
    path("", include("portal.cases.urls")),
    path("", include("portal.site.urls")),
]
