"""Sound for tests, and where it is kept."""

import io
import wave

from django.core.files.storage import InMemoryStorage

from conferences.recordings.storage import chunks


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
