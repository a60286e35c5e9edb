/* The card's or bank account's fields: they tell the page whether they are complete, and send what
   was typed straight to the stand-in when the page asks them to confirm. */
(function () {
  "use strict";

  const form = document.forms[0];
  const typed = (name) => form[name].value.replace(/\s/g, "");
  const kind = () => form.type.value;
  const ROUTING_NUMBER = "110000000";

  function cardProblem() {
    if (typed("number").length < 15) {
      return ["incomplete_number", "Your card number is incomplete."];
    }
    if (!/^\d\d\/\d\d$/.test(typed("expiry"))) {
      return ["incomplete_expiry", "Your card's expiration date is incomplete."];
    }
    if (typed("cvc").length < 3) {
      return ["incomplete_cvc", "Your card's security code is incomplete."];
    }
    return null;
  }

  function bankProblem() {
    if (!typed("holder")) return ["incomplete_name", "Please provide your full name."];
    if (!typed("email").includes("@")) return ["incomplete_email", "Your email is incomplete."];
    if (!typed("account")) {
      return ["incomplete_payment_details", "Please choose a bank account."];
    }
    return null;
  }

  const problem = () => (kind() === "card" ? cardProblem() : bankProblem());

  function card(details) {
    const [month, year] = typed("expiry").split("/");
    return {
      "payment_method_data[card][number]": typed("number"),
      "payment_method_data[card][exp_month]": month,
      "payment_method_data[card][exp_year]": year,
      "payment_method_data[card][cvc]": typed("cvc"),
      "payment_method_data[billing_details][name]": details.name,
      "payment_method_data[billing_details][address][postal_code]": typed("postalCode"),
    };
  }

  function bank() {
    return {
      "payment_method_data[us_bank_account][account_number]": typed("account"),
      "payment_method_data[us_bank_account][routing_number]": ROUTING_NUMBER,
      "payment_method_data[billing_details][name]": form.holder.value,
      "payment_method_data[billing_details][email]": typed("email"),
      "mandate_data[customer_acceptance][type]": "online",
      "mandate_data[customer_acceptance][online][infer_from_client]": "true",
    };
  }

  function fields(question) {
    const details = (question.billing || {}).billing_details || {};
    const all = {
      client_secret: question.secret,
      use_stripe_sdk: "true",
      "payment_method_data[type]": kind(),
      ...(kind() === "card" ? card(details) : bank()),
    };
    return new URLSearchParams(Object.entries(all).filter(([, value]) => value));
  }

  async function answer(question) {
    const wrong = problem();
    if (wrong) return { error: { type: "validation_error", code: wrong[0], message: wrong[1] } };
    if (question.wish !== "confirm") return {};
    const headers = { Authorization: `Bearer ${question.key}` };
    const body = fields(question);
    return (await fetch(question.path, { method: "POST", headers, body })).json();
  }

  function show() {
    for (const part of form.querySelectorAll("[data-kind]")) {
      part.hidden = part.dataset.kind !== kind();
    }
  }

  addEventListener("message", async (message) => {
    if (message.source !== parent || !message.data || !message.data.id) return;
    const reply = { answerTo: message.data.id, answer: await answer(message.data) };
    message.source.postMessage(reply, message.origin);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", show);
  form.addEventListener("input", () => {
    const change = { complete: !problem(), empty: !typed("number"), value: { type: kind() } };
    parent.postMessage({ change }, "*");
  });
  parent.postMessage({ ready: true }, "*");
})();
