// Conveniences for browsers with JavaScript. Everything works without it.

// The server writes times in UTC; show them in the reader's own time zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(at);
  }
}

// Replaces the number in a sentence.
const count = (element, figure) => {
  element.textContent = element.textContent.replace(/\d+/, String(figure));
};

// The button for a new code is served enabled. Without JavaScript it may be pressed too early, which changes nothing.
const again = document.querySelector("button[data-wait]");
const wait = again ? Number(again.dataset.wait) : 0;
if (wait > 0) {
  const words = document.getElementById("resend-wait");
  const dueAt = performance.now() + wait * 1000;
  again.disabled = true;
  const tick = () => {
    const left = Math.ceil((dueAt - performance.now()) / 1000);
    if (left > 0) {
      if (wait <= 120) count(words, left);
      setTimeout(tick, 500);
      return;
    }
    words.textContent = "";
    again.disabled = false;
    const status = document.getElementById("resend-status");
    status.textContent = status.dataset.now;
  };
  tick();
}

// Shows a hint on the open page when the text should have arrived by now. The hint is the same for everybody.
const overdue = document.getElementById("overdue");
if (overdue) {
  setTimeout(() => {
    overdue.hidden = false;
    const instead = document.getElementById("instead");
    if (instead) instead.open = true;
  }, Number(overdue.dataset.shownIn) * 1000);
}

// Count the minutes down. The last one stays until the server says that the code has expired.
for (const expires of document.querySelectorAll("[data-expires-in]")) {
  const endsAt = performance.now() + Number(expires.dataset.expiresIn) * 1000;
  const shown = () => Math.max(1, Math.round((endsAt - performance.now()) / 60000));
  const minute = setInterval(() => {
    const left = shown();
    if (left > 1) {
      count(expires, left);
    } else {
      expires.textContent = expires.dataset.last;
      clearInterval(minute);
    }
  }, 5000);
}

// WebOTP: fills in the code from the text if the browser can read it. The person still presses the button.
const field = document.getElementById("code");
if (field && "OTPCredential" in window) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 120000);
  field.form.addEventListener("submit", () => stop.abort());
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((credential) => {
      if (credential && !field.value) field.value = credential.code;
    })
    .catch(() => {});
}

// Polls for the text that the person sends, less and less often, and not at all while the page is hidden.
const moving = document.getElementById("moving-on");
if (moving) {
  let pause = 2000;
  let next;
  const askSoon = () => {
    clearTimeout(next);
    next = setTimeout(ask, pause);
  };
  const ask = async () => {
    if (!document.hidden) {
      const answer = await fetch(moving.dataset.status, { headers: { accept: "application/json" }, cache: "no-store" }).catch(() => null);
      const state = answer && answer.ok ? (await answer.json()).state : "pending";
      if (state === "verified") {
        moving.textContent = moving.dataset.verified;
        setTimeout(() => location.assign("/done"), 1500);
        return;
      }
      if (state !== "pending") {
        // The verification has ended, and the page says why. A person who is typing is told when they press the button instead.
        if (!field || !field.value) location.assign("/code");
        return;
      }
      pause = Math.min(pause * 1.15, 15000);
    }
    askSoon();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    pause = 2000;
    askSoon();
  });
  askSoon();
}
