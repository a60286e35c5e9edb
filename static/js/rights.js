// Edit User Rights: rows follow the words as they are typed, columns are ticked at once, and what
// the choice allows is said anew after each tick. Without it the same buttons ask the server.
(function () {
  const form = document.querySelector("form.rights");
  const words = form.querySelector("[name=words]");
  const rows = [...form.querySelectorAll(".ticks tbody tr")].map(function (row) {
    return { row: row, text: row.cells[0].textContent.toLowerCase() };
  });
  const count = document.getElementById("shown-count");
  const allows = document.getElementById("allows-words");
  let waiting = null;
  let asking = null;

  function filter() {
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !text.includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    if (count) {
      const told = count.dataset.words.replace("{shown}", shown);
      count.textContent = told.replace("{all}", count.dataset.all);
    }
  }

  function tickColumn(column) {
    const [action, right] = column.split(":");
    for (const { row } of rows) {
      if (!row.hidden) {
        row.querySelector(`input[value$=":${right}"]`).checked = action === "tick";
      }
    }
    sayLater();
  }

  function sayLater() {
    clearTimeout(waiting);
    waiting = setTimeout(say, 200);
  }

  async function say() {
    asking?.abort();
    asking = new AbortController();
    const draft = new FormData(form);
    draft.set("part", "words");
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST", body: draft, signal: asking.signal,
      });
      if (answer.ok && !answer.redirected) {
        allows.innerHTML = await answer.text();
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        allows.textContent = ""; // rather nothing than what is no longer so
      }
    }
  }

  form.addEventListener("submit", function (event) {
    const button = event.submitter;
    if (button?.name === "column") {
      event.preventDefault();
      tickColumn(button.value);
    } else if (button?.hasAttribute("formaction")) {
      event.preventDefault(); // Enter, or Filter: the rows have followed already
    }
  });
  form.addEventListener("change", function (event) {
    if (event.target !== words) {
      sayLater();
    }
  });
  form.querySelector("[name=filter]").hidden = true;
  words.addEventListener("input", filter);
  filter();
})();
