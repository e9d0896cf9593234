// The journey over a real provider's protocol: a local server stands in for the provider and calls our webhooks.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { LOOKS, axeFindings, layoutFindings, open, press, screenshot, startBrowser, startServer } from "./support.mjs";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const SECRET = "s3cr3t-Signature-Key";
const TOKEN = "12345678901234567890123456789012";
const SID = "AC0123456789abcdef0123456789abcdef";

/** Accepts texts like Vonage or Twilio; `down` makes it fail. */
async function startCompany(kind) {
  const company = { texts: [], down: false };
  let id = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      if (company.down) return response.writeHead(503).end();
      const form = Object.fromEntries(new URLSearchParams(body));
      id += 1;
      company.texts.push({ to: (form.to ?? form.To).replace(/^\+?/, "+"), text: form.text ?? form.Body ?? form.pin });
      const name = `${kind}-${id}`;
      const answer = kind === "twilio" ? { sid: name, status: "queued", error_code: null } : { "message-count": "1", messages: [{ status: "0", "message-id": name }] };
      response.writeHead(kind === "twilio" ? 201 : 200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  company.url = `http://127.0.0.1:${server.address().port}`;
  company.stop = () => server.close();
  /** The newest text to a phone that matches `wanted`. */
  company.text = async (phone, wanted) => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = company.texts.filter((text) => text.to === phone && wanted.test(text.text)).at(-1);
      if (found) return found.text;
      await new Promise((wait) => setTimeout(wait, 25));
    }
    throw new Error(`no text like ${wanted} came`);
  };
  return company;
}

const CAPS = { ASSENT_PROGRAM__ALTERNATIVE_URL: "https://www.acme.example/other" };
const SETTINGS = {
  vonage: (url) => ({ ASSENT_SMS__PROVIDER: "vonage", ASSENT_SMS__VONAGE__API_KEY: "abcd1234", ASSENT_SMS__VONAGE__API_SECRET: "Secret-1", ASSENT_SMS__VONAGE__SIGNATURE_SECRET: SECRET, ASSENT_SMS__VONAGE__SIGNATURE_METHOD: "sha256", ASSENT_SMS__VONAGE__BASE_URL: url }),
  vonage_2fa: (url) => ({ ...SETTINGS.vonage(url), ASSENT_SMS__PROVIDER: "vonage_2fa" }),
  twilio: (url) => ({ ASSENT_SMS__PROVIDER: "twilio", ASSENT_SMS__TWILIO__ACCOUNT_SID: SID, ASSENT_SMS__TWILIO__AUTH_TOKEN: TOKEN, ASSENT_SMS__TWILIO__BASE_URL: url }),
};

let calls = 0;
/** The provider passes on a text from a phone. */
const TEXT_IN = {
  async vonage(origin, phone, text) {
    const pairs = { msisdn: phone.slice(1), to: "98765", messageId: `in-${calls++}`, text, type: "text", timestamp: String(Math.floor(Date.now() / 1000)), nonce: "n" };
    const signed = Object.keys(pairs).sort().map((key) => `&${key}=${pairs[key].replace(/[&=]/g, "_")}`).join("");
    const sig = createHmac("sha256", SECRET).update(signed).digest("hex").toUpperCase();
    return fetch(`${origin}/webhooks/vonage/inbound`, { method: "POST", body: new URLSearchParams({ ...pairs, sig }) });
  },
  async twilio(origin, phone, text) {
    const url = `${origin}/webhooks/twilio/inbound`;
    const pairs = { MessageSid: `SM${calls++}`, From: phone, To: "98765", Body: text, NumMedia: "0" };
    const signed = url + Object.keys(pairs).sort().map((key) => key + pairs[key]).join("");
    const signature = createHmac("sha1", TOKEN).update(signed).digest("base64");
    return fetch(url, { method: "POST", body: new URLSearchParams(pairs), headers: { "x-twilio-signature": signature } });
  },
};

// 555-01xx is fictional, and is refused with a real provider; 555-02xx isn't assigned to anybody either.
let next = 10;
const phone = () => `+120255502${next++}`;

async function start(page, number) {
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(number);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
}

