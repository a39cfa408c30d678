"""The face of a SPID provider, at `/idp`. The other two have the same addresses in their own place."""

from django.urls import URLPattern, path

from spid_auth.sandbox import registry, views, views_logout
from spid_auth.sandbox.provider import SPID_FACE, Face


def addresses(face: Face) -> list[URLPattern]:
    """The addresses of a face."""
    given = {"face": face}
    return [
        path("", views.home, given, name="home"),
        path("metadata", views.metadata, given, name="metadata"),
        path("sso", views.sso, given, name="sso"),
        path("riprendi", views.resume, given, name="resume"),
        path("paese", views.country, given, name="country"),
        path("consenso", views.consent, given, name="consent"),
        path("risposta", views.answer, given, name="answer"),
        path("esci", views_logout.leave, given, name="leave"),
        path("slo", views_logout.slo, given, name="slo"),
    ]


app_name = SPID_FACE.namespace
urlpatterns = [
    *addresses(SPID_FACE),
    path("registro", registry.aggregate, name="registry"),
    path("registro/impronta", registry.fingerprint, name="registry_fingerprint"),
]
