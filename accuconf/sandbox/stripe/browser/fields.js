/* The card fields: they tell the page whether they are complete, and send what was typed straight
   to the stand-in when the page asks them to confirm. */
(function () {
  "use strict";

  const form = document.forms[0];
  const typed = (name) => form[name].value.replace(/\s/g, "");

  function problem() {
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

  function fields(question) {
    const [month, year] = typed("expiry").split("/");
    const details = (question.billing || {}).billing_details || {};
    const all = {
      client_secret: question.secret,
      use_stripe_sdk: "true",
      "payment_method_data[type]": "card",
      "payment_method_data[card][number]": typed("number"),
      "payment_method_data[card][exp_month]": month,
      "payment_method_data[card][exp_year]": year,
      "payment_method_data[card][cvc]": typed("cvc"),
      "payment_method_data[billing_details][name]": details.name,
      "payment_method_data[billing_details][address][postal_code]": typed("postalCode"),
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

  addEventListener("message", async (message) => {
    if (message.source !== parent || !message.data || !message.data.id) return;
    const reply = { answerTo: message.data.id, answer: await answer(message.data) };
    message.source.postMessage(reply, message.origin);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const change = { complete: !problem(), empty: !typed("number"), value: { type: "card" } };
    parent.postMessage({ change }, "*");
  });
  parent.postMessage({ ready: true }, "*");
})();
