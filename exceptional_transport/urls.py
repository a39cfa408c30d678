from django.urls import path

from exceptional_transport.wizard import views

app_name = "exceptional_transport"
BASE = "servizi/trasporto-eccezionale"
urlpatterns = [
    path(f"{BASE}/", views.start, name="start"),
    path(f"{BASE}/ricomincia/", views.restart, name="restart"),
    path(f"{BASE}/riepilogo/", views.summary, name="summary"),
    path(f"{BASE}/invia/", views.submit, name="submit"),
    path(f"{BASE}/inviata/<str:code>/", views.sent, name="sent"),
    path(f"{BASE}/rete/<str:code>.geojson", views.network_geojson, name="network"),
    path(f"{BASE}/allegati/<slug:field>/carica/", views.upload, name="upload"),
    path(f"{BASE}/allegati/<uuid:uuid>/togli/", views.remove_file, name="remove_file"),
    path(f"{BASE}/<slug:slug>/", views.step, name="step"),
]
