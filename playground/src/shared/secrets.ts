import type { Call } from "./curl";

/** Members that hold what nobody but its owner may see, and the variable that stands for each in what is kept. */
const VARIABLES: Record<string, string> = {
  password: "FILMGATE_PASSWORD",
  currentPassword: "FILMGATE_PASSWORD",
  newPassword: "FILMGATE_NEW_PASSWORD",
  token: "FILMGATE_TOKEN",
  key: "FILMGATE_KEY",
};

/** A member with a string, as JSON and as GraphQL write it. */
const MEMBER =
  /("?)\b(password|currentPassword|newPassword|token|key)\b\1(\s*:\s*)("""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"?)/g;

/** What stands in a text in the place of a secret. */
export function placeholder(member: string): string {
  return `$${VARIABLES[member] ?? "FILMGATE_SECRET"}`;
}

/** A text with placeholders in the place of its secrets. */
export function withoutSecrets(text: string): string {
  return text.replace(MEMBER, (_, quote, member, colon) => {
    return `${quote}${member}${quote}${colon}"${placeholder(member)}"`;
  });
}

/** A call that may be kept and shown. */
export function discreet(call: Call): Call {
  if (call.body === undefined) return call;
  const body = withoutSecrets(call.body);
  return { ...call, body, hasSecrets: body.includes('"$FILMGATE_') };
}

/** The call with the secrets that are meant, by member; what was typed into the text itself goes out as it stands. */
export function withSecrets(call: Call, secrets: Map<string, string>): Call {
  let { body } = call;
  for (const [member, secret] of secrets) {
    body = body?.replaceAll(JSON.stringify(placeholder(member)), () => JSON.stringify(secret));
  }
  return body === undefined ? call : { ...call, body };
}
