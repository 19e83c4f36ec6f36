import { expect, test } from "vitest";
import { reliableStorage } from "./storage.ts";

function kept(items: Record<string, string>) {
  const map = new Map(Object.entries(items));
  return reliableStorage({
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    clear: () => map.clear(),
    length: map.size,
  });
}

test("what GraphiQL wrote is read", () => {
  const queries = '{"queries":[{"query":"{ a }","variables":null}]}';
  const storage = kept({ "graphiql:queries": queries, "graphiql:theme": "dark", "graphiql:tabState": "{}" });
  expect(storage.getItem("graphiql:queries")).toBe(queries);
  expect(storage.getItem("graphiql:theme")).toBe("dark");
  expect(storage.getItem("graphiql:tabState")).toBe("{}");
});

test("what it could not read is not there, until it is written anew", () => {
  for (const garbage of ["{", "null", "7", '{"queries":7}', '{"queries":[1]}', '{"queries":[null]}']) {
    const storage = kept({ "graphiql:queries": garbage });
    expect(storage.getItem("graphiql:queries"), garbage).toBeNull();
    storage.setItem("graphiql:queries", '{"queries":[]}');
    expect(storage.getItem("graphiql:queries")).toBe('{"queries":[]}');
  }
  expect(kept({ "graphiql:tabState": "{" }).getItem("graphiql:tabState")).toBeNull();
  expect(kept({ "graphiql:headers": "{}" }).getItem("graphiql:headers")).toBeNull();
});

test("without a store of the browser it remembers for this visit", () => {
  const storage = reliableStorage();
  storage.setItem("a", "1");
  expect([storage.getItem("a"), storage.getItem("b"), storage.length]).toEqual(["1", null, 1]);
});

test("what was typed into a field that takes a password is not kept, and all else is", () => {
  const query = 'mutation { signIn(input: { name: "ada", password: "correct horse" }) { token } }';
  const variables = '{ "pw": "correct horse", "input": { "password": "correct \\" horse" } }';
  const other = { query: '{ film(id: "1") { name } }', variables: '{ "id": "7" }' };
  const tabs = JSON.stringify({ tabs: [{ query, variables }, other], activeTabIndex: 0 });
  const storage = kept({});
  for (const [key, text] of Object.entries({ query, variables, tabState: tabs, queries: tabs })) {
    storage.setItem(`graphiql:${key}`, text);
    expect(storage.getItem(`graphiql:${key}`) ?? "", key).not.toContain("horse");
  }
  expect(JSON.parse(storage.getItem("graphiql:tabState") ?? "").tabs[1]).toEqual(other);
  // On the way back GraphiQL looks for the tab that has what the editors had.
  const [tab] = JSON.parse(storage.getItem("graphiql:tabState") ?? "").tabs;
  expect(tab.query).toBe(storage.getItem("graphiql:query"));
  expect(tab.variables).toBe(storage.getItem("graphiql:variables"));
});
