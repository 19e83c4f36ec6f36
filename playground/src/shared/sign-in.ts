import { type Answer, send } from "./api";
import { begin, current, forget, named, readMe } from "./session";

/** Signs in by name and password; the answer says what is wrong when it does not succeed. */
export async function signIn(name: string, password: string): Promise<Answer> {
  const answer = await send({
    method: "POST",
    url: "/v1/session",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, password }),
  });
  const { token, expiresAt, account } = (answer.json ?? {}) as Record<string, unknown>;
  const me = readMe({ kind: "account", ...(account as object) });
  if (answer.status === 201 && typeof token === "string" && me) {
    begin({ token, ...named(me), endsAt: endOf(expiresAt, answer), isBrought: false });
  }
  return answer;
}

/** Takes a key or a token that somebody has, if the server knows it. */
export async function bring(token: string): Promise<Answer> {
  const answer = await send({ method: "GET", url: "/v1/me", headers: { Authorization: `Bearer ${token}` } });
  const me = readMe(answer.json);
  if (answer.ok && me) begin({ token, ...named(me), endsAt: undefined, isBrought: true });
  return answer;
}

/**
 * Forgets the session here, and has it revoked if it was made by signing in; false when the server did not confirm
 * that.
 */
export async function signOut(): Promise<boolean> {
  const session = current();
  if (!session) return true;
  // First of all: what follows may take a while, or fail.
  forget();
  if (session.isBrought) return true;
  const headers = { Authorization: `Bearer ${session.token}` };
  const answer = await send({ method: "DELETE", url: "/v1/session", headers }).catch(() => undefined);
  // Unknown to the server, it is as good as revoked.
  return answer !== undefined && (answer.ok || answer.status === 401);
}

/** When the session ends by this machine's clock, which may be another than the server's. */
export function endOf(expiresAt: unknown, { headers }: Pick<Answer, "headers">): number | undefined {
  const end = Date.parse(String(expiresAt));
  if (Number.isNaN(end)) return undefined;
  const serverNow = Date.parse(headers.find(([name]) => name.toLowerCase() === "date")?.[1] ?? "");
  return Number.isNaN(serverNow) ? end : Date.now() + end - serverNow;
}
