"""Addresses of the billing pages."""

app_name = "billing"

urlpatterns = []
