/** A refusal, as RFC 9457 writes it, with the members that this server adds. */
export interface Problem {
  title: string;
  detail: string;
  /** A stable name, such as `FILM_NOT_FOUND`. */
  code: string;
  /** The request id. */
  instance: string | undefined;
  fields: FieldFault[];
  /** The film that is already there. */
  filmId: string | undefined;
  /** Seconds to wait before the next try. */
  retryAfter: number | undefined;
  /** The quotas that would have been overdrawn, such as `film-1h`. */
  violated: string[];
}

/** One fault of an input. */
export interface FieldFault {
  /** JSON pointer (RFC 6901), such as `/genres/2`. */
  pointer: string;
  detail: string;
}

/** The body of a refusal; undefined when it is not one of ours, as that of a proxy is not. */
export function readProblem(json: unknown): Problem | undefined {
  const body = members(json);
  if (!body || typeof body.detail !== "string") return undefined;
  return {
    title: text(body.title) ?? "",
    detail: body.detail,
    code: text(body.code) ?? "",
    instance: text(body.instance),
    fields: list(body.fields).flatMap((field) => {
      const { pointer, detail } = members(field) ?? {};
      return typeof pointer === "string" && typeof detail === "string" ? [{ pointer, detail }] : [];
    }),
    filmId: typeof body.filmId === "number" ? String(body.filmId) : undefined,
    retryAfter: typeof body.retryAfter === "number" ? body.retryAfter : undefined,
    violated: list(body["violated-policies"]).filter((name) => typeof name === "string"),
  };
}

/** Whether a member of the input is at fault. */
export function isAbout(problem: Problem | undefined, pointer: string): boolean {
  return problem?.fields.some((fault) => fault.pointer === pointer) === true;
}

/** `/genres/2` as `["genres", "2"]`. */
export function pointerParts(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function members(json: unknown): Record<string, unknown> | undefined {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
}

function list(json: unknown): unknown[] {
  return Array.isArray(json) ? json : [];
}

function text(json: unknown): string | undefined {
  return typeof json === "string" ? json : undefined;
}
