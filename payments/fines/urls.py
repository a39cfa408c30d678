from django.urls import path

from payments.fines import views

app_name = "fines"
urlpatterns = [
    path("estero/", views.foreign, name="foreign"),
    path("<uuid:uuid>/conducente/", views.driver, name="driver"),
    path("<uuid:uuid>/conducente/ricevuta/", views.driver_receipt, name="driver_receipt"),
]
