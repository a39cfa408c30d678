"""Addresses of PagoPA's platform and of IRIS, included under /psp/ of the sandbox."""

from django.urls import path

from payments.sandbox import biz_events, gpd_files, gpd_views, iris

_GPD = "platform/gpd/debt-positions-service/<slug:version>/organizations/<str:entity>/debtpositions"
_FILE = (
    "platform/upload/gpd/debt-positions-service/v2/brokers/<str:broker>/organizations/<str:entity>/debtpositions/file"
)
_RECEIPTS = "platform/gpd/payments-receipts-service/v1/payments/<str:entity>/receipts"
_BIZ_EVENTS = "platform/bizevents/service/v1/organizations/<str:entity>/receipts/<str:iur>/paymentoptions/<str:iuv>"

urlpatterns = [
    path("gpd/", gpd_views.desk, name="sandbox_gpd_desk"),
    path(_GPD, gpd_views.positions, name="sandbox_gpd_positions"),
    path(f"{_GPD}/<str:iupd>", gpd_views.position, name="sandbox_gpd_position"),
    path(f"{_GPD}/<str:iupd>/<slug:what>", gpd_views.act, name="sandbox_gpd_act"),
    path(_FILE, gpd_files.files, name="sandbox_gpd_files"),
    path(f"{_FILE}/<str:file_id>/status", gpd_files.status, name="sandbox_gpd_file_status"),
    path(f"{_FILE}/<str:file_id>/report", gpd_files.report, name="sandbox_gpd_file_report"),
    path(_RECEIPTS, gpd_views.receipts, name="sandbox_gpd_receipts"),
    path(f"{_RECEIPTS}/<str:iuv>", gpd_views.receipt, name="sandbox_gpd_receipt"),
    path(_BIZ_EVENTS, biz_events.receipt, name="sandbox_biz_events"),
    path("platform/aca/v1/paCreatePosition", gpd_views.aca, name="sandbox_aca"),
    path("platform/backoffice/external/ec/v1/brokers/<str:broker>/ibans", gpd_views.ibans, name="sandbox_ibans"),
    path("iris/<str:name>", iris.service, name="sandbox_iris"),
]
