import { getOperationAST, type OperationDefinitionNode, parse } from "graphql";
import { inWords } from "../shared/countdown.ts";
import { bucketInWords } from "../shared/quota-words.ts";
import { credential } from "./credential.ts";
import { type Operation, withOwnName } from "./operation.ts";

/** Fields that try a password: the server tells no price of them. */
const PASSWORDS = new Set(["signIn", "changePassword"]);

/** What `extensions.priceOnly` tells. */
export interface Price {
  cost: Record<string, number>;
  passes: boolean;
  refusal: { message: string; extensions: { code?: string; retryAfter?: number } } | null;
}

/** Whether there is a price to ask for: of what is still being typed there is none. */
export function hasPrice({ query, operationName }: Operation): boolean {
  try {
    const operation = getOperationAST(parse(query), operationName);
    return operation != null && !triesPassword(operation);
  } catch {
    return false;
  }
}

function triesPassword({ selectionSet }: OperationDefinitionNode): boolean {
  // One that hides in a fragment is refused by the server, and then no price is shown.
  return selectionSet.selections.some((field) => field.kind === "Field" && PASSWORDS.has(field.name.value));
}

/** With it, what is not valid yet is no failed request, of which a browser would tell in its console. */
const ACCEPT = "application/json";

/** Asks the server, which draws from `flood` alone; undefined where it tells none. */
export async function askPrice(
  operation: Operation,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Price | undefined> {
  const { query, variables, operationName } = withOwnName(operation);
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { Accept: ACCEPT, "Content-Type": "application/json", ...credential(headers), ...headers },
    body: JSON.stringify({ query, variables, operationName, extensions: { priceOnly: true } }),
    signal,
  });
  const result = (await response.json()) as { extensions?: { price?: Price } };
  return result.extensions?.price;
}

/** Such as `Costs 2 film calls, 1 browse call; passes in 12 s`. */
export function priceInWords({ cost, refusal }: Price): string {
  const parts = Object.entries(cost).map(([bucket, amount]) => `${amount} of ${bucketInWords(bucket)}`);
  const price = parts.length ? `Costs ${parts.join(", ")}` : "Costs nothing";
  if (!refusal) return price;
  const { code, retryAfter } = refusal.extensions;
  if (code === "RATE_LIMITED" && retryAfter !== undefined)
    return `${price}: passes in ${inWords(retryAfter)}`;
  if (code === "PRICE_ABOVE_BURST") return `${price}: more than ever passes at once`;
  if (code === "FORBIDDEN" || code === "UNAUTHENTICATED") return `${price}: not with your rights`;
  return `${price}: would not pass now`;
}
