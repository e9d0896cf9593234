// Every page, on a phone and a desktop, light and dark: axe finds nothing, nothing is too wide, and a screenshot is kept.
import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TRIED, axeFindings, layoutFindings, open, press, screenshot, startBrowser, startServer } from "./support.mjs";

let server;
let browser;
before(async () => {
  server = await startServer({ ASSENT_PROGRAM__ALTERNATIVE_URL: "https://www.acme.example/other", ASSENT_CAPS__PER_BROWSER: "{ at_most = 100, per_seconds = 3600 }" });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

let next = 100;
for (const look of TRIED) {
  test(`every page is sound: ${look.name}`, async () => {
    const page = await open(browser, server.origin, look);
    const check = async (name) => {
      await screenshot(page, `${name}-${look.name}`);
      assert.deepEqual(await axeFindings(page), [], `${name}: axe`);
      assert.deepEqual(await layoutFindings(page), [], `${name}: layout`);
    };
    const phone = `+12025550${next++}`;
    const start = async (number = phone) => {
      await page.goto("/");
      await page.getByLabel("US mobile number").fill(number);
      await page.getByRole("checkbox").check();
      await press(page, "Text me a code");
    };
    await page.goto("/");
    await check("start");
    await press(page, "Text me a code");
    await check("start-error");
    await start();
    await page.waitForURL("**/code");
    await check("code");
    await page.locator("#instead summary").click();
    await page.locator("details:not(#instead) summary").click();
    await check("code-open");
    await page.goto("/code/waiting");
    await check("waiting");
    await page.goto("/code");
    const code = await server.code(phone);
    await page.getByLabel("6-digit code").fill("12");
    await press(page, "Verify");
    await check("code-error");
    await page.getByLabel("6-digit code").fill(code);
    await press(page, "Verify");
    assert.equal(new URL(page.url()).pathname, "/done");
    await check("done");
    const other = `+12025550${next++}`;
    await start(other);
    const right = await server.code(other);
    const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].filter((code) => code !== right);
    for (let n = 0; n < 5; n++) {
      await page.getByLabel("6-digit code").fill(wrong[n]);
      await press(page, "Verify");
    }
    await page.getByRole("heading", { name: "Too many wrong codes" }).waitFor();
    await check("ended");
    for (const [name, path] of [["terms", "/terms"], ["privacy", "/privacy"], ["not-found", "/nothing"], ["simulator", "/simulator"], ["start-again", "/?again"], ["start-es", "/?lang=es"], ["terms-es", "/terms?lang=es"], ["privacy-es", "/privacy?lang=es"]]) {
      await page.goto(path);
      await check(name);
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("every error page is sound", async () => {
  // An owner's page that fails to render returns 500.
  const broken = await startServer({}, { "custom/templates/page/terms.html": "{{ nothing_of_that_name }}" });
  for (const look of TRIED) {
    const page = await open(browser, broken.origin, look);
    const errors = {
      403: { url: `${broken.origin}/start`, method: "POST", headers: { "Sec-Fetch-Site": "cross-site" } },
      405: { url: `${broken.origin}/start`, method: "DELETE" },
      413: { url: `${broken.origin}/start`, method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, postData: "phone=" + "1".repeat(40000) },
      500: { url: `${broken.origin}/terms`, method: "GET" },
      503: { url: `${broken.origin}/done`, method: "GET" },
      "503-code": { url: `${broken.origin}/code`, method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: broken.origin }, postData: "code=123456" },
    };
    await page.goto("/");
    await page.route("**/error/*", async (route) => route.fulfill({ response: await route.fetch(errors[route.request().url().split("/").at(-1)]) }));
    for (const [name, asked] of Object.entries(errors)) {
      const status = name.split("-")[0];
      const database = join(broken.folder, "data/assent.db");
      if (status === "503") renameSync(database, `${database}.away`);
      const answer = await page.goto(`/error/${name}`);
      if (status === "503") renameSync(`${database}.away`, database);
      assert.equal(String(answer.status()), status, `${asked.method} ${asked.url}`);
      assert.match(await page.getByText("If you contact us for help, give this reference").textContent(), /: [A-Z2-9]{8}$/);
      await screenshot(page, `error-${name}-${look.name}`);
      assert.deepEqual(await axeFindings(page), [], `${name}: axe`);
      assert.deepEqual(await layoutFindings(page), [], `${name}: layout`);
    }
    await page.context().close();
  }
  await broken.stop();
});

for (const [zoom, width] of [[200, 640], [400, 320]]) {
  test(`at ${zoom}% zoom, nothing is lost`, async () => {
    // This is what's left of 1280 px. Larger text on top of that is the harder case.
    const page = await open(browser, server.origin, { viewport: { width, height: 256 }, bypassCSP: true });
    for (const path of ["/", "/code", "/terms"]) {
      await page.goto(path);
      await page.addStyleTag({ content: "html { font-size: 200% !important }" });
      assert.deepEqual((await layoutFindings(page)).filter((finding) => finding.includes("too wide")), [], path);
    }
    await page.context().close();
  });
}
