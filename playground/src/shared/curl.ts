/** What is sent. */
export interface Call {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Sent with the credential of this tab, which is never part of a call. */
  signed?: boolean;
  /** A string of the body such as `"$FILMGATE_PASSWORD"` stands for a secret. */
  hasSecrets?: boolean;
  /** The answer is a stream, to be shown as it comes. */
  stream?: boolean;
  /** It goes out even when the page is left meanwhile. */
  outlives?: boolean;
}

/** The same call as a line for a POSIX shell. */
export function curlLine({ method, url, headers = {}, body, signed, hasSecrets, stream }: Call): string {
  const parts = ["curl"];
  if (stream) parts.push("-N");
  if (method === "HEAD") parts.push("-I");
  else if (method !== (body === undefined ? "GET" : "POST")) parts.push("-X", method);
  // Curl reads brackets and braces in an address as a pattern.
  if (/[[\]{}]/.test(url)) parts.push("--globoff");
  parts.push(quoted(url));
  // Without a value, curl leaves out a header that it would send of its own accord.
  for (const [name, value] of Object.entries(headers))
    parts.push("-H", quoted(`${name}: ${value}`.trimEnd()));
  // What is copied is kept by shells, chats and screens: a variable stands for the credential.
  if (signed) parts.push("-H", '"Authorization: Bearer $FILMGATE_TOKEN"');
  // Not --data, which would read a file where the body begins with an @.
  if (body !== undefined) parts.push("--data-raw", hasSecrets ? withVariables(quoted(body)) : quoted(body));
  return parts.join(" ");
}

/** Nothing within single quotes has a meaning for the shell, but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Lets the shell see the variables that stand for secrets, in strings within strings too. */
function withVariables(line: string): string {
  return line.replaceAll(/"(\$FILMGATE_[A-Z_]+)(\\?")/g, `"'"$1"'$2`);
}
