"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("customer/", include("accounts.urls")),
    path("customer/", include("conferences.urls")),
    path("customer/bills/", include("billing.urls")),
    path("customer/signin/", include("allauth.account.urls")),
    path("staff/", admin.site.urls),
]
