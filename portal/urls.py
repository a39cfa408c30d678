"""The root of the addresses: each package brings its own."""

from allauth import urls as allauth_urls
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal.accounts.doors import admin_login, staff_pages
from portal.operations.views import status

admin.site.login = admin_login  # type: ignore[method-assign]
admin.site.site_header = "Portale dei servizi"
admin.site.enable_nav_sidebar = False
admin.site.site_title = "Portale dei servizi"
admin.site.index_title = "Scrivania dell'ufficio"


urlpatterns = [
    path("stato/", status, name="status"),
    path("api/v1/", include("portal.api.urls")),
    path("lingua/", include("django.conf.urls.i18n")),
    # allauth serves the staff's login and second factor; what would let strangers in, or out, is closed.
    path("personale/", include("portal.accounts.urls")),
    path("personale/", include(staff_pages(allauth_urls.urlpatterns))),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", include("spid_auth.urls")),
    path("", include("payments.urls")),
    path("", include("exceptional_transport.urls")),
    path("", include("portal.documents.urls")),
    path("", include("portal.cases.urls")),
    path("", include("portal.site.urls")),
]
