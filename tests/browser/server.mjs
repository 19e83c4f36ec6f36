// The real program, one for each case: with limits, films and votes that nobody else touches.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const PASSWORD = "correct horse battery";

/** Settings of a server that limits nobody. */
export const UNLIMITED = { FILMGATE_LIMITS__ENABLED: "false" };

/** Starts a server for a case, which stops with it. Without settings it is what people meet: limits and all. */
export async function startServer(t, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "filmgate-browser-"));
  const server = new Server(folder, settings);
  // Also when the case ends in a way that `after` does not see.
  const kill = () => server.kill();
  process.once("exit", kill);
  t.after(async () => {
    try {
      await server.leave();
    } finally {
      process.off("exit", kill);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
  await server.start();
  return server;
}

class Server {
  #folder;
  #settings;
  #child;
  #guests = [];
  url = "";

  constructor(folder, settings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Starts it, and after a stop again: with the same films, at the same place. */
  async start() {
    this.#child = spawn(process.env.FILMGATE_BINARY, [], {
      cwd: this.#folder,
      env: { FILMGATE_LISTEN: this.url ? new URL(this.url).host : "127.0.0.1:0", ...this.#settings },
      stdio: ["ignore", "pipe", "ignore"],
    });
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const url = line.match(/http:\/\/\S+?(?=\/)/)?.[0];
      if (!url) continue;
      this.url = url;
      return;
    }
    throw new Error("the server ended before it greeted");
  }

  /** Ends it as a crash does. */
  async stop() {
    this.kill();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  kill() {
    this.#child?.kill("SIGKILL");
  }

  /** What is done before the server stops: a page whose server is gone complains, and rightly. */
  beforeItStops(leave) {
    this.#guests.push(leave);
  }

  async leave() {
    for (const leave of this.#guests) await leave();
  }

  /** Makes an account, as its operator does. */
  async account(name, role, password = PASSWORD) {
    await this.#command(["account", "create", name, "--role", role, "--password-stdin"], `${password}\n`);
  }

  /** An account that can do nothing any more, at once. */
  async disable(name) {
    await this.#command(["account", "disable", name]);
  }

  /** A key of an account. */
  async key(account) {
    return (await this.#command(["key", "create", account, "--name", "Browser"])).trim();
  }

  async #command(words, input = "") {
    const run = promisify(execFile)(process.env.FILMGATE_BINARY, words, {
      cwd: this.#folder,
      env: this.#settings,
      timeout: 20_000,
    });
    run.child.stdin.end(input);
    return (await run).stdout;
  }

  async film(id) {
    return (await fetch(`${this.url}/v1/films/${id}`)).json();
  }

  /** Data and errors of a GraphQL request. */
  async graphql(query, variables = {}) {
    return (await this.post("/graphql", { query, variables })).json();
  }

  post(path, body) {
    const headers = { "Content-Type": "application/json" };
    return fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  }
}

/** What a shell prints for a line that somebody copied. */
export async function shell(line) {
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { timeout: 20_000 });
  return stdout;
}
