"""How recordings are written on pages."""

from django import template

register = template.Library()


@register.filter
def running_time(seconds):
    """Write whole seconds as players do: `0:07`, `12:05`, `1:02:05`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
