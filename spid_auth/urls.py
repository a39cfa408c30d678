from django.urls import path

from spid_auth import views, views_logout

app_name = "spid_auth"
urlpatterns = [
    path("accedi/", views.choose, name="choose"),
    path("spid/accedi/", views.start, name="start"),
    path("spid/acs", views.acs, name="acs"),
    path("spid/acs/finish", views.finish, name="finish"),
    path("spid/slo", views_logout.slo, name="slo"),
    path("spid/slo/finish", views_logout.finish, name="slo_finish"),
    path("spid/metadata", views.metadata, name="metadata"),
]