/** Our server with its own stand-in for the provider; both end with the test. */
async function installed(provider, test) {
  const company = await startCompany(provider);
  const server = await startServer({ ...CAPS, ...SETTINGS[provider](company.url) });
  try {
    await test(company, server);
  } finally {
    company.down = false;
    await server.stop();
    company.stop();
  }
}

for (const kind of ["vonage", "twilio"]) {
  test(`typed code, reply, STOP and START through ${kind}`, async () => {
    await installed(kind, async (company, server) => {
      const page = await open(browser, server.origin, { viewport: { width: 320, height: 640 } });
      const typed = phone();
      await start(page, typed);
      const code = (await company.text(typed, /#\d{6}$/)).split("#").at(-1);
      await page.getByLabel("6-digit code").fill(code);
      await press(page, "Verify");
      assert.equal(new URL(page.url()).pathname, "/done");
      await company.text(typed, /Your phone is verified/);
      assert.deepEqual(page.problems, []);

      const replying = phone();
      const other = await open(browser, server.origin);
      await start(other, replying);
      const shown = (await other.locator("b.figures").first().textContent()).replace(/\D/g, "");
      assert.equal((await TEXT_IN[kind](server.origin, replying, shown)).status, 200);
      await other.waitForURL("**/done");

      assert.equal((await TEXT_IN[kind](server.origin, typed, "STOP")).status, 200);
      await company.text(typed, /no more|opted out/);
      assert.equal((await TEXT_IN[kind](server.origin, typed, "START")).status, 200);
      const texts = () => company.texts.filter((text) => text.to === typed).length;
      for (let tries = 0; texts() < 4 && tries < 1200; tries++) await new Promise((wait) => setTimeout(wait, 25));
      assert.equal(texts(), 4, "code, welcome, goodbye, and the confirmation of START");
    });
  });
}

test("the typed code through Vonage's shared short codes", async () => {
  await installed("vonage_2fa", async (company, server) => {
    const page = await open(browser, server.origin);
    const number = phone();
    await start(page, number);
    await page.getByLabel("6-digit code").fill(await company.text(number, /^\d{6}$/));
    await press(page, "Verify");
    assert.equal(new URL(page.url()).pathname, "/done");
    assert.equal(company.texts.length, 1);
  });
});

test("an outage: every code page says that texts are delayed, and the reply way still works", async () => {
  await installed("vonage", async (company, server) => {
    company.down = true;
    for (let n = 0; n < 5; n++) {
      const page = await open(browser, server.origin);
      await start(page, phone());
      await page.context().close();
    }
    for (const look of LOOKS) {
      const page = await open(browser, server.origin, look);
      const number = phone();
      await start(page, number);
      for (let tries = 0; tries < 300 && !(await page.getByText("Our texts are delayed right now").isVisible()); tries++) {
        await new Promise((wait) => setTimeout(wait, 50));
        await page.reload();
      }
      assert.ok(await page.getByText("Our texts are delayed right now.").isVisible());
      const reply = await page.locator(".reply").boundingBox();
      const field = await page.getByLabel("6-digit code").boundingBox();
      assert.ok(reply.y < field.y, "the reply way comes first");
      assert.deepEqual(await axeFindings(page), []);
      assert.deepEqual(await layoutFindings(page), []);
      // The hint about a text that doesn't arrive is hidden for two minutes, here and on every page.
      const hint = page.locator("#overdue");
      assert.equal(await hint.isVisible(), false);
      await hint.evaluate((element) => element.removeAttribute("hidden"));
      await screenshot(page, `delayed-${look.name}`);
      assert.deepEqual(page.problems, []);
      if (look === LOOKS[0]) {
        const shown = (await page.locator("b.figures").first().textContent()).replace(/\D/g, "");
        assert.equal((await TEXT_IN.vonage(server.origin, number, shown)).status, 200);
        await page.waitForURL("**/done");
      }
      await page.context().close();
    }
  });
});

test("two minutes after the request, the hint appears on the open page", async () => {
  await installed("vonage", async (company, server) => {
    const page = await open(browser, server.origin);
    await page.clock.install();
    await start(page, phone());
    assert.equal(await page.locator("#overdue").isVisible(), false);
    await page.clock.fastForward("02:01");
    assert.ok(await page.getByText("Some numbers can't get texts from short codes.").isVisible());
  });
});
