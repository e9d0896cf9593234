// Comfort for browsers with script; everything works without it.

// Times are written in UTC by the server and shown in the reader's own zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(at);
  }
}

// The button for a new code waits with its reader. Without script it may be pressed too early, which changes nothing.
const again = document.querySelector("button[data-wait]");
if (again && Number(again.dataset.wait) > 0) {
  const words = document.getElementById(again.getAttribute("aria-describedby"));
  const dueAt = performance.now() + Number(again.dataset.wait) * 1000;
  again.disabled = true;
  const tick = () => {
    const left = Math.ceil((dueAt - performance.now()) / 1000);
    if (left > 0) {
      const figure = words.textContent.match(/\d+/);
      if (figure && Number(again.dataset.wait) <= 120) words.textContent = words.textContent.replace(figure[0], String(left));
      setTimeout(tick, 500);
      return;
    }
    words.textContent = again.dataset.now;
    again.disabled = false;
  };
  tick();
}

// A text that should have come by now: the hint is the same for everybody, and appears on the page that is open.
const overdue = document.getElementById("overdue");
if (overdue && overdue.hidden) {
  setTimeout(() => {
    overdue.hidden = false;
  }, Number(overdue.dataset.shownIn) * 1000);
}

// WebOTP: fills the field from the text where the browser can read it. The person still presses the button.
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

// The text that the person sends: asked about ever more rarely, and not at all while nobody looks.
const moving = document.getElementById("moving-on");
if (moving) {
  let wait = 2000;
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
        // It has ended: the page says why, unless somebody is typing, who is told when they press the button.
        if (!field || !field.value) location.assign("/code");
        return;
      }
      wait = Math.min(wait * 1.15, 15000);
    }
    setTimeout(ask, wait);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) wait = 2000;
  });
  setTimeout(ask, wait);
}
