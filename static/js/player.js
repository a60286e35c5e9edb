// The player of a recording: a little back or forward, and faster. Without it the browser's own player
// does both in its menus.
(function () {
  const audio = document.querySelector("audio");
  const keys = document.getElementById("player-keys");

  keys.addEventListener("click", function (event) {
    const skip = event.target.dataset.skip;
    if (skip) {
      audio.currentTime = Math.max(0, audio.currentTime + Number(skip));
    }
  });
  keys.querySelector("select").addEventListener("change", function (event) {
    audio.playbackRate = Number(event.target.value);
  });
  keys.hidden = false;
})();
