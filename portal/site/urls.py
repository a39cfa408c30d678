from django.urls import path

from portal.site.views import account, area, case, public, welcome

app_name = "site"
urlpatterns = [
    path("", public.home, name="home"),
    path("servizi/", public.services, name="services"),
    path("servizi/<slug:slug>/", public.service, name="service"),
    path("servizi/<slug:slug>/accedi/", public.service_start, name="service_start"),
    path("verifica/", public.verify_start, name="verify_start"),
    path("assistenza/", public.help_page, name="help"),
    path("privacy/", public.static_page, {"template": "portal/site/privacy.html"}, name="privacy"),
    path("note-legali/", public.static_page, {"template": "portal/site/legal.html"}, name="legal"),
    path("accessibilita/", public.static_page, {"template": "portal/site/accessibility.html"}, name="accessibility"),
    path("mappa/", public.sitemap, name="sitemap"),
    path("esci/", public.leave, name="logout"),
    path("benvenuto/", welcome.welcome, name="welcome"),
    path("benvenuto/email/", welcome.email, name="welcome_email"),
    path("area/", area.area, name="area"),
    path("area/pratiche/", area.cases, name="cases"),
    path("area/pratiche/<str:code>/", case.case, name="case"),
    path("area/pratiche/<str:code>/risposta/", case.answer, name="answer"),
    path("area/pratiche/<str:code>/scrivi/", case.write, name="write"),
    path("area/pratiche/<str:code>/ritira/", case.withdraw, name="withdraw"),
    path("area/bozze/<uuid:uuid>/elimina/", area.draft_discard, name="draft_discard"),
    path("area/pagamenti/", area.payments, name="payments"),
    path("area/pagamenti/<uuid:uuid>/avviso.pdf", area.notice, name="notice"),
    path("area/pagamenti/<uuid:uuid>/ricevuta.pdf", area.receipt, name="charge_receipt"),
    path("area/documenti/", area.documents, name="documents"),
    path("area/messaggi/", area.inbox, name="inbox"),
    path("area/messaggi/<uuid:uuid>/", area.message, name="message"),
    path("area/impostazioni/", account.profile, name="profile"),
    path("area/impostazioni/email/", account.email_start, name="email_start"),
    path("area/impostazioni/email/codice/", account.email_confirm, name="email_confirm"),
    path("area/agisci-come/", account.act_as, name="act_as"),
]
