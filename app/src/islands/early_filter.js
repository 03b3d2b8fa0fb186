// Applies a filter of a list that someone types before the islands run, which takes a second on a slow phone. It is
// part of the page, before the fields: as a file it would come after the first input. The value of a token never
// becomes part of a URL here either. The islands take over the page from here: early_filter.rs.
{
  let timer;
  const find = (id, page = document) => page.getElementById(id);

  const load = async (form, early) => {
    const response = await fetch(`${form.dataset.page}?${early.query}`);
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const results = find('results', page);
    if (!results || window.earlyFilter !== early) return;
    // An empty element tells the islands that the list is in place.
    results.replaceWith(results.cloneNode());
    // The whole element: if the page is still being parsed, the rest of the old list is added to the old element.
    find('results').replaceWith(results);
    find('result-count').textContent = find('result-count', page).textContent;
    return { document: page, url: response.url };
  };

  const apply = form => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      // "of" says for which list something was selected.
      if (value.trim() && name !== 'page' && name !== 'of') fields.append(name, value.trim());
    }
    const query = `${fields}`;
    // A token's value, what is too long for a URL, and a selection are left to the islands.
    if (/dapi|.{800}|(sel|all)=/i.test(query) || 'ready' in document.documentElement.dataset) return;
    const early = (window.earlyFilter = { query });
    early.page = load(form, early).catch(() => {});
  };

  addEventListener('input', ({ target }) => {
    const form = target.closest('#filters');
    // While someone types the name of an owner, it names no one yet. What a URL selects is at the end of the list.
    if (!form || target.id === 'owner' || (location.search && document.readyState === 'loading')) return;
    window.earlyFilter = undefined;
    clearTimeout(timer);
    // The first input is applied at once, what follows after a pause.
    if (timer) timer = setTimeout(apply, 100, form);
    else apply(form);
    timer ||= 1;
  });
}
