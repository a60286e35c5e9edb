"""Who belongs where."""

from django.shortcuts import redirect

CUSTOMER_APPS = {"accounts", "users", "conferences", "billing"}


def is_for_customers(match):
    """Tell whether the page that `match` leads to shows an account, of which staff have none."""
    return match.app_name in CUSTOMER_APPS or match.view_name == "home"


class StaffToTheBackOfficeMiddleware:
    """Sends the operator's staff, who have no account, from customer pages to the back office."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        reader = request.user
        is_staff = reader.is_authenticated and reader.account_id is None
        if is_staff and is_for_customers(request.resolver_match):
            return redirect("admin:index")
        return None


class PrivatePagesMiddleware:
    """Keeps pages out of every cache, so that going back shows nothing to who comes after.

    Those of strangers too: behind a link in a letter there are a name, a company and an address.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
