// Shows new texts automatically: fetches the page every second and replaces the phones, unless someone is typing.
const phones = document.getElementById("phones");
const refresh = async () => {
  const writing = phones.contains(document.activeElement) && document.activeElement.value;
  if (!document.hidden && !writing) {
    const answer = await fetch("/simulator", { headers: { accept: "text/html" } });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("phones");
      if (fresh && fresh.innerHTML !== phones.innerHTML) {
        const focused = document.activeElement && document.activeElement.id;
        phones.replaceChildren(...fresh.childNodes);
        if (focused) document.getElementById(focused)?.focus();
      }
    }
  }
};
setInterval(() => refresh().catch(() => {}), 1000);
