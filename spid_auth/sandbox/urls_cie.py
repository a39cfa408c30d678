"""The face of the CIE server, at `/cie`."""

from spid_auth.sandbox.provider import CIE_FACE
from spid_auth.sandbox.urls import addresses

app_name = CIE_FACE.namespace
urlpatterns = addresses(CIE_FACE)
