"""Addresses of the mail page, under /posta/ of the sandbox."""

from django.urls import path

from portal.operations.sandbox import views

app_name = "sandbox_mail"

urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<str:name>/", views.mail_detail, name="detail"),
]
