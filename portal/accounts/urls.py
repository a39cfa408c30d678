from django.urls import path

from portal.accounts import views
from portal.accounts.doors import staff_only

app_name = "accounts"
urlpatterns = [path("secondo-passaggio/", staff_only(views.second_factor), name="second_factor")]
