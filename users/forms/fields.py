"""How e-mail addresses are typed."""

from django import forms


class AddressField(forms.EmailField):
    """An e-mail address in small letters, of which some take more room than the capitals typed."""

    def __init__(self, **options):
        super().__init__(max_length=254, **options)

    def to_python(self, value):
        return super().to_python(value).lower()
