from django.urls import include, path

from payments import views, visitor_views
from payments.node.door import NODE_PATH
from payments.node.options_view import payment_options
from payments.node.views import node
from payments.reconciliation import api as reconciliation_api
from payments.spontaneous import views as spontaneous_views

app_name = "payments"
urlpatterns = [
    path("pagopa/payment-options/organizations/<str:entity>/notices/<str:nav>", payment_options, name="options"),
    path(NODE_PATH.removeprefix("/"), node, name="node"),
    path("api/v1/ragioneria/documenti", reconciliation_api.DocumentsView.as_view(), name="api_documents"),
    path("api/v1/ragioneria/documenti/<str:sha256>", reconciliation_api.DocumentView.as_view(), name="api_document"),
    path("pagamenti/", visitor_views.find, name="find"),
    path("pagamenti/aperto/", visitor_views.position, name="visitor"),
    path("pagamenti/aperto/paga/", visitor_views.pay, name="visitor_pay"),
    path("pagamenti/aperto/ritorno/<slug:outcome>/", visitor_views.back, name="visitor_back"),
    path("pagamenti/aperto/avviso.pdf", visitor_views.notice, name="visitor_notice"),
    path("pagamenti/aperto/ricevuta.pdf", visitor_views.receipt, name="visitor_receipt"),
    path("pagamenti/aperto/chiudi/", visitor_views.close, name="visitor_close"),
    path("pagamenti/spontanei/", spontaneous_views.choose, name="spontaneous"),
    path("pagamenti/spontanei/<slug:body>/<slug:code>/", spontaneous_views.fill, name="spontaneous_fill"),
    path("pagamenti/spontanei/<slug:body>/<slug:code>/avviso/", spontaneous_views.make, name="spontaneous_make"),
    path("pagamenti/multe/", include("payments.fines.urls")),
    path("pagamenti/avviso/<uuid:uuid>/", views.position, name="position"),
    path("pagamenti/avviso/<uuid:uuid>/paga/", views.pay, name="pay"),
    path("pagamenti/avviso/<uuid:uuid>/ritorno/<slug:outcome>/", views.back, name="back"),
    path("pagamenti/avviso/<uuid:uuid>/avviso.pdf", views.notice, name="notice"),
    path("pagamenti/avviso/<uuid:uuid>/ricevuta.pdf", views.receipt, name="receipt"),
    path("pagamenti/avviso/<uuid:uuid>/ricevuta-<slug:nav>.pdf", views.receipt, name="receipt_of"),
]
