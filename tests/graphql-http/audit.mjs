// Runs every audit of GraphQL over HTTP against the server named on the command line; prints one JSON line each. With the
// file of an issuer beside the server's address, by HTTP/2 over TLS.
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { serverAudits } from "graphql-http";

const [url, issuer] = process.argv.slice(2);
const session = issuer && connect(url, { ca: readFileSync(issuer) });

/** Like `fetch`, as streams of one connection. */
function fetchByHttp2(target, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const { pathname, search } = new URL(target);
    const stream = session.request({ ...headers, ":method": method, ":path": pathname + search });
    stream.on("error", reject);
    stream.on("response", ({ ":status": status, ...fields }) => {
      const chunks = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        const names = Object.entries(fields).map(([name, value]) => [name, String(value)]);
        resolve(new Response(Buffer.concat(chunks), { status, headers: names }));
      });
    });
    stream.end(body);
  });
}

if (session) {
  await new Promise((resolve, reject) => session.once("connect", resolve).once("error", reject));
  if (session.alpnProtocol !== "h2") throw new Error(`not HTTP/2 but ${session.alpnProtocol}`);
}
for (const audit of serverAudits({ url, fetchFn: session ? fetchByHttp2 : fetch })) {
  const result = await audit.fn();
  const reason = result.status === "ok" ? undefined : result.reason;
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason }));
}
session?.close();
