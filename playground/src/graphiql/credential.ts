import { authorization } from "../shared/session.ts";

/** The header of this tab's session; none where one was typed, since the server takes one credential and no more. */
export function credential(typed: Record<string, unknown>): Record<string, string> {
  return hasOwn(typed) ? {} : authorization();
}

/** Whether a credential was typed into the editor for headers. */
export function hasOwn(typed: Record<string, unknown>): boolean {
  return Object.keys(typed).some((name) => /^(authorization|x-api-key)$/i.test(name));
}
