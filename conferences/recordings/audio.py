"""What a file of audio is, by its own bytes and never by its name, and how long it plays."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

#: So many first bytes tell the kind.
_HEAD = 12
#: How many chunks may stand before a WAV's sound; the bridges write a handful.
_CHUNKS = 64
#: Second bytes of a frame of MPEG audio, layer III: of each version, with and without a checksum.
_LAYER_III = {0xE2, 0xE3, 0xF2, 0xF3, 0xFA, 0xFB}


class NotAudio(Exception):
    """The file is none of the kinds that are kept; the text says why, for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The kind of a file; `seconds` are whole, begun ones counted, None where it cannot tell."""

    content_type: str
    suffix: str
    seconds: int | None = None


def audio_in(file: BinaryIO) -> Audio:
    """Tell what `file` holds, from its beginning. Raises NotAudio."""
    file.seek(0)
    head = file.read(_HEAD)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Audio("audio/wav", ".wav", _seconds_of_wav(file))
    if head[:3] == b"ID3" or _is_mp3_frame(head):
        return Audio("audio/mpeg", ".mp3")
    if head[:4] == b"OggS":
        return Audio("audio/ogg", ".ogg")
    raise NotAudio("This is not a WAV, MP3 or Ogg file.")


def _is_mp3_frame(head: bytes) -> bool:
    """Tell whether a frame begins here, with a bit rate and a sample rate that there are."""
    if len(head) < 3 or head[0] != 0xFF or head[1] not in _LAYER_III:
        return False
    return 0x10 <= head[2] < 0xF0 and head[2] & 0x0C != 0x0C


def _seconds_of_wav(file: BinaryIO) -> int:
    """Read on after the head to the sound; its bytes by the bytes per second are its length.

    A switch that died while it recorded leaves a size that is too large or zero: then the sound
    reaches to the end of the file. Raises NotAudio.
    """
    size = file.seek(0, 2)
    file.seek(_HEAD)
    bytes_per_second = 0
    for _ in range(_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        left = size - file.tell()
        if name == b"fmt ":
            form = file.read(min(length, 16))
            bytes_per_second = struct.unpack_from("<I", form, 8)[0] if len(form) == 16 else 0
            length -= len(form)
        elif name == b"data" and bytes_per_second:
            return -(-(min(length, left) or left) // bytes_per_second)
        file.seek(length + length % 2, 1)
    raise NotAudio("This WAV file has no sound, or does not tell how fast it plays.")
