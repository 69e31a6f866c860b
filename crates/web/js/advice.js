// What is fetched when it is first wanted: pages that explain advice, words about fields, sentences of the second language.

const kept = new Map();

/** The text at a path of the site, fetched once. */
function text(path) {
  if (!kept.has(path)) {
    const found = fetch(new URL(path, document.baseURI)).then((answer) => {
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.text();
    });
    // What could not be fetched is asked for again.
    found.catch(() => kept.delete(path));
    kept.set(path, found);
  }
  return kept.get(path);
}

export function fetchText(path, done) {
  text(path).then(done, () => {});
}

/** A line with its `code`, as nodes. */
function inline(line) {
  return line.split('`').map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement('code');
    code.textContent = part;
    return code;
  });
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

/** A text that may be wider than its place: the keyboard can move it too. */
function listing(lines) {
  const made = element('pre', element('code', lines));
  made.tabIndex = 0;
  return made;
}

/** The few forms of Markdown that the pages use. */
export function rendered(markdown) {
  const out = [];
  let block = null;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      if (block) out.push(listing(block.join('\n')));
      block = block ? null : [];
    } else if (block) block.push(line);
    else if (line.startsWith('## ')) out.push(element('h4', ...inline(line.slice(3))));
    else if (line.startsWith('# ')) out.push(element('h3', ...inline(line.slice(2))));
    else if (line.trim()) out.push(element('p', ...inline(line)));
  }
  return out;
}

/** Opens or closes a page in the element of that id, which nobody else fills, and tells its button. */
export function togglePage(id, path, failure) {
  const host = document.getElementById(id);
  const button = document.querySelector(`[aria-controls="${CSS.escape(id)}"]`);
  if (!host || !button) return;
  const open = host.hidden;
  host.hidden = !open;
  button.setAttribute('aria-expanded', String(open));
  if (!open || host.dataset.path === path) return;
  text(path).then(
    (page) => { host.replaceChildren(...rendered(page)); host.dataset.path = path; },
    () => host.replaceChildren(failure),
  );
}
