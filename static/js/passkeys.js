// Shows what needs passkeys where the browser has them, and says so when one does not work.
(function () {
  const able = "credentials" in navigator && "PublicKeyCredential" in window;

  function say(trouble) {
    for (const note of document.querySelectorAll("[data-passkey-trouble]")) {
      note.hidden = note.dataset.passkeyTrouble !== trouble;
    }
  }

  say(able ? null : "unable");
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) {
    part.hidden = !able;
  }
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    say("stopped");
  });
})();
