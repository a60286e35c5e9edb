"""The table on Edit User Rights: a row for each conference, a column for each right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from users import policy, wording
from users.models import RightChoice, RoleChoice, User


class Row(NamedTuple):
    """A conference, and each right with whether it is ticked there."""

    conference: Any
    boxes: list[tuple[str, bool]]


class RightsTable:
    """What shall be ticked for `person` as `role`, and which rows hold the `words` looked for.

    Ticks on conferences that the account does not have are dropped.
    """

    columns = [(right.value, right.label) for right in RightChoice]

    def __init__(
        self,
        person: User,
        *,
        role: str,
        ticked: Mapping[int, Collection[str]],
        words: str = "",
    ):
        self.role = role
        self.words = words
        self._all = person.account.conferences.all()
        self.ticked = {pk: set(rights) for pk, rights in ticked.items() if pk in self._conferences}

    @property
    def roles(self) -> list[dict[str, Any]]:
        """The roles to choose from, each with a sentence."""
        return [
            {
                "value": role.value,
                "name": role.label,
                "about": wording.ABOUT_ROLES[role.value],
                "is_chosen": role == self.role,
            }
            for role in RoleChoice
        ]

    @property
    def may_have_conferences(self) -> bool:
        """Whether the role has any conference, by ticks or without."""
        return policy.keeps_ticks(self.role)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows that are shown: open conferences by name, then closed ones."""
        return [
            Row(conference, [(right, right in held) for right, _ in self.columns])
            for conference, held in self._shown()
        ]

    @property
    def hidden(self) -> list[str]:
        """The ticks of the rows that are not shown, as the form sends them."""
        shown = self._having(self.words)
        return [
            f"{pk}:{right}"
            for pk, rights in self.ticked.items()
            for right in sorted(rights)
            if pk not in shown
        ]

    @property
    def count(self) -> int:
        """How many conferences the account has."""
        return len(self._conferences)

    def tick_column(self, column: str, *, of_rows_with: str) -> None:
        """Tick or untick (`tick:view`, `untick:view`) in all rows that hold the words."""
        action, _, right = column.partition(":")
        for pk in self._having(of_rows_with):
            if action == "tick":
                self.ticked.setdefault(pk, set()).add(right)
            else:
                self.ticked.get(pk, set()).discard(right)

    @property
    def on_the_account(self) -> list[str]:
        """What the role allows on the account, in words."""
        return wording.account_words(self.role)

    @property
    def on_conferences(self) -> list[dict[str, Any]]:
        """What the ticks allow, in words, for each set of rights that some conferences share."""
        held = {self._conferences[pk]: rights for pk, rights in self.ticked.items() if rights}
        return wording.allowances(self.role, held)

    @cached_property
    def _conferences(self) -> dict[int, Any]:
        by_name = sorted(self._all, key=lambda conference: conference.closed_at is not None)
        return {conference.pk: conference for conference in by_name}

    def _shown(self) -> Iterator[tuple[Any, Collection[str]]]:
        shown = self._having(self.words)
        for pk, conference in self._conferences.items():
            if pk in shown:
                yield conference, self.ticked.get(pk, ())

    def _having(self, words: str) -> Collection[int]:
        if not words:
            return self._conferences.keys()
        return set(self._all.matching(words).values_list("pk", flat=True))
