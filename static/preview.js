// Polls for changes, and reloads the page when there is one.
const { version, query } = document.body.dataset;
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(`/preview/changes${query}`).catch(() => null);
  if (answer?.ok && String((await answer.json()).version) !== version) location.reload();
}, 1000);
