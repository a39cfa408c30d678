"""Addresses of what follows a payment, included under /psp/ of the sandbox."""

from django.urls import path

from payments.sandbox import settlement_views as views

_FLOWS = "fdr/organizations/<str:body>/fdrs"
_FLOW = f"{_FLOWS}/<str:iuf>/revisions/<int:revision>/psps/<str:psp_id>"

urlpatterns = [
    path("giornata/", views.day, name="sandbox_day"),
    path(_FLOWS, views.flow_list, name="sandbox_flows"),
    path(_FLOW, views.flow_header, name="sandbox_flow"),
    path(f"{_FLOW}/payments", views.flow_payments, name="sandbox_flow_payments"),
]
