"""Every address of the product."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accuconf import health
from accuconf.home import home
from accuconf.looking import views as looking
from billing.views import pay_by_link
from billing.webhooks import stripe_webhook

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home")),
    path("customer/", home, name="home"),
    path("customer/", include("users.sign_in_urls")),
    path("customer/sso/", include("users.sso_urls")),
    path("customer/", include("users.profile_urls")),
    path("customer/second-factor/", include("users.second_factor_urls")),
    path("customer/", include("users.urls")),
    path("customer/", include("accounts.urls")),
    path("customer/", include("conferences.urls")),
    path("customer/", include("billing.urls")),
    path("customer/looking/allow/", looking.look_allow, name="look_allow"),
    path("customer/looking/stop/", looking.look_stop, name="look_stop"),
    path("pay/<str:token>/", pay_by_link, name="pay_by_link"),
    path("stripe/webhook/", stripe_webhook, name="stripe_webhook"),
    path("bridge/", include("conferences.bridge.urls")),
    path("staff/look/<int:pk>/", admin.site.admin_view(looking.look_start), name="look_start"),
    path("staff/", admin.site.urls),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
]
if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("accuconf.sandbox.urls")))
