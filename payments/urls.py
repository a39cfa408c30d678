from django.urls import path

from payments import views
from payments.node.views import node

app_name = "payments"
urlpatterns = [
    path("pagopa/node", node, name="node"),
    path("pagamenti/avviso/<uuid:uuid>/", views.position, name="position"),
    path("pagamenti/avviso/<uuid:uuid>/paga/", views.pay, name="pay"),
    path("pagamenti/avviso/<uuid:uuid>/ritorno/<slug:outcome>/", views.back, name="back"),
    path("pagamenti/avviso/<uuid:uuid>/avviso.pdf", views.notice, name="notice"),
    path("pagamenti/avviso/<uuid:uuid>/ricevuta.pdf", views.receipt, name="receipt"),
]
