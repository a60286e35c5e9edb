"""What a file is, by its bytes, and how long it plays."""

import io
import struct

import pytest

from conferences.recordings.audio import NotAudio, audio_in
from tests.recordings import wav


def riff(*chunks):
    body = b"".join(name + struct.pack("<I", size) + content for name, size, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def fmt(bytes_per_second, kind=7):
    return b"fmt ", 16, struct.pack("<HHIIHH", kind, 1, 8000, bytes_per_second, 1, 8)


@pytest.mark.parametrize(("length", "seconds"), [(0.01, 1), (1, 1), (1.001, 2), (61, 61)])
def test_wav_tells_its_length_in_begun_seconds(length, seconds):
    assert audio_in(io.BytesIO(wav(length))).seconds == seconds


def test_wav_of_telephone_codecs_is_measured_by_its_bytes_per_second():
    file = riff(fmt(8000), (b"LIST", 3, b"abc\0"), (b"data", 16_000, bytes(16_000)))

    assert audio_in(io.BytesIO(file)).seconds == 2


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_wav_of_a_switch_that_died_reaches_to_the_end_of_the_file(size):
    file = riff(fmt(8000), (b"data", size, bytes(24_000)))

    assert audio_in(io.BytesIO(file)).seconds == 3


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04" + bytes(20), "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + bytes(20), "audio/mpeg"),
        (b"OggS\0" + bytes(20), "audio/ogg"),
    ],
)
def test_mp3_and_ogg_are_known_and_do_not_tell_their_length(head, kind):
    audio = audio_in(io.BytesIO(head))

    assert (audio.content_type, audio.seconds) == (kind, None)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"R", b"<html><script>alert(1)</script>", b"\x89PNG\r\n\x1a\n", b"\xff\xff\xff\xff",
        b"\xff\xfb\xff\x00", b"RIFF\0\0\0\0AVI ", riff(), riff(fmt(0), (b"data", 4, b"abcd")),
        riff((b"data", 4, b"abcd")), riff((b"fmt ", 4, b"abcd"), (b"data", 4, b"abcd")),
        riff(*[(b"junk", 0xFFFFFFFF, b"")] * 100),
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused(content):
    with pytest.raises(NotAudio):
        audio_in(io.BytesIO(content))
