// Owners' folders (tests/owners) in a real browser: each good one looks right and works, on a phone and on a desktop.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { axeFindings, everyLook, layoutFindings, open, screenshot, startBrowser, startServer } from "./support.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../owners");
const files = (folder, at = folder) =>
  readdirSync(at).flatMap((name) => (statSync(join(at, name)).isDirectory() ? files(folder, join(at, name)) : [relative(folder, join(at, name))]));
const good = readdirSync(root).filter((name) => readFileSync(join(root, name, "expect.txt"), "utf8").startsWith("good"));

let browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
});

const LOOKS = [
  { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, colorScheme: "light" },
  { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
];

const tried = everyLook ? LOOKS : LOOKS.slice(0, 1);

for (const name of good) {
  test(`an owner's folder: ${name}`, async () => {
    const folder = join(root, name);
    const server = await startServer({}, Object.fromEntries(files(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")])));
    for (const [place, look] of tried.entries()) {
      const page = await open(browser, server.origin, look);
      await page.goto("/");
      for (const link of await page.locator("header a[lang]").evaluateAll((links) => links.map((link) => link.href)).then((links) => ["/", ...links])) {
        await page.goto(link);
        assert.deepEqual(await axeFindings(page), [], `${name} ${link}: axe`);
        assert.deepEqual((await layoutFindings(page)).filter((finding) => finding.includes("too wide")), [], `${name} ${link}`);
      }
      await screenshot(page, `owner-${name}-${place}`);
      await page.goto("/");
      const number = `+1202555${String(100 + place).padStart(4, "0")}`;
      await page.locator("#phone").fill(number);
      await page.locator("#consent").check();
      await page.locator("form button").click();
      await page.waitForURL("**/code");
      await page.locator("#code").fill(await server.code(number));
      await page.locator("form button").first().click();
      await page.waitForURL("**/done");
      assert.deepEqual(page.problems, [], name);
      await page.context().close();
    }
    assert.equal(await server.stop(), 0, "an orderly end");
  });
}

test("the theme, the logo, custom.css and the direction reach the page", async () => {
  const show = async (name, look) => {
    const folder = join(root, name);
    const server = await startServer({}, Object.fromEntries(files(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")])));
    const page = await open(browser, server.origin, look);
    await page.goto("/");
    return { page, end: async () => (await page.context().close(), await server.stop()) };
  };
  const style = (page, selector, property) => page.locator(selector).first().evaluate((element, property) => getComputedStyle(element)[property], property);

  const recolor = await show("recolor", { colorScheme: "light" });
  assert.equal(await style(recolor.page, "form button", "backgroundColor"), "rgb(180, 0, 46)");
  assert.equal(await style(recolor.page, "form button", "borderTopLeftRadius"), "4px");
  assert.match(await style(recolor.page, "body", "fontFamily"), /^Georgia/);
  await recolor.end();

  const pale = await show("pale-accent", { colorScheme: "dark" });
  assert.equal(await style(pale.page, "html", "backgroundColor"), "rgb(246, 245, 241)", "light whatever the browser prefers");
  await pale.end();

  const logo = await show("logo-and-words", {});
  const image = logo.page.getByRole("img", { name: "Harbor Watch" });
  assert.ok((await image.boundingBox()).height >= 24);
  assert.ok(await image.evaluate((element) => element.naturalWidth > 0), "the picture is there");
  await logo.end();

  const rtl = await show("right-to-left", { locale: "ar" });
  assert.equal(await rtl.page.locator("html").getAttribute("dir"), "rtl");
  const [box, form] = [await rtl.page.locator("#consent").boundingBox(), await rtl.page.locator("form").boundingBox()];
  assert.ok(box.x > form.x + form.width / 2, "the box is at the right edge");
  await rtl.end();
});
