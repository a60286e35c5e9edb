"""A recording in a browser: played, moved about in, and taken away."""

from django.urls import reverse

from accounts.models import AuditEntry

#: Plays, moves to the last quarter, and tells where the player then is.
PLAY_AND_SEEK = """async () => {
    const audio = document.querySelector("audio");
    audio.muted = true;
    await audio.play();
    const moved = new Promise(done => audio.addEventListener("seeked", done, {once: true}));
    audio.currentTime = 15;
    await moved;
    return [audio.duration, Math.floor(audio.currentTime), audio.error];
}"""


def heard():
    verbs = AuditEntry.objects.filter(verb__in=["played", "downloaded"]).order_by("pk")
    return list(verbs.values_list("verb", flat=True))


def test_recording_plays_seeks_and_is_taken_away(portal, company):
    window = portal.signed_in(company.admin)
    window.goto(reverse("conferences:recording_view", args=[company.recording]))
    assert heard() == []

    assert window.evaluate(PLAY_AND_SEEK) == [20, 15, None]
    assert set(heard()) == {"played"}

    window.get_by_role("button", name="15 s back").click()
    window.get_by_label("Speed").select_option("2")
    assert window.evaluate("document.querySelector('audio').currentTime") < 10
    assert window.evaluate("document.querySelector('audio').playbackRate") == 2

    with window.expect_download() as download:
        window.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("Quarterly earnings call")
    assert download.value.suggested_filename.endswith(".wav")
    assert heard()[-1] == "downloaded"
