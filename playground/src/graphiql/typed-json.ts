import { type ParseError, parse } from "jsonc-parser";

/** The object in an editor, read as GraphiQL reads it: with comments, and nothing typed is no object. */
export function readObject(text: string | null | undefined): Record<string, unknown> | undefined {
  if (!text?.trim()) return undefined;
  const faults: ParseError[] = [];
  const value: unknown = parse(text, faults, { allowTrailingComma: true });
  if (faults.length) throw new SyntaxError("are not JSON");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("are not a JSON object");
  }
  return value as Record<string, unknown>;
}
