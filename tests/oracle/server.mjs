// Asks the server, over connections that stay open.
import { Agent, request as send } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** An answer: its status, its headers and its JSON. `text`: the variables as JSON, to be sent as they are written. */
export function ask(url, { kind, text, ...body }, headers = {}) {
  const options = {
    agent,
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
  };
  if (text === undefined) return exchange(`${url}/graphql`, options, JSON.stringify(body));
  const rest = JSON.stringify({ ...body, variables: undefined }).slice(0, -1);
  return exchange(`${url}/graphql`, options, `${rest},"variables":${text}}`);
}

/** A call of REST. */
export function call(url, method, path, body, headers = {}) {
  const options = { agent, method, headers: { accept: "application/json", ...headers } };
  if (body !== undefined) options.headers["content-type"] = "application/json";
  return exchange(url + path, options, body === undefined ? undefined : JSON.stringify(body));
}

function exchange(url, options, body) {
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        try {
          resolve({ status: response.statusCode, headers: response.headers, json: text ? JSON.parse(text) : null });
        } catch {
          reject(new Error(`no JSON: ${text}`));
        }
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const INVALID = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"];

/** What a document without a fault may be refused for. */
const OTHERWISE = ["FORBIDDEN", "UNAUTHENTICATED", "INVALID_INPUT"];

/**
 * Why the server refuses a document; null when it does not. What is refused for another reason than what it says, as
 * for want of a right, is a document without a fault.
 */
export async function faultOf(url, request) {
  const { json } = await ask(url, request);
  if (json.data !== undefined) {
    const late = json.errors?.find((error) => [...INVALID, "INTERNAL"].includes(error.extensions?.code));
    return late ? `only while running: ${late.message}` : null;
  }
  const [{ message, extensions }] = json.errors;
  if (extensions.code === "DOCUMENT_TOO_LARGE") {
    // How deep introspection goes is a rule of graphql-js, and a limit of the server.
    if (message.includes("introspection")) return message;
    throw new Error(`a limit of the server is in the way: ${message} ${request.query}`);
  }
  if (OTHERWISE.includes(extensions.code)) return null;
  if (!INVALID.includes(extensions.code)) throw new Error(`${extensions.code}: ${message} ${request.query}`);
  // A subscription without a fault is told how to ask for its events.
  return request.kind === "subscription" && message.includes("text/event-stream") ? null : message;
}

/** Does its work for all items, a few at once. */
export async function each(items, work) {
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
