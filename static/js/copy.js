// Copies what a button names to the clipboard, prints, and shows the digits of a PIN where they
// stand. Without it the digits come on the page of their PIN, and are copied by hand.
(function () {
  async function copy(button) {
    const source = document.getElementById(button.dataset.copies);
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(source.dataset.plain ?? source.value);
      button.textContent = button.dataset.done;
    } catch {
      select(source);
      button.textContent = button.dataset.failed;
    }
    setTimeout(function () { button.textContent = words; }, 2000);
  }

  function select(source) {
    if (source.select) {
      source.select();
    } else {
      getSelection().selectAllChildren(source);
    }
  }

  async function reveal(form) {
    const asked = new FormData(form);
    asked.set("part", form.dataset.part);
    const answer = await fetch(form.action, { method: "POST", body: asked });
    if (!answer.ok || answer.redirected) {
      throw new Error("not revealed");
    }
    const place = form.parentElement;
    place.innerHTML = await answer.text();
    place.querySelector("button")?.focus();
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-copies], [data-prints]");
    if (button?.hasAttribute("data-prints")) {
      print();
    } else if (button) {
      copy(button);
    }
  });
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.dataset.part && form.closest("table")) {
      event.preventDefault();
      reveal(form).catch(function () { form.submit(); }); // the page of the PIN says why
    }
  });
})();
