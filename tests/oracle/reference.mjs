// The reference: graphql-js over the committed schema. What it says is what the server must say.
import { readFileSync } from "node:fs";
import * as today from "graphql";
import * as before from "graphql-16";

const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");
const MOMENT =
  /^(\d{4}-\d\d-\d\d)[t ]((?:[01]\d|2[0-3]):[0-5]\d):(?:[0-5]\d|60)(?:\.\d+)?(z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Whether a text is a time of RFC 3339, section 5.6, that in UTC is of the years 0000 to 9999. */
function isMoment(text) {
  const [, day, time, offset] = MOMENT.exec(text) ?? [];
  const told = (moment) => (Number.isNaN(moment.valueOf()) ? "" : moment.toISOString());
  // A day that its month does not have is one of the next; a year of more than four digits has a sign.
  return told(new Date(`${day}T00:00Z`)).startsWith(day) && /^\d/.test(told(new Date(`${day}T${time}${offset?.toUpperCase()}`)));
}

/** The schema as an edition of graphql-js builds it. `DateTime` reads what the server reads: moments of RFC 3339. */
function build(edition) {
  const schema = edition.buildSchema(sdl);
  const read = (text) => {
    if (typeof text !== "string" || !isMoment(text)) throw new edition.GraphQLError("not a moment");
    return text;
  };
  const moment = schema.getType("DateTime");
  moment.parseValue = moment.coerceInputValue = read;
  moment.parseLiteral = moment.coerceInputLiteral = (node) => read(node.kind === "StringValue" ? node.value : null);
  return schema;
}

export const schema = build(today);
const schemaBefore = build(before);

/** The names of the rules that the reference holds a document to. */
export const rules = today.specifiedRules.map(nameOf);

function nameOf(rule) {
  return rule.name.replace(/Rule$/, "");
}

/** Why graphql-js refuses a document; null when it does not. */
export function fault(document) {
  return faultBy(today, schema, document);
}

/** The same of the edition before, which many clients still have. */
export function faultBefore(document) {
  return faultBy(before, schemaBefore, document);
}

function faultBy(edition, ofSchema, document) {
  try {
    const parsed = edition.parse(document);
    return edition.validate(ofSchema, parsed, undefined, { maxErrors: 1 })[0]?.message ?? null;
  } catch (error) {
    // The edition before throws where a condition of a subscription's root needs a variable.
    return error.message;
  }
}

/** The rules that a document breaks, each asked alone; none for what does not parse. */
export function brokenRules(document) {
  let parsed;
  try {
    parsed = today.parse(document);
  } catch {
    return [];
  }
  const isBroken = (rule) => today.validate(schema, parsed, [rule]).length > 0;
  return today.specifiedRules.filter(isBroken).map(nameOf);
}

/**
 * A request that asks for the first operation of a document, with a value for each variable, so that nothing but the
 * document can be at fault.
 */
export function requestOf(document) {
  let definitions;
  try {
    definitions = today.parse(document).definitions;
  } catch {
    return { query: document };
  }
  const operations = definitions.filter((definition) => definition.kind === today.Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (!operation) return { query: document };
  const variables = {};
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    const inputType = today.typeFromAST(schema, type);
    variables[variable.name.value] = inputType && today.isInputType(inputType) ? sample(inputType) : null;
  }
  const request = { query: document, variables, kind: operation.operation };
  if (operation.name) request.operationName = operation.name.value;
  return request;
}

const SAMPLES = { ID: "1", String: "a", Int: 1, Float: 1.5, Boolean: true, DateTime: "2030-01-01T00:00:00Z" };

/** The least value of a type: of an input object, only what must be there. */
function sample(type) {
  if (today.isNonNullType(type)) return sample(type.ofType);
  if (today.isListType(type)) return [sample(type.ofType)];
  if (today.isEnumType(type)) return type.getValues()[0].name;
  if (!today.isInputObjectType(type)) return SAMPLES[type.name];
  const required = Object.values(type.getFields()).filter(today.isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, sample(field.type)]));
}
