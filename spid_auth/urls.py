from django.urls import path, re_path

from spid_auth import views, views_logout
from spid_auth.domain.modes import Mode
from spid_auth.domain.schemes import Scheme
from spid_auth.oidc import views as oidc

app_name = "spid_auth"

# The entityID of an aggregated body carries its activity code: it is the address of its metadata.
ACTIVITIES = "|".join(mode.value for mode in Mode if mode is not Mode.DIRECT)

urlpatterns = [
    path("accedi/", views.choose, name="choose"),
    path("spid/accedi/", views.start, name="start"),
    path("spid/acs", views.acs, name="acs"),
    path("cie/acs", views.acs, name="cie_acs"),
    path("spid/acs/finish", views.finish, name="finish"),
    path("spid/slo", views_logout.slo, name="slo"),
    path("cie/slo", views_logout.slo, name="cie_slo"),
    path("spid/slo/finish", views_logout.finish, name="slo_finish"),
    path("spid/uscita", views_logout.left, name="left"),
    path("arpa/accedi/", oidc.start, name="arpa_start"),
    path("arpa/ritorno", oidc.back, name="arpa_back"),
    path("arpa/uscito", oidc.left, name="arpa_left"),
    path("spid/metadata", views.metadata, name="metadata"),
    path("cie/metadata", views.metadata, {"scheme": Scheme.CIE}, name="cie_metadata"),
    path("<slug:code>/spid/metadata", views.metadata, name="body_metadata"),
    path("<slug:code>/cie/metadata", views.metadata, {"scheme": Scheme.CIE}, name="body_cie_metadata"),
    re_path(rf"^(?P<activity>{ACTIVITIES})/(?P<code>[a-z]{{2,8}})$", views.metadata, name="aggregated_metadata"),
]
