from django.urls import path

from portal.documents import views

app_name = "documents"
urlpatterns = [
    path("verifica/<str:token>/", views.verify, name="verify"),
    path("documenti/<uuid:uuid>/", views.download, name="download"),
    path("documenti/deleghe/<uuid:uuid>/", views.mandate_paper, name="mandate_paper"),
    path("documenti/codice-fiscale/<uuid:uuid>/", views.claim_paper, name="claim_paper"),
]
