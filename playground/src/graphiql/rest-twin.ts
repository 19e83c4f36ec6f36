import {
  type ExecutionArgs,
  type FieldNode,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import type { Call } from "../shared/curl.ts";
import type { Operation } from "./operation.ts";
import { type Args, NoTwin, TWINS } from "./twins.ts";

/** The call, or why there is none. */
export type Twin = { call: Call } | { reason: string };

/** The REST call with the same effect and the same price as an operation; its answer has the whole film. */
export function restTwin(
  schema: GraphQLSchema | null | undefined,
  operation: Operation,
  origin: string,
): Twin {
  if (!schema) return { reason: "The schema has not been read yet" };
  try {
    const { name, args } = onlyField(schema, operation);
    const twin = TWINS[name];
    return twin ? { call: twin(args, origin) } : { reason: `${name} has no REST twin` };
  } catch (error) {
    if (error instanceof NoTwin || error instanceof GraphQLError) return { reason: error.message };
    throw error;
  }
}

/** The one field that the operation asks for, with its arguments as the server would see them. */
function onlyField(schema: GraphQLSchema, { query, variables = {}, operationName }: Operation) {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new NoTwin("There is no operation, or it is not said which of them");
  const [fault] = validate(schema, document, undefined, { maxErrors: 1 });
  if (fault) throw fault;
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 1 });
  if (coerced.errors?.[0]) throw coerced.errors[0];
  const values = coerced.coerced ?? {};
  const fields = rootFields(document, operation, operation.selectionSet, values);
  const [field] = fields;
  if (!field) throw new NoTwin("The operation asks for nothing");
  if (fields.length > 1) throw new NoTwin("A REST call has one root field, and the operation has several");
  const definition = rootType(schema, operation).getFields()[field.name.value];
  if (!definition) throw new NoTwin(`${field.name.value} has no REST twin`);
  return { name: field.name.value, args: getArgumentValues(definition, field, values) };
}

function rootType(schema: GraphQLSchema, { operation }: OperationDefinitionNode): GraphQLObjectType {
  const type = schema.getRootType(operation);
  if (!type) throw new NoTwin(`The server has no ${operation}`);
  return type;
}

/** All fields at the root, those of fragments too, without those that a directive leaves out. */
function rootFields(
  document: ExecutionArgs["document"],
  operation: OperationDefinitionNode,
  set: SelectionSetNode,
  values: Args,
): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (getDirectiveValues(GraphQLSkipDirective, selection, values)?.if === true) return [];
    if (getDirectiveValues(GraphQLIncludeDirective, selection, values)?.if === false) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return rootFields(document, operation, selection.selectionSet, values);
    }
    const fragment = document.definitions.find(
      (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION
      ? rootFields(document, operation, fragment.selectionSet, values)
      : [];
  });
}
