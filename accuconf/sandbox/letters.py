"""Reading the letters that the sandbox's inbox has kept, newest first."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

#: Who the letter was really for: blind copies are in no other header.
ENVELOPE_HEADER = "X-Envelope-To"


@dataclass(frozen=True)
class Letter:
    """One kept letter: its name in the folder and what it says."""

    name: str
    message: EmailMessage

    def body(self, kind: str) -> str:
        """Return the text of the `plain` or `html` form, empty where there is none."""
        part = self.message.get_body([kind])
        return part.get_content() if part else ""

    @property
    def recipients(self) -> str:
        """Whom it was delivered to, blind copies included."""
        return self.message[ENVELOPE_HEADER] or ""

    @property
    def sender(self) -> str:
        """Who it says it is from."""
        return self.message["From"] or ""

    @property
    def subject(self) -> str:
        """What it says it is about."""
        return self.message["Subject"] or "(no subject)"

    @property
    def sent(self) -> str:
        """When it says it was sent, as it writes that."""
        return self.message["Date"] or ""

    @property
    def attachments(self) -> list[EmailMessage]:
        """The files that came with it."""
        return list(self.message.iter_attachments())

    @property
    def attachment_names(self) -> list[str]:
        """Their names, in the same order."""
        return [file.get_filename("attachment") for file in self.attachments]


def folder() -> Path:
    """Return where the letters lie."""
    return settings.DATA_DIR / "inbox"


def newest(limit: int = 200) -> list[Letter]:
    """Return the letters that came last, newest first."""
    paths = sorted(folder().glob("*.eml"), reverse=True)[:limit]
    return [read(path) for path in paths]


def find(name: str) -> Letter | None:
    """Return the letter of that name, if there is one."""
    paths = [path for path in folder().glob("*.eml") if path.stem == name]
    return read(paths[0]) if paths else None


def read(path: Path) -> Letter:
    """Read one letter from its file."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Letter(path.stem, message)
