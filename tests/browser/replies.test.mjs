// Replying from the phone: the page's code, STOP, HELP, START and the way back, in both languages, with and without JavaScript.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { follow, open, press, screenshot, startBrowser, startServer } from "./support.mjs";

let server;
let browser;
before(async () => {
  server = await startServer({ ASSENT_PROGRAM__ALTERNATIVE_URL: "https://www.acme.example/other" });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, "an orderly end");
});

const WORDS = {
  en: { tag: "en-US", number: "US mobile number", ask: "Text me a code", heading: "Enter your code", sent: "I've sent it", instead: "Text us instead", missing: "Didn't get it?", waiting: "Waiting for your text", done: "Your phone is verified", goodbye: /You've opted out/, help: /For help, contact help@acme.example/, welcome: /(hone (is )?verified|You're signed up)/, moving: /Your text arrived/, again: /Text START, or the code on this page, to 98765/ },
  es: { tag: "es-US", number: "Número de celular de EE. UU.", ask: "Enviarme un código", heading: "Escriba su código", sent: "Ya lo envié", instead: "Mejor envíenos un mensaje", missing: "¿No le llegó?", waiting: "Esperamos su mensaje", done: "Su teléfono está verificado", goodbye: /ya no le enviaremos mensajes/, help: /Ayuda: help@acme.example/, welcome: /(Verificamos su teléfono|Ya recibe mensajes)/, moving: /Su mensaje llegó/, again: /Envíe START, o el código de esta página, al 98765/ },
};

let next = 110;
const start = async (page, words, phone) => {
  await page.goto("/");
  await page.getByLabel(words.number).fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, words.ask);
};

/** Texts the short code from a phone, on the simulator's page, as the phone's owner would. */
const textIn = async (context, phone, text) => {
  const simulator = await context.newPage();
  await simulator.goto("/simulator");
  await simulator.locator("#from").fill(phone);
  await simulator.locator("#text").fill(text);
  await follow(simulator, () => simulator.locator(".another button").click());
  await simulator.close();
};

/** The newest answer that a phone got; waits until there are more than `before`. */
const answer = async (phone, before) => {
  for (let tries = 0; tries < 1200; tries++) {
    const texts = await server.texts(phone);
    if (texts.length > before) return texts.at(-1).text;
    await new Promise((wait) => setTimeout(wait, 25));
  }
  throw new Error("no answer came");
};

