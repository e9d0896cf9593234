// Lighthouse's scores for the two pages that everybody sees. It needs about 180 MB of packages, so only `scripts/test --all`
// runs it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { startServer } from "./support.mjs";

const folder = process.env.LIGHTHOUSE ?? "target/lighthouse";
const resolved = createRequire(pathToFileURL(join(folder, "package.json"))).resolve("lighthouse");
const { default: lighthouse } = await import(pathToFileURL(resolved));

const PORT = 9333;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const server = await startServer();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", `--remote-debugging-port=${PORT}`] });

/** The scores of a page, in percent. Takes the best of three runs, since another process may have been busy during one. */
const scores = async (path, headers) => {
  const best = {};
  for (let run = 0; run < 3; run++) {
    const { lhr } = await lighthouse(`${server.origin}${path}`, { port: PORT, output: "json", logLevel: "error", extraHeaders: headers, disableStorageReset: true, onlyCategories: CATEGORIES });
    assert.equal(new URL(lhr.finalDisplayedUrl).pathname, path);
    for (const { id, score } of Object.values(lhr.categories)) best[id] = Math.max(best[id] ?? 0, Math.round(score * 100));
    const failed = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode === "binary");
    if (run === 0 && failed.length) console.log(path, failed.map((audit) => audit.title));
  }
  return best;
};

try {
  const start = await scores("/", {});
  console.log("/", start);
  assert.deepEqual(start, { performance: 100, accessibility: 100, "best-practices": 100, seo: 100 });
  const form = new URLSearchParams({ phone: "+12025550147", consent: "yes" });
  const begun = await fetch(`${server.origin}/start`, { method: "POST", body: form, redirect: "manual" });
  const cookie = begun.headers.getSetCookie().map((set) => set.split(";")[0]).join("; ");
  const code = await scores("/code", { Cookie: cookie });
  console.log("/code", code);
  assert.ok(code.performance >= 99 && code.accessibility === 100 && code["best-practices"] === 100, JSON.stringify(code));
} finally {
  await browser.close();
  await server.stop();
}
