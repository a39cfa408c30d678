"""Addresses of the node, counter and checkout, under /psp/ of the sandbox; then what follows a payment."""

from django.urls import include, path

from payments.sandbox import checkout, psp

urlpatterns = [
    path("", psp.desk, name="sandbox_psp"),
    path("verifica/", psp.verify, name="sandbox_psp_verify"),
    path("paga/", psp.pay, name="sandbox_psp_pay"),
    path("prove/<slug:what>/", psp.mistake, name="sandbox_psp_mistake"),
    path("pagamenti/<slug:receipt_id>/<slug:what>/", psp.again, name="sandbox_psp_again"),
    path("checkout/carts", checkout.carts, name="sandbox_carts"),
    path("checkout/c/<slug:key>/", checkout.cart_page, name="sandbox_cart"),
    path("checkout/c/<slug:key>/<slug:way>/", checkout.leave, name="sandbox_cart_leave"),
    path("", include("payments.sandbox.settlement_urls")),
    path("", include("payments.sandbox.platform_urls")),
]
