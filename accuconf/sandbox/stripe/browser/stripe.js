/* A stand-in for Stripe.js: the same calls, the fields in a frame of another origin, so that
   the page never sees a number, and the bank's question in a frame over the page. */
(function () {
  "use strict";

  const ORIGIN = new URL(document.currentScript.src).origin;
  const FIELDS_HEIGHT = "270";

  // Frames

  function listen(frame, handler) {
    const listener = (message) => {
      if (message.origin === ORIGIN && message.source === frame.contentWindow) {
        handler(message.data || {}, () => removeEventListener("message", listener));
      }
    };
    addEventListener("message", listener);
  }

  function ask(frame, question) {
    const id = Math.random().toString(36).slice(2);
    return new Promise((resolve) => {
      listen(frame, (data, done) => {
        if (data.answerTo === id) {
          done();
          resolve(data.answer);
        }
      });
      frame.contentWindow.postMessage({ ...question, id }, ORIGIN);
    });
  }

  function challenge(intentId) {
    const dialog = document.createElement("div");
    dialog.setAttribute("role", "dialog");
    dialog.style.cssText =
      "position:fixed;inset:0;z-index:9999;display:grid;place-items:center;background:#0008";
    const frame = document.createElement("iframe");
    frame.src = `${ORIGIN}/challenge?intent=${encodeURIComponent(intentId)}`;
    frame.title = "3D Secure authentication";
    frame.name = "stripe-challenge-frame";
    frame.style.cssText = "width:min(420px,90vw);height:300px;border:0;background:#fff";
    dialog.append(frame);
    document.body.append(dialog);
    return new Promise((resolve) => {
      listen(frame, (data, done) => {
        if (data.challengeDone) {
          done();
          dialog.remove();
          resolve();
        }
      });
    });
  }

  // Elements

  class Element {
    constructor(elements, type, options) {
      this.elements = elements;
      this.type = type;
      this.options = options || {};
      this.handlers = {};
      this.frame = null;
    }

    on(event, handler) {
      (this.handlers[event] = this.handlers[event] || []).push(handler);
      return this;
    }

    once(event, handler) {
      return this.on(event, handler);
    }

    off(event) {
      delete this.handlers[event];
      return this;
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) {
        throw new Error(`The selector you specified (${target}) applies to no DOM elements.`);
      }
      this.frame = document.createElement("iframe");
      this.frame.src = `${ORIGIN}/fields`;
      this.frame.title = "Secure payment input frame";
      this.frame.name = `__privateStripeFrame${Math.floor(Math.random() * 1e6)}`;
      this.frame.allow = "payment *";
      this.frame.width = "100%";
      this.frame.height = FIELDS_HEIGHT;
      this.frame.setAttribute("frameborder", "0");
      this.ready = new Promise((resolve) => {
        listen(this.frame, (data) => {
          if (data.ready) {
            resolve();
            this.fire("ready", {});
          }
          if (data.change) this.fire("change", data.change);
        });
      });
      place.append(this.frame);
    }

    fire(event, details) {
      for (const handler of this.handlers[event] || []) {
        handler({ elementType: this.type, ...details });
      }
    }

    async ask(question) {
      await this.ready;
      return ask(this.frame, question);
    }

    unmount() {
      if (this.frame) this.frame.remove();
      this.frame = null;
    }

    destroy() {
      this.unmount();
      this.elements.element = null;
    }

    update(options) {
      Object.assign(this.options, options);
    }

    focus() {}
    blur() {}
    clear() {}
  }

  class Elements {
    constructor(options) {
      this.options = options || {};
      this.element = null;
    }

    create(type, options) {
      if (!["payment", "card"].includes(type)) {
        throw new Error(`The stand-in does not play the element ${type}.`);
      }
      if (type === "payment" && !this.options.clientSecret && !this.options.mode) {
        throw new Error("To create a payment element, pass a clientSecret or mode.");
      }
      this.element = new Element(this, type, options);
      return this.element;
    }

    getElement() {
      return this.element;
    }

    update(options) {
      Object.assign(this.options, options);
    }

    submit() {
      return this.element.ask({ wish: "validate" });
    }

    async fetchUpdates() {
      return {};
    }
  }

  // Intents: what a client secret tells about itself

  const kindOf = (secret) => (secret.startsWith("seti_") ? "setup" : "payment");
  const pathOf = (secret) => `/v1/${kindOf(secret)}_intents/${secret.split("_secret_")[0]}`;
  const shown = (secret, intent) =>
    intent.error ? { error: intent.error } : { [`${kindOf(secret)}Intent`]: intent };

  class StandIn {
    constructor(publishableKey) {
      if (!/^pk_(test|live)_/.test(publishableKey || "")) {
        throw new Error("Please call Stripe() with your publishable key.");
      }
      this.key = publishableKey;
    }

    elements(options) {
      return new Elements(options);
    }

    confirmSetup(options) {
      return this.confirmWithElements(options);
    }

    confirmPayment(options) {
      if (options.elements) return this.confirmWithElements(options);
      const method = (options.confirmParams || {}).payment_method;
      return this.confirmSaved(options.clientSecret, { payment_method: method }, options);
    }

    confirmCardSetup(secret, data) {
      return this.confirmSaved(secret, data);
    }

    confirmCardPayment(secret, data) {
      return this.confirmSaved(secret, data);
    }

    async handleNextAction({ clientSecret }) {
      return this.finish(clientSecret, await this.retrieve(clientSecret));
    }

    async retrievePaymentIntent(secret) {
      return shown(secret, await this.retrieve(secret));
    }

    async retrieveSetupIntent(secret) {
      return shown(secret, await this.retrieve(secret));
    }

    registerAppInfo() {}

    async confirmWithElements(options) {
      const secret = options.clientSecret || options.elements.options.clientSecret;
      const billing = (options.confirmParams || {}).payment_method_data;
      const intent = await this.confirmTyped(options.elements.element, secret, billing);
      return this.finish(secret, intent, options);
    }

    async confirmSaved(secret, data, options) {
      const method = (data || {}).payment_method;
      if (method && method.card instanceof Element) {
        const billing = { billing_details: method.billing_details };
        return this.finish(secret, await this.confirmTyped(method.card, secret, billing), options);
      }
      const fields = { client_secret: secret, use_stripe_sdk: "true" };
      if (typeof method === "string") fields.payment_method = method;
      const intent = await this.call("POST", `${pathOf(secret)}/confirm`, fields);
      return this.finish(secret, intent, options);
    }

    confirmTyped(element, secret, billing) {
      const path = `${pathOf(secret)}/confirm`;
      return element.ask({ wish: "confirm", key: this.key, secret, path, billing });
    }

    /* Let the holder answer the bank if it asks, then go back or give the intent. */
    async finish(secret, intent, options) {
      if (intent.error) return { error: intent.error };
      if (intent.status === "requires_action") {
        await challenge(intent.id);
        intent = await this.retrieve(secret);
        if (intent.status === "requires_payment_method") {
          const error = intent.last_payment_error || intent.last_setup_error;
          return { error: { ...error, [intent.object]: intent } };
        }
      }
      const back = ((options || {}).confirmParams || {}).return_url;
      if (back && options.redirect !== "if_required") return this.goBack(back, secret, intent);
      return shown(secret, intent);
    }

    goBack(back, secret, intent) {
      const url = new URL(back);
      url.searchParams.set(intent.object, intent.id);
      url.searchParams.set(`${intent.object}_client_secret`, secret);
      const succeeded = intent.status === "succeeded";
      url.searchParams.set("redirect_status", succeeded ? "succeeded" : "pending");
      location.assign(url);
      return new Promise(() => {});
    }

    retrieve(secret) {
      return this.call("GET", pathOf(secret), { client_secret: secret });
    }

    async call(method, path, fields) {
      const form = new URLSearchParams(fields);
      const headers = { Authorization: `Bearer ${this.key}` };
      const get = method === "GET";
      const url = ORIGIN + path + (get ? `?${form}` : "");
      const response = await fetch(url, { method, headers, body: get ? undefined : form });
      return response.json();
    }
  }

  window.Stripe = (publishableKey) => new StandIn(publishableKey);
  window.Stripe.version = "stand-in";
})();
