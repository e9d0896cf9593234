// The main journey as people take it: in a real browser, with and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { follow, open, press, screenshot, startBrowser, startServer } from "./support.mjs";

let server;
let browser;
before(async () => {
  server = await startServer({ ASSENT_SITE__RETURN_URL: "https://www.acme.example/next", ASSENT_SITE__RETURN_NAME: "Acme" });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, "an orderly end");
});

const done = async (page) => {
  assert.deepEqual(page.problems, []);
  await page.context().close();
};

test("a person reads the disclosures, checks the box, enters a number, reads the code on the simulated phone and is subscribed", async () => {
  const page = await open(browser, server.origin);
  await page.goto("/");
  for (const words of ["No more than 5 messages per day", "Text STOP to 98765", "Text HELP to 98765", "Message and data rates may apply"]) {
    assert.ok(await page.getByText(words).isVisible(), words);
  }
  await page.getByLabel("US mobile number").fill("(202) 555-0147");
  await page.getByRole("checkbox", { name: /I agree to receive verification text messages/ }).check();
  await press(page, "Text me a code");
  assert.ok(await page.getByText("(202) 555-0147").isVisible());

  // Read the code where a new user would: on the simulated phone's page, which updates by itself.
  const phone = await page.context().newPage();
  await phone.goto("/simulator");
  const bubble = phone.getByText(/is your code/).first();
  await bubble.waitFor();
  const code = (await bubble.textContent()).match(/\d{6}/)[0];
  await page.getByLabel("6-digit code").fill(code);
  await press(page, "Verify");
  assert.equal(new URL(page.url()).pathname, "/done");
  assert.ok(await page.getByRole("heading", { name: "Your phone is verified" }).isVisible());
  assert.ok(await page.getByRole("link", { name: "Continue to Acme" }).isVisible());
  assert.match(await page.locator("time").textContent(), /at|,/, "the time is shown in the reader's time zone");
  await phone.getByText(/Acme Alerts: Your phone is verified/).waitFor();
  await done(page);
});

test("each mistake is shown at the top and at the field, and the entry stays", async () => {
  const page = await open(browser, server.origin);
  await page.goto("/");
  await press(page, "Text me a code");
  const summary = page.getByRole("alert");
  assert.ok(await summary.getByText("Enter your US mobile number").isVisible());
  assert.ok(await summary.getByText("Check the box to agree to receive our texts").isVisible());
  assert.ok(await summary.evaluate((element) => element === document.activeElement), "the summary has the focus");
  assert.match(await page.title(), /^Error: /);
  for (const [typed, words] of [
    ["202 555 01", "Enter all 10 digits of your US mobile number"],
    ["202 555 01470", "Enter 10 digits: this number has more"],
    ["call me", "Enter the number in digits, without letters or an extension"],
    ["911", "Enter your own mobile number: 911 is a service number"],
    ["800 555 0147", "Enter a mobile number: toll-free numbers can't get our texts"],
    ["900 555 0147", "Enter a mobile number: premium-rate numbers can't get our texts"],
    ["+44 20 7946 0958", "Enter a US mobile number: we only text US phones"],
    ["111 555 0147", "Check the number: this isn't a valid US phone number"],
  ]) {
    await page.getByLabel("US mobile number").fill(typed);
    await press(page, "Text me a code");
    assert.equal(await page.getByText(words, { exact: true }).count(), 2, words);
    assert.equal(await page.getByLabel("US mobile number").inputValue(), typed);
  }
  await page.getByRole("alert").getByRole("link").first().click();
  assert.ok(await page.getByLabel("US mobile number").evaluate((field) => field === document.activeElement), "the link leads to its field");
  await done(page);
});

test("each mistake with the code has its own message, the fifth wrong one ends it, and starting over keeps the number", async () => {
  const phone = "+12025550161";
  const page = await open(browser, server.origin);
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  const right = await server.code(phone);
  const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].filter((code) => code !== right);
  for (const [typed, words] of [
    ["", "Enter the code from the text"],
    ["abc", "Enter the code in digits only"],
    ["12", "Enter all 6 digits of the code"],
    ["12345678", "Enter 6 digits: this code has more"],
    [wrong[0], "That code isn't right. You have 4 tries left."],
    [wrong[1], "That code isn't right. You have 3 tries left."],
    [wrong[2], "That code isn't right. You have 2 tries left."],
    [wrong[3], "That code isn't right. You have 1 try left."],
  ]) {
    await page.getByLabel("6-digit code").fill(typed);
    await press(page, "Verify");
    // The error is shown once, at the field, which has the focus and keeps the entry.
    assert.equal(await page.getByText(words, { exact: true }).count(), 1, words);
    assert.equal(await page.getByLabel("6-digit code").inputValue(), typed);
    assert.ok(await page.getByLabel("6-digit code").evaluate((field) => field === document.activeElement), words);
  }
  // A reload sends the same entry again, and doesn't cost another try.
  await page.reload();
  assert.ok(await page.getByText("You have 1 try left.").isVisible());
  await page.getByLabel("6-digit code").fill(wrong[4]);
  await press(page, "Verify");
  assert.ok(await page.getByRole("heading", { name: "Too many wrong codes" }).isVisible());
  assert.equal(await page.getByLabel("US mobile number").inputValue(), "(202) 555-0161");
  assert.equal(await page.getByRole("checkbox").isChecked(), false);
  await screenshot(page, "ended");
  await done(page);
});

