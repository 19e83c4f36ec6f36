import { useGraphiQL } from "@graphiql/react";
import { type GraphQLSchema, parse } from "graphql";
import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { type Call, curlLine } from "../shared/curl.ts";
import { discreet, withoutSecrets } from "../shared/secrets.ts";
import { current, subscribe } from "../shared/session.ts";
import { hasOwn } from "./credential.ts";
import { graphqlCall } from "./graphql-call.ts";
import { withOwnName } from "./operation.ts";
import { restTwin, type Twin } from "./rest-twin.ts";
import { readObject } from "./typed-json.ts";

/** The operation of the tab that is shown as lines for a shell, over either surface. */
export function CopyButtons() {
  const { tab, schema, operationName } = useGraphiQL(({ tabs, activeTabIndex, schema, operationName }) => ({
    tab: tabs[activeTabIndex],
    schema,
    operationName,
  }));
  const isSignedIn = useSyncExternalStore(subscribe, current) !== undefined;
  const { query, variables, headers } = tab ?? {};
  const calls = useMemo(
    () => callsOf(schema, query, variables, headers, operationName ?? null, isSignedIn),
    [schema, query, variables, headers, operationName, isSignedIn],
  );
  return (
    <>
      <CopyButton label="Copy as curl" twin={calls.graphql} />
      <CopyButton label="Copy the REST twin" twin={calls.rest} />
    </>
  );
}

function callsOf(
  schema: GraphQLSchema | null | undefined,
  query: string | null | undefined,
  variables: string | null | undefined,
  headers: string | null | undefined,
  operationName: string | null,
  isSignedIn: boolean,
): { graphql: Twin; rest: Twin } {
  try {
    if (!query?.trim()) throw new SyntaxError("The tab is empty");
    parse(query);
    const operation = withOwnName({
      query: withoutSecrets(query),
      variables: named("Variables", variables),
      operationName,
    });
    const typed = Object.fromEntries(
      Object.entries(named("Headers", headers) ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const signed = isSignedIn && !hasOwn(typed);
    const graphql = { call: { ...graphqlCall(operation, typed, location.origin), signed } };
    const rest = restTwin(schema, operation, location.origin);
    return { graphql, rest: "call" in rest ? { call: { ...withHeaders(rest.call, typed), signed } } : rest };
  } catch (error) {
    const reason = { reason: error instanceof Error ? error.message : String(error) };
    return { graphql: reason, rest: reason };
  }
}

function named(what: string, text: string | null | undefined) {
  try {
    return readObject(text);
  } catch (error) {
    throw new SyntaxError(`${what} ${error instanceof Error ? error.message : error}`);
  }
}

function withHeaders(call: Call, headers: Record<string, string>): Call {
  return { ...call, headers: { ...call.headers, ...headers } };
}

/** Says on itself that it has copied. Where it cannot, it stays reachable and says why. */
function CopyButton({ label, twin }: { label: string; twin: Twin }) {
  const [copied, setCopied] = useState(false);
  const [line, setLine] = useState<string>();
  const why = useId();
  const reason = "reason" in twin ? twin.reason : undefined;

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    if (!("call" in twin)) return;
    const text = curlLine(discreet(twin.call));
    try {
      // Undefined outside of a secure context, and a browser may forbid it.
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setLine(text);
    }
  };
  return (
    <>
      <button
        type="button"
        aria-disabled={reason !== undefined}
        aria-describedby={reason === undefined ? undefined : why}
        title={reason}
        onClick={() => void copy()}
      >
        {copied ? "Copied" : label}
      </button>
      {reason !== undefined && (
        <span id={why} className="aloud">
          {reason}
        </span>
      )}
      <span className="aloud" role="status">
        {copied ? `${label}: copied` : ""}
      </span>
      {line !== undefined && <CopyByHand label={label} line={line} close={() => setLine(undefined)} />}
    </>
  );
}

/** The line to be taken by hand, where the page may not write to the clipboard. */
function CopyByHand({ label, line, close }: { label: string; line: string; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const title = useId();
  useEffect(() => {
    dialog.current?.showModal();
    text.current?.select();
  }, []);
  return (
    <dialog ref={dialog} className="by-hand" aria-labelledby={title} onClose={close}>
      <h2 id={title}>{label}</h2>
      <p>The browser lets this page not write to the clipboard. Copy it from here.</p>
      <textarea ref={text} readOnly rows={6} value={line} aria-labelledby={title} />
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
