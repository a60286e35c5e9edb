"""What the sample world's bridges recorded: short tunes, as the watched folder takes them in.

Only of the company that visitors of the sandbox sign in to, and only of its latest calls.
"""

import datetime as dt
import json
import math
import random
import wave
from array import array
from functools import cache
from pathlib import Path

from accuconf.sandbox.world.calls import Held, held_in
from accuconf.sandbox.world.companies import AURORA
from accuconf.sandbox.world.lines import months_until

#: How many calls there are recordings of, the latest ones.
COUNT = 18
SAMPLES_PER_SECOND = 8000
NOTES_PER_SECOND = 2
#: A pentatonic scale, in hertz: whatever the dice play sounds well.
SCALE = (261.6, 293.7, 329.6, 392.0, 440.0, 523.3)
LOUDNESS = 6000


def write(folder: Path, until: dt.date) -> list[Path]:
    """Write pairs of sound and document into `folder`; return the documents."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_hand_over(folder, held) for held in _recorded(until)]


def _recorded(until: dt.date) -> list[Held]:
    months = months_until(until)[-12:]
    recorded = [held for month in months for held in held_in(AURORA, month, until)]
    recorded = [held for held in recorded if held.is_recorded]
    return sorted(recorded, key=lambda held: held.started)[-COUNT:]


def _hand_over(folder: Path, held: Held) -> Path:
    """Write one pair, the document last."""
    sound = folder / f"{held.session}.wav"
    _play(sound, random.Random(f"tune of {held.session}"))
    document = folder / f"{held.session}.json"
    facts = {
        "file": sound.name,
        "bridge": held.bridge,
        "external_id": f"{held.session}.wav",
        "conference": held.number,
        "session": held.session,
        "started_at": held.started.isoformat(),
    }
    document.write_text(json.dumps(facts, indent=1))
    return document


def _play(path: Path, dice: random.Random) -> None:
    """Write a tune of some ten seconds."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLES_PER_SECOND, 0, "NONE", ""))
        for _ in range(dice.randrange(16, 48)):
            file.writeframes(_note(dice.choice(SCALE)))


@cache
def _note(hertz: float) -> bytes:
    """Return the samples of one note, which fades."""
    count = SAMPLES_PER_SECOND // NOTES_PER_SECOND
    step = 2 * math.pi * hertz / SAMPLES_PER_SECOND
    return array(
        "h", (int(LOUDNESS * (1 - i / count) ** 2 * math.sin(step * i)) for i in range(count))
    ).tobytes()
