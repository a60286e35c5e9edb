"""The account's own page."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.paging import page_of


@require_safe
def account_view(request):
    """Show View Account: the company, how it pays, and its people."""
    if not request.user.has_perm("accounts.view_account"):
        raise PermissionDenied
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("card"))
    people = account.users.visible_to(request.user).with_second_factor()
    return render(
        request,
        "accounts/account_view.html",
        {
            "account": account,
            "card": getattr(account, "card", None),
            "people": page_of(request, people.prefetch_related("rights__conference")),
            "may_change_account": request.user.has_perm("accounts.change_account"),
        },
    )
