// What filmgate refuses, with types: the schema cannot tell what stands in the `extensions` of an error.
import { CombinedGraphQLErrors } from "@apollo/client/errors";

export const errorCodes = [
  "ACCOUNT_EXISTS",
  "ACCOUNT_NOT_FOUND",
  "BAD_REQUEST",
  "DOCUMENT_NOT_TRUSTED",
  "DOCUMENT_TOO_LARGE",
  "FELL_BEHIND",
  "FILM_EXISTS",
  "FILM_NOT_FOUND",
  "FORBIDDEN",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "HEADER_TOO_LARGE",
  "HTTPS_REQUIRED",
  "IDEMPOTENCY_KEY_IN_USE",
  "IDEMPOTENCY_KEY_REUSED",
  "INTERNAL",
  "INVALID_INPUT",
  "KEY_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "NOT_ACCEPTABLE",
  "NOT_FOUND",
  "PERSISTED_QUERY_NOT_FOUND",
  "PRICE_ABOVE_BURST",
  "RATE_LIMITED",
  "REQUEST_TIMEOUT",
  "UNAUTHENTICATED",
  "UNAVAILABLE",
  "UNSUPPORTED_MEDIA_TYPE",
  "UPGRADE_REQUIRED",
  "URI_TOO_LONG",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A fault of an input. `pointer` is RFC 6901 within the input: `/name`, `/genres/2`. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

export interface Refusal {
  /** Undefined for a code that this client does not know. */
  code: ErrorCode | undefined;
  message: string;
  /** With INVALID_INPUT: all faults at once. */
  fields: FieldFault[];
  /** Seconds, with RATE_LIMITED and UNAVAILABLE. */
  retryAfter: number | undefined;
}

/** The first refusal of a call that failed; undefined for an error that filmgate did not make, such as a lost network. */
export function refusal(error: unknown): Refusal | undefined {
  if (!CombinedGraphQLErrors.is(error)) return undefined;
  const [first] = error.errors;
  const extensions: Record<string, unknown> = first?.extensions ?? {};
  const { code, fields, retryAfter } = extensions as {
    code?: string;
    fields?: FieldFault[];
    retryAfter?: number;
  };
  return {
    code: errorCodes.find((known) => known === code),
    message: first?.message ?? error.message,
    fields: fields ?? [],
    retryAfter,
  };
}
