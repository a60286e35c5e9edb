// The live call: the part of the page that changes is fetched anew every few seconds while the page
// is seen, unless somebody is just being asked whether to drop a caller. The focus stays where it is.
(function () {
  const SECONDS = 3;
  const part = document.getElementById("live");
  const status = document.getElementById("live-status");
  let shown = null; // as the server wrote it; the browser writes the same otherwise
  let waiting = null;

  function isBusy() {
    return document.hidden || part.querySelector(":popover-open") !== null;
  }

  function show(text) {
    if (text === shown) {
      return;
    }
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const before = count();
    part.innerHTML = text;
    shown = text;
    if (focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    if (count() !== before) {
      status.textContent = count() || part.querySelector("h3")?.textContent || "";
    }
  }

  function count() {
    return part.querySelector("[data-count]")?.textContent;
  }

  async function renew() {
    clearTimeout(waiting);
    if (!isBusy()) {
      try {
        const answer = await fetch(part.dataset.people);
        if (answer.redirected || answer.status === 403 || answer.status === 404) {
          location.reload(); // signed out, or no longer theirs: the server says which
          return;
        }
        const text = answer.ok ? await answer.text() : null;
        if (text !== null && !isBusy()) {
          show(text);
        }
      } catch {
        // the network is away: what is shown stays, and the next round tries again
      }
    }
    waiting = setTimeout(renew, SECONDS * 1000);
  }

  document.addEventListener("visibilitychange", renew);
  document.querySelector("[data-reload]").hidden = true;
  document.querySelector("[data-renews]").hidden = false;
  waiting = setTimeout(renew, SECONDS * 1000);
})();
