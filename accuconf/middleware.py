"""Who belongs where."""

from django.shortcuts import redirect

CUSTOMER_APPS = {"accounts", "users", "conferences", "billing"}


class StaffToTheBackOfficeMiddleware:
    """Sends the operator's staff, who have no account, from customer pages to the back office."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        is_for_customers = match.app_name in CUSTOMER_APPS or match.view_name == "home"
        if is_for_customers and request.user.is_authenticated and request.user.account_id is None:
            return redirect("admin:index")
        return None


class PrivatePagesMiddleware:
    """Keeps signed-in people's pages out of every cache, so that going back shows nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
