"""Addresses of one's own pages, which staff have too: My Profile, e-mail, own sign-ins."""

app_name = "profile"

urlpatterns = []
