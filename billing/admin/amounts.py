"""How amounts are written in the back office."""

from django.contrib import admin

from accounts.money import Money


def amount_column(name, description):
    """Return a column that writes the cents in `name` as money of the row's currency."""

    @admin.display(description=description, ordering=name)
    def column(self, row):
        return Money(getattr(row, name), row.currency)

    return column
