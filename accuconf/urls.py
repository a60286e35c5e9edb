"""Every address of the product."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accuconf import health
from accuconf.home import home

urlpatterns = [
    path("customer/", home, name="home"),
    path("customer/", include("accounts.urls")),
    path("customer/", include("conferences.urls")),
    path("customer/bills/", include("billing.urls")),
    path("customer/signin/", include("allauth.account.urls")),
    path("staff/", admin.site.urls),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("accuconf.sandbox.urls")))
