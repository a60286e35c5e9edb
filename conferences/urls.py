"""Addresses of the conferences pages."""

app_name = "conferences"

urlpatterns = []
