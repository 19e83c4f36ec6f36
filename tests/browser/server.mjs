// The real program, one for each case: with limits, films and votes that nobody else touches.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

/** Settings of a server that limits nobody. */
export const UNLIMITED = { FILMGATE_LIMITS__ENABLED: "false" };

/** Starts a server for a case, which stops with it. Without settings it is what people meet: limits and all. */
export async function startServer(t, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "filmgate-browser-"));
  const child = spawn(process.env.FILMGATE_BINARY, [], {
    cwd: folder,
    env: { FILMGATE_LISTEN: "127.0.0.1:0", ...settings },
    stdio: ["ignore", "pipe", "ignore"],
  });
  // Also when the case ends in a way that `after` does not see.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const guests = [];
  t.after(async () => {
    try {
      for (const leave of guests) await leave();
    } finally {
      process.off("exit", kill);
      kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    }
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = line.match(/http:\/\/\S+?(?=\/)/)?.[0];
    if (url) return new Server(url, guests);
  }
  throw new Error("the server ended before it greeted");
}

class Server {
  #guests;

  constructor(url, guests) {
    this.url = url;
    this.#guests = guests;
  }

  /** What is done before the server stops: a page whose server is gone complains, and rightly. */
  beforeItStops(leave) {
    this.#guests.push(leave);
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
