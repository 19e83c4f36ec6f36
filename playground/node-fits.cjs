// Whether this Node can build the pages: one line if not, instead of Vite's stack trace. In words that an old Node knows.
const [major, minor] = process.versions.node.split(".").map(Number);
const fits = major === 20 ? minor >= 19 : major === 22 ? minor >= 12 : major > 22;
if (!fits) {
  console.error(`Node ${process.versions.node} cannot build the pages: it takes 20.19, 22.12 or later`);
  process.exit(1);
}
