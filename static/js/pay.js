// Paying a bill: Stripe's own fields in the page, or the bank's own question, before we are told.
(function () {
  const part = document.querySelector("[data-pay]");
  const form = part.closest("form");
  const button = form.querySelector("[data-confirm]");
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
  const { key, secret, method, returnUrl, unreachable } = part.dataset;
  const stripe = Stripe(key);
  const dark = document.documentElement.dataset.bsTheme === "dark";
  let elements;
  if (!method) {
    const appearance = { theme: dark ? "night" : "stripe" };
    elements = stripe.elements({ clientSecret: secret, appearance });
    const fields = elements.create("payment");
    fields.on("loaderror", () => say(unreachable));
    fields.mount(part.querySelector("[data-card-fields]"));
  }

  async function confirm() {
    if (method) return stripe.confirmCardPayment(secret, { payment_method: method });
    const typed = await elements.submit();
    if (typed.error) return typed;
    const confirmParams = { return_url: returnUrl };
    return stripe.confirmPayment({ elements, confirmParams, redirect: "if_required" });
  }

  // Another tab or the timetable may have been quicker: what is paid is paid.
  function decided(answer) {
    const intent = answer.paymentIntent || (answer.error && answer.error.payment_intent);
    return intent && ["succeeded", "processing"].includes(intent.status);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      const answer = await confirm();
      if (!decided(answer)) return say(answer.error ? answer.error.message : unreachable);
      form.submit();
    } catch (trouble) {
      say(unreachable);
      throw trouble;
    }
  });
  addEventListener("pageshow", () => (button.disabled = false));
})();
