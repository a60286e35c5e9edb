// Light, dark or as the system has it: applied before the first paint, kept in localStorage.
(function () {
  const KEY = "theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "auto";
  }

  function apply() {
    const dark = chosen() === "dark" || (chosen() === "auto" && system.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
    }
  }

  function choose(event) {
    localStorage.setItem(KEY, event.currentTarget.dataset.themeChoice);
    apply();
  }

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", function () {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.addEventListener("click", choose);
    }
    for (const group of document.querySelectorAll(".theme-switch")) {
      group.hidden = false; // without JavaScript there is nothing to switch
    }
    apply();
  });
})();
