"""Recordings for tests: what is told of one, its sound, and where it is kept."""

import io
import wave

from django.core.files.storage import InMemoryStorage

from conferences.recordings.storage import chunks

#: What a bridge tells of a recording that is in order, once there is a conference of that number.
FACTS = {"external_id": "rec-1", "conference": "30125", "started_at": "2026-03-10T10:00:00-05:00"}


class InMemory(InMemoryStorage):
    """Keeps recordings for this process alone."""

    def chunks_between(self, name, start, stop):
        file = self.open(name)
        file.seek(start)
        return chunks(file, stop - start)


def wav(seconds=1, *, rate=8000, level=0):
    """Return a WAV file of telephone sound: silence, or a square wave as loud as `level`."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        half = rate // 800
        period = level.to_bytes(2, "little") * half + bytes(2) * half
        file.writeframes((period * (int(rate * seconds) // half + 1))[: int(rate * seconds) * 2])
    return kept.getvalue()
