"""The face of the Italian eIDAS node, at `/eidas`."""

from spid_auth.sandbox.provider import EIDAS_FACE
from spid_auth.sandbox.urls import addresses

app_name = EIDAS_FACE.namespace
urlpatterns = addresses(EIDAS_FACE)
