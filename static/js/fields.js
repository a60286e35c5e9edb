// Stripe's own fields in a form of ours: Stripe is asked first, and then the form is sent to us.
(function () {
  const part = document.querySelector("[data-stripe]");
  const form = part.closest("form");
  const button = form.querySelector("[data-confirm]");
  const error = form.querySelector("[data-card-error]");
  const { key, secret, method, returnUrl, unreachable } = part.dataset;
  // A form with a place for it saves a card or bank account for later; any other pays now.
  const place = form.elements.setup_intent;

  function say(sentence) {
    error.textContent = sentence;
    button.disabled = false;
  }

  form.querySelector("[data-without-javascript]").hidden = true;
  if (!window.Stripe) {
    say(unreachable);
    return;
  }
  for (const shown of form.querySelectorAll("[data-with-javascript]")) shown.hidden = false;
  const stripe = Stripe(key);
  const elements = method ? null : typedIn();

  function typedIn() {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    const appearance = { theme: dark ? "night" : "stripe" };
    const made = stripe.elements({ clientSecret: secret, appearance });
    const fields = made.create("payment");
    fields.on("loaderror", () => say(unreachable));
    fields.mount(part.querySelector("[data-card-fields]"));
    return made;
  }

  // What is owed may have changed since the page was opened; then another secret is for it.
  async function secretNow() {
    const body = new FormData(form);
    body.set("card", "ask");
    const response = await fetch(form.action, { method: "POST", body });
    if (!response.ok) throw new Error(`asked for the sum, answered ${response.status}`);
    return (await response.json()).secret;
  }

  function confirm() {
    if (method) return stripe.confirmCardPayment(secret, { payment_method: method });
    const how = { elements, confirmParams: { return_url: returnUrl }, redirect: "if_required" };
    return place ? stripe.confirmSetup(how) : stripe.confirmPayment(how);
  }

  // An answer may be lost and the button pressed again, or another tab or the timetable may have
  // been quicker: what is done is done.
  function done(answer) {
    const { setupIntent, paymentIntent, error: refusal = {} } = answer;
    const intent = setupIntent || paymentIntent || refusal.setup_intent || refusal.payment_intent;
    const good = place ? ["succeeded"] : ["succeeded", "processing"];
    return intent && good.includes(intent.status) ? intent : null;
  }

  async function send() {
    const typed = elements ? await elements.submit() : {};
    if (typed.error) return say(typed.error.message);
    if (!place && (await secretNow()) !== secret) {
      form.elements.card.value = method ? "bank" : "new";
      return form.submit();
    }
    const answer = await confirm();
    const intent = done(answer);
    if (!intent) return say(answer.error ? answer.error.message : unreachable);
    if (place) place.value = intent.id;
    return form.submit();
  }

  form.addEventListener("submit", async (event) => {
    if (event.submitter && event.submitter.name === "card") return;
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      await send();
    } catch (trouble) {
      say(unreachable);
      throw trouble;
    }
  });
  addEventListener("pageshow", () => (button.disabled = false));
})();
