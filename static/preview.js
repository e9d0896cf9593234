// Shows a change by itself: asks now and then whether something else is to be seen.
const { version, query } = document.body.dataset;
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(`/preview/changes${query}`).catch(() => null);
  if (answer?.ok && String((await answer.json()).version) !== version) location.reload();
}, 1000);
