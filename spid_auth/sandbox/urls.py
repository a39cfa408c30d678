from django.urls import path

from spid_auth.sandbox import views

app_name = "spid_sandbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("metadata", views.metadata, name="metadata"),
    path("sso", views.sso, name="sso"),
    path("consenso", views.consent, name="consent"),
    path("esci", views.leave, name="leave"),
    path("slo", views.slo, name="slo"),
    path("risposta", views.answer, name="answer"),
]
