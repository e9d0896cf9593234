// What a person with a phone sees first: the whole form on one screen, and one thing to do on each page. Also what is printed.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { after, before, test } from "node:test";
import { open, press, screenshot, startBrowser, startServer } from "./support.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, "an orderly end");
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with script" : "without script";
  test(`the whole form fits one screen, and nothing on it is small: ${how}`, async () => {
    const page = await open(browser, server.origin, { ...PHONE, javaScriptEnabled });
    await page.goto("/");
    const banner = await page.locator(".banner").boundingBox();
    const button = await page.getByRole("button").boundingBox();
    assert.ok(button.y + button.height - banner.height <= 844, `the button ends at ${button.y + button.height}`);
    const sizes = await page.evaluate(() => {
      const small = [];
      const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (words.nextNode()) {
        const element = words.currentNode.parentElement;
        const size = parseFloat(getComputedStyle(element).fontSize);
        const least = element.closest(".banner, .disclosure") ? 15 : 16;
        if (words.currentNode.data.trim() && size < least) small.push(`${size} px: ${words.currentNode.data}`);
      }
      return { small, disclosure: parseFloat(getComputedStyle(document.querySelector(".disclosure")).fontSize) };
    });
    assert.deepEqual(sizes.small, []);
    assert.ok(sizes.disclosure >= 15);
    const edges = await page.evaluate(() =>
      ["#phone", ".disclosure", "button"].map((name) => document.querySelector(name).getBoundingClientRect()).map((box) => `${box.left} ${box.right}`),
    );
    assert.equal(new Set(edges).size, 1, `field, card and button share both edges: ${edges}`);
    await page.context().close();
  });
}

const WORDS = {
  en: { tag: "en-US", number: "US mobile number", ask: "Text me a code", code: "6-digit code", verify: "Verify", change: "Change number", expires: (n) => `Expires in ${n} minute${n === 1 ? "" : "s"}.` },
  es: { tag: "es-US", number: "Número de celular de EE. UU.", ask: "Enviarme un código", code: "Código de 6 dígitos", verify: "Verificar", change: "Cambiar el número", expires: (n) => `Vence en ${n} minuto${n === 1 ? "" : "s"}.` },
};
let next = 120;

for (const [lang, words] of Object.entries(WORDS)) {
  const start = async (page, phone) => {
    await page.goto("/");
    await page.getByLabel(words.number).fill(phone);
    await page.getByRole("checkbox").check();
    await press(page, words.ask);
  };

  test(`the code page has one thing to do, and its minutes count down: ${lang}`, async () => {
    const page = await open(browser, server.origin, { ...PHONE, locale: words.tag });
    await page.clock.install();
    await start(page, `+12025550${next++}`);
    assert.ok(await page.getByLabel(words.code).evaluate((field) => field === document.activeElement));
    assert.equal(await page.getByRole("button", { name: words.verify }).count(), 1);
    assert.equal(await page.locator("details[open]").count(), 0);
    const expires = page.locator(".expires");
    assert.equal(await expires.textContent(), words.expires(10));
    await page.clock.fastForward("04:00");
    assert.ok([words.expires(5), words.expires(6)].includes(await expires.textContent()));
    await page.clock.fastForward("05:30");
    assert.equal(await expires.textContent(), words.expires(1));
    await page.context().close();
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = `${lang}, ${javaScriptEnabled ? "with" : "without"} script`;
    test(`a mistyped number comes back to be changed, and a wrong code sent again costs nothing: ${how}`, async () => {
      const page = await open(browser, server.origin, { ...PHONE, locale: words.tag, javaScriptEnabled });
      const mistyped = next++;
      await start(page, `2025550${mistyped}`);
      await page.getByRole("link", { name: words.change }).click();
      await page.waitForURL("**/?again");
      assert.equal(await page.getByLabel(words.number).inputValue(), `(202) 555-0${mistyped}`);
      const right = next++;
      await page.getByLabel(words.number).fill(`2025550${right}`);
      await page.getByRole("checkbox").check();
      await press(page, words.ask);
      assert.ok(await page.getByText(`(202) 555-0${right}`).isVisible());
      const code = await server.code(`+12025550${right}`);
      const wrong = code === "000000" ? "111111" : "000000";
      const tries = [];
      for (let n = 0; n < 2; n++) {
        await page.getByLabel(words.code).fill(wrong);
        await press(page, words.verify);
        tries.push(await page.locator(".error").textContent());
        assert.equal(await page.getByLabel(words.code).inputValue(), wrong);
      }
      assert.equal(tries[0], tries[1]);
      await page.getByLabel(words.code).fill(code);
      await press(page, words.verify);
      assert.equal(new URL(page.url()).pathname, "/done");
      await page.context().close();
    });
  }
}

test("the opt-in form is printed with its disclosures", async () => {
  const page = await open(browser, server.origin, { colorScheme: "dark" });
  await page.goto("/");
  await page.emulateMedia({ media: "print" });
  for (const words of ["No more than 5 messages per day", "Text STOP to 98765", "I agree to receive verification"]) {
    assert.ok(await page.getByText(words).isVisible(), words);
  }
  assert.ok(await page.getByRole("button").isVisible());
  assert.ok(!(await page.locator(".banner").isVisible()));
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), "rgb(255, 255, 255)");
  await screenshot(page, "start-print");
  await page.context().close();
});

test("forced colors and reduced motion lose nothing", async () => {
  const page = await open(browser, server.origin, { ...PHONE, forcedColors: "active", reducedMotion: "reduce" });
  await page.goto("/");
  assert.ok(await page.getByText("Message and data rates may apply").isVisible());
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector("#phone")).borderTopStyle), "none");
  await screenshot(page, "start-forced-colors");
  await page.context().close();
});

test("a first visit is under 14 kB, and a page's script under 4 kB", async () => {
  const html = await (await fetch(`${server.origin}/`)).text();
  const of = (pattern) => fetch(`${server.origin}${html.match(pattern)[1]}`).then((answer) => answer.text());
  const [css, icon] = await Promise.all([of(/href="([^"]+\.css)"/), of(/href="([^"]+\.svg)"/)]);
  const sent = [html, css, icon].reduce((sum, text) => sum + gzipSync(text).length, 0);
  assert.ok(sent < 14_000, `${sent} bytes`);
  assert.match(html, /<meta name="description" content="[^"]{50,}">/);
  const page = await open(browser, server.origin);
  await page.goto("/");
  await page.getByLabel("US mobile number").fill("202 555 0143");
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  const script = await (await fetch(server.origin + (await page.locator("script").getAttribute("src")))).text();
  assert.ok(script.length > 1_000 && gzipSync(script).length < 4_000, `${gzipSync(script).length} bytes`);
  await page.context().close();
});
