import { type Call, curlLine } from "../shared/curl";
import { byId, create } from "../shared/dom";
import { newKey } from "../shared/key";
import { discreet, withSecrets } from "../shared/secrets";
import { current, subscribe } from "../shared/session";
import { BodyFields } from "./body-fields";
import { addressOf, type Endpoint, FORM, headersOf, type Parameter } from "./endpoints";
import { inputOf, prose, row } from "./inputs";
import type { Field } from "./schema";

const JSON_TYPE = "application/json";
const METHODS = ["GET", "HEAD", "QUERY", "POST", "PUT", "PATCH", "DELETE"];

/** What a person asks for. Address and body can be written by hand, so that wrong ones can be sent as well. */
export class RequestForm {
  #method = byId<HTMLSelectElement>("method");
  #url = byId<HTMLInputElement>("url");
  #type = byId<HTMLInputElement>("type");
  #body = byId<HTMLTextAreaElement>("body");
  #note = byId("form-note");
  #endpoint: Endpoint | undefined;
  #values = new Map<string, string>();
  /** Beside the content type. */
  #headers: Record<string, string> = {};
  #fields = new BodyFields([], () => {});
  #shownFields: Field[] | undefined;
  /** Whether the parameters are in the body. */
  #wasQuery = false;
  /** A call of before has a body, whatever the endpoint that is chosen takes. */
  #hasBody = false;

  constructor(send: (call: Call) => void) {
    this.#type.value = JSON_TYPE;
    subscribe(() => this.#written());
    for (const input of [this.#method, this.#url, this.#type, this.#body]) {
      input.addEventListener("input", () => this.#written());
    }
    // What GET has in its address, QUERY has in its body.
    this.#method.addEventListener("input", () => this.#isQuery() !== this.#wasQuery && this.#compose());
    const form = byId<HTMLFormElement>("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const missing = /\{(\w+)\}/.exec(this.#url.value)?.[1];
      if (missing) {
        this.#note.textContent = `Fill in ${missing}: the address needs it.`;
        document.getElementById(`parameter-${missing}`)?.focus();
        return;
      }
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
    byId("about").replaceChildren(...prose(endpoint.about));
    const read = endpoint.takesQuery ? ["GET", "HEAD", "QUERY"] : ["GET", "HEAD"];
    this.#offerMethods(endpoint.method === "GET" ? read : [endpoint.method]);
    byId("params").hidden = endpoint.parameters.length === 0;
    byId("params").replaceChildren(
      create("legend", {}, "Parameters"),
      ...endpoint.parameters.map((parameter) => this.#row(parameter)),
    );
    this.#offer(endpoint.body);
    this.#compose();
    byId("form").hidden = false;
  }

  /** Without any endpoint: what is sent is written by hand. */
  chooseNone(): void {
    this.#hasBody = true;
    this.#offerMethods(METHODS);
    byId("params").hidden = true;
    this.#url.value ||= "/";
    this.#written();
    byId("form").hidden = false;
  }

  /** Every other method can be tried too, as a refusal is an answer. */
  #offerMethods(methods: string[]): void {
    const others = METHODS.filter((method) => !methods.includes(method));
    const option = (method: string) => create("option", {}, method);
    const rest = others.length ? [create("optgroup", { label: "others" }, ...others.map(option))] : [];
    this.#method.replaceChildren(...methods.map(option), ...rest);
  }

  /** Two endpoints that take the same share what was typed for it. */
  #offer(fields: Field[] | undefined): void {
    if (!fields || fields === this.#shownFields) return;
    this.#shownFields = fields;
    this.#type.value = JSON_TYPE;
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
    this.#wasQuery = this.#isQuery();
    this.#url.value = pathname + search;
    this.#hasBody ||= body !== undefined;
    const { "Content-Type": type = "", ...others } = headers ?? {};
    this.#headers = others;
    if (body !== undefined) {
      this.#body.value = body;
      this.#type.value = type;
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
    const call: Call = { method, url, headers: this.#headers, signed: current() !== undefined };
    if (this.#takesBody()) {
      call.body = this.#body.value;
      // Empty: a call without this header can be tried too.
      call.headers = { ...this.#headers, "Content-Type": this.#type.value.trim() };
    }
    return call;
  }

  #isQuery(): boolean {
    return this.#method.value === "QUERY" && this.#endpoint?.takesQuery === true;
  }

  #takesBody(): boolean {
    if (this.#isQuery()) return true;
    return this.#hasBody && !["GET", "HEAD"].includes(this.#method.value);
  }

  /** One parameter: typing sends it, and an empty one is sent where its box is ticked. */
  #row(parameter: Parameter): HTMLElement {
    const { name, in: place, value } = parameter;
    const id = `parameter-${name}`;
    const sent = create("input", {
      type: "checkbox",
      checked: value !== undefined,
      "aria-label": `send ${name}`,
    });
    const input = inputOf(id, parameter);
    input.classList.add("mono");
    input.addEventListener("input", () => {
      sent.checked = input.value !== "";
      sent.dispatchEvent(new Event("change"));
    });
    sent.addEventListener("change", () => {
      // One that the client makes up is made up here.
      if (sent.checked && !input.value && name === "Idempotency-Key") input.value = newKey();
      if (sent.checked) this.#values.set(name, input.value);
      else this.#values.delete(name);
      this.#compose();
    });
    return row(id, parameter, input, ...(place === "path" ? [] : [sent]));
  }

  #compose(): void {
    if (!this.#endpoint) return;
    const address = addressOf(this.#endpoint, this.#values);
    this.#wasQuery = this.#isQuery();
    if (this.#wasQuery) {
      const [path = "", query = ""] = address.split("?");
      this.#url.value = path;
      this.#body.value = query;
      this.#type.value = FORM;
      // No form but that of the parameters writes this body: others write theirs anew.
      this.#shownFields = undefined;
      byId("fields").replaceChildren();
    } else this.#url.value = address;
    this.#headers = headersOf(this.#endpoint, this.#values);
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
