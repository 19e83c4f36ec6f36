import { type Call, curlLine } from "../shared/curl";
import { byId, create } from "../shared/dom";
import { discreet, withSecrets } from "../shared/secrets";
import { current, subscribe } from "../shared/session";
import { BodyFields, type Field } from "./body-fields";
import { addressOf, type Endpoint, type Parameter } from "./endpoints";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** What a person asks for. Address and body can be written by hand, so that wrong ones can be sent as well. */
export class RequestForm {
  #method = byId<HTMLSelectElement>("method");
  #url = byId<HTMLInputElement>("url");
  #type = byId<HTMLInputElement>("type");
  #body = byId<HTMLTextAreaElement>("body");
  #note = byId("form-note");
  #endpoint: Endpoint;
  #values = new Map<string, string>();
  #fields = new BodyFields([], () => {});
  #shownFields: Field[] | undefined;
  /** A call of before has a body, whatever the endpoint that is chosen takes. */
  #hasBody = false;

  constructor(first: Endpoint, send: (call: Call) => void) {
    this.#endpoint = first;
    this.#type.value = "application/json";
    this.choose(first);
    subscribe(() => this.#written());
    for (const input of [this.#method, this.#url, this.#type, this.#body]) {
      input.addEventListener("input", () => this.#written());
    }
    const form = byId<HTMLFormElement>("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const call = this.call();
      if (call) send(call);
    });
    addEventListener("keydown", (event) => {
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  /** Shows the form of this endpoint. */
  choose(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#hasBody = endpoint.body !== undefined;
    this.#values = new Map(
      endpoint.parameters.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );
    byId("title").textContent = endpoint.title;
    byId("about").textContent = endpoint.about;
    const others = METHODS.filter((method) => !endpoint.methods.includes(method));
    this.#method.replaceChildren(
      ...endpoint.methods.map((method) => create("option", {}, method)),
      create("optgroup", { label: "refused here" }, ...others.map((method) => create("option", {}, method))),
    );
    byId("params").hidden = endpoint.parameters.length === 0;
    byId("params").replaceChildren(
      create("legend", {}, "Parameters"),
      ...endpoint.parameters.map((parameter) => this.#row(parameter)),
    );
    this.#offer(endpoint.body);
    this.#compose();
  }

  /** Two endpoints that take the same share what was typed for it. */
  #offer(fields: Field[] | undefined): void {
    if (!fields || fields === this.#shownFields) return;
    this.#shownFields = fields;
    this.#fields = new BodyFields(fields, (body) => {
      this.#body.value = body;
      this.#written();
    });
    byId("fields").replaceChildren(...this.#fields.rows);
    this.#fields.write();
  }

  /** Fills in a call that was sent before, or the next page. */
  fill({ method, url, headers, body }: Call): void {
    const { pathname, search } = new URL(url, location.origin);
    this.#method.value = method;
    this.#url.value = pathname + search;
    this.#hasBody ||= body !== undefined;
    if (body !== undefined) {
      this.#body.value = body;
      this.#type.value = headers?.["Content-Type"] ?? "";
    }
    this.#written();
  }

  /** The call with the secrets that were typed beside it: to be sent, and not to be kept. */
  filled(call: Call): Call {
    return withSecrets(call, this.#fields.secrets());
  }

  /** What would be sent now; undefined when it would go elsewhere. */
  call(): Call | undefined {
    const url = resolved(this.#url.value);
    this.#note.textContent = url ? "" : "The address must begin with / and stay on this server.";
    if (!url) return undefined;
    const method = this.#method.value;
    const call: Call = { method, url, signed: current() !== undefined };
    if (this.#takesBody()) {
      call.body = this.#body.value;
      // Empty: a call without this header can be tried too.
      call.headers = { "Content-Type": this.#type.value.trim() };
    }
    return call;
  }

  #takesBody(): boolean {
    return this.#hasBody && !["GET", "HEAD"].includes(this.#method.value);
  }

  /** One parameter: typing sends it, and an empty one is sent where its box is ticked. */
  #row({ name, in: place, about, value }: Parameter): HTMLElement {
    const id = `parameter-${name}`;
    const sent = create("input", {
      type: "checkbox",
      checked: value !== undefined,
      "aria-label": `send ${name}`,
    });
    const input = create("input", {
      id,
      value: value ?? "",
      class: "mono",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      "aria-describedby": `${id}-about`,
    });
    input.addEventListener("input", () => {
      sent.checked = place === "path" || input.value !== "";
      sent.dispatchEvent(new Event("change"));
    });
    sent.addEventListener("change", () => {
      if (sent.checked) this.#values.set(name, input.value);
      else this.#values.delete(name);
      this.#compose();
    });
    return create(
      "div",
      { class: "parameter" },
      ...(place === "query" ? [sent] : []),
      create("label", { for: id, class: "mono" }, name),
      input,
      create("span", { id: `${id}-about`, class: "soft" }, about),
    );
  }

  #compose(): void {
    this.#url.value = addressOf(this.#endpoint, this.#values);
    this.#written();
  }

  #written(): void {
    byId("body-part").hidden = !this.#takesBody();
    const call = this.call();
    byId("curl").textContent = call ? curlLine(discreet(call)) : "";
    byId("curl-hint").hidden = !byId("curl").textContent?.includes("$FILMGATE_");
  }
}

/** The whole address; undefined when it is on another host, where this page may not call. */
function resolved(address: string): string | undefined {
  if (!address.startsWith("/") || !URL.canParse(address, location.origin)) return undefined;
  const url = new URL(address, location.origin);
  return url.origin === location.origin ? url.href : undefined;
}
