"""What staff do on the pages of people in the back office."""

from django.urls import reverse


def change(client, person, **typed):
    kept = {"name": person.name, "role": person.role, "time_zone": person.time_zone}
    return client.post(reverse("admin:users_user_change", args=[person.pk]), {**kept, **typed})


def add(client, **typed):
    everything = {"name": "New Person", "time_zone": "America/New_York", **typed}
    return client.post(reverse("admin:users_user_add"), everything)


def do(client, action, *people):
    chosen = {"action": action, "_selected_action": [person.pk for person in people], "index": 0}
    return client.post(reverse("admin:users_user_changelist"), chosen)
