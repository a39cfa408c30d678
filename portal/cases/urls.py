from django.urls import path

from portal.cases import views

app_name = "cases"
urlpatterns = [
    path("area/allegati/<uuid:uuid>/", views.attachment, name="attachment"),
    path("area/pratiche/<str:code>/ricevuta.pdf", views.receipt, name="receipt"),
]