// Most of this is waiting for pages that reload by themselves, so all of them wait at once.
describe("the page's code texted in, STOP, HELP, START and the way back", { concurrency: true }, () => {
  for (const [lang, words] of Object.entries(WORDS)) {
    for (const javaScriptEnabled of [true, false]) {
      const how = `${lang}, ${javaScriptEnabled ? "with" : "without"} script`;
      test(how, async () => {
        const page = await open(browser, server.origin, { javaScriptEnabled, locale: words.tag, viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
        const phone = `+12025550${next++}`;
        await start(page, words, phone);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        assert.ok(await page.getByRole("heading", { level: 1, name: words.heading }).isVisible());
        // One thing to do: everything else waits until it's asked for.
        const link = page.locator("#instead a.outline");
        assert.ok(!(await link.isVisible()) && !(await page.getByText(words.again).isVisible()));
        await page.getByText(words.missing).click();
        assert.ok(await page.getByText(words.again).isVisible());
        await page.getByText(words.instead, { exact: true }).click();
        assert.ok(await link.isVisible(), "a phone opens the text");
        assert.ok(!(await page.locator("svg.qr").isVisible()), "and has no use for a QR code");
        const shown = (await page.locator(".figures").textContent()).replace(/\s/g, "");
        assert.equal(await link.getAttribute("href"), `sms:98765?&body=${shown}`);
        let texts = (await server.texts(phone)).length;
        if (!javaScriptEnabled) {
          await follow(page, () => page.getByRole("link", { name: words.sent }).click());
          assert.ok(await page.getByRole("heading", { name: words.waiting }).isVisible());
          assert.equal(await page.locator("input").count(), 0);
          await screenshot(page, `waiting-${lang}`);
        }
        await textIn(page.context(), phone, shown);
        if (javaScriptEnabled) await page.getByText(words.moving).waitFor();
        await page.waitForURL("**/done");
        assert.ok(await page.getByRole("heading", { name: words.done }).isVisible());
        assert.match(await answer(phone, Math.max(texts, 1)), words.welcome);

        for (const [keyword, expected] of [["HELP", words.help], ["STOP", words.goodbye], ["START", words.welcome], ["please stop texting me", words.goodbye]]) {
          texts = (await server.texts(phone)).length;
          await textIn(page.context(), phone, keyword);
          assert.match(await answer(phone, texts), expected, keyword);
        }

        // The way back after a STOP: the box is checked again, and the phone texts the page's code. No text goes out before that.
        await start(page, words, phone);
        texts = (await server.texts(phone)).length;
        const again = (await page.locator(".figures").textContent()).replace(/\s/g, "");
        await page.getByText(words.instead, { exact: true }).click();
        if (!javaScriptEnabled) await follow(page, () => page.getByRole("link", { name: words.sent }).click());
        await textIn(page.context(), phone, again);
        await page.waitForURL("**/done");
        assert.match(await answer(phone, texts), words.welcome);
        assert.deepEqual(page.problems, []);
        await page.context().close();
      });
    }
  }
});

test("a desktop shows the text as a QR code, with words for people who can't see it", async () => {
  const page = await open(browser, server.origin, { viewport: { width: 1280, height: 900 } });
  await start(page, WORDS.en, `+12025550${next++}`);
  await page.getByText("Text us instead", { exact: true }).click();
  const qr = page.getByRole("img", { name: /QR code that opens a text with \d{3} \d{3} to 98765/ });
  assert.ok(await qr.isVisible());
  assert.ok(!(await page.locator("#instead a.outline").isVisible()));
  await screenshot(page, "code-desktop-qr");
  await page.context().close();
});

test("the page's own code typed there has its own error", async () => {
  const page = await open(browser, server.origin);
  await start(page, WORDS.en, `+12025550${next++}`);
  await page.getByLabel("6-digit code").fill(await page.locator(".figures").textContent());
  await press(page, "Verify");
  assert.equal(await page.getByText("That's the code to text us. Enter the one we texted you").count(), 1);
  await page.context().close();
});

test("a hidden tab doesn't ask for news, and asks again when somebody looks at it", async () => {
  const page = await open(browser, server.origin);
  await start(page, WORDS.en, `+12025550${next++}`);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  });
  let asked = 0;
  page.on("request", (request) => (asked += request.url().endsWith("/code/status") ? 1 : 0));
  await page.waitForTimeout(5000);
  assert.equal(asked, 0);
  await Promise.all([
    page.waitForRequest("**/code/status"),
    page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
      document.dispatchEvent(new Event("visibilitychange"));
    }),
  ]);
  await page.context().close();
});

test("the language switch works without script, stays on its page, and wins over the browser's choice", async () => {
  const page = await open(browser, server.origin, { javaScriptEnabled: false, locale: "en-US" });
  for (const [path, heading] of [["/", "Verifique su teléfono"], ["/terms", "Términos y condiciones"], ["/privacy", "Política de privacidad"]]) {
    await page.goto(path);
    const other = page.getByRole("link", { name: "Español" });
    assert.equal(await other.getAttribute("lang"), "es");
    await follow(page, () => other.click());
    assert.equal(new URL(page.url()).pathname, path);
    assert.equal(await page.locator("html").getAttribute("lang"), "es");
    assert.ok(await page.getByRole("heading", { level: 1, name: heading }).isVisible());
    // It's remembered on pages that don't specify a language, until it's changed.
    await page.goto("/nowhere");
    assert.equal(await page.locator("html").getAttribute("lang"), "es");
    await follow(page, () => page.getByRole("link", { name: "English" }).click());
    assert.equal(new URL(page.url()).pathname, "/nowhere");
    await page.goto("/");
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  }
  await page.context().close();
});
