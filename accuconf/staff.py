"""The staff's back office as a whole: who is let in, and what it is called."""

from functools import wraps

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

#: Pages that other packages bring. make_staff_groups makes groups; the rest is the users' own.
NOT_FOR_STAFF = [
    "auth.Group",
    "account.EmailAddress",
    "mfa.Authenticator",
    "socialaccount.SocialAccount",
    "socialaccount.SocialApp",
    "socialaccount.SocialToken",
    "usersessions.UserSession",
]


class StaffOfficeConfig(AdminConfig):
    """Django's admin with our own site."""

    default_site = "accuconf.staff.StaffOffice"

    def ready(self):
        """Find all pages, and take away those that other packages bring."""
        super().ready()
        admin.site.unregister([apps.get_model(name) for name in NOT_FOR_STAFF])


class StaffOffice(admin.AdminSite):
    """The operator's pages. For customers they do not exist; whoever is nobody yet signs in first.

    Signing in is the same page for all, with its limit on failed tries; LoginRequiredMiddleware
    leads there.
    """

    site_header = _("AccuConf staff")
    site_title = _("AccuConf staff")
    index_title = _("Back office")
    site_url = None
    empty_value_display = "–"

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def for_staff(request, *args, **kwargs):
            _refuse_customers(request)
            return guarded(request, *args, **kwargs)

        return for_staff

    def login(self, request, extra_context=None):
        _refuse_customers(request)
        return redirect("admin:index")

    def password_change(self, request, extra_context=None):
        """Lead to where passwords are changed: that ends sign-ins, and is written down."""
        return redirect("account_change_password")

    @method_decorator(require_POST)
    def logout(self, request, extra_context=None):
        """Sign out as everybody does, which is written down."""
        from allauth.account.adapter import get_adapter  # noqa: PLC0415 - needs the apps loaded

        get_adapter().logout(request)
        return redirect("account_login")


def _refuse_customers(request):
    if request.user.is_authenticated and not request.user.is_staff:
        raise Http404
