// Applies a filter of a list that someone types before the islands run, which takes a second on a slow phone. The value
// of a token never becomes part of a URL here either. The islands take over the page from here: early_filter.rs.

const DELAY_MS = 100;
const MAX_QUERY_LENGTH = 800;
let timer;

const read = form => {
  const fields = new URLSearchParams();
  for (let [name, value] of new FormData(form)) {
    value = value.trim();
    if (value && name !== 'page') fields.append(name, value);
  }
  return `${fields}`;
};

const load = async (form, early) => {
  const url = form.dataset.page;
  const response = await fetch(url + (url.includes('?') ? '&' : '?') + early.query, {
    headers: { Accept: 'text/html' },
  });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const fresh = page.getElementById('results');
  if (!fresh || window.earlyFilter !== early) return;
  document.getElementById('results').replaceChildren(...fresh.childNodes);
  document.getElementById('result-count').textContent = page.getElementById('result-count').textContent;
  // The list has hidden fields of the form.
  early.query = read(form);
  return { document: page, url: response.url };
};

const apply = form => {
  window.earlyFilter = undefined;
  clearTimeout(timer);
  if ('ready' in document.documentElement.dataset) return;
  timer = setTimeout(() => {
    const query = read(form);
    if (/dapi/i.test(query) || query.length > MAX_QUERY_LENGTH) return;
    const early = (window.earlyFilter = { query });
    early.page = load(form, early).catch(() => {});
  }, DELAY_MS);
};

addEventListener('input', ({ target }) => {
  const form = target.closest('#filters');
  // While someone types the name of an owner, it names no one yet.
  if (form && target.id !== 'owner') apply(form);
});

// What was typed before this script ran.
const search = document.querySelector('#filters input[type=search]');
if (search && search.value !== search.defaultValue) apply(search.form);
