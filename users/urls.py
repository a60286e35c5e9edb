"""Addresses of the pages about an account's people."""

app_name = "users"

urlpatterns = []
