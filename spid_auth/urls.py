from django.urls import path

from spid_auth import views

app_name = "spid_auth"
urlpatterns = [
    path("accedi/", views.choose, name="choose"),
    path("spid/accedi/", views.start, name="start"),
    path("spid/acs", views.acs, name="acs"),
    path("spid/acs/finish", views.finish, name="finish"),
    path("spid/metadata", views.metadata, name="metadata"),
]
