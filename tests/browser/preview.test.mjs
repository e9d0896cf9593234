// The preview: every page in every state, in each language, on a phone and a desktop, light and dark, and how changes appear.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { LOOKS, axeFindings, everyLook, layoutFindings, open, screenshot, startBrowser, startServer } from "./support.mjs";

// Checks each state in one language and look, in turn. With EVERY_LOOK, checks each in all of them.
const every = everyLook;
const LOCALES = ["en", "es", "fr"];
let server;
let browser;
before(async () => {
  server = await startServer({ ASSENT_LOCALE__OFFERED: JSON.stringify(LOCALES), ASSENT_PROGRAM__ALTERNATIVE_URL: "https://www.acme.example/other" });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, "an orderly end");
});

const write = (name, text) => {
  const file = join(server.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

for (const [turn, look] of LOOKS.entries()) {
  test(`every state of every page is sound: ${look.name}`, { timeout: 900_000 }, async () => {
    const page = await open(browser, server.origin, look);
    await page.goto("/preview");
    const links = await page.locator(".states a").evaluateAll((states) => states.map((state) => state.pathname));
    assert.ok(links.length > 60, `only ${links.length} states`);
    const places = links.map((link) => link.split("/").at(-1));
    const scheme = look.colorScheme;
    for (const [at, locale] of LOCALES.entries()) {
      for (const [n, place] of places.entries()) {
        // Each state is checked in one language and one look, so that all combinations get their share.
        const isDue = n % LOCALES.length === at && Math.floor(n / LOCALES.length) % LOOKS.length === turn;
        if (!every && !isDue) continue;
        const answer = await page.goto(`/preview/page/${locale}/${place}/${scheme}`);
        assert.match(answer.headers()["content-type"], /html/, await answer.text());
        const found = [...(await axeFindings(page)), ...(await layoutFindings(page))];
        assert.deepEqual(found, [], `${locale} ${place}: ${await page.title()}`);
        assert.equal(await page.locator("html").getAttribute("lang"), locale);
      }
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test("the preview shows a page four times, the texts, the mails, and what is wrong", async () => {
  const page = await open(browser, server.origin, { viewport: { width: 1280, height: 900 } });
  await page.goto("/preview");
  assert.deepEqual(await axeFindings(page), []);
  assert.ok(await page.getByText("Nothing to fix.").isVisible());
  assert.match(await page.locator(".bubbles li", { hasText: "sms-code" }).textContent(), /Acme Alerts: .*GSM-7, 1 part, \d+ of 160/s);
  assert.equal(await page.locator("article").count(), 8, "two digests and six notices");
  await screenshot(page, "preview");
  await page.locator(".states a", { hasText: "page/code.html" }).first().click();
  await page.waitForURL("**/preview/page/en/*");
  assert.equal(await page.locator("iframe").count(), 4);
  for (const [frame, color] of [["Phone, light", "rgb(246, 245, 241)"], ["Desktop, dark", "rgb(16, 21, 19)"]]) {
    const html = page.frameLocator(`iframe[title="${frame}"]`).locator("html");
    await html.locator("h1").waitFor();
    assert.equal(await html.evaluate((element) => getComputedStyle(element).backgroundColor), color, frame);
  }
  await screenshot(page, "preview-page");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a change shows by itself, and one that breaks says where and changes nothing", async () => {
  const page = await open(browser, server.origin, { viewport: { width: 1280, height: 900 } });
  await page.goto("/preview");
  write("custom/templates/page/done.html", '{% extends "builtin/page/done.html" %}\n{% block heading %}<h1>All set</h1>{% endblock heading %}\n');
  await page.waitForFunction(() => document.body.dataset.version > 1);
  const done = (await page.locator(".states a").allTextContents()).findIndex((state) => state.startsWith("page/done.html"));
  await page.goto(`/preview/page/en/${done}`);
  await page.frameLocator('iframe[title="Phone, light"]').getByRole("heading", { name: "All set" }).waitFor();
  write("custom/templates/page/done.html", '{% extends "builtin/page/done.html" %}\n{% block heading %}\n<h1>{{ if }}</h1>{% endblock heading %}\n');
  const alert = page.getByRole("alert");
  await alert.getByText("Your last change isn't in place").waitFor();
  assert.match(await alert.textContent(), /page\/done\.html.*3/s, "the file and the line");
  await page.frameLocator('iframe[title="Phone, light"]').getByRole("heading", { name: "All set" }).waitFor();
  write("custom/templates/page/done.html", '{% extends "builtin/page/done.html" %}\n');
  await alert.waitFor({ state: "detached" });
  write("custom/templates/locale/en.ftl", "start-submit = Go on\nnothing here\n");
  await alert.getByText("locale/en.ftl").waitFor();
  assert.match(await alert.textContent(), /2/, "the line");
  await page.context().close();
});
