// Runs every audit of GraphQL over HTTP against the server named on the command line; prints one JSON line each.
import { serverAudits } from "graphql-http";

const audits = serverAudits({ url: process.argv[2], fetchFn: fetch });
for (const audit of audits) {
  const result = await audit.fn();
  const reason = result.status === "ok" ? undefined : result.reason;
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason }));
}
