"""What is typed to sign in through one's own company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from users.models import SingleSignOn


class CompanyForm(forms.Form):
    """Which company's provider to go to."""

    company = forms.CharField(
        label=_("Company's sign-in name"),
        help_text=_("Or its account number, which stands on every bill."),
        max_length=50,
        error_messages={"required": _("Type your company's sign-in name or account number.")},
    )

    def clean_company(self):
        name = self.cleaned_data["company"]
        self.single_sign_on = SingleSignOn.objects.active().named(name).first()
        if self.single_sign_on is None:
            raise forms.ValidationError(
                _("No company signs in by this name. Ask your Customer Admin for it.")
            )
        return name
