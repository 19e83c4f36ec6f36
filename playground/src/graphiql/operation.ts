import { getOperationAST, Kind, type OperationDefinitionNode, parse } from "graphql";

/** An operation as GraphiQL would run it. */
export interface Operation {
  query: string;
  variables?: Record<string, unknown> | undefined;
  operationName?: string | null | undefined;
}

/**
 * The same with the name of an operation that is in the document.
 *
 * GraphiQL reads a document a moment after it is shown or typed: who runs it before that would send the name of the
 * operation that stood there before. With one operation there is no doubt which is meant; with several the server asks.
 */
export function withOwnName<Named extends Operation>(operation: Named): Named {
  const operations = operationsOf(operation.query);
  const [only] = operations;
  if (!only || operations.length > 1 || !operation.operationName) return operation;
  const { operationName, ...rest } = operation;
  if (only.name?.value === operationName) return operation;
  return (only.name ? { ...rest, operationName: only.name.value } : rest) as Named;
}

/** Whether its answers come as a stream. */
export function isSubscription({ query, operationName }: Operation): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    // The server words what is wrong with it.
    return false;
  }
}

function operationsOf(query: string): OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}
