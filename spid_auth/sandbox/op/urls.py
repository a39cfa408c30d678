from django.urls import path

from spid_auth.sandbox.op import views

app_name = "op_sandbox"
urlpatterns = [
    path("", views.home, name="home"),
    path(".well-known/openid-configuration", views.discovery, name="discovery"),
    path("jwks", views.jwks, name="jwks"),
    path("authorize", views.authorize, name="authorize"),
    path("consenso", views.consent, name="consent"),
    path("risposta", views.answer, name="answer"),
    path("token", views.token, name="token"),
    path("userinfo", views.userinfo, name="userinfo"),
    path("end_session", views.end_session, name="end_session"),
]