test("without script, on a small phone and by keyboard alone, everything works", async () => {
  const phone = "+12025550162";
  const page = await open(browser, server.origin, { javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  await page.goto("/");
  const press = async (times, key = "Tab") => {
    for (let n = 0; n < times; n++) await page.keyboard.press(key);
  };
  await page.getByLabel("US mobile number").focus();
  await page.keyboard.type("202-555-0162");
  await press(3); // past the two links of the disclosures, to the box
  await page.keyboard.press("Space");
  await press(1);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/code");
  const code = await server.code(phone);
  await page.getByLabel("6-digit code").focus();
  await page.keyboard.type(`${code.slice(0, 3)} ${code.slice(3)}`);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/done");
  assert.match(await page.locator("time").textContent(), /UTC$/);
  await done(page);
});

test("without script, asking for a new code too early changes nothing and says how long to wait", async () => {
  const phone = "+12025550163";
  const page = await open(browser, server.origin, { javaScriptEnabled: false });
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  await server.code(phone);
  await press(page, "Send a new code");
  assert.match(await page.locator("#resend-wait").textContent(), /in \d+ seconds/);
  assert.equal((await server.texts(phone)).length, 1);
  await done(page);
});

test("with script, the button for a new code is disabled until its time comes", async () => {
  const phone = "+12025550164";
  const page = await open(browser, server.origin);
  await page.clock.install();
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  const button = page.getByRole("button", { name: "Send a new code" });
  assert.ok(await button.isDisabled());
  await page.clock.fastForward(31_000);
  await page.getByText("You can send a new code now.").waitFor({ state: "attached" });
  assert.ok(await button.isEnabled());
  assert.equal(page.url(), `${server.origin}/code`, "the page never refreshes itself");
  await done(page);
});

test("a double click over a slow connection sends one text, and its code works", async () => {
  const phone = "+12025550165";
  const page = await open(browser, server.origin);
  await page.goto("/");
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 20_000, uploadThroughput: 20_000 });
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Text me a code" }).dblclick({ noWaitAfter: true });
  await page.waitForURL("**/code");
  const code = await server.code(phone);
  await page.waitForTimeout(600);
  assert.equal((await server.texts(phone)).length, 1);
  await page.getByLabel("6-digit code").fill(code);
  await press(page, "Verify");
  assert.equal(new URL(page.url()).pathname, "/done");
  await done(page);
});

test("where the browser can read the text, the code is filled in and the person still presses the button", async () => {
  const phone = "+12025550166";
  const page = await open(browser, server.origin);
  await page.addInitScript(() => {
    globalThis.OTPCredential = class {};
    navigator.credentials.get = (options) => {
      globalThis.asked = options.otp.transport;
      return new Promise((resolve) => (globalThis.arrive = (code) => resolve({ code })));
    };
  });
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  const code = await server.code(phone);
  assert.deepEqual(await page.evaluate(() => globalThis.asked), ["sms"]);
  await page.evaluate((arrived) => globalThis.arrive(arrived), code);
  await page.waitForFunction(() => document.getElementById("code").value !== "");
  assert.equal(await page.getByLabel("6-digit code").inputValue(), code);
  assert.equal(page.url(), `${server.origin}/code`);
  await done(page);
});

test("the simulated phone answers, and STOP takes effect", async () => {
  const phone = "+12025550167";
  const page = await open(browser, server.origin);
  await page.goto("/simulator");
  await page.getByLabel("Phone number").fill("202 555 0167");
  await page.getByLabel("Text to 98765").fill("STOP");
  await follow(page, () => page.getByRole("region", { name: "Another phone" }).getByRole("button", { name: "Send" }).click());
  await page.getByRole("heading", { name: "Phone (202) 555-0167" }).waitFor();
  await page.goto("/");
  await page.getByLabel("US mobile number").fill(phone);
  await page.getByRole("checkbox").check();
  await press(page, "Text me a code");
  await page.waitForTimeout(300);
  assert.deepEqual((await server.texts(phone)).map((text) => text.kind), ["goodbye"]);
  await done(page);
});
