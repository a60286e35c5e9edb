"""The forms of the back office as staff send them."""

from django.urls import reverse

from accounts.models import AuditEntry
from tests.pages import read


def page(model, which, *args):
    name = model._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{name}_{which}", args=args)


def filled(response):
    """Return what a browser would send from the forms of a page, left as they are."""
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    values = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                values[field.html_name] = "on"
            elif value is not None and value is not False:
                values[field.html_name] = value
    return values


def typed_on(client, url, **changes):
    """Return what a browser would send from the page at `url`; None unticks or leaves out."""
    typed = {**filled(client.get(url)), **changes}
    return {name: value for name, value in typed.items() if value is not None}


def change(client, row, **changes):
    """Change `row` on its page, whatever that does to prices, and return the answer."""
    url = page(type(row), "change", row.pk)
    return confirmed(client, url, client.post(url, typed_on(client, url, **changes)))


def add(client, model, **typed):
    """Add a row on its page, whatever that does to prices, and return the answer."""
    url = page(model, "add")
    return confirmed(client, url, client.post(url, typed_on(client, url, **typed)))


def confirmed(client, url, response, **more):
    """Press Save where `response` shows what a change of prices does; return the last answer."""
    if not shows_effect(response):
        return response
    return client.post(url, {**sent_by(response), **more})


def shows_effect(response):
    return bool(response.context) and "effect" in response.context


def sent_by(response):
    """Return what the page that shows the effect sends on."""
    fields = read(response).all("input", type="hidden")
    return {field.attributes["name"]: field.attributes.get("value", "") for field in fields}


def log():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "subject", "before", "after"))


def errors(response):
    """Return all that is said beside the fields of a page, by the name of the field."""
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += formset.formset.forms
    return {
        form.add_prefix(name): list(said) for form in forms for name, said in form.errors.items()
    }
