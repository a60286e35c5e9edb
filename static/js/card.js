// A new card: Stripe's own fields in the page, and Stripe asked before the form is sent to us.
(function () {
  const part = document.querySelector("[data-card]");
  const form = part.closest("form");
  const button = form.querySelector("[data-update]");
  const error = form.querySelector("[data-card-error]");

  function say(sentence) {
    error.textContent = sentence;
    button.disabled = false;
  }

  form.querySelector("[data-without-javascript]").hidden = true;
  part.hidden = false;
  if (!window.Stripe) {
    say(part.dataset.unreachable);
    return;
  }
  const stripe = Stripe(part.dataset.key);
  const dark = document.documentElement.dataset.bsTheme === "dark";
  const elements = stripe.elements({
    clientSecret: part.dataset.secret,
    appearance: { theme: dark ? "night" : "stripe" },
  });
  const fields = elements.create("payment");
  fields.on("loaderror", () => say(part.dataset.unreachable));
  fields.mount(part.querySelector("[data-card-fields]"));

  // The answer may be lost and the button pressed again: what has succeeded is taken.
  function confirmed(answer) {
    const intent = answer.setupIntent || (answer.error && answer.error.setup_intent);
    return intent && intent.status === "succeeded" ? intent : null;
  }

  async function confirm() {
    const typed = await elements.submit();
    if (typed.error) return typed;
    const confirmParams = { return_url: part.dataset.returnUrl };
    return stripe.confirmSetup({ elements, confirmParams, redirect: "if_required" });
  }

  form.addEventListener("submit", async (event) => {
    if (event.submitter && event.submitter.name === "card") return;
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      const answer = await confirm();
      const intent = confirmed(answer);
      if (!intent) return say(answer.error ? answer.error.message : part.dataset.unreachable);
      form.elements.setup_intent.value = intent.id;
      form.submit();
    } catch (trouble) {
      say(part.dataset.unreachable);
      throw trouble;
    }
  });
  addEventListener("pageshow", () => (button.disabled = false));
})();
