"""The forms of the back office as staff send them."""

from django.urls import reverse

from accounts.models import AuditEntry


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
    """Change `row` on its page, and return the answer."""
    url = page(type(row), "change", row.pk)
    return client.post(url, typed_on(client, url, **changes))


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
