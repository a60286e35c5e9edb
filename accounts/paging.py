"""Long lists in pages; each list of a page is turned by a parameter of its own."""

from django.core.paginator import Paginator


def page_of(request, rows, *, size=50, parameter="page"):
    """Return the page of `rows` that `request` asks for, or the nearest one there is.

    Beside a paginator's page it has `previous_link` and `next_link`, empty at the ends, which keep
    everything else in the address.
    """
    page = Paginator(rows, size).get_page(request.GET.get(parameter))
    page.previous_link = page.next_link = ""
    if page.has_previous():
        page.previous_link = _link(request, parameter, page.previous_page_number())
    if page.has_next():
        page.next_link = _link(request, parameter, page.next_page_number())
    return page


def _link(request, parameter, number):
    query = request.GET.copy()
    query[parameter] = number
    return f"?{query.urlencode()}"
