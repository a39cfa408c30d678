from django.urls import path

from portal.documents import views

app_name = "documents"
urlpatterns = [
    path("verifica/<str:token>/", views.verify, name="verify"),
    path("documenti/<uuid:uuid>/", views.download, name="download"),
]
