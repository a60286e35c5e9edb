"""What customers type about bills."""

from django import forms
from django.utils.translation import gettext_lazy as _


class QuestionForm(forms.Form):
    """A question about one line."""

    text = forms.CharField(
        label=_("Your question"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is wrong or unclear about this line? We answer here and by e-mail."),
        error_messages={
            "required": _("Please write your question."),
            "max_length": _("Please be shorter: at most %(limit_value)d characters."),
        },
    )
